"""Fairness figures as rows: for the command line and for files to take away."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from core.domain.status import Status
from core.services.fairness.figures import OTHERS
from core.services.fairness.rows import NEEDS_OUTCOMES, FairnessRow, csv_table
from core.services.workspace import Workspace
from data.build.common import DEMO
from tests.core.services.fairness.test_measure import ask, of
from tests.support.demo_models import LOANAPP, demo_model


@pytest.fixture(scope="module")
def loanapp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = demo_model(tmp_path_factory.mktemp("loanapp"), LOANAPP)
    yield workspace
    workspace.store.close()


def test_rows_say_what_the_table_says(loanapp: Workspace) -> None:
    table = ask(loanapp, LOANAPP)
    rows = table.rows()
    whole = [row for row in rows if row.chunk["key"] == "all" and row.attribute == "race"]
    by_group = {row.group: row for row in whole if row.metric == "selection_rate"}
    assert by_group[OTHERS].ratio == pytest.approx(0.779, abs=5e-4)
    assert by_group[OTHERS].n == 308
    assert by_group[OTHERS].below_four_fifths is True
    assert by_group["white"].below_four_fifths is False
    assert by_group["black"].compared_with == "white"
    ratio = next(row for row in whole if row.metric == "selection_rate_ratio")
    assert (ratio.value, ratio.status) == (of(table, "race").ratio.value, Status.act)
    assert {str(row.chunk["key"]) for row in rows} == {
        "all", "1990-Q1", "1990-Q2", "1990-Q3", "1990-Q4",
    }  # fmt: skip
    assert {row.attribute for row in rows} >= {"race", "sex × race"}


def test_rows_say_how_far_the_outcomes_of_each_period_are(loanapp: Workspace) -> None:
    table = ask(loanapp, LOANAPP, by="month")
    log = pd.read_parquet(DEMO / LOANAPP / "predictions.parquet")
    log["month"] = log["decided_at"].dt.tz_convert(table.view.timezone).dt.strftime("%Y-%m")
    log["mature"] = log["decided_at"] <= table.matured_before
    shares = log.groupby(["month", "race"])["mature"].mean()
    rows = [row for row in table.rows() if row.attribute == "race" and row.chunk["key"] != "all"]
    words = set()
    for row in rows:
        if row.metric not in NEEDS_OUTCOMES:
            assert row.maturity == ""
            assert np.isnan([row.matured_share, row.labelled_share]).all()
            continue
        share = shares[str(row.chunk["key"]), row.group]
        assert row.matured_share == pytest.approx(share)
        assert row.labelled_share <= row.matured_share
        assert row.maturity == {0.0: "none", 1.0: "matured"}.get(share, "partial")
        assert row.n == 0 or row.maturity != "none"
        words.add(row.maturity)
    assert words == {"matured", "partial"}


def test_rows_say_what_may_be_chance(loanapp: Workspace) -> None:
    rows = [row for row in ask(loanapp, LOANAPP, by="all").rows() if row.chunk["key"] == "all"]
    told = {
        (row.attribute, row.group): row.by_chance
        for row in rows
        if row.metric in ("selection_rate", "selection_rate_ratio")
    }
    assert told["race", "black"] is told["race", "hispanic"] is told["race", ""] is False
    assert told["race", "white"] is None  # beside itself
    assert told["sex", ""] is True
    # Two cells of two attributes that lie apart less than so many cells do by chance.
    cells = [row for row in rows if " × " in row.attribute and np.isfinite(row.ratio)]
    for row in cells:
        if row.metric == "selection_rate" and row.by_chance is not None:
            assert row.by_chance == (row.ratio_upper >= 1)
    assert {row.by_chance for row in cells} >= {True, False}


def test_a_file_says_what_was_asked_in_each_line(loanapp: Workspace) -> None:
    table = ask(loanapp, LOANAPP, version="a")
    rows: list[FairnessRow] = table.rows()
    header, lines = csv_table(table.view, 30, rows)
    assert len(lines) == len(rows)
    assert {len(line) for line in lines} == {len(header)}
    first = dict(zip(header, lines[0], strict=True))
    assert (first["model"], first["version"], first["minimum_n"]) == (LOANAPP, "a", 30)
    assert first["as_of"] == table.view.as_of.isoformat()
    empty = [
        dict(zip(header, line, strict=True))
        for line in lines
        if line[header.index("value")] is None
    ]
    assert all(np.isnan(row.value) for row in rows if row.n == 0)
    assert len(empty) == sum(np.isnan(row.value) for row in rows)
