"""What a score does in one period: calibration, cut-offs and lift as drawn."""

from datetime import date

import numpy as np
import pytest

from app.charts import (
    MAX_POINTS,
    Chart,
    Labels,
    Look,
    calibration,
    cut_off_lines,
    labels_for,
    lift_bars,
)
from app.palette import DARK, LIGHT
from core.i18n import translator

LOOK = Look(LIGHT, translator("en"))
NAN = np.nan


def labels(look: Look = LOOK, y: str = "Share") -> Labels:
    return labels_for(
        look.t,
        title="In 2010-01",
        x="Mean score",
        y=y,
        n=500,
        first=date(2010, 1, 1),
        last=date(2010, 1, 31),
    )


def a_calibration(look: Look = LOOK) -> Chart:
    return calibration(
        look,
        labels(look, "Positive outcomes"),
        expected=np.array([0.1, 0.2, NAN, 0.4]),
        rate=np.array([0.12, 0.15, NAN, 0.5]),
        low=np.array([0.05, 0.1, NAN, 0.4]),
        high=np.array([0.2, 0.22, NAN, 0.6]),
    )


def some_cut_offs(look: Look = LOOK) -> Chart:
    return cut_off_lines(
        look,
        labels(look),
        cut_off=np.array([0.1, 0.5, 0.9]),
        precision=np.array([0.3, 0.6, NAN]),
        recall=np.array([1.0, 0.7, 0.0]),
        flagged=np.array([1.0, 0.4, 0.0]),
        in_force=0.5,
        in_force_text="in force 0.5",
    )


def a_lift(look: Look = LOOK) -> Chart:
    return lift_bars(
        look,
        labels(look, "Lift"),
        lift=np.array([3.0, 1.5, 0.5]),
        captured=np.array([0.6, 0.9, 1.0]),
        positives=np.array([30.0, 15.0, 5.0]),
    )


def test_calibration_stands_beside_the_line_of_a_score_that_keeps_its_word() -> None:
    ideal, came = a_calibration().figure.data
    assert ideal.x == ideal.y
    assert ideal.line.dash
    assert came.x == (0.1, 0.2, 0.4)  # an empty group is left out
    assert came.y == (0.12, 0.15, 0.5)
    assert came.error_y.array == pytest.approx((0.08, 0.07, 0.1))
    assert came.error_y.arrayminus == pytest.approx((0.07, 0.05, 0.1))


def test_calibration_in_words_and_as_a_table() -> None:
    chart = a_calibration()
    assert chart.alt == "In 2010-01: the highest group expected 40.0%, 50.0% came."
    assert list(chart.table.columns) == ["Mean score", "Positive outcomes", "Low", "High"]
    assert chart.table.iloc[1].tolist() == [0.2, 0.15, 0.1, 0.22]


def test_no_group_at_all_is_no_error() -> None:
    empty = np.empty(0)
    chart = calibration(LOOK, labels(), expected=empty, rate=empty, low=empty, high=empty)
    assert chart.alt.startswith("In 2010-01: the highest group expected –")
    assert len(chart.table) == 0


def test_each_cut_off_shows_what_it_would_do_and_which_is_in_force() -> None:
    chart = some_cut_offs()
    precision, recall, flagged = chart.figure.data
    assert precision.y == (0.3, 0.6, None)
    assert recall.y == (1.0, 0.7, 0.0)
    assert flagged.y == (1.0, 0.4, 0.0)
    (line,) = chart.figure.layout.shapes
    assert (line.x0, line.x1) == (0.5, 0.5)
    assert [note.text for note in chart.figure.layout.annotations] == ["in force 0.5"]
    assert chart.figure.layout.xaxis.range[1] > 0.5
    assert list(chart.table.columns) == ["Mean score", "precision", "recall", "flagged"]
    assert chart.table["recall"].tolist() == [1.0, 0.7, 0.0]
    assert chart.shares == ("precision", "recall", "flagged")
    assert chart.alt == "In 2010-01: 3 cut-offs."


def test_a_cut_off_beyond_all_scores_is_still_in_the_picture() -> None:
    chart = cut_off_lines(
        LOOK,
        labels(),
        cut_off=np.array([0.01, 0.02]),
        precision=np.array([0.1, 0.2]),
        recall=np.array([1.0, 0.5]),
        flagged=np.array([1.0, 0.5]),
        in_force=0.5,
        in_force_text="in force 0.5",
    )
    assert chart.figure.layout.xaxis.range[1] == pytest.approx(0.65)


def test_lift_has_a_bar_a_tenth_and_a_line_at_the_average() -> None:
    chart = a_lift()
    (bars,) = chart.figure.data
    assert (bars.x, bars.y) == (("1", "2", "3"), (3.0, 1.5, 0.5))
    assert [str(each) for each in bars.customdata[0]] == ["3", "60.0%"]
    (line,) = chart.figure.layout.shapes
    assert (line.y0, line.y1) == (1.0, 1.0)
    assert chart.table["captured so far"].tolist() == [0.6, 0.9, 1.0]
    assert chart.shares == ("captured so far",)
    assert chart.table["Positive outcomes"].tolist() == [30.0, 15.0, 5.0]
    assert "the highest tenth has 3" in chart.alt


def test_more_cut_offs_than_can_be_read_are_refused() -> None:
    many = np.linspace(0, 1, MAX_POINTS // 3 + 1)
    with pytest.raises(ValueError, match="longer chunks"):
        cut_off_lines(
            LOOK, labels(), cut_off=many, precision=many, recall=many, flagged=many, in_force=0.5
        )


@pytest.mark.parametrize("locale", ["en", "zh-HK", "zh-CN"])
def test_every_curve_follows_theme_and_language(locale: str) -> None:
    look = Look(DARK, translator(locale))
    for chart in (a_calibration(look), some_cut_offs(look), a_lift(look)):
        assert chart.figure.layout.font.color == DARK.ink
        assert "n = 500" in chart.figure.layout.title.text
    names = [trace.name for trace in some_cut_offs(look).figure.data]
    assert all(name.isascii() for name in names) == (locale == "en")
