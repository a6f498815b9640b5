"""What Overview, Model and Alerts read from the store: facts, links, staleness, who sees none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.services import alerts, ingest
from core.services.checks import CheckContext, check
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult
from tests.pages.conftest import Open
from tests.pages.reading import html_of, links, sentences
from tests.pages.test_alerts import ILL, raise_, visit
from tests.support.builders import FIRST, a_row, write_parquet
from tests.support.checking import CHECKER, Told
from tests.support.monitoring import RESULT
from tests.support.serving import MODEL, Serving, a_serving_workspace

DRIFT = replace(
    RESULT,
    column="industry",
    value=0.41,
    threshold=0.25,
    chunk_key="2025-01",
    chunk_start=FIRST,
    chunk_end=FIRST.replace(month=2),
)
RATIO = replace(
    DRIFT,
    metric="fairness",
    method="selection_rate_ratio",
    column="sex",
    value=0.743,
    threshold=0.8,
    chunk_key="all",
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


def keep(world: Serving, day: str, *values: float) -> None:
    """Check a day: an alarm of drift, its figure, and the ratio of groups."""

    def drift(_workspace: Workspace, _model: str, _context: CheckContext) -> list[MetricResult]:
        return [replace(DRIFT, value=value) for value in values]

    def fairness(_workspace: Workspace, _model: str, _context: CheckContext) -> list[MetricResult]:
        return [RATIO]

    check(
        world.workspace,
        MODEL,
        actor=CHECKER,
        as_of=day,
        alarm_sources={"drift": Told([ILL]), "fairness": Told()},
        figure_sources={"drift": drift, "fairness": fairness},
    )


def test_the_overview_tells_what_the_last_check_found(open_page: Open, world: Serving) -> None:
    before = html_of(open_page(world.workspace, world["data_scientist"], "overview", lang="en"))
    assert "none yet" in before
    keep(world, "2025-01-20", 0.41)
    test = open_page(world.workspace, world["data_scientist"], "overview", lang="en")
    text = html_of(test)
    assert sentences(test)[0].endswith("1 of 1 models needs attention.")
    assert (
        "The layers are counted now; alerts and group ratios are those of the last check." in text
    )
    for fact in ("no change", "1 to act on", "0.743, Sex"):
        assert fact in text
    assert "See the alert" in links(test)


def test_a_new_batch_makes_it_stale(open_page: Open, world: Serving) -> None:
    keep(world, "2025-01-20", 0.41)
    path = write_parquet(
        world.workspace.settings.home / "more.parquet",
        [a_row(n, model_version="1", region="HK") for n in range(100, 104)],
    )
    world.clock.advance(minutes=5)
    ingest.ingest_files(world.workspace, MODEL, [path], actor=world["admin"])
    test = open_page(world.workspace, world["auditor"], "overview", lang="en")
    assert "one batch" in html_of(test)
    test = open_page(world.workspace, world["auditor"], "model", lang="zh-HK")
    assert "其後有 1 個新批次。" in html_of(test)


def test_the_model_page_tells_facts_with_the_way_to_them(open_page: Open, world: Serving) -> None:
    for day, value in (("2025-01-18", 0.2), ("2025-01-19", 0.3), ("2025-01-20", 0.41)):
        keep(world, day, value)
    test = open_page(world.workspace, world["data_scientist"], "model", lang="en")
    text = html_of(test)
    assert "What the last check found" in text
    assert "of what was known on 20 Jan 2025. Nothing has changed since." in text
    assert "industry has drifted" in text
    assert "industry: Population stability index 0.41" in text
    assert "As checked then, the newest first" in text
    for shown in ("0.2", "0.3", "0.41"):
        assert shown in text
    assert "Population stability index, check by check" in text


def test_business_is_told_of_no_family_that_it_may_not_see(open_page: Open, world: Serving) -> None:
    keep(world, "2025-01-20", 0.41)
    text = html_of(open_page(world.workspace, world["business"], "model", lang="en"))
    assert "industry has drifted" in text  # alerts are for everybody
    assert "Population stability index 0.41" not in text
    assert "0.743" not in text


@pytest.mark.parametrize("page", ["overview", "model"])
def test_whoever_sees_some_jurisdictions_is_told_why_nothing_is_stored(
    open_page: Open, world: Serving, page: str
) -> None:
    keep(world, "2025-01-20", 0.41)
    text = html_of(open_page(world.workspace, world["hong_kong"], page, lang="en"))
    assert "industry has drifted" not in text
    assert "0.743" not in text
    told = {
        "overview": "Counted now, of the jurisdictions that you see; checks look at rows of all.",
        "model": "Checks look at rows of all jurisdictions, and you see those of some.",
    }
    assert told[page] in text


def test_the_address_of_an_alert_chooses_it(open_page: Open, world: Serving) -> None:
    raise_(world, ILL, replace(ILL, column="loan amount", effect=0.3))
    found = alerts.list_alerts(world.workspace, actor=CHECKER).alerts
    assert [each.alarm.column for each in found] == ["industry", "loan amount"]
    test = open_page(world.workspace, world["auditor"], "alerts", lang="en", alert=found[1].id)
    assert "<h3>loan amount has drifted</h3>" in html_of(test)


def test_an_alert_shows_its_figure_also_where_it_was_well(open_page: Open, world: Serving) -> None:
    keep(world, "2025-01-19", 0.05)
    keep(world, "2025-01-20", 0.41)
    text = html_of(visit(open_page, world, "auditor"))
    assert "The figure as checks stored it, newest first" in text
    assert "0.05" in text
    assert "The figure as checks stored it" not in html_of(visit(open_page, world, "business"))


def test_a_kpi_of_the_contract_is_told_like_any_other_figure(
    open_page: Open, world: Serving
) -> None:
    rate = replace(DRIFT, metric="kpi", method="approval_rate", column="", value=0.4, threshold=0.5)
    alarm = replace(ILL, kind="kpi", method="approval_rate", column="", effect=0.4, threshold=0.5)

    def kpis(_workspace: Workspace, _model: str, _context: CheckContext) -> list[MetricResult]:
        return [rate, replace(rate, metric="kpi", method="of_a_contract_before", value=7.0)]

    for day in ("2025-01-19", "2025-01-20"):
        check(
            world.workspace,
            MODEL,
            actor=CHECKER,
            as_of=day,
            alarm_sources={"kpi": Told([alarm])},
            figure_sources={"kpi": kpis},
        )
    test = open_page(world.workspace, world["business"], "model", lang="en")
    assert not test.exception
    assert "Business outcomes" in html_of(test)
    assert "of_a_contract_before 7, Jan 2025" in html_of(test)
    detail = visit(open_page, world, "business")
    assert "The figure as checks stored it, newest first" in html_of(detail)
