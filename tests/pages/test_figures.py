"""What stands on a page is what its service says, and the controls ask the service anew."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.screens.drift import page as screen
from core.domain.identity import Role
from core.i18n import translator
from core.metrics.registry import METRICS
from core.services import ingest
from core.services.cohorts import cohort_table
from core.services.drift.measure import ColumnDrift, DriftTable, drift, newest_judged
from core.services.operations import operations
from core.services.quality import SHARES, quality
from core.services.questions import Question
from tests.pages.conftest import Open
from tests.pages.reading import figures, html_of, sentences, states
from tests.support.harbour import Harbour

T = translator("en")


def grid(test: AppTest, number: int = 0) -> pd.DataFrame:
    """Return a ranked table under its headings, without the column of shapes."""
    frame = test.dataframe[number].value
    return frame[[name for name in frame.columns if not str(name).endswith("s")]]


def heat_map(test: AppTest) -> tuple[list[str], int, Any]:
    """Return the map's rows, its number of columns, and its values."""
    figure = figures(test)[0]
    trace = figure["data"][-1]  # under it lie the cells without enough data
    names = [re.sub("</?b>", "", name) for name in figure["layout"]["yaxis"]["ticktext"]]
    return names, len(trace["x"]), np.asarray(trace["z"], dtype=float)


def monthly(harbour: Harbour, **question: str) -> DriftTable:
    return drift(
        harbour.workspace,
        Question("loans", **{"by": "month", **question}),
        actor=harbour[Role.admin],
    )


def labels(harbour: Harbour) -> dict[str, str]:
    features = monthly(harbour).view.contract.features
    named = {feature.name: feature.label_in("en") for feature in features}
    return {**named, "@score": "Score", "@decision": "Decision"}


def test_drift_shows_the_services_values_in_chunks_that_can_be_judged(
    open_loans: Open, harbour: Harbour
) -> None:
    test = open_loans(Role.compliance, "drift")
    table, names = monthly(harbour), labels(harbour)
    shown = grid(test)
    values = {names[c.column]: c.result.value[newest_judged(c) or 0] for c in table.columns}
    assert dict(zip(shown["0"], shown["2"], strict=True)) == pytest.approx(values)
    rows, columns, z = heat_map(test)
    assert columns == 12
    by_name = {names[c.column]: c.result.value for c in table.columns}
    assert set(rows) == set(by_name)
    for row, line in zip(rows, z, strict=True):
        np.testing.assert_allclose(line, by_name[row], atol=1e-3)
    assert "Income, since 1 Sept 2024" in sentences(test)[0]


