"""Alerts: who sees what, the bell, dealing with one, and what is shown of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.windows import Chunk
from core.errors import StorageError
from core.services import alerts
from core.services.checks import NewAlarm
from core.services.jobs.worker import WORKER
from core.store import models
from tests.pages.conftest import Open
from tests.pages.reading import bell, html_of, links, sentences
from tests.pages.reading import said as heard
from tests.support.builders import FIRST, contract_text
from tests.support.checking import CHECKER, Told, check_on
from tests.support.serving import Serving, a_serving_workspace

ILL = NewAlarm(
    "drift",
    "act",
    Chunk(0, "2025-01", FIRST, FIRST.replace(month=2)),
    method="psi",
    column="industry",
    effect=0.41,
    threshold=0.25,
    n_reference=4321,
    n_current=240,
    evidence={"reference": [4321], "current": [240]},
)
OTHER = replace(ILL, kind="unregistered_version", severity="watch", column="", version="9")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


def raise_(world: Serving, *found: NewAlarm, day: str = "2025-01-20") -> None:
    check_on(world.workspace, day, Told(list(found)))


def visit(open_page: Open, world: Serving, name: str, lang: str = "en") -> AppTest:
    return open_page(world.workspace, world[name], "alerts", lang=lang)


def press(test: AppTest, label: str) -> AppTest:
    found = next(button for button in test.button if button.label == label)
    return found.click().run()


def the_alert(world: Serving) -> str:
    return alerts.list_alerts(world.workspace, actor=CHECKER).alerts[0].id


def test_before_the_first_check_the_page_says_how_to_make_one(
    open_page: Open, world: Serving
) -> None:
    test = visit(open_page, world, "business")
    assert sentences(test) == ["No model has been checked yet."]
    assert next(each.value for each in test.code) == "harbourlight check"
    assert bell(test) == "… Not every model has been checked yet"


def test_the_page_names_a_model_that_waits_for_its_first_check(
    open_page: Open, world: Serving
) -> None:
    raise_(world, ILL)
    with world.workspace.store.begin() as conn:
        text = contract_text(id="cards")
        models.register(conn, model_id="cards", spec_text=text, actor="a", at=FIRST)
        models.advance_newest_event(conn, "cards", FIRST)
    assert alerts.unchecked(world.workspace, actor=world["auditor"]) == ("cards",)
    test = visit(open_page, world, "auditor")
    assert "Not checked yet:" in html_of(test)


def test_open_alerts_come_first_with_their_figures(open_page: Open, world: Serving) -> None:
    raise_(world, OTHER, ILL)
    test = visit(open_page, world, "auditor")
    assert sentences(test)[0].endswith("2 alerts are open. One asks somebody to act.")
    shown = test.dataframe[0].value
    assert shown.iloc[:, 1].tolist() == ["Act", "Watch"]  # beside their shapes
    assert shown.iloc[:, 2].tolist() == [
        "industry has drifted",
        "Version 9 decides and is not registered",
    ]
    text = html_of(test)
    for figure in ("0.41", "0.25", "4,321", "240", "2025-01", "Opened by a check"):
        assert figure in text
    assert '{"reference": [4321], "current": [240]}' in "".join(code.value for code in test.code)
    assert "Your roles do not let you deal with alerts." in text
    assert not {"Acknowledge", "Close"} & {button.label for button in test.button}


def test_a_row_ends_with_the_state_and_who_sees_to_it(open_page: Open, world: Serving) -> None:
    """A column of its own for each would stand beyond the edge of a page of usual width."""
    raise_(world, ILL)
    before = visit(open_page, world, "auditor").dataframe[0].value
    name = world["data_scientist"].username
    alerts.assign(world.workspace, the_alert(world), username=name, reason="Theirs", actor=CHECKER)
    after = visit(open_page, world, "auditor").dataframe[0].value
    assert (before.iloc[0, -1], after.iloc[0, -1]) == ("open, new", f"open, {name}")
    assert after.shape[1] == 7  # shape, severity, what, model, period, since, state


@pytest.mark.parametrize(("found", "can"), [(ILL, True), (OTHER, False)])
def test_the_evidence_of_drift_says_how_to_derive_it_again(
    open_page: Open, world: Serving, found: NewAlarm, can: bool
) -> None:
    raise_(world, found)
    alarm = alerts.list_alerts(world.workspace, actor=CHECKER).alerts[0].alarm
    codes = [code.value for code in visit(open_page, world, "auditor").code]
    command = f"harbourlight drift {alarm.model_id} --explain {alarm.id}"
    assert (command in codes) is can


def test_the_bell_counts_what_is_new_until_it_is_seen(open_page: Open, world: Serving) -> None:
    raise_(world, ILL)

    def told(name: str) -> int:
        return alerts.unread(world.workspace, actor=world[name])

    assert (told("business"), told("auditor")) == (1, 1)
    assert bell(visit(open_page, world, "business")) == "1 new alert"
    assert (told("business"), told("auditor")) == (0, 1)
    assert bell(visit(open_page, world, "business")) == "No new alerts"
    raise_(world, ILL, OTHER, day="2025-01-21")
    assert told("business") == 1


@pytest.mark.parametrize(
    ("label", "state", "said"),
    [
        ("Acknowledge", "acknowledged", "Acknowledged"),
        ("Silence", "snoozed", "Silenced for a while"),
        ("Assign", "open", "Assigned"),
        ("Close", "closed", "Closed"),
    ],
)
def test_dealing_with_an_alert_needs_a_reason(
    open_page: Open, world: Serving, label: str, state: str, said: str
) -> None:
    raise_(world, ILL)
    found = the_alert(world)
    test = press(visit(open_page, world, "data_scientist"), label)
    assert "A reason of 1 to 1,000 characters is needed" in heard(test)
    assert len(alerts.story(world.workspace, found, actor=CHECKER).events) == 1
    test.text_input(key=f"alert_reason_{found}").input("Looked into")
    test = press(test, label)
    story = alerts.story(world.workspace, found, actor=CHECKER)
    assert story.alert.state == state
    assert (story.events[-1].reason, len(story.events)) == ("Looked into", 2)
    if story.alert.live:
        assert said in html_of(test)
        assert "Looked into" in html_of(test)
    else:
        assert "Closed alerts, newest first" in html_of(test)
        assert sentences(test)[0].endswith("No alert is open.")


def test_a_part_that_failed_is_named(open_page: Open, world: Serving) -> None:
    check_on(world.workspace, "2025-01-20", Told(error=StorageError("Busy.")), kind="fairness")
    test = visit(open_page, world, "compliance", lang="zh-HK")
    assert "未能檢查「公平性」" in html_of(test)
    assert "上次檢查中未能完成的部分：公平性。" in html_of(test)


def test_the_page_speaks_chinese(open_page: Open, world: Serving) -> None:
    check_on(world.workspace, "2025-01-20", Told([ILL]), actor=WORKER)
    test = visit(open_page, world, "data_scientist", lang="zh-HK")
    assert sentences(test)[0].endswith("有 1 項警示未處理。其中 1 項須處理。")
    assert "確認" in {button.label for button in test.button}
    history = html_of(test)
    assert "背景程式" in history
    assert ">worker<" not in history


def test_what_explanations_found_leads_to_their_page(open_page: Open, world: Serving) -> None:
    found = replace(ILL, kind="explanation_mismatch", method="", column="", statistic=3.0)
    raise_(world, found)
    test = visit(open_page, world, "auditor")
    assert (
        "Of 3 explained decisions the registered model gives another score than the log"
        in html_of(test)
    )
    assert "Look closer" in links(test)
    assert "Look closer" not in links(visit(open_page, world, "business"))
