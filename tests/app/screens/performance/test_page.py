"""What the performance screen says and draws, in every language and state of the labels."""

from dataclasses import replace

import numpy as np
import pytest

from app.charts import Look
from app.palette import LIGHT
from app.screens.performance import page as screen
from app.screens.performance import words
from core.domain.status import Status
from core.i18n import LOCALES, Locale, translator
from core.metrics.estimation import Calibrator, ConceptDrift
from core.metrics.registry import METRICS
from core.services.performance import Estimates, Performance, curves
from core.services.performance.maturity import ChunkMaturity
from tests.support.lender import Lender

T = translator("en")
LOOK = Look(LIGHT, T)
CLOSED = ChunkMaturity(
    50, 0, 50, 50, "partial", "early", ("early_labels", "mostly_positive", "closed_cases_only")
)


@pytest.fixture
def year(lender: Lender) -> tuple[Performance, Estimates]:
    return lender.ask()


def with_thresholds(found: Performance, **limits: dict[str, float]) -> Performance:
    """Return a measured performance whose contract holds figures to limits of its own."""
    document = found.view.contract.model_dump(by_alias=True, mode="json", exclude_none=True)
    contract = type(found.view.contract).model_validate({**document, "thresholds": limits})
    return replace(found, view=replace(found.view, contract=contract))


def test_the_sentence_tells_the_newest_final_figure_and_since_when_it_departed(
    year: tuple[Performance, Estimates],
) -> None:
    found, estimates = year
    text, status = words.summary(T, found, estimates, "brier_score")
    value = T.number(float(found.figures["brier_score"].value[8]), 3)
    assert text == (
        f"Brier score: {value} in Sept 2024, the newest period with final labels. "
        "It departed from its estimate in 2 periods, first in Aug 2024. The scores no longer meant "
        "what they used to."
    )
    assert status is None
    calm, _ = words.summary(T, found, Estimates({}), "brier_score")
    assert calm == text.split(". It", maxsplit=1)[0] + "."


@pytest.mark.parametrize(
    ("locale", "begins", "departed"),
    [("zh-HK", "在結果已定的最新期間 2024年9月", "2024年8月"), ("zh-CN", "在", "2024年8月")],
)
def test_the_sentence_is_in_the_readers_language(
    year: tuple[Performance, Estimates], locale: Locale, begins: str, departed: str
) -> None:
    text, _ = words.summary(translator(locale), *year, "brier_score")
    assert text.startswith(begins)
    assert departed in text
    assert "Brier" in text
    assert "period" not in text


