"""The performance page: what stands on it is what the service says, in every state of labels."""

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.i18n import translator
from core.metrics.registry import METRICS
from core.services.performance.matrix import outcome_matrix
from tests.pages.conftest import Open
from tests.pages.reading import figures, html_of, links, sentences, states
from tests.support.harbour import Harbour
from tests.support.lender import VALUES, Lender

T = translator("en")
YEAR = {"range": "custom", "from": "2024-01-01", "to": "2024-12-31", "lang": "en"}


@pytest.fixture
def open_lender(open_page: Open, lender: Lender) -> Open:
    """Open the page of a model with policy, values and labelled rows to learn from, in weeks."""

    def visit(model: str = "loans", **parameters: str) -> AppTest:
        given = {**YEAR, "model": model, **parameters}
        return open_page(lender.workspace, lender.actor, "performance", **given)

    return visit


def lines(test: AppTest, number: int = 0) -> dict[str, Any]:
    """Return the traces of a chart by their names."""
    return {str(each.get("name", "")): each for each in figures(test)[number]["data"]}


def kpis(test: AppTest) -> list[str]:
    return re.findall(r'<span class="hl-kpi-value">([^<]*)</span>', html_of(test))


def test_the_course_is_the_services(open_lender: Open, lender: Lender) -> None:
    test = open_lender()
    found, estimates = lender.ask(by="week")
    drawn = lines(test)
    area, band = found.figures["roc_auc"], estimates.figures["roc_auc"].band
    final = [None if v is None else float(v) for v in drawn["final"]["y"]]
    wanted = [
        pytest.approx(float(v), abs=1e-6) if is_final and not np.isnan(v) else None
        for v, is_final in zip(area.value, found.matured, strict=True)
    ]
    assert final == wanted
    said = drawn["estimate without labels"]["y"]
    assert said == pytest.approx(band.value.tolist(), abs=1e-6)
    early = [place for place, value in enumerate(drawn["not final"]["y"]) if value is not None]
    partial = [
        place
        for place, each in enumerate(found.maturity)
        if each.state == "partial" and not np.isnan(area.value[place])
    ]
    assert early == partial
    newest = found.newest_matured()
    assert newest is not None
    value = T.number(float(area.value[newest]), 3)
    assert sentences(test)[0].startswith(
        f"Area under the ROC curve: {value} in {found.chunks[newest].key}, "
        "the newest period with final labels."
    )
    assert kpis(test)[0] == value


def test_another_figure_changes_sentence_chart_and_definition(
    open_lender: Open, lender: Lender
) -> None:
    test = open_lender()
    test.selectbox(key="performance_metric").set_value("brier_score").run()
    found, estimates = lender.ask(by="week")
    assert sentences(test)[0].startswith("Brier score: ")
    # Defaults triple in August: seen in the weeks whose labels are final.
    alarm = estimates.figures["brier_score"].concept.alarm
    assert alarm.sum() > 3
    first = found.chunks[int(np.flatnonzero(alarm)[0])].key
    assert (
        f"departed from its estimate in {alarm.sum()} periods, first in {first}"
        in (sentences(test)[0])
    )
    assert METRICS["brier_score"].meaning in html_of(test)
    record = estimates.figures["brier_score"].coverage
    assert (
        f"The band held the final figure in {record.covered} of {record.judged} periods."
        in html_of(test)
    )
    assert "cannot see concept drift" in html_of(test)


def test_one_period_is_shown_with_its_curves_and_every_figure(
    open_lender: Open, lender: Lender
) -> None:
    test = open_lender()
    found, _ = lender.ask(by="week")
    period = test.selectbox(key="performance_period")
    newest = found.newest_matured()
    assert newest is not None
    assert period.value == found.chunks[newest].key
    assert len(figures(test)) == 6  # course, maturity, calibration, cut-offs, lift, matrix
    html = html_of(test)
    for name in found.figures:
        assert T(METRICS[name].label) in html
    assert "in force 0.1" in str(figures(test)[3])
    made = outcome_matrix(lender.workspace, found)
    assert made is not None
    (cells,) = figures(test)[5]["data"]
    missed = int(made.counts[newest, 0, 1])
    assert cells["text"][0][1].startswith(f"{missed}<br>")
    assert f"What right and wrong predictions of {period.value} were worth" in html
    assert T.money(missed * VALUES["false_negative"], "HKD") in html
    waiting = [place for place, each in enumerate(found.maturity) if each.state == "partial"]
    period.set_value(found.chunks[waiting[-1]].key).run()
    assert "What is known early is not typical" in html_of(test)
    assert f"Every figure of {found.chunks[waiting[-1]].key}" in html_of(test)


