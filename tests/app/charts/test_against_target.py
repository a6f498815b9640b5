"""A figure over time against its targets: gaps, fading, steps and the two periods compared."""

from datetime import date

import numpy as np
import pytest

from app.charts import Chart, Expected, Look, against_target, labels_for
from app.palette import DARK, LIGHT
from core.i18n import LOCALES, translator
from tests.app.charts.test_builders import DAYS

VALUES = np.array([0.02, np.nan, 0.03, 0.05])
TARGETS = np.array([0.03, 0.03, 0.035, 0.035])


def drawn(
    lang: str = "en",
    *,
    targets: np.ndarray = TARGETS,
    values: np.ndarray = VALUES,
    expected: Expected | None = None,
) -> Chart:
    look = Look(LIGHT if lang == "en" else DARK, translator(lang))
    return against_target(
        look,
        labels_for(
            look.t, title="Losses", x="Period", y="Loss rate", n=9,
            first=date(2010, 1, 1), last=date(2010, 1, 4),
        ),
        at=DAYS,
        values=values,
        low=values - 0.01,
        high=values + 0.01,
        targets=targets,
        partial=[False, False, False, True],
        write=look.t.percent,
        chosen=DAYS[3],
        compared=DAYS[2],
        expected=expected,
    )  # fmt: skip


def test_the_line_has_gaps_and_fades_where_nothing_is_final() -> None:
    faded, final, hollow = drawn().figure.data[2:5]
    assert final.y == (0.02, None, 0.03, None)
    assert hollow.y == (None, None, None, 0.05)
    assert hollow.marker.color == LIGHT.card
    assert faded.y == (None, None, 0.03, 0.05)
    assert faded.line.dash == "dot"


def test_the_intervals_leave_a_gap_where_nothing_is_known() -> None:
    band = drawn().figure.data[0]
    # Each stretch goes along the upper ends and back along the lower ones.
    assert band.y == (0.03, 0.01, None, 0.04, 0.06, 0.04, 0.02, None)
    assert band.fill == "toself"


def test_the_target_steps_when_a_new_one_holds() -> None:
    chart = drawn()
    assert chart.figure.data[1].y == (0.03, 0.03, 0.035, 0.035)
    assert chart.figure.data[1].line.shape == "hv"
    assert chart.figure.layout.annotations[0].text == "target 3.5%"


def test_without_a_target_no_line_is_drawn() -> None:
    chart = drawn(targets=np.full(4, np.nan))
    assert len(chart.figure.data) == len(drawn().figure.data) - 1
    assert not chart.figure.layout.annotations


def test_the_two_periods_of_the_page_are_named() -> None:
    rings = drawn().figure.data[-2:]
    assert [(ring.text[0], ring.y[0]) for ring in rings] == [("shown", 0.05), ("compared", 0.03)]
    assert [ring.textposition for ring in rings] == ["top center", "bottom center"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((0.02, 0.01, 0.03, 0.05), "bottom right"),  # the line comes from below on the left
        ((0.02, 0.09, 0.03, 0.05), "bottom left"),
        ((0.02, 0.05, 0.03, 0.05), "bottom center"),
    ],
)
def test_a_name_below_stands_where_the_line_does_not_pass(
    values: tuple[float, ...], wanted: str
) -> None:
    assert drawn(values=np.array(values)).figure.data[-1].textposition == wanted


def test_the_axis_begins_at_zero_unless_figures_lie_below() -> None:
    assert drawn().figure.layout.yaxis.range[0] == 0
    low, _ = drawn(values=VALUES - 0.04).figure.layout.yaxis.range
    assert low < -0.02


def test_the_table_says_what_is_final() -> None:
    table = drawn().table
    assert list(table["Final"]) == ["yes", "yes", "yes", "no"]
    assert list(table["Written"]) == ["2.0%", "–", "3.0%", "5.0%"]


@pytest.mark.parametrize("lang", LOCALES)
def test_it_is_told_in_words(lang: str) -> None:
    alt = drawn(lang).alt
    assert "5.0%" in alt
    assert "2.0%" in alt


def test_nothing_known_is_said() -> None:
    assert drawn(values=np.full(4, np.nan)).alt == "Losses: no value could be computed."


def test_what_is_expected_is_dashed_with_its_band_and_named() -> None:
    chart = drawn(expected=Expected(DAYS[3], 0.04, 0.03, 0.055))
    wedge, way, whisker, point = chart.figure.data[2:6]
    # From the last figure before the period, .03, to both ends of the band.
    assert wedge.y == (0.03, 0.055, 0.03, 0.03)
    assert way.y == (0.03, 0.04)
    assert whisker.y == (0.03, 0.055)
    assert way.line.dash == whisker.line.dash == "5px,4px"
    assert point.text == ("expected 4.0%",)
    assert "expected 4.0%" in [each.text for each in chart.figure.layout.annotations]
    assert chart.alt.endswith("Expected at the end of the last period: 4.0%, from 3.0% to 5.5%.")
    assert chart.table["Expected"].tolist()[3] == 0.04
    assert chart.table["Expected, high"].isna().tolist() == [True, True, True, False]


def test_the_axis_holds_what_is_expected() -> None:
    plain, ahead = drawn(), drawn(expected=Expected(DAYS[3], 0.2, 0.1, 0.3))
    assert ahead.figure.layout.yaxis.range[1] >= 0.3 > plain.figure.layout.yaxis.range[1]


def test_nothing_is_expected_of_what_has_no_figure_before() -> None:
    values = np.array([np.nan, np.nan, np.nan, 0.05])
    chart = drawn(values=values, expected=Expected(DAYS[3], 0.04, 0.03, 0.055))
    assert [each.y for each in chart.figure.data[2:4]] == [(0.03, 0.055), (0.04,)]