def test_without_final_periods_nothing_is_told_of_a_figure(lender: Lender) -> None:
    early, estimates = lender.ask(as_of="2024-03-15", start="2024-01-01", end="2024-03-15")
    assert words.summary(T, early, estimates, "roc_auc") == (
        "No period has final labels yet; what came early is shown in grey.",
        None,
    )
    assert screen.figures(T, early, estimates) == []
    none, estimates = lender.ask(as_of="2024-01-30", start="2024-01-01", end="2024-01-30")
    assert words.summary(T, none, estimates, "roc_auc")[0] == (
        "No labels are known yet in this period."
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_warnings_name_their_periods(year: tuple[Performance, Estimates], locale: Locale) -> None:
    found, t = year[0], translator(locale)
    maturity = (*found.maturity[:9], CLOSED, CLOSED, CLOSED)
    lines = words.warning_lines(t, replace(found, maturity=maturity), year[1])
    assert len(lines) == 3
    months = {"en": ("Oct 2024", "Dec 2024")}.get(locale, ("2024年10月", "2024年12月"))
    assert all(any(month in line for month in months) for line in lines)
    for name in CLOSED.warnings:
        assert any(t(words.WARNINGS[name]) in line for line in lines)
    if locale == "en":
        assert lines[1] == (
            "Oct 2024 to Dec 2024: More of the early labels are positive than the scores expect: "
            "bad news may have come first, or more cases may turn out so than before. The final "
            "outcomes of Sept 2024 were above their estimate too."
        )


def test_final_periods_have_no_warning(lender: Lender) -> None:
    found, _ = lender.ask(start="2024-01-01", end="2024-09-30")
    assert found.matured.all()
    assert words.warning_lines(T, found, Estimates({})) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_record_of_the_estimate(
    year: tuple[Performance, Estimates], lender: Lender, locale: Locale
) -> None:
    t = translator(locale)
    record = year[1].figures["roc_auc"].coverage
    text = words.coverage_text(t, year[1], "roc_auc")
    assert str(record.covered) in text
    assert str(record.judged) in text
    assert words.coverage_text(t, year[1], "gini") == ""
    _, unproven = lender.ask("registered", as_of="2024-02-29", start="2024-01-01", end="2024-02-29")
    assert words.coverage_text(t, unproven, "roc_auc") == t(
        "No period that it was not learned from is final yet, "
        "so nothing is proven of this estimate."
    )


def test_calibration_is_told_with_what_it_gained(year: tuple[Performance, Estimates]) -> None:
    made = year[1].calibrator
    assert isinstance(made, Calibrator)
    text = words.calibration_text(T, year[1])
    assert f"n\xa0=\xa0{T.number(made.rows)}" in text
    assert T.number(made.error_before, 4) in text
    assert words.calibration_text(T, Estimates({})) == ""


def test_the_row_at_the_top_has_four_figures_with_their_estimate(
    year: tuple[Performance, Estimates],
) -> None:
    found, estimates = year
    shown = screen.figures(T, found, estimates)
    assert [each.label for each in shown] == [
        T(METRICS[name].label)
        for name in ("roc_auc", "precision", "recall", "expected_calibration_error")
    ]
    area, estimate = found.figures["roc_auc"], estimates.figures["roc_auc"].band
    assert shown[0].value == T.number(float(area.value[8]), 3)
    said = T.number(float(estimate.value[8]), 3)
    assert shown[0].note == f"Sept 2024; estimated {said}"
    assert shown[3].note == "Sept 2024"  # no estimate is made of the calibration error
    assert shown[0].status is None  # nobody has set a limit


def test_a_figure_with_limits_is_judged(year: tuple[Performance, Estimates]) -> None:
    found, estimates = year
    limits = {"watch": 0.99, "act": 0.98}
    held = with_thresholds(found, roc_auc=limits)
    assert screen.judged(held, "roc_auc")
    assert screen.figures(T, held, estimates)[0].status is Status.act
    chart = screen.course_chart(LOOK, with_thresholds(found, roc_auc={"watch": 0.6}), estimates,
                                "roc_auc", [])  # fmt: skip
    notes = [note.text for note in chart.figure.layout.annotations]
    assert notes == ["watch 0.6"]


def test_money_is_written_as_money(year: tuple[Performance, Estimates]) -> None:
    found, estimates = year
    frame, _ = screen.every_figure(T, found, estimates, 8)
    value = frame[frame["label"] == T(METRICS["business_value"].label)].iloc[0]
    assert value["value"].startswith(("HK$", "−HK$"))


def test_every_figure_of_a_period_with_its_interval_estimate_and_record(
    year: tuple[Performance, Estimates],
) -> None:
    found, estimates = year
    frame, columns = screen.every_figure(T, found, estimates, 3)
    assert len(frame) == len(found.figures)
    assert [column.label for column in columns] == [
        "Figure", "Realised", "95% interval", "Estimate", "Bands that held",
    ]  # fmt: skip
    row = frame[frame["label"] == T(METRICS["roc_auc"].label)].iloc[0]
    area = found.figures["roc_auc"]
    assert row["value"] == T.number(float(area.value[3]), 3)
    low, high = (T.number(float(part[3]), 3) for part in (area.low, area.high))
    assert row["interval"] == f"{low} to {high}"
    record = estimates.figures["roc_auc"].coverage
    assert row["kept"] == f"{record.covered} of {record.judged}"
    drawn = frame[frame["label"] == T(METRICS["average_precision"].label)].iloc[0]
    precision = found.figures["average_precision"]  # by a bootstrap of the counts
    low, high = (T.number(float(part[3]), 3) for part in (precision.low, precision.high))
    assert drawn["interval"] == f"{low} to {high}"
    gini = frame[frame["label"] == T(METRICS["gini"].label)].iloc[0]
    assert (gini["estimate"], gini["kept"]) == ("–", "–")


def test_the_share_of_labels_of_each_period(lender: Lender) -> None:
    found, _ = lender.ask()
    final, early, waiting = screen.maturity_chart(LOOK, found).figure.data
    assert final.y[:9] == (1.0,) * 9
    october = found.maturity[9]
    assert (final.y[9], early.y[9]) == (0.0, 1.0)  # all known early, none old enough
    assert october.basis == "early"
    assert waiting.y[11] == 1.0


def test_curves_are_those_of_the_period(lender: Lender) -> None:
    found, _ = lender.ask()
    drawn = curves(lender.workspace, found, 2)
    assert drawn is not None
    calibration, cut_offs, lift = screen.curve_charts(LOOK, found, drawn, 2)
    assert [chart.figure.layout.title.text.split(" · ")[0] for chart in (calibration, lift)] == [
        f"n = {T.number(drawn.n)}"
    ] * 2
    assert "Calibration in Mar 2024" in calibration.alt
    assert "1–31 Mar 2024" in cut_offs.figure.layout.title.text.replace("\u2009", "")
    assert len(lift.figure.data[0].y) == 10


def test_one_period_that_departed_is_told_in_the_singular(
    year: tuple[Performance, Estimates],
) -> None:
    found, estimates = year
    said = estimates.figures["roc_auc"]
    alarm = np.zeros(12, dtype=np.bool_)
    alarm[4] = True
    concept = ConceptDrift(*(np.zeros(12),) * 3, alarm)
    once = Estimates({"roc_auc": replace(said, concept=concept)})
    assert words.departed(T, found, once, "roc_auc") == (
        "It departed from its estimate in May 2024. The scores no longer meant what they used to."
    )