def test_the_figures_can_be_taken_away(open_lender: Open, lender: Lender) -> None:
    test = open_lender()
    test.button(key="performance_prepare").click().run()
    found, _ = lender.ask(by="week")
    html = html_of(test)
    assert 'href="exports/' in html
    assert f"Download {T.number(len(found.rows()))} figures" in html


def test_without_a_reference_the_reason_stands_where_the_estimate_would(
    open_loans: Open,
) -> None:
    """The test workspace's loans have outcomes, and no labelled rows to learn from."""
    test = open_loans(Role.business, "performance")
    assert states(test) == []
    html = html_of(test)
    assert "The contract of loans names no labelled rows to learn an estimate from." in html
    assert "performance_reference" in html
    assert set(lines(test)) == {"final", "not final"}
    assert "cannot see concept drift" not in html


def test_a_model_without_outcomes_is_told_what_to_add(open_page: Open, harbour: Harbour) -> None:
    test = open_page(
        harbour.workspace, harbour[Role.auditor], "performance", model="tenants", lang="en"
    )
    assert states(test) == [
        "The contract of tenants names no outcome, so nothing can be said of results."
    ]
    assert "ingest outcomes" in html_of(test)
    assert figures(test) == []


def test_before_any_label_is_known(open_lender: Open) -> None:
    """Outcomes come after 60 days; 30 days on, none has."""
    test = open_lender(**{"from": "2024-01-01", "to": "2024-01-30", "as_of": "2024-01-30"})
    assert sentences(test) == ["No labels are known yet in this period."]
    assert kpis(test) == []
    assert [each.key for each in test.selectbox if each.key == "performance_period"] == []
    assert "final" not in lines(test)


def test_while_labels_are_early_nothing_is_judged(open_lender: Open) -> None:
    test = open_lender(**{"from": "2024-01-01", "to": "2024-03-15", "as_of": "2024-03-15"})
    assert sentences(test) == ["No period has final labels yet; what came early is shown in grey."]
    assert kpis(test) == []
    assert "What is known early is not typical" in html_of(test)
    assert "not final" in lines(test)


def test_days_of_one_class_leave_gaps_and_the_rest_stands(
    open_lender: Open, lender: Lender
) -> None:
    rows = lender.rows[lender.rows["month"] == 1]
    days = rows["scored_at"].dt.tz_convert("Asia/Hong_Kong").dt.strftime("%Y-%m-%d")
    defaults = rows.groupby(days)["defaulted"].sum()
    quiet = str(defaults[defaults == 0].index[0])
    test = open_lender(**{"from": quiet, "to": quiet})
    assert states(test) == []
    assert sentences(test)[0].startswith("Area under the ROC curve: – in ")
    assert len(figures(test)) == 3  # no curves of one class
    test.selectbox(key="performance_metric").set_value("brier_score").run()
    found, _ = lender.ask(by="day", start=quiet, end=quiet)
    assert T.number(float(found.figures["brier_score"].value[0]), 3) in sentences(test)[0]


def test_a_slice_and_a_version_reach_the_service(open_lender: Open, lender: Lender) -> None:
    test = open_lender(slice="sector", value="零售", version="2")
    found, _ = lender.ask(by="week", slice="sector=零售", version="2")
    newest = found.newest_matured()
    assert newest is not None
    value = T.number(float(found.figures["roc_auc"].value[newest]), 3)
    assert f": {value} in " in sentences(test)[0]
    shown = figures(test)[0]["layout"]["title"]["text"]
    assert f"n = {T.number(int(found.predictions.sum()))}" in shown


def test_a_period_without_rows_says_so(open_lender: Open) -> None:
    test = open_lender(**{"from": "2023-01-01", "to": "2023-02-01"})
    assert states(test) == ["No rows in this period"]
    assert figures(test) == []


def test_a_person_of_one_region_sees_its_rows(open_page: Open, harbour: Harbour) -> None:
    test = open_page(harbour.workspace, harbour.hong_kong, "performance", model="loans", lang="en")
    shown = figures(test)[0]["layout"]["title"]["text"]
    count = int((harbour.loans["region"] == "HK").sum())
    late = harbour.loans.tail(4).head(1)["region"].item() == "HK"
    assert f"n = {T.number(count + int(late))}" in shown


def test_it_is_on_everybodys_menu(open_loans: Open) -> None:
    for role in Role:
        assert "Performance" in links(open_loans(role, "overview"))
