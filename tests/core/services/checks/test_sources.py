"""What each source finds in a log that was written for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import accuracy_score

from core.domain.identity import Role
from core.services.checks import ALARM_SOURCES, FIGURE_SOURCES, CheckContext, NewAlarm
from core.services.checks.feed import GRACE
from core.services.checks.moment import context_of
from core.services.drift.measure import drift
from core.services.workspace import Workspace
from core.store import serving
from core.store.serving import StateRecord, VersionChange
from tests.core.services.raw import logged_loans
from tests.support.builders import FIRST, a_log, contract_document, outcome_rows
from tests.support.checking import CHECKER, MODEL, a_fed_workspace
from tests.support.harbour import Harbour

SOON = contract_document()["outcome"] | {"matures_after": "20 days"}
Raise = Callable[..., list[NewAlarm]]


@pytest.fixture
def raised(tmp_path: Path) -> Raise:
    """Return the alarms of one source in a workspace made for it."""
    made: list[Workspace] = []

    def ask(kind: str, as_of: str | None, **given: Any) -> list[NewAlarm]:
        opened = a_fed_workspace(tmp_path / f"home{len(made)}", **given)
        made.append(opened)
        context = context_of(opened, MODEL, actor=CHECKER, as_of=as_of)
        found = ALARM_SOURCES[kind](opened, MODEL, context)
        opened.store.close()
        return found

    return ask


def of_harbour(harbour: Harbour, as_of: str) -> CheckContext:
    actor = harbour[Role.data_scientist]
    return context_of(harbour.workspace, "loans", actor=actor, as_of=as_of)


def december_rows(harbour: Harbour) -> int:
    local = logged_loans(harbour)["scored_at"].dt.tz_convert("Asia/Hong_Kong")
    return int((local.dt.month == 12).sum())


def test_drift_of_the_newest_month_comes_with_its_counts(harbour: Harbour) -> None:
    context = of_harbour(harbour, "2024-12-31")
    found = ALARM_SOURCES["drift"](harbour.workspace, "loans", context)
    income = next(each for each in found if each.column == "income")
    assert (income.chunk.key, income.method, income.severity) == ("2024-12", "psi", "act")
    table = drift(harbour.workspace, context.question(), actor=context.actor, columns=["income"])
    row = table.rows()[-1]
    assert (income.effect, income.threshold) == (row.value, row.threshold)
    current = income.evidence["current"]
    assert isinstance(current, list)
    assert sum(current) == income.n_current == december_rows(harbour)
    early = of_harbour(harbour, "2024-05-31")
    assert ALARM_SOURCES["drift"](harbour.workspace, "loans", early) == []


def test_slices_that_rules_name_are_looked_at(harbour: Harbour) -> None:
    context = replace(of_harbour(harbour, "2024-12-31"), slices=("sector=零售",))
    found = FIGURE_SOURCES["drift"](harbour.workspace, "loans", context)
    assert {each.slice for each in found} == {"", "sector=零售"}
    rows = {each.slice: each.n for each in found if each.column == "income"}
    assert 0 < rows["sector=零售"] < rows[""]


def test_figures_are_kept_with_their_period(harbour: Harbour) -> None:
    context = of_harbour(harbour, "2024-12-31")
    for kind, source in FIGURE_SOURCES.items():
        if kind == "fairness":
            continue
        results = source(harbour.workspace, "loans", context)
        assert results, kind
        assert {each.metric for each in results} == {kind}
        assert all(each.chunk_start < each.chunk_end for each in results)
    income = [
        each
        for each in FIGURE_SOURCES["drift"](harbour.workspace, "loans", context)
        if each.column == "income"
    ]
    assert [(each.chunk_key, each.level, each.n) for each in income] == [
        ("2024-12", "act", december_rows(harbour))
    ]


@pytest.mark.parametrize(("as_of", "hours"), [("2024-07-10", None), ("2024-07-12", 73)])
def test_a_feed_is_silent_after_twice_its_longest_gap(
    harbour: Harbour, as_of: str, hours: int | None
) -> None:
    # The log has a row every hour, and none from 10 to 12 July: the gap of two calendar days is
    # passed on the third. The newest row is that of 23:00 on the 9th.
    context = of_harbour(harbour, as_of)
    found = ALARM_SOURCES["silent_feed"](harbour.workspace, "loans", context)
    assert [round(each.statistic or 0) for each in found] == ([hours] if hours else [])
    if found:
        assert found[0].threshold == 48


def test_a_log_that_was_loaded_long_afterwards_is_not_silent(raised: Raise) -> None:
    assert raised("silent_feed", None) == []
    own = {"freshness": {"act": 100}}
    (found,) = raised("silent_feed", "2025-02-05", thresholds=own)
    assert found.threshold == 100


def test_a_version_that_nobody_registered_is_told(raised: Raise) -> None:
    (found,) = raised("unregistered_version", "2025-01-31", versions=[{"id": "1"}])
    assert (found.version, found.n_current) == ("2", 48)  # every fifth of 240 rows
    assert raised("unregistered_version", "2025-01-31", versions=[{"id": "1"}, {"id": "2"}]) == []


def test_a_version_that_decides_after_a_rollback_is_told(tmp_path: Path) -> None:
    # Eight loans a day from 1 January, every fifth of version 2; rolled back to 1 on the 11th.
    opened = a_fed_workspace(tmp_path / "home", versions=[{"id": "1"}, {"id": "2"}])
    since = FIRST + timedelta(days=10)
    with opened.store.begin() as conn:
        serving.add_version_change(conn, VersionChange(MODEL, "1", "2", "x", since, "p-1"))

    def told(as_of: str) -> list[NewAlarm]:
        context = context_of(opened, MODEL, actor=CHECKER, as_of=as_of)
        return ALARM_SOURCES["served_version"](opened, MODEL, context)

    assert told("2025-01-10") == []  # nobody had rolled it back yet
    late = [
        row
        for row in a_log(240)
        if row["model_version"] == "2" and row["approved_at"] >= since + GRACE
    ]
    (found,) = told("2025-01-31")
    assert (found.version, found.n_current) == ("2", len(late))
    assert found.evidence["to_serve"] == "1"
    state = StateRecord(MODEL, "suspended", "x", since, "p-1", fallback_version="2")
    with opened.store.begin() as conn:
        serving.put_state(conn, state)
    assert told("2025-01-31") == []  # the fall-back of a suspended model may decide
    opened.store.close()


def test_labels_that_stopped_are_told_while_predictions_wait(raised: Raise) -> None:
    # Eight loans a day; those of the first 40 days have a label ten days later, then none come.
    given = {"outcomes": outcome_rows(range(320), after_days=10), "outcome": SOON}
    (found,) = raised("labels_stopped", "2025-03-02", rows=a_log(480), **given)
    # The newest label came on 19 February: day 50 counted from 1 January.
    assert found.evidence["newest_label"] == "2025-02-19"
    assert found.evidence["longest_gap_days"] == 1
    # Labels usually come at ten days: of the loans from 40 days on, those older than that wait.
    now = FIRST.replace(hour=0) + timedelta(days=61)
    waiting = [row for row in a_log(480)[320:] if row["approved_at"] < now - timedelta(days=10)]
    assert abs(int(str(found.n_current)) - len(waiting)) <= 8  # days are counted whole
    assert raised("labels_stopped", "2025-02-24", rows=a_log(480), **given) == []


def test_labels_end_where_predictions_ended(raised: Raise) -> None:
    given = {"rows": a_log(320), "outcomes": outcome_rows(range(320), 10)}
    given["outcome"] = SOON
    assert raised("labels_stopped", "2025-06-30", **given) == []


def test_labels_of_which_most_are_lost_are_told(raised: Raise) -> None:
    # Eight loans a day have a label ten days later; from the 40th day on only one in four.
    lost = [number for number in range(800) if number < 320 or number % 4 == 0]
    given = {"outcomes": outcome_rows(lost, after_days=10), "outcome": SOON}
    (found,) = raised("labels_stopped", "2025-04-30", rows=a_log(800), **given)
    assert (found.method, found.severity, found.chunk.key) == ("labelled_share", "act", "2025-04")
    assert found.statistic == pytest.approx(0.25, abs=0.02)
    assert found.evidence["usual_share"] == 1.0
    assert found.evidence["periods"] == ["2025-02", "2025-03", "2025-04"]
    assert raised("labels_stopped", "2025-02-15", rows=a_log(800), **given) == []
    # A quarter is all that another model ever has.
    few = given | {"outcomes": outcome_rows(range(0, 800, 4), after_days=10)}
    assert raised("labels_stopped", "2025-04-30", rows=a_log(800), **few) == []


def test_a_young_log_of_closed_cases_only_is_told(raised: Raise) -> None:
    # Nothing is mature: the contract says that labels take longer than they did.
    slow = SOON | {"matures_after": "60 days"}
    known = outcome_rows(range(160), 1)
    (found,) = raised("truncation", "2025-01-22", rows=a_log(160), outcomes=known, outcome=slow)
    assert (found.severity, found.evidence["compared_with"]) == ("watch", "contract")
    open_too = known[:120]
    asked = {"rows": a_log(160), "outcomes": open_too, "outcome": slow}
    assert raised("truncation", "2025-01-22", **asked) == []


def test_a_log_of_closed_cases_only_is_told(raised: Raise) -> None:
    # Labels come after 60 days; but each of April's loans has one on the next day.
    known = [*outcome_rows(range(64), 60), *outcome_rows(range(716, 780), 1)]
    (found,) = raised("truncation", "2025-04-10", rows=a_log(780), outcomes=known)
    assert found.chunk.key == "2025-04"
    assert found.n_current == 63  # from row 717 on, in Hong Kong
    young = [*outcome_rows(range(64), 60), *outcome_rows(range(716, 750), 1)]
    assert raised("truncation", "2025-04-10", rows=a_log(780), outcomes=young) == []


@pytest.mark.parametrize(("limit", "alarms"), [(0.99, 1), (0.01, 0)])
def test_performance_is_held_against_the_contract(raised: Raise, limit: float, alarms: int) -> None:
    own = {"accuracy": {"watch": limit, "act": limit, "minimum_n": 10}}
    rows, known = a_log(240), outcome_rows(range(240), 30)
    later = [*rows, *a_log(1, 1600)]  # what is known goes on until July
    found = [
        each
        for each in raised("performance", "2025-08-31", rows=later, outcomes=known, thresholds=own)
        if each.method == "accuracy"
    ]
    assert len(found) == alarms
    for each in found:
        said = [row["score"] >= 0.5 for row in rows]
        theirs = accuracy_score([row["charged_off"] == 1 for row in known], said)
        assert each.statistic == pytest.approx(theirs, abs=1e-12)
        assert (each.n_current, each.chunk.key) == (240, "2025-01")
    early = raised("performance", "2025-02-20", rows=later, outcomes=known, thresholds=own)
    assert early == []  # nothing is mature yet


def test_a_ratio_below_four_fifths_is_told(raised: Raise) -> None:
    # Every fourth loan is declined, and these are of half the people: 60 of 120 against 120 of 120.
    (found,) = raised("fairness", "2025-01-31")
    assert (found.column, found.statistic, found.threshold) == ("sex", 0.5, 0.8)
    assert (found.severity, found.n_current) == ("act", 240)


def test_without_an_artefact_there_is_nothing_to_reproduce(raised: Raise) -> None:
    assert raised("reproduction", "2025-01-31") == []
