"""The editor of rules and the channels on the page Alerts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.services import alerts
from core.services.alerts import channels
from core.services.alerts.editing import preview_rule
from tests.pages.conftest import Open
from tests.pages.reading import html_of, said, sentences
from tests.pages.test_alerts import ILL, press, raise_, visit
from tests.support.serving import MODEL, Serving, a_serving_workspace

ADDRESS = "jsons://alerts.example.com/hook?+key=sesame"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


def labels(test: AppTest) -> set[str]:
    return {button.label for button in test.button}


@pytest.mark.parametrize(
    ("name", "rules", "sending"),
    [
        ("auditor", False, False),
        ("business", False, False),
        ("data_scientist", True, False),
        ("compliance", True, False),
        ("admin", True, True),
    ],
)
def test_what_a_role_can_set(
    open_page: Open, world: Serving, name: str, rules: bool, sending: bool
) -> None:
    test = visit(open_page, world, name)
    assert ("Set the rule" in labels(test)) is rules
    assert ("Add the channel" in labels(test)) is sending
    text = html_of(test)
    assert ("This model has no rules." in text) is rules
    assert ("Alerts are not sent anywhere." in text) is sending


def test_whoever_sees_some_jurisdictions_is_told_so(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "hong_kong")
    assert not labels(test) & {"Set the rule", "Add the channel"}
    assert sentences(test) == [
        "Checks look at rows of all jurisdictions, and you see those of some."
    ]


def test_a_rule_is_added_changed_and_removed(open_page: Open, world: Serving) -> None:
    raise_(world, ILL, replace(ILL, column="loan amount"), replace(ILL, kind="operations"))
    test = visit(open_page, world, "data_scientist")
    key = f"alert_rule_kind_{MODEL}"
    assert "Of the 3 alarms of the last 90 days it would have covered 3" in html_of(test)
    test.selectbox(key=key).select("drift").run()
    assert "it would have covered 2, of 2 different matters" in html_of(test)
    test.selectbox(key=f"alert_rule_column_{MODEL}_drift").select("industry").run()
    assert "it would have covered 1, of 1 different matters" in html_of(test)
    test.number_input(key=f"patience_new_{MODEL}").set_value(3)
    test.selectbox(key=f"severity_new_{MODEL}").select("watch")
    test.selectbox(key=f"owner_new_{MODEL}").select("data_scientist")
    test = press(test, "Set the rule")
    (rule,) = alerts.list_rules(world.workspace, MODEL, actor=world["auditor"])
    assert (rule.kind, rule.column, rule.severity, rule.patience, rule.enabled) == (
        "drift",
        "industry",
        "watch",
        3,
        True,
    )
    assert rule.owner_id == world["data_scientist"].user_id
    assert "Drift, industry" in html_of(test).replace(" · ", ", ")

    test.selectbox(key=f"alert_rule_choice_{MODEL}").select(rule.id).run()
    test.toggle(key=f"opens_{rule.id}").set_value(False)
    test = press(test, "Set the rule")
    (changed,) = alerts.list_rules(world.workspace, MODEL, actor=world["auditor"])
    assert (changed.id, changed.enabled, changed.patience) == (rule.id, False, 3)

    press(test, "Remove the rule")
    assert alerts.list_rules(world.workspace, MODEL, actor=world["auditor"]) == ()


def test_the_preview_forgets_what_is_older_than_ninety_days(world: Serving) -> None:
    raise_(world, ILL)
    actor = world["data_scientist"]

    def found() -> tuple[int, int]:
        preview = preview_rule(world.workspace, MODEL, "drift", actor=actor)
        return preview.alarms, preview.of

    assert found() == (1, 1)
    world.clock.advance(days=91)
    assert found() == (0, 0)


def test_a_channel_is_added_and_removed_and_its_address_never_shown(
    open_page: Open, world: Serving
) -> None:
    test = visit(open_page, world, "admin")
    test.text_input(key="alert_channel_name").input("Desk")
    test.text_input(key="alert_channel_address").input(ADDRESS)
    test.selectbox(key="alert_channel_least").select("watch")
    test = press(test, "Add the channel")
    (channel,) = channels.list_channels(world.workspace, actor=world["admin"])
    assert (channel.name, channel.severity, channel.models) == ("Desk", "watch", None)
    text = html_of(test)
    assert "jsons://alerts.example.com" in text
    assert "sesame" not in text
    assert test.text_input(key="alert_channel_address").value == ""
    raise_(world, ILL)
    test = visit(open_page, world, "admin")
    assert "on its way" in html_of(test)
    press(test, "Remove the channel")
    assert channels.list_channels(world.workspace, actor=world["admin"]) == ()


def test_an_address_that_will_not_do_is_refused_with_the_reason(
    open_page: Open, world: Serving
) -> None:
    test = visit(open_page, world, "admin", lang="zh-CN")
    test.text_input(key="alert_channel_name").input("Desk")
    test.text_input(key="alert_channel_address").input("file:///etc/passwd")
    test = press(test, "新增渠道")
    assert "不能发送" in said(test)
    assert channels.list_channels(world.workspace, actor=world["admin"]) == ()


def test_a_channel_asks_who_it_is_when_that_was_long_ago(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world, "admin")
    world.clock.advance(minutes=20)
    test.text_input(key="alert_channel_name").input("Desk")
    test.text_input(key="alert_channel_address").input(ADDRESS)
    test = press(test, "Add the channel")
    assert channels.list_channels(world.workspace, actor=world["admin"]) == ()
    assert "This step asks who you are once more." in html_of(test)
