"""How alerts open, go on, wake, become more serious and close."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.windows import Chunk
from core.errors import StorageError
from core.services import alerts as services
from core.services.checks import NewAlarm, check
from core.services.workspace import Workspace
from core.store.alerts import threads as alerts
from core.store.alerts.threads import Alert
from tests.support.builders import ADMIN, FIRST
from tests.support.checking import CHECKER, MODEL, Told, a_fed_workspace, check_on
from tests.support.fakes import FakeClock

JANUARY = Chunk(0, "2025-01", FIRST, FIRST.replace(month=2))
ILL = NewAlarm("drift", "watch", JANUARY, method="psi", column="industry", effect=0.2)


@pytest.fixture
def site(tmp_path: Path, clock: FakeClock) -> Iterator[Workspace]:
    opened = replace(a_fed_workspace(tmp_path / "home"), clock=clock)
    yield opened
    opened.store.close()


def days(site: Workspace, said: str, *, first: int = 10) -> list[str]:
    """Check one day after the other: ``x`` ill, ``X`` more so, ``.`` well, ``!`` the check fails.

    Returns the alert's state after each day; empty if there never was one.
    """
    states = []
    for number, each in enumerate(said):
        source = Told([ILL] if each == "x" else [replace(ILL, severity="act")])
        if each == ".":
            source.alarms = []
        if each == "!":
            source.error = StorageError("Busy.")
        check_on(site, f"2025-01-{first + number}", source)
        found = drift_alerts(site)
        states.append(found[0].state if found else "")
    return states


def drift_alerts(site: Workspace) -> list[Alert]:
    with site.store.read() as conn:
        found = alerts.list_alerts(conn)
    return [each for each in found if each.alarm.kind == "drift"]


def kinds_of(site: Workspace, alert: Alert) -> list[str]:
    with site.store.read() as conn:
        return [each.kind for each in alerts.events(conn, alert.id)]


def test_an_alert_opens_at_once_and_closes_when_well(site: Workspace) -> None:
    assert days(site, "xx.") == ["open", "open", "closed"]
    (found,) = drift_alerts(site)
    assert found.alarms == 2
    assert kinds_of(site, found) == ["opened", "healed"]
    assert days(site, "x", first=13) == ["open"]
    assert len(drift_alerts(site)) == 2


def test_patience_counts_checks_in_a_row_both_ways(site: Workspace) -> None:
    services.set_rule(site, MODEL, "drift", actor=CHECKER, patience=3)
    assert days(site, "xx.xxx..x...") == [
        "", "", "", "", "", "open", "open", "open", "open", "open", "open", "closed",
    ]  # fmt: skip
    (found,) = drift_alerts(site)
    assert found.alarms == 4  # three that opened it, one more


def test_a_check_that_failed_neither_heals_nor_breaks_a_row(site: Workspace) -> None:
    services.set_rule(site, MODEL, "drift", actor=CHECKER, patience=2)
    assert days(site, "x!x!.!.") == ["", "", "open", "open", "open", "open", "closed"]


def test_an_older_moment_moves_nothing(site: Workspace) -> None:
    assert days(site, "x", first=15) == ["open"]
    assert days(site, "...", first=11) == ["open"] * 3
    assert check_on(site, "2025-01-12", Told([ILL])).made is False
    assert days(site, ".", first=16) == ["closed"]


def test_the_most_particular_rule_counts(site: Workspace) -> None:
    services.set_rule(site, MODEL, actor=CHECKER, enabled=False)
    assert days(site, "x") == [""]
    services.set_rule(site, MODEL, "drift", column="industry", severity="act", actor=CHECKER)
    assert days(site, "x", first=11) == ["open"]
    assert drift_alerts(site)[0].severity == "act"


def test_a_graver_alarm_opens_an_acknowledged_alert_again(site: Workspace) -> None:
    days(site, "x")
    (found,) = drift_alerts(site)
    services.acknowledge(site, found.id, reason="Seen", actor=CHECKER)
    assert days(site, "xX", first=11) == ["acknowledged", "open"]
    assert kinds_of(site, found) == ["opened", "acknowledged", "escalated"]


def test_a_snoozed_alert_is_silent_until_its_day_and_then_wakes(
    site: Workspace, clock: FakeClock
) -> None:
    days(site, "x")
    (found,) = drift_alerts(site)
    until = (clock().date()).isoformat()
    services.snooze(site, found.id, until=until, reason="Known", actor=CHECKER)
    assert days(site, "x", first=11) == ["snoozed"]
    clock.advance(days=2)
    assert days(site, "x", first=12) == ["open"]
    assert kinds_of(site, found) == ["opened", "snoozed", "woken"]
    assert services.unread(site, actor=ADMIN) == 1


def test_a_snoozed_alert_heals(site: Workspace, clock: FakeClock) -> None:
    days(site, "x")
    (found,) = drift_alerts(site)
    services.snooze(site, found.id, until=clock().date().isoformat(), reason="Known", actor=CHECKER)
    assert days(site, ".", first=11) == ["closed"]


CHANCE = replace(ILL, kind="drift_beyond_chance", method="jensen_shannon", effect=0.1)
LARGE = replace(ILL, severity="act")


def both(site: Workspace, day: str, chance: Told, drift: Told) -> list[tuple[str, str, str]]:
    """Check a day with both kinds of drift; return each alert's state, severity and newest kind."""
    sources = {"drift": drift, "drift_beyond_chance": chance}
    check(site, MODEL, actor=CHECKER, as_of=day, alarm_sources=sources, figure_sources={})
    with site.store.read() as conn:
        found = [each for each in alerts.list_alerts(conn) if each.alarm.kind != "check"]
    return [(each.state, each.severity, each.alarm.kind) for each in found]


