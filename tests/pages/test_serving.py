"""Serving systems: who sees what, suspending, deciding about a prediction, making a token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.services import hooks
from core.services.approvals import four_eyes as approvals
from core.services.serving import releases, tokens
from core.services.serving import state as model_state
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


def visit(open_page: Open, world: Serving, name: str, lang: str = "en") -> AppTest:
    return open_page(world.workspace, world[name], "serving", lang=lang)


def buttons(test: AppTest) -> set[str]:
    return {button.label.replace("\\", "") for button in test.button}


def press(test: AppTest, label: str) -> AppTest:
    found = next(button for button in test.button if button.label.replace("\\", "") == label)
    return found.click().run()


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("auditor", set()),
        ("compliance", set()),
        ("data_scientist", {"Suspend the model"}),
        ("compliance_lead", {"Suspend the model"}),
        ("admin", {"Suspend the model", "Make the token"}),
    ],
)
def test_what_a_role_can_do(open_page: Open, world: Serving, name: str, there: set[str]) -> None:
    test = visit(open_page, world, name)
    assert sentences(test) == ["The model is in production."]
    assert buttons(test) & {"Suspend the model", "Make the token"} == there
    assert "curl --fail" in "".join(block.value for block in test.code)


def test_suspending_and_proposing_to_resume(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "compliance_lead")
    test.text_input(key=f"serving_reason_{MODEL}").input("Too many errors")
    test.selectbox(key=f"serving_fallback_{MODEL}").select("1")
    test = press(test, "Suspend the model")
    found = model_state.read_state(world.workspace, MODEL)
    assert (found.state, found.fallback_version) == ("suspended", "1")
    assert sentences(test)[0].startswith("One model is suspended: Loans.")
    assert "Reason: Too many errors" in html_of(test)
    test.text_input(key=f"serving_why_{MODEL}").input("Mended")
    press(test, "Propose to take it back into production")
    (asked,) = approvals.list_approvals(world.workspace, actor=world["second_lead"])
    assert (asked.kind, asked.reason) == ("model.resume", "Mended")


def test_a_suspension_without_a_reason_is_refused(open_page: Open, world: Serving) -> None:
    press(visit(open_page, world, "compliance_lead"), "Suspend the model")
    assert not model_state.read_state(world.workspace, MODEL).suspended


@pytest.mark.parametrize("lang", ["en", "zh-HK", "zh-CN"])
def test_one_prediction(open_page: Open, world: Serving, lang: str) -> None:
    test = visit(open_page, world, "auditor", lang)
    test.text_input(key=f"serving_prediction_{MODEL}").input(prediction(0)).run()
    words = {"en": "in the loop", "zh-HK": "人在環中", "zh-CN": "人在回路中"}
    assert words[lang] in html_of(test)
    assert not test.exception


def test_stopping_a_prediction(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "compliance_lead")
    test.text_input(key=f"serving_prediction_{MODEL}").input(prediction(2)).run()
    test.text_input(key=f"serving_decide_{MODEL}_reason").input("A complaint")
    press(test, "Stop the prediction")
    assert releases.read_release(world.workspace, MODEL, prediction(2)).state == "stopped"


def test_a_prediction_of_another_jurisdiction(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "hong_kong")
    test.text_input(key=f"serving_prediction_{MODEL}").input(prediction(3)).run()
    assert "There is no prediction L000003 in your scope." in html_of(test)


def test_making_a_token_asks_who_it_is(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "admin")
    test.text_input(key="serving_token_name").input("Engine")
    press(test, "Make the token")
    found = tokens.list_tokens(world.workspace, actor=world["admin"])
    shown = [block.value for block in test.code if block.value.startswith("hlt_")]
    # A session that was begun this minute is recent enough; either way it is shown once only.
    assert len(shown) == len(found) <= 1


def test_rolling_back_and_proposing_a_later_version(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "compliance_lead")
    assert "Nobody has rolled the model back" in html_of(test)
    test.selectbox(key=f"serving_back_{MODEL}_to").select("2")
    test.text_input(key=f"serving_back_{MODEL}_reason").input("Errors of version 4")
    test = press(test, "Roll the model back")
    found = model_state.read_state(world.workspace, MODEL)
    assert (found.state, found.serving_version) == ("production", "2")
    shown = html_of(test)
    assert "Version 2 is to serve." in shown
    assert "Errors of version 4" in shown
    test.selectbox(key=f"serving_forward_{MODEL}_to").select("3")
    test.text_input(key=f"serving_forward_{MODEL}_reason").input("Mended")
    press(test, "Propose a later version")
    (asked,) = approvals.list_approvals(world.workspace, actor=world["second_lead"])
    assert (asked.kind, asked.after["serving_version"]) == ("model.forward", "3")
    reader = visit(open_page, world, "auditor")
    assert "compliance_lead" in html_of(reader)
    assert not {"Roll the model back", "Propose a later version"} & buttons(reader)


def test_an_administrator_sets_a_hook_up_and_removes_it(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "admin")
    assert "No hook is set up" in html_of(test)
    test.text_input(key="serving_hook_name").input("Train")
    test.text_input(key="serving_hook_url").input("https://train.invalid/start?key=s3cret")
    test = press(test, "Set the hook up")
    (made,) = hooks.list_hooks(world.workspace, actor=world["admin"])
    assert (made.name, made.shown, made.enabled) == ("Train", "https://train.invalid", True)
    assert any(block.value.startswith("whsec_") for block in test.code)
    assert "s3cret" not in html_of(test)
    test = test.button(key="serving_hook_kept").click().run()
    assert not any(block.value.startswith("whsec_") for block in test.code)
    test = press(test, "Switch off")
    assert not hooks.list_hooks(world.workspace, actor=world["admin"])[0].enabled
    test = press(test, "Remove the hook")
    assert "No hook is set up" in html_of(test)


def test_calls_are_shown_to_who_sees_alerts_of_all_jurisdictions(
    open_page: Open, world: Serving
) -> None:
    hooks.add_hook(world.workspace, "Train", url="http://127.0.0.1:9/", actor=world["admin"])
    hooks.try_hook(world.workspace, "Train", actor=world["admin"])  # nobody listens there
    shown = html_of(visit(open_page, world, "compliance"))
    assert "given up" in shown
    assert "nobody answers at the address" in shown
    assert "Leads to" not in shown
    assert "Newest calls" not in html_of(visit(open_page, world, "hong_kong"))
