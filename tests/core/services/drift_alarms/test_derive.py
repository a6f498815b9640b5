"""A stored alarm derived again, and what it says when something does not fit."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from core.bootstrap import open_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.services.drift_alarms import JudgedMonth, derive, judged_month
from core.services.performance import judged_results
from core.services.questions import Question
from core.services.workspace import Workspace
from core.store.alerts import alarms, checks
from core.store.alerts.alarms import Alarm
from core.store.alerts.checks import CheckRun
from core.store.tables import alarm as alarm_table
from tests.support.harbour import Harbour

NOW = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def built(harbour: Harbour, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the test workspace with one alarm of September in it; each test has a copy."""
    made = opened_copy(harbour.workspace.settings.home, tmp_path_factory.mktemp("alarm") / "home")
    store_alarm(made, month_of(made, harbour[Role.data_scientist]))
    made.store.close()
    return made.settings.home


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Iterator[Workspace]:
    opened = opened_copy(built, tmp_path / "home")
    yield opened
    opened.store.close()


def opened_copy(template: Path, home: Path) -> Workspace:
    shutil.copytree(template, home)
    return open_workspace(Settings(home, f"sqlite:///{home / 'state.db'}", threads=2))


def month_of(workspace: Workspace, actor: Actor) -> JudgedMonth:
    return judged_month(workspace, Question("loans", by="month"), actor=actor, at="2024-09")


def store_alarm(workspace: Workspace, month: JudgedMonth) -> None:
    verdict, view = month.alarms[0], month.view
    (look,) = month.looks
    run = CheckRun(
        "run", "loans", "done", NOW, "worker", NOW, view.as_of, view.generation, view.spec_sha256,
        view.bins_id or "", 1, ("drift_beyond_chance",), {},
    )  # fmt: skip
    found = Alarm(
        id="alarm",
        run_id="run",
        model_id="loans",
        kind="drift_beyond_chance",
        method=verdict.member.measure,
        column=verdict.member.series,
        version="",
        slice="",
        chunk_key=look.key,
        chunk_start=look.start,
        chunk_end=look.end,
        severity="act",
        statistic=verdict.statistic,
        p_value=verdict.p_value,
        effect=verdict.effect,
        minimum_effect=verdict.minimum_effect,
        threshold=verdict.threshold,
        n_reference=int(verdict.n_ref),
        n_current=int(verdict.n_cur),
        bins_id=view.bins_id,
        evidence={**json.loads(month.evidence(verdict).to_json()), alarms.IMPORTANCE: 2.0},
        raised_at=NOW,
        as_of=view.as_of,
    )
    with workspace.store.begin() as conn:
        checks.put(conn, run, ())
        alarms.put_all(conn, [found, replace(found, id="other", kind="operations", evidence={})])


def change(workspace: Workspace, **evidence: object) -> None:
    with workspace.store.begin() as conn:
        held = dict(alarms.get(conn, "alarm").evidence) | evidence
        where = alarm_table.c.id == "alarm"
        conn.execute(update(alarm_table).where(where).values(evidence=held))


def test_everything_comes_out_again(site: Workspace, harbour: Harbour) -> None:
    found = derive(site, "alarm", actor=harbour[Role.auditor])
    assert found.agrees
    assert found.doubt == ""
    assert found.chance is not None
    assert (found.chance.p, found.chance.threshold) == (found.evidence.p, found.evidence.threshold)
    assert found.figures.statistic == found.alarm.statistic


def test_an_alarm_of_results_comes_out_again(site: Workspace, harbour: Harbour) -> None:
    actor = harbour[Role.data_scientist]
    month = judged_results(site, Question("loans", by="month"), actor=actor)
    kept = json.loads(month.evidence(month.verdicts[0]).to_json())
    with site.store.begin() as conn:
        known = alarms.get(conn, "alarm")
        of_results = replace(
            known, id="results", kind="performance_beyond_chance", column="", evidence=kept
        )
        alarms.put_all(conn, [of_results])
    found = derive(site, "results", actor=actor)
    assert (found.agrees, found.doubt) == (True, "")
    assert found.chance is not None
    assert found.chance.threshold == found.evidence.threshold


def test_a_changed_figure_is_seen(site: Workspace, harbour: Harbour) -> None:
    change(site, statistic=0.9)
    assert not derive(site, "alarm", actor=harbour[Role.auditor]).agrees


def test_a_changed_threshold_is_seen_from_the_reference_days(
    site: Workspace, harbour: Harbour
) -> None:
    change(site, threshold=0.9)
    assert not derive(site, "alarm", actor=harbour[Role.auditor]).agrees


def test_other_reference_days_are_told_apart(site: Workspace, harbour: Harbour) -> None:
    change(site, reference_digest="0" * 16)
    found = derive(site, "alarm", actor=harbour[Role.auditor])
    assert found.chance is None
    assert "not the reference days" in found.doubt
    assert found.agrees  # what the counts alone give


def test_another_reference_is_told_apart(site: Workspace, harbour: Harbour) -> None:
    change(site, bins_id="0" * 16)
    assert "made again" in derive(site, "alarm", actor=harbour[Role.auditor]).doubt


def test_who_may_not_see_it_does_not(site: Workspace, harbour: Harbour) -> None:
    with pytest.raises(Forbidden):
        derive(site, "alarm", actor=harbour[Role.business])
    with pytest.raises(NotFound):
        derive(site, "alarm", actor=harbour.hong_kong)
    with pytest.raises(NotFound):
        derive(site, "nothing", actor=harbour[Role.auditor])
    elsewhere = replace(harbour[Role.auditor], models=frozenset({"tenants"}))
    with pytest.raises(NotFound):
        derive(site, "alarm", actor=elsewhere)


def test_an_alarm_of_another_kind_is_refused(site: Workspace, harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="not one of drift"):
        derive(site, "other", actor=harbour[Role.auditor])
