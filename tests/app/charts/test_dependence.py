"""A curve over numbers, points over categories, and how densely rows lie below."""

from functools import partial

import pytest

from app.charts import Chart, CurvePoint, Labels, Look, dependence
from app.palette import LIGHT
from core.i18n import translator

LOOK = Look(LIGHT, translator("en"))
GROUPS = ((0.2, 0.1), (0.2, 0.3), (0.2, 0.9))
NUMBERS = tuple(
    CurvePoint(f"{at:.0f} years", at, 0.2 + place / 10, 0.1, 0.6, 30 * (place + 1), GROUPS[place])
    for place, at in enumerate((10.0, 20.0, 50.0))
)
MISSING = CurvePoint("missing", None, 0.5, 0.4, 0.7, 25)
WORDS = (
    CurvePoint("owns", None, 0.2, 0.1, 0.3, 90),
    CurvePoint("lives with parents", None, 0.4, 0.2, 0.5, 30),
)


def drawn(*points: CurvePoint) -> Chart:
    return dependence(
        LOOK,
        Labels("Score by age", "Age", "Mean score", "", 200, "training data"),
        points=points,
        reach=(0.0, 1.0),
        write=LOOK.t.number,
        write_at=partial(LOOK.t.number, digits=0),
        band_word="Eight of ten rows",
        said="From 0.2 (10 years) to 0.4 (50 years).",
    )


def test_numbers_are_a_line_in_a_band_with_a_line_for_each_group() -> None:
    high, low, *groups, mean = drawn(*NUMBERS).figure.data[:5]
    assert list(mean.x) == [10.0, 20.0, 50.0]
    assert list(mean.y) == pytest.approx([0.2, 0.3, 0.4])
    assert (list(high.y), list(low.y), low.fill) == ([0.6] * 3, [0.1] * 3, "tonexty")
    assert [list(group.y) for group in groups] == [[0.2, 0.2, 0.2], [0.1, 0.3, 0.9]]


def test_a_missing_value_is_a_point_beyond_the_numbers() -> None:
    figure = drawn(*NUMBERS, MISSING).figure
    (dots,) = [trace for trace in figure.data if trace.error_y.array is not None]
    assert list(dots.x) == [54.8]
    assert list(dots.error_y.array) == pytest.approx([0.2])
    assert list(dots.error_y.arrayminus) == pytest.approx([0.1])
    assert list(figure.layout.xaxis.ticktext)[-1] == "missing"


def test_categories_are_points_and_long_names_are_cut_on_the_axis_only() -> None:
    chart = drawn(*WORDS)
    assert list(chart.figure.layout.xaxis.ticktext) == ["owns", "lives with pa…"]
    assert chart.table["Age"].tolist() == ["owns", "lives with parents"]
    chinese = CurvePoint("與父母及兄弟姊妹同住", None, 0.4, 0.2, 0.5, 30)
    assert drawn(WORDS[0], chinese).figure.layout.xaxis.ticktext[1] == "與父母及兄弟…"


def test_curves_are_equally_high_however_long_the_names_below() -> None:
    long = tuple(CurvePoint(f"a long name {n}", None, 0.2, 0.1, 0.3, 90) for n in range(4))
    layouts = [drawn(*points).figure.layout for points in (NUMBERS, WORDS, long)]
    plots = {layout.height - layout.margin.t - layout.margin.b for layout in layouts}
    assert len(plots) == 1
    assert [layout.xaxis.tickangle for layout in layouts] == [0, 0, -45]


def test_the_area_of_a_bar_is_its_rows() -> None:
    for points in (NUMBERS, (*NUMBERS, MISSING), WORDS):
        bars = drawn(*points).figure.data[-1]
        assert bars.yaxis == "y2"
        areas = [height * width / 0.9 for height, width in zip(bars.y, bars.width, strict=True)]
        assert areas == pytest.approx([point.rows for point in points], abs=1e-6)


def test_the_axis_is_the_one_that_all_fields_share() -> None:
    axis = drawn(*WORDS).figure.layout.yaxis
    assert axis.range == (0.0, 1.0)
    assert next(iter(axis.ticktext)) == "0"


def test_the_table_and_the_words_say_the_same() -> None:
    chart = drawn(*NUMBERS)
    assert chart.alt == "From 0.2 (10 years) to 0.4 (50 years)."
    assert chart.table.iloc[1].tolist() == ["20 years", "0.3", "0.1 … 0.6", "60"]
