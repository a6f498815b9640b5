"""What the load generator reads of a page, and what it sends back, as a browser does."""

import json
import random

import pytest
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.components.v2.bidi_component.serialization import deserialize_trigger_list
from streamlit.proto.Element_pb2 import Element

from bench.load.connection import Tab
from bench.load.elements import Screen, facts_of, key_of
from bench.load.people import Plan, choose


def radio(key: str, *options: str) -> Element:
    element = Element()
    element.radio.id = f"$$ID-0123abc-{key}"
    element.radio.options.extend(options)
    return element


def segments(key: str, *options: str) -> Element:
    element = Element()
    element.button_group.id = f"$$ID-0123abc-{key}"
    for option in options:
        element.button_group.options.add(content=option)
    return element


def carrier(name: str, value: str = "", *, is_set: bool = False) -> Element:
    element = Element()
    element.text_input.id = f"$$ID-0123abc-{name}"
    element.text_input.query_param_key = name
    element.text_input.value = value
    element.text_input.set_value = is_set
    return element


def screen_of(*elements: Element) -> Screen:
    screen = Screen()
    screen.begin()
    for element in elements:
        screen.take(facts_of(element))
    screen.end()
    return screen


def test_a_key_may_hold_dashes() -> None:
    assert key_of("$$ID-0123abc-hl_choose-range") == "hl_choose-range"


def test_controls_are_found_and_chosen_values_are_sent() -> None:
    screen = screen_of(
        radio("hl_choose_model", "A", "B"), segments("hl_choose_range", "30 days", "90 days")
    )
    assert screen.others("hl_choose_model") == ["A", "B"]
    screen.choose("hl_choose_model", "B")
    screen.choose("hl_choose_range", "90 days")
    assert screen.others("hl_choose_model") == ["A"]
    sent = {key_of(state.id): state for state in screen.widget_states().widgets}
    assert sent["hl_choose_model"].string_value == "B"
    assert list(sent["hl_choose_range"].string_array_value.data) == ["90 days"]


def test_what_was_entered_goes_with_its_widget() -> None:
    screen = screen_of(radio("hl_choose_model", "A", "B"))
    screen.choose("hl_choose_model", "B")
    screen.begin()
    screen.end()
    assert list(screen.widget_states().widgets) == []


def test_the_address_follows_what_the_app_sets() -> None:
    screen = screen_of(carrier("model"), carrier("range", "30d", is_set=True))
    assert screen.parameters == {"model": "", "range": "30d"}
    screen.begin()
    screen.take(facts_of(carrier("range", "ignored")))
    screen.take(facts_of(carrier("model", "loans", is_set=True)))
    assert screen.parameters == {"model": "loans", "range": "30d"}


@pytest.mark.parametrize(
    ("body", "is_wrong"),
    [
        ('<div class="hl-state hl-wrong" role="alert">', True),
        ('<div class="hl-state hl-wait" role="alert">', True),
        ('<div class="hl-state " role="status">', False),
        ("<p>loans</p>", False),
    ],
)
def test_a_page_that_says_that_it_failed_is_a_failure(body: str, is_wrong: bool) -> None:
    element = Element()
    element.html.body = body
    assert bool(screen_of(element).wrong) is is_wrong


def test_an_exception_and_the_sign_in_form_are_failures() -> None:
    failed, form = Element(), Element()
    failed.exception.type = "KeyError"
    form.text_input.id, form.text_input.form_id = "x", "hl_sign_in_form"
    assert screen_of(failed).wrong == "exception: KeyError"
    assert screen_of(form).wrong == "signed out"


def test_people_choose_among_what_is_there() -> None:
    tab = Tab("http://127.0.0.1:1", {})
    tab.screen.take(facts_of(segments("hl_choose_language", "English", "中文")))
    tab.screen.take(facts_of(segments("hl_choose_range", "30 days", "90 days")))
    tab.screen.pages, tab.screen.page = {"h1": "overview", "h2": "drift", "h0": ""}, "h1"
    tab.screen.linked = {"h0", "h1", "h2"}
    draw, seen = random.Random(1), set()
    for _ in range(200):
        action, page = choose(tab, draw, Plan(10, 10, 0, 0))
        assert page in {None, "h2"}
        assert (page is None) == (action != "page")
        seen.add(action)
    assert seen == {"page", "filter", "language"}


def test_what_is_pressed_is_sent_once() -> None:
    element = Element()
    element.button.id = "$$ID-0123abc-review_claim_next"
    screen = screen_of(element)
    screen.press("review_claim_next")
    (sent,) = screen.widget_states().widgets
    assert (key_of(sent.id), sent.trigger_value) == ("review_claim_next", True)
    assert list(screen.widget_states().widgets) == []


def test_the_widget_of_review_tells_its_case_and_sends_events_as_the_browser_does() -> None:
    element = Element()
    element.bidi_component.id = "$$ID-0123abc-review_desk"
    element.bidi_component.json = json.dumps({"case": {"id": 7, "stage": "maker"}})
    screen = screen_of(element)
    assert screen.desk is not None
    assert screen.desk.data["case"]["id"] == 7
    screen.act({"kind": "submit", "case": 7})
    (sent,) = screen.widget_states().widgets
    assert sent.id == _make_trigger_id(element.bidi_component.id, "events")
    events = deserialize_trigger_list(sent.json_trigger_value)
    assert events == [{"event": "act", "value": {"kind": "submit", "case": 7}}]
    screen.begin()
    with pytest.raises(KeyError):
        screen.act({"kind": "beat"})
