"""Bars from zero, the longest first: what is drawn, written and said."""

import numpy as np
import pytest

from app.charts import MAX_POINTS, Chart, Labels, Look, ranked_bars
from app.palette import LIGHT
from core.i18n import translator

LOOK = Look(LIGHT, translator("en"))


def drawn(values: list[float], errors: list[float] | None = None) -> Chart:
    return ranked_bars(
        LOOK,
        Labels("Weight", "Log odds", "Field", "", 2_000, "training data"),
        rows=[f"field <{place}>" for place in range(len(values))],
        values=np.array(values),
        errors=None if errors is None else np.array(errors),
        beside=[f"{value:.0%}" for value in values],
        beside_word="Share",
        write=LOOK.t.number,
    )


def test_the_first_row_is_on_top_and_each_is_named_with_its_figure() -> None:
    figure = drawn([0.75, 0.25]).figure
    assert list(figure.data[0].y) == [1, 0]
    assert list(figure.data[0].x) == [0.75, 0.25]
    assert [note.text for note in figure.layout.annotations] == [
        "field &lt;0&gt; · <b>0.75</b> · 75%",
        "field &lt;1&gt; · <b>0.25</b> · 25%",
    ]


def test_what_stands_beside_is_there_for_all_bars_or_for_none() -> None:
    chart = ranked_bars(
        LOOK,
        Labels("Weight", "Log odds", "Field", "", 2_000, "training data"),
        rows=["short", "long" * 20],
        values=np.array([2.0, 1.0]),
        beside=["67% of all", "33% of all"],
        beside_word="Share",
        write=LOOK.t.number,
    )
    assert all(note.text.endswith("</b>") for note in chart.figure.layout.annotations)
    assert chart.table["Share"].tolist() == ["67% of all", "33% of all"]


def test_bars_begin_at_zero_and_whiskers_are_within_the_axis() -> None:
    figure = drawn([1.0, 0.5], [0.5, 0.1]).figure
    low, high = figure.layout.xaxis.range
    assert low == 0
    assert high >= 1.98
    assert list(figure.data[0].error_x.array) == pytest.approx([0.98, 0.196])
    assert next(iter(figure.layout.xaxis.tickvals)) == 0


def test_the_table_has_what_is_drawn() -> None:
    table = drawn([0.75, 0.25], [0.1, 0.2]).table
    assert list(table.columns) == ["Field", "Log odds", "Standard error", "Share"]
    assert table.iloc[0].tolist() == ["field <0>", "0.75", "0.1", "75%"]
    assert "Standard error" not in drawn([0.75]).table.columns


def test_it_says_its_figures() -> None:
    assert drawn([0.75, 0.25]).alt == "Weight: field <0> 0.75, field <1> 0.25."
    assert drawn([]).alt == "Weight: no value could be computed."


def test_bars_of_nothing_still_have_an_axis() -> None:
    assert drawn([0.0]).figure.layout.xaxis.range == (0, 1.0)


def test_too_many_are_refused() -> None:
    with pytest.raises(ValueError, match="exceed"):
        drawn([1.0] * (MAX_POINTS + 1))