def test_two_kinds_of_drift_of_a_column_are_one_alert(site: Workspace) -> None:
    small, large, well = Told([CHANCE]), Told([LARGE]), Told()
    assert both(site, "2025-01-10", small, well) == [("open", "watch", "drift_beyond_chance")]
    assert both(site, "2025-01-11", small, large) == [("open", "act", "drift")]
    assert both(site, "2025-01-12", small, well) == [("open", "watch", "drift_beyond_chance")]
    failed = Told(error=StorageError("Busy."))
    assert both(site, "2025-01-13", failed, well)[0][0] == "open"
    assert both(site, "2025-01-14", well, well)[0][0] == "closed"
    with site.store.read() as conn:
        (found,) = [each for each in alerts.list_alerts(conn) if each.alarm.kind != "check"]
    assert kinds_of(site, found) == ["opened", "escalated", "healed"]
    story = services.story(site, found.id, actor=CHECKER)
    # Three checks found it no accident, the second of them large too.
    assert Counter(each.kind for each in story.alarms) == {"drift_beyond_chance": 3, "drift": 1}


def test_patience_with_small_changes_does_not_wait_for_large_ones(site: Workspace) -> None:
    services.set_rule(site, MODEL, "drift_beyond_chance", actor=CHECKER, patience=3)
    small, large, well = Told([CHANCE]), Told([LARGE]), Told()
    assert both(site, "2025-01-10", small, well) == []
    assert both(site, "2025-01-11", small, well) == []
    assert both(site, "2025-01-12", small, large) == [("open", "act", "drift")]


def test_a_rule_that_ends_large_changes_leaves_small_ones(site: Workspace) -> None:
    services.set_rule(site, MODEL, "drift", actor=CHECKER, enabled=False)
    assert both(site, "2025-01-10", Told([CHANCE]), Told([LARGE])) == [
        ("open", "watch", "drift_beyond_chance")
    ]


def test_the_list_puts_first_what_is_serious_and_harms_most(site: Workspace) -> None:
    concept = replace(ILL, kind="concept_drift", severity="act", column="", method="", effect=0.1)
    columns = {"industry": (0.3, 3.0), "@score": (0.4, None), "purpose": (0.9, 0.1)}
    moved = [
        replace(
            LARGE,
            column=name,
            effect=effect,
            threshold=0.25,
            evidence={} if weight is None else {"importance": weight},
        )
        for name, (effect, weight) in columns.items()
    ]
    sources = {
        "drift_beyond_chance": Told([replace(CHANCE, column="term", threshold=0.01)]),
        "drift": Told(moved),
        "concept_drift": Told([concept]),
    }
    check(site, MODEL, actor=CHECKER, as_of="2025-01-10", alarm_sources=sources, figure_sources={})
    found = services.list_alerts(site, actor=CHECKER).alerts
    # 0.3 / 0.25 × 3 = 3.6, then 0.4 / 0.25 = 1.6 without a weight, then 0.9 / 0.25 × 0.1 = 0.36
    assert [each.alarm.column for each in found] == ["", "industry", "@score", "purpose", "term"]