def test_a_row_opens_its_detail_and_a_measure_changes_the_figures(
    open_loans: Open, harbour: Harbour
) -> None:
    test = open_loans(Role.compliance, "drift")
    second = str(grid(test)["0"].iloc[1])
    test.session_state["drift_rank"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    test.run()
    assert f"<h2>{second}</h2>" in html_of(test)

    test.selectbox(key="drift_method").set_value("hellinger").run()
    table = drift(
        harbour.workspace,
        Question("loans"),
        actor=harbour[Role.admin],
        methods=["hellinger"],
    )
    names = labels(harbour)
    values = {names[c.column]: c.result.value[newest_judged(c) or 0] for c in table.columns}
    shown = grid(test)
    assert dict(zip(shown["0"], shown["2"], strict=True)) == pytest.approx(values)
    assert METRICS["hellinger"].formula.split(",")[0] in html_of(test)


@pytest.mark.parametrize(
    ("page", "key"), [("drift", "drift_chosen"), ("data-quality", "quality_chosen")]
)
def test_a_row_chosen_for_another_model_is_forgotten(open_loans: Open, page: str, key: str) -> None:
    test = open_loans(Role.compliance, page)
    before = html_of(test)
    test.session_state[key] = "an input of another model"
    test.run()
    assert not test.exception
    assert html_of(test) == before


def test_a_period_without_a_row_of_the_version_can_be_looked_at(open_loans: Open) -> None:
    early = {"range": "custom", "from": "2024-01-01", "to": "2024-01-31", "version": "2"}
    test = open_loans(Role.compliance, "data-quality", **early)
    assert not test.exception
    assert "There are too few rows in this period to judge the inputs." in sentences(test)[0]
    assert "This page could not be shown" not in html_of(test)


@pytest.mark.parametrize(
    ("address", "question"),
    [
        ({"slice": "sector", "value": "零售"}, {"slice": "sector=零售", "by": "quarter"}),
        ({"as_of": "2024-08-31"}, {"as_of": "2024-08-31"}),
        ({"version": "2"}, {"version": "2"}),
    ],
)
def test_filters_of_the_address_reach_the_service(
    open_loans: Open, harbour: Harbour, address: dict[str, str], question: dict[str, str]
) -> None:
    test = open_loans(Role.data_scientist, "drift", **address)
    table = drift(
        harbour.workspace,
        Question("loans", **{"by": "month", **question}),
        actor=harbour[Role.data_scientist],
    )
    names = labels(harbour)
    values = {names[c.column]: c.result.value[newest_judged(c) or 0] for c in table.columns}
    shown = grid(test)
    assert dict(zip(shown["0"], shown["2"], strict=True)) == pytest.approx(values)


def test_chunks_of_rows_of_the_address(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.compliance, "drift", by="rows:1000")
    table, names = monthly(harbour, by="rows:1000"), labels(harbour)
    rows, columns, z = heat_map(test)
    assert columns == len(table.chunks) == 9  # 8,713 rows
    by_name = {names[c.column]: c.result.value for c in table.columns}
    for row, line in zip(rows, z, strict=True):
        # The last 713 rows are enough for all but the inputs with many groups.
        np.testing.assert_allclose(line[:8], by_name[row][:8], atol=1e-3)
    period = test.selectbox(key="drift_chunk")
    assert period.options[0] == "1 · 1 Jan 2024"
    ticks = figures(test)[0]["layout"]["xaxis"]["ticktext"]
    assert ticks[:3] == ["2024-01", "2024-03", "2024-06"]  # 0, 2,000 and 4,000 hours on
    test.radio(key="hl_choose_by").set_value("").run()
    assert heat_map(test)[1] == 12
    assert test.session_state["by"] == ""


def test_a_map_that_leaves_rows_out_says_so(open_loans: Open, harbour: Harbour) -> None:
    note = "Only the 4 inputs and outputs that moved most fit into the picture"
    table = monthly(harbour)
    wide = replace(table, columns=tuple(_widened(column, 500) for column in table.columns))
    assert note in screen.left_out(T, wide)
    assert screen.left_out(T, table) == ""
    assert "fit into the picture" not in html_of(open_loans(Role.compliance, "drift"))


def _widened(column: ColumnDrift, chunks: int) -> ColumnDrift:
    value = np.resize(column.result.value, chunks)
    return replace(column, result=replace(column.result, value=value))


def test_the_map_names_every_measure_in_it(open_loans: Open) -> None:
    test = open_loans(Role.compliance, "drift")
    test.selectbox(key="drift_method").set_value("wasserstein").run()
    title = figures(test)[0]["layout"]["title"]["text"]
    assert "Wasserstein distance" in title
    assert "Population stability index" in title


def test_chunks_of_rows_where_there_are_none(open_loans: Open) -> None:
    words = {"range": "custom", "from": "2023-01-01", "to": "2023-02-01"}
    test = open_loans(Role.compliance, "drift", by="rows:1000", **words)
    assert states(test) == ["No rows in this period"]
    sliced = open_loans(Role.compliance, "drift", by="rows:1000", slice="sector", value="…missing")
    assert states(sliced) == ["No rows in this period"]


def test_the_way_values_moved_is_shown_and_chosen(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.compliance, "drift")
    assert "standard deviations" not in html_of(test)
    test.button_group(key="drift_shares").set_value("cumulated").run()
    assert "nearly all upwards" in html_of(test)
    lines = figures(test)[-1]["data"]
    assert [line.get("fill") for line in lines] == [None, "tonexty"]

    test.selectbox(key="drift_method").set_value("wasserstein").run()
    table = drift(
        harbour.workspace, Question("loans"), actor=harbour[Role.admin], methods=["wasserstein"]
    )
    income = table.column("income")
    value = float(income.result.value[11])
    test.session_state["drift_rank"] = {
        "selection": {
            "rows": [grid(test)["0"].tolist().index("Income")],
            "columns": [],
            "cells": [],
        }
    }
    test.run()
    test.selectbox(key="drift_chunk").set_value(11).run()
    # The measure reads the lines, so they are what opens.
    assert f"That is {T.number(value)} standard deviations of the reference." in html_of(test)


def test_operations_of_a_slice(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.business, "operations", slice="sector", value="零售")
    wanted = (harbour.loans["sector"] == "零售").sum()
    assert sum(figures(test)[0]["data"][0]["y"]) in {wanted, wanted + 1}


def test_operations_shows_the_newest_period(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.business, "operations")
    found = operations(
        harbour.workspace, Question("loans", by="week"), actor=harbour[Role.business]
    )
    newest, html = found.newest() or 0, html_of(test)
    for value in (
        T.compact_number(float(found.rows[newest])),
        T.percent(float(found.error_rate[newest]), 2),
        T.percent(float(found.availability[newest])),
        f"{T.number(float(found.latency['latency_p95'][newest]), 0)} ms",
    ):
        assert f'<span class="hl-kpi-value">{value}</span>' in html
    rows, errors = figures(test)[0]["data"][:2]
    assert sum(rows["y"]) == found.rows.sum() == len(harbour.loans) + 1
    assert sum(errors["y"]) == (harbour.loans["status"] == "error").sum()
    # Weeks begin by Hong Kong's clock, on Mondays; 2024 began on one.
    assert rows["x"][:2] == ["2024-01-01T00:00:00+08:00", "2024-01-08T00:00:00+08:00"]


def test_quality_shows_the_services_shares(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.auditor, "data-quality")
    found = quality(harbour.workspace, Question("loans", by="week"), actor=harbour[Role.auditor])
    names, shown = labels(harbour), grid(test)
    for column in found.columns:
        newest = int(np.flatnonzero(column.current.rows)[-1])
        row = shown[shown["0"] == names[column.column]].iloc[0]
        for place, name in zip(("2", "3", "4"), SHARES, strict=True):
            value = float(column.share(name)[newest])
            assert row[place] == pytest.approx(100 * value, nan_ok=True)
    html = html_of(test)
    for name, (value, _) in found.whole_log().items():
        if name != "freshness":
            assert T.percent(value, 2) in html
    assert "昨日" in html


def test_an_auditor_sees_reasons_and_takes_no_rows_away(open_loans: Open) -> None:
    keys = [button.key for button in open_loans(Role.auditor, "data-quality").button]
    assert "quarantine_prepare" not in keys
    lead = open_loans(Role.compliance_lead, "data-quality")
    lead.button(key="quarantine_prepare").click().run()
    assert 'href="exports/' in html_of(lead)


def test_overview_shows_every_cohort(open_loans: Open, harbour: Harbour) -> None:
    html = html_of(open_loans(Role.business, "overview"))
    table = cohort_table(
        harbour.workspace, Question("loans", by="year"), actor=harbour[Role.business]
    )
    (cohort,) = table.cohorts
    assert f"<td>{cohort.period.key}</td>" in html
    assert T.number(cohort.n) in html
    assert T.percent(cohort.outcome_rate) in html
    assert T.percent(cohort.mean_score) in html
    assert T.number(cohort.roc_auc, 3) in html
    assert T.money(cohort.median_amount, "HKD") in html


def test_ingest_lists_every_batch_with_its_counts(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.data_scientist, "ingest")
    found = ingest.batches(harbour.workspace, "loans", actor=harbour[Role.data_scientist])
    shown = grid(test)
    wanted = [(v.batch.rows_read, v.batch.rows_stored, v.batch.rows_quarantined) for v in found]
    assert list(zip(shown["4"], shown["5"], shown["7"], strict=True)) == wanted
    assert found[0].sources[0].sha256 in html_of(test)


def test_a_reader_of_one_jurisdiction_is_told_no_counts_of_batches(
    open_page: Open, harbour: Harbour
) -> None:
    test = open_page(harbour.workspace, harbour.hong_kong, "ingest", model="loans", lang="en")
    shown = grid(test)
    assert len(shown) == 4
    assert [name for name in shown.columns if shown[name].dtype.kind in "if"] == []
    assert sentences(test) == [
        "4 batches were ingested. Counts of all jurisdictions are not available in your scope."
    ]
    found = ingest.batches(harbour.workspace, "loans", actor=harbour[Role.data_scientist])
    html = html_of(test)
    assert found[0].sources[0].sha256 in html
    assert T.number(found[0].sources[0].bytes) not in html


def test_only_an_administrator_adds_watched_folders(open_loans: Open) -> None:
    assert "Watch the folder" in [b.label for b in open_loans(Role.admin, "ingest").button]
    scientist = open_loans(Role.data_scientist, "ingest")
    assert "Watch the folder" not in [b.label for b in scientist.button]
