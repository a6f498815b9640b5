"""An alarm of a fixed level derived again from its counts, by its own id and by its alert's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.special import rel_entr
from sqlalchemy import update

from core.domain.identity import Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.services.drift.measure import DriftTable, drift
from core.services.drift_alarms import derive, derive_level, stored_alarm
from core.services.questions import Question
from core.services.workspace import Workspace
from core.store.alerts import alarms, checks
from core.store.alerts import threads as alerts
from core.store.alerts.alarms import Alarm
from core.store.alerts.checks import CheckRun
from core.store.tables import alarm as alarm_table
from tests.core.services.drift_alarms.test_derive import opened_copy
from tests.support.harbour import Harbour

NOW = datetime(2025, 1, 2, tzinfo=UTC)
METHODS = ("psi", "wasserstein")


@pytest.fixture(scope="module")
def table(harbour: Harbour) -> DriftTable:
    question = Question("loans", by="month")
    return drift(harbour.workspace, question, actor=harbour[Role.data_scientist], methods=METHODS)


@pytest.fixture
def site(harbour: Harbour, table: DriftTable, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the test workspace with an alarm by each method, and an alert of the first."""
    made = opened_copy(harbour.workspace.settings.home, tmp_path / "home")
    found = [alarm_of(table, method) for method in METHODS]
    run = CheckRun(
        "run", "loans", "done", NOW, "worker", NOW, table.view.as_of, table.view.generation,
        table.view.spec_sha256, table.view.bins_id or "", 1, ("drift",), {},
    )  # fmt: skip
    with made.store.begin() as conn:
        checks.put(conn, run, ())
        alarms.put_all(conn, found)
        alerts.open_alert(
            conn, alert_id="alert", severity="act", cause=found[0], alarms=1, owner_id=None, at=NOW
        )
    yield made
    made.store.close()


def alarm_of(table: DriftTable, method: str) -> Alarm:
    column = next(each for each in table.columns if each.result.method == method)
    place = len(table.chunks) - 1
    reference, current = column.counts.reference.n, column.counts.current_at(place).n
    value, chunk = float(column.result.value[place]), table.chunks[place]
    return Alarm(
        id=method,
        run_id="run",
        model_id="loans",
        kind="drift",
        method=method,
        column=column.column,
        version="",
        slice="",
        chunk_key=chunk.key,
        chunk_start=chunk.start,
        chunk_end=chunk.end,
        severity="act",
        statistic=None,
        p_value=None,
        effect=value,
        minimum_effect=None,
        threshold=value / 2,
        n_reference=int(reference.sum()),
        n_current=int(current.sum()),
        bins_id=table.view.bins_id,
        evidence={
            "reference": [int(n) for n in reference],
            "current": [int(n) for n in current],
        },
        raised_at=NOW,
        as_of=table.view.as_of,
    )


def change(site: Workspace, **values: object) -> None:
    with site.store.begin() as conn:
        conn.execute(update(alarm_table).where(alarm_table.c.id == "psi").values(**values))


def test_figure_and_rows_come_out_again(site: Workspace, harbour: Harbour) -> None:
    found = derive_level(site, "psi", actor=harbour[Role.auditor])
    assert found.agrees
    assert found.effect == found.alarm.effect
    assert (found.n_reference, found.n_current) == (
        found.alarm.n_reference,
        found.alarm.n_current,
    )


def test_the_figure_is_that_of_the_counts(
    site: Workspace, harbour: Harbour, table: DriftTable
) -> None:
    # The population stability index is Jeffreys' divergence; SciPy has its two halves.
    sector = next(each for each in table.columns if each.column == "sector")
    groups = len(sector.counts.reference.n)
    p, q = np.arange(1.0, groups + 1), np.arange(groups, 0.0, -1)
    p, q = 1000 * p, 1000 * q
    p[:2] = q[:2] = 0  # missing values, which are one group
    evidence = {"reference": p.tolist(), "current": q.tolist()}
    change(site, column="sector", evidence=evidence)
    found = derive_level(site, "psi", actor=harbour[Role.auditor])
    p, q = p / p.sum(), q / q.sum()
    assert found.effect == pytest.approx((rel_entr(p, q) + rel_entr(q, p)).sum(), rel=1e-3)
    assert not found.agrees


@pytest.mark.parametrize("changed", [{"effect": 0.9}, {"threshold": 99.0}, {"n_current": 1}])
def test_what_was_changed_is_seen(
    site: Workspace, harbour: Harbour, changed: dict[str, object]
) -> None:
    change(site, **changed)
    assert not derive_level(site, "psi", actor=harbour[Role.auditor]).agrees


def test_the_id_of_an_alert_means_its_newest_alarm(site: Workspace, harbour: Harbour) -> None:
    assert stored_alarm(site, "alert", actor=harbour[Role.auditor]).id == "psi"
    assert derive_level(site, "alert", actor=harbour[Role.auditor]).alarm.id == "psi"


def test_a_figure_that_counts_do_not_give_is_refused(site: Workspace, harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="sums of the bins"):
        derive_level(site, "wasserstein", actor=harbour[Role.auditor])


def test_kinds_are_told_apart(site: Workspace, harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="not one of drift"):
        derive(site, "psi", actor=harbour[Role.auditor])
    change(site, kind="operations")
    with pytest.raises(InvalidInput, match="not one of drift"):
        derive_level(site, "psi", actor=harbour[Role.auditor])


def test_who_may_not_see_it_does_not(site: Workspace, harbour: Harbour) -> None:
    with pytest.raises(Forbidden):
        derive_level(site, "psi", actor=harbour[Role.business])
    with pytest.raises(NotFound):
        derive_level(site, "alert", actor=harbour.hong_kong)
    with pytest.raises(NotFound):
        derive_level(site, "nothing", actor=harbour[Role.auditor])
    elsewhere = replace(harbour[Role.auditor], models=frozenset({"tenants"}))
    with pytest.raises(NotFound):
        derive_level(site, "alert", actor=elsewhere)
