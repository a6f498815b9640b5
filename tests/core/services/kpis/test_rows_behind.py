"""What stands behind a figure: rows that count, values that are there, and whose rows they are."""

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.domain.kpi_level import KpiLevel
from core.services import ingest
from core.services.kpis import KpiFigure, kpi_figures
from core.services.kpis.judged import NOT_COMPUTABLE
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.builders import (
    ADMIN,
    FIRST,
    a_log,
    a_workspace,
    contract_document,
    contract_text,
    write_parquet,
)

ROWS = 960  # 120 days, eight a day
PEOPLE = 160
KPIS: list[dict[str, Any]] = [
    {"id": "ratio", "name": "Loss rate", "definition": "sum(loss) / sum(amount where high)",
     "direction": "lower_is_better",
     "target": {"value": 0.1, "set_on": "2024-12-01", "set_by": "Board"}},
    {"id": "few", "name": "Rare", "definition": "sum(amount) / sum(amount where score > 0.98)"},
    {"id": "apart", "name": "Apart",
     "definition": "share(high where score < 0.9) - share(high where score > 0.98)"},
    {"id": "total", "name": "Total", "definition": "sum(amount where high)"},
    {"id": "count", "name": "Count", "definition": "count(score > 0.98)"},
    {"id": "losses", "name": "Losses", "definition": "sum(loss)", "direction": "lower_is_better",
     "target": {"value": 5, "set_on": "2024-12-01", "set_by": "Board"}},
    {"id": "amounts", "name": "Amounts", "definition": "sum(amount) / sum(term)"},
    {"id": "share", "name": "Share", "definition": "share(high)", "unit": "share"},
    {"id": "none", "name": "None", "definition": "share(score > 2)", "unit": "share"},
]  # fmt: skip


def log_rows() -> list[dict[str, Any]]:
    """Return rows of people who come back six times and are the same each time."""
    of_person = np.random.default_rng(4).random(PEOPLE)
    return [
        {
            **row,
            "person": f"P{number % PEOPLE:03d}",
            "score": float(of_person[number % PEOPLE]),
            "term": row["term"] if number % 50 else None,
            "amount": 1000.0 + 9000.0 * float(of_person[(7 * number) % PEOPLE]) + number % 10,
        }
        for number, row in enumerate(a_log(ROWS))
    ]


def built(home: Path, *, subject: bool) -> Workspace:
    log, rows = dict(contract_document()["log"]), log_rows()
    text = contract_text(
        kpis=KPIS,
        definitions={"high": "score > 0.7"},
        columns=[{"name": "term", "type": "integer"}],
        log={**log, **({"subject": "person"} if subject else {})},
    )
    workspace = a_workspace(home / "home", contract=text)
    lost = [
        {"loan_id": row["loan_id"], "observed_at": FIRST + timedelta(days=1), "charged_off": 0,
         "loss": 50.0 if number < 100 else None}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    for stream, found in (("predictions", rows), ("outcomes", lost)):
        path = write_parquet(home / f"{stream}.parquet", found)
        ingest.ingest_files(workspace, "loans", [path], stream=stream, actor=ADMIN)
    return workspace


def figures(site: Workspace, **options: Any) -> dict[str, tuple[KpiFigure, ...]]:
    answer = kpi_figures(site, Question("loans", **options), actor=ADMIN)
    return {each.definition.id: (each.whole, *each.periods) for each in answer.kpis}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return built(tmp_path_factory.mktemp("alone"), subject=False)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return built(tmp_path_factory.mktemp("people"), subject=True)


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    frame = pd.DataFrame(log_rows())
    return frame.assign(high=frame["score"] > 0.7, rare=frame["score"] > 0.98)


def test_the_rows_behind_a_figure_are_the_fewest_it_divides_by(
    alone: Workspace, log: pd.DataFrame
) -> None:
    found = {name: each[0] for name, each in figures(alone).items()}
    assert 0 < log["rare"].sum() < 30
    assert found["few"].n == log["rare"].sum()
    assert found["apart"].n == log["rare"].sum()
    assert found["few"].level is KpiLevel.no_target
    assert found["ratio"].n == found["total"].n == log["high"].sum()
    assert found["count"].n == ROWS  # a small count is no lack of rows
    assert found["amounts"].n == log["term"].notna().sum()


def test_a_sum_without_any_value_is_not_known(alone: Workspace) -> None:
    """Losses came of the first twelve days: in January there are some, later not one."""
    _, january, february, *_ = figures(alone)["losses"]
    assert january.value == 5000.0
    assert january.level is KpiLevel.missed
    assert math.isnan(february.value)
    assert (february.why, february.level) == (NOT_COMPUTABLE, KpiLevel.not_enough_data)
    assert figures(alone)["ratio"][2].why == NOT_COMPUTABLE


def test_rows_of_one_subject_are_one_draw(
    alone: Workspace, people: Workspace, log: pd.DataFrame
) -> None:
    """Against the sandwich of sums by person; of groups of people it scatters by a seventh."""
    plain, found = figures(alone), figures(people)
    every = log.assign(term=log["term"].fillna(0.0))
    ratio = every["amount"].sum() / every["term"].sum()
    apart = (every["amount"] - ratio * every["term"]).groupby(every["person"]).sum()
    error = math.sqrt((apart**2).sum()) / every["term"].sum()
    half = (found["amounts"][0].high - found["amounts"][0].low) / 2
    assert found["amounts"][0].value == pytest.approx(ratio)
    assert half == pytest.approx(1.96 * error, rel=0.35)
    # A share: six rows a person that are alike are one, the design effect is six.
    width, before = (each["share"][0].high - each["share"][0].low for each in (found, plain))
    assert found["share"][0].value == plain["share"][0].value
    assert (width / before) ** 2 == pytest.approx(6, rel=0.5)
    assert found["none"][0].high > 2 * plain["none"][0].high
    assert found["share"][0].n == plain["share"][0].n == ROWS
