"""What people ask for: what a page shows first, what it offers, or days of their own."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest
from streamlit.proto.Element_pb2 import Element

from app.filters import RANGES
from bench.load.connection import Tab
from bench.load.elements import Screen, facts_of
from bench.load.people import Days, Log, Plan, choose, question_of
from tests.bench.load.test_elements import segments

LOGS = [Log("loans", date(2025, 1, 1), date(2025, 12, 31), {"region": ("HK", "CN")})]


def plan_of(days: Days, logs: Sequence[Log] = ()) -> Plan:
    return Plan(10, 10, 0, 0, logs, days)


def slice_list() -> Element:
    element = Element()
    element.selectbox.id = "$$ID-0123abc-hl_choose_slice"
    element.selectbox.options.extend(["All rows", "Region"])
    return element


@pytest.mark.parametrize("seed", range(20))
def test_a_question_is_of_days_that_the_log_has(seed: int) -> None:
    found = question_of(LOGS, random.Random(seed), Days.own)
    first, last = date.fromisoformat(found["from"]), date.fromisoformat(found["to"])
    assert found["model"] == "loans"
    assert LOGS[0].first <= first < last <= LOGS[0].last
    assert found.get("value", "HK") in {"HK", "CN"}


def test_sessions_ask_different_questions() -> None:
    asked = {tuple(question_of(LOGS, random.Random(seed), Days.own).items()) for seed in range(30)}
    assert len(asked) == 30
    assert question_of([], random.Random(1), Days.own) == {}


def a_tab(*pages: str) -> Tab:
    tab = Tab("http://localhost", {})
    tab.screen.pages = {f"#{page}": page for page in (*pages, "unlinked")}
    tab.screen.page = f"#{pages[0]}"
    for page in pages:
        element = Element()
        element.page_link.page_script_hash = f"#{page}"
        tab.screen.take(facts_of(element))
    return tab


def test_only_pages_that_the_menu_leads_to_are_opened_the_least_visited_first() -> None:
    tab, visits, draw = a_tab("drift", "value", "people"), Counter[str](), random.Random(3)
    for _ in range(60):
        action, page = choose(tab, draw, plan_of(Days.own), visits)
        assert action == "page"
        tab.screen.page = page or ""
    assert set(visits) == {"drift", "value", "people"}
    assert max(visits.values()) - min(visits.values()) <= 1


def test_a_filter_asks_for_days_of_ones_own() -> None:
    screen = Screen()
    screen.take(facts_of(segments("hl_choose_range", "30 days", "90 days")))
    tab = a_tab("drift", "value")
    tab.screen.choices, tab.screen.parameters = screen.choices, {"model": "loans"}
    draw = random.Random(1)
    while choose(tab, draw, plan_of(Days.own, LOGS))[0] != "filter":
        pass
    assert tab.screen.parameters["range"] == "custom"
    assert tab.screen.parameters["from"] >= "2025-01-01"


def test_what_a_page_offers_is_asked_for_by_many() -> None:
    asked = {
        tuple(question_of(LOGS, random.Random(seed), Days.offered).items()) for seed in range(200)
    }
    periods = {dict(each)["range"] for each in asked}
    assert periods == set(RANGES) - {"custom"}
    assert {dict(each)["from"] for each in asked} == {""}
    assert len(asked) == 4 * 3  # each with all rows and with either slice


def test_a_filter_asks_for_a_period_or_a_slice_that_the_page_offers() -> None:
    tab, draw = a_tab("drift", "value"), random.Random(2)
    tab.screen.take(facts_of(segments("hl_choose_range", "30 days", "Own dates")))
    tab.screen.take(facts_of(slice_list()))
    tab.screen.parameters = {"model": "loans", "range": "custom", "from": "2025-01-02"}
    seen = set()
    for _ in range(200):
        if choose(tab, draw, plan_of(Days.offered, LOGS))[0] == "filter":
            seen.add((tab.screen.parameters["range"], tab.screen.parameters.get("value", "")))
    assert tab.screen.parameters["from"] == ""
    assert {value for _, value in seen} == {"", "HK", "CN"}
    assert {period for period, _ in seen} >= set(RANGES) - {"custom"}
    assert not tab.screen.chosen


def test_who_looks_at_what_a_page_shows_first_turns_nothing_but_the_model() -> None:
    assert question_of(LOGS, random.Random(1), Days.first) == {"model": "loans"}
    screen = Screen()
    screen.take(facts_of(segments("hl_choose_range", "30 days", "90 days")))
    screen.take(facts_of(slice_list()))
    tab = a_tab("drift", "value")
    tab.screen.choices, tab.screen.parameters = screen.choices, {"model": "loans"}
    draw = random.Random(1)
    done = {choose(tab, draw, plan_of(Days.first, LOGS))[0] for _ in range(50)}
    assert done == {"page"}
    assert tab.screen.parameters == {"model": "loans"}
