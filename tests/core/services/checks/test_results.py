"""Stored figures: those of the live question, scoped, marked when something changed, over time."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from core.bootstrap import open_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.domain.windows import Chunk
from core.errors import Forbidden, InvalidInput, NotFound, NothingYet, StorageError
from core.services import ingest
from core.services.checks import CheckContext, NewAlarm, check
from core.services.checks.glance import glance
from core.services.checks.results import figure_history, newest_check, stored_results
from core.services.drift.measure import drift, newest_judged
from core.services.fairness.measure import fairness
from core.services.operations import operations
from core.services.performance import performance
from core.services.quality import quality
from core.services.questions import Question
from core.services.registry import models as registry
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult
from core.store.tables import metric_result
from tests.support.builders import (
    ADMIN,
    FIRST,
    VIEWER,
    a_log,
    contract_text,
    write_parquet,
)
from tests.support.checking import CHECKER, MODEL, Told, a_fed_workspace, check_on
from tests.support.harbour import Harbour
from tests.support.monitoring import RESULT

LIMITED = replace(CHECKER, jurisdictions=frozenset({"HK"}))
FIGURE = replace(RESULT, method="psi", column="industry", chunk_start=FIRST, chunk_end=FIRST)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_fed_workspace(tmp_path / "home")
    yield opened
    opened.store.close()


def keep(site: Workspace, day: str, *kept: MetricResult, metric: str = "drift") -> None:
    """Check a day, and store these figures."""

    def figures(_workspace: Workspace, _model: str, _context: CheckContext) -> list[MetricResult]:
        return list(kept)

    check(
        site,
        MODEL,
        actor=CHECKER,
        as_of=day,
        alarm_sources={metric: Told()},
        figure_sources={metric: figures},
    )


@pytest.fixture
def year(harbour: Harbour, tmp_path: Path) -> Iterator[Workspace]:
    """The test workspace with a year of loans, copied."""
    home = tmp_path / "home"
    shutil.copytree(harbour.workspace.settings.home, home)
    opened = open_workspace(Settings(home, f"sqlite:///{home / 'state.db'}", threads=2))
    yield opened
    opened.store.close()


def test_stored_figures_are_those_counted_now(year: Workspace) -> None:
    site, day = year, "2024-12-31"
    (done,) = check(site, MODEL, actor=CHECKER, as_of=day)
    assert done.run is not None
    assert not done.run.failures
    found = stored_results(site, MODEL, actor=CHECKER)
    assert found.since.fresh

    def stored(metric: str) -> Mapping[tuple[str, str, str], float | None]:
        kept = found.of(metric)
        return {(each.method, each.column, each.chunk_key): each.value for each in kept}

    recent = Question(MODEL, last="12m", as_of=day)
    table = drift(site, recent, actor=CHECKER)
    column = table.column("income")
    place = newest_judged(column)
    assert place is not None
    key = ("psi", "income", table.chunks[place].key)
    assert stored("drift")[key] == column.result.value[place]

    known = performance(site, Question(MODEL, as_of=day), actor=CHECKER)
    at = known.newest_matured()
    assert at is not None
    for name in ("roc_auc", "brier_score", "outcome_rate"):
        live = known.figures[name].value[at]
        assert stored("performance")[name, "", known.chunks[at].key] == live

    running = operations(site, recent, actor=CHECKER)
    newest = running.newest()
    assert newest is not None
    errors = stored("operations")["error_rate", "", running.chunks[newest].key]
    assert errors == running.error_rate[newest]

    row = quality(site, recent, actor=CHECKER).rows()[-1]
    assert (row.method, row.column, str(row.chunk["key"])) in stored("quality")

    ratios = {
        each.attribute.column: each.ratio for each in fairness(site, recent, actor=CHECKER).judged
    }
    assert ratios
    for name, ratio in ratios.items():
        assert stored("fairness")["selection_rate_ratio", name, "all"] == ratio.value


def test_what_came_since_is_told(site: Workspace) -> None:
    with pytest.raises(NothingYet, match="harbourlight check loans"):
        stored_results(site, MODEL, actor=CHECKER)
    assert newest_check(site, MODEL, actor=CHECKER) is None
    keep(site, "2025-01-20", FIGURE)
    assert stored_results(site, MODEL, actor=CHECKER).since.fresh
    for number in (1, 2):
        log = write_parquet(site.settings.home / f"more{number}.parquet", a_log(8, 300 * number))
        ingest.ingest_files(site, MODEL, [log], actor=ADMIN)
    since = stored_results(site, MODEL, actor=CHECKER).since
    assert (since.batches, since.log, since.contract, since.fresh) == (2, True, False, False)
    path = site.settings.home / "model.yaml"
    path.write_text(contract_text(owner="Somebody else"), encoding="utf-8")
    registry.register_model(site, path, actor=ADMIN)
    assert stored_results(site, MODEL, actor=CHECKER).since.contract


def test_a_moment_finds_the_check_of_what_was_known_then(site: Workspace) -> None:
    keep(site, "2025-01-10", replace(FIGURE, value=0.1))
    keep(site, "2025-01-12", replace(FIGURE, value=0.2))

    def value(as_of: str | None) -> float | None:
        return stored_results(site, MODEL, actor=CHECKER, as_of=as_of).results[0].value

    assert (value(None), value("2025-01-11"), value("2025-01-10")) == (0.2, 0.1, 0.1)
    with pytest.raises(NothingYet):
        value("2025-01-09")


def test_a_part_asked_again_completes_the_check(site: Workspace) -> None:
    failing = Told(error=StorageError("Busy."))

    def figures(_workspace: Workspace, _model: str, _context: CheckContext) -> list[MetricResult]:
        return [FIGURE]

    def late(_workspace: Workspace, _model: str, _context: CheckContext) -> list[MetricResult]:
        return [replace(FIGURE, metric="quality", method="missing_share")]

    for source in (failing, Told()):
        check(
            site,
            MODEL,
            actor=CHECKER,
            as_of="2025-01-20",
            alarm_sources={"drift": Told(), "quality": source},
            figure_sources={"drift": figures, "quality": late},
        )
    found = stored_results(site, MODEL, actor=CHECKER)
    assert [each.metric for each in found.results] == ["drift", "quality"]
    assert (found.run.attempt, found.run.failures) == (2, {})


def test_figures_of_a_family_need_what_its_page_needs(site: Workspace) -> None:
    keep(site, "2025-01-20", FIGURE)
    assert stored_results(site, MODEL, actor=VIEWER).results == ()
    with pytest.raises(Forbidden):
        stored_results(site, MODEL, actor=VIEWER, metric="drift")
    with pytest.raises(Forbidden):
        figure_history(site, MODEL, "drift", "psi", actor=VIEWER)
    with pytest.raises(InvalidInput, match="Choose from: drift, quality"):
        stored_results(site, MODEL, actor=CHECKER, metric="luck")
    with pytest.raises(NotFound):
        newest_check(site, MODEL, actor=replace(CHECKER, models=frozenset({"cards"})))


def test_what_one_reader_was_shown_is_not_shown_to_another_by_memory(site: Workspace) -> None:
    keep(site, "2025-01-20", FIGURE)
    assert stored_results(site, MODEL, actor=CHECKER).results == (FIGURE,)
    assert stored_results(site, MODEL, actor=VIEWER).results == ()
    assert stored_results(site, MODEL, actor=CHECKER).results == (FIGURE,)


def test_a_new_generation_is_read_anew(site: Workspace) -> None:
    keep(site, "2025-01-20", FIGURE)
    assert stored_results(site, MODEL, actor=CHECKER).results == (FIGURE,)
    with site.store.begin() as conn:  # as an erasure rewrites what named the person
        conn.execute(update(metric_result).values(column="[erased]"))
    log = write_parquet(site.settings.home / "more.parquet", a_log(8, 300))
    ingest.ingest_files(site, MODEL, [log], actor=ADMIN)
    found = stored_results(site, MODEL, actor=CHECKER).results
    assert [each.column for each in found] == ["[erased]"]


def test_whoever_sees_some_jurisdictions_sees_nothing_stored(site: Workspace) -> None:
    keep(site, "2025-01-20", FIGURE)
    for ask in (newest_check, stored_results):
        with pytest.raises(Forbidden, match="jurisdictions"):
            ask(site, MODEL, actor=LIMITED)
    with pytest.raises(Forbidden, match="jurisdictions"):
        figure_history(site, MODEL, "drift", "psi", column="industry", actor=LIMITED)
    assert glance(site, MODEL, actor=LIMITED) is None


def test_the_course_of_a_figure_has_one_value_a_moment(site: Workspace) -> None:
    final = replace(
        FIGURE, metric="performance", method="roc_auc", column="", maturity="matured", value=0.7
    )
    young = replace(
        final, maturity="partial", value=0.9, chunk_start=datetime(2025, 2, 1, tzinfo=UTC)
    )
    keep(site, "2025-01-10", young, final, metric="performance")
    keep(site, "2025-01-11", young, metric="performance")
    keep(site, "2025-01-12", replace(final, value=0.6), metric="performance")
    found = figure_history(site, MODEL, "performance", "roc_auc", actor=CHECKER)
    assert [each.result.value for each in found] == [0.6, 0.9, 0.7]
    limited = figure_history(
        site, MODEL, "performance", "roc_auc", actor=CHECKER, as_of="2025-01-11", limit=1
    )
    assert [each.result.value for each in limited] == [0.9]


def test_a_glance_tells_alerts_and_the_figure_that_says_most(site: Workspace) -> None:
    assert glance(site, MODEL, actor=CHECKER) is not None
    small = replace(FIGURE, column="loan amount", value=0.3, threshold=0.25)
    large = replace(FIGURE, value=0.5, threshold=0.25)
    keep(site, "2025-01-10", small, replace(large, value=0.4))
    keep(site, "2025-01-11", small, large)
    found = glance(site, MODEL, actor=CHECKER, courses=True)
    assert found is not None
    told = found.of("drift")
    assert told is not None
    assert told.result.column == "industry"
    assert [each.result.value for each in told.course] == [0.4, 0.5]
    assert found.of("fairness") is None


def test_a_glance_counts_open_alerts_of_now_only(site: Workspace) -> None:
    january = Chunk(0, "2025-01", FIRST, FIRST.replace(month=2))
    check_on(site, "2025-01-20", Told([NewAlarm("drift", "act", january, column="industry")]))
    found = glance(site, MODEL, actor=Actor("u-b", "bo", frozenset({Role.business})))
    assert found is not None
    assert (len(found.alerts), found.to_act) == (1, 1)
    past = glance(site, MODEL, actor=CHECKER, as_of="2025-01-20")
    assert past is not None
    assert past.alerts == ()
