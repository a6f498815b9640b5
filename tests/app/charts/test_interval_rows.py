"""One figure a row with its interval: what is drawn, named and said."""

from datetime import date

import numpy as np
import pytest

from app.charts import MAX_POINTS, Chart, Look, Series, interval_rows, labels_for, lines
from app.palette import DARK, LIGHT
from core.domain.status import Status
from core.i18n import Locale, translator
from tests.app.charts.test_builders import DAYS

DAY = date(2025, 1, 1)


def drawn(
    rows: list[str],
    values: list[float],
    *,
    look: Look | None = None,
    limit: float = 0.8,
    n: int = 1200,
) -> Chart:
    look = look or Look(LIGHT, translator("en"))
    figures = np.asarray(values)
    return interval_rows(
        look,
        labels_for(look.t, title="Ratios", x="Ratio", y="Group", n=n, first=DAY, last=DAY),
        rows=rows,
        values=figures,
        low=figures - 0.1,
        high=figures + 0.1,
        n=[n] * len(rows),
        limit=limit,
        limit_word="four fifths",
        write=look.t.number,
        interval_word="95% interval",
    )


def names(chart: Chart) -> list[str]:
    return [note.text for note in chart.figure.layout.annotations]


def test_what_lies_below_the_limit_has_another_shape_and_colour() -> None:
    marker = drawn(["a", "b", "c"], [0.5, 0.8, np.nan]).figure.data[0].marker
    assert list(marker.symbol) == ["square", "circle", "circle"]
    assert marker.color[0] == LIGHT.statuses[Status.act]
    assert marker.color[1] == LIGHT.current


def test_the_first_row_is_on_top_and_named_with_its_figure() -> None:
    chart = drawn(["first", "second"], [0.5, 0.9])
    assert list(chart.figure.data[0].y) == [1, 0]
    assert names(chart)[:2] == [
        "first · <b>0.5</b> · n = 1,200",
        "second · <b>0.9</b> · n = 1,200",
    ]
    assert names(chart)[2] == "four fifths 0.8"


def test_the_line_at_the_limit_does_not_run_through_names() -> None:
    for colours in (LIGHT, DARK):
        look = Look(colours, translator("en"))
        first, second, limit = drawn(["a", "b"], [-0.5, 0.9], look=look).figure.layout.annotations
        assert first.bgcolor == second.bgcolor == colours.paper
        assert limit.bgcolor is None


@pytest.mark.parametrize("name", ["x" * 60, "高於年齡中位數的申請人" * 3])
def test_long_names_are_cut_to_the_width_of_a_telephone(name: str) -> None:
    text = names(drawn([name], [0.5]))[0]
    assert "…" in text
    assert "n =" not in text
    wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text.replace("<b>", ""))
    assert wide <= 55


def test_hostile_names_stay_text() -> None:
    chart = drawn(["<img src=x>"], [0.5])
    assert names(chart)[0].startswith("&lt;img src=x&gt;")
    assert chart.figure.data[0].text[0] == "&lt;img src=x&gt;"


def test_the_interval_reaches_where_it_should() -> None:
    chart = drawn(["a"], [0.5])
    assert list(chart.figure.data[0].error_x.array) == [0.1]
    assert list(chart.figure.data[0].error_x.arrayminus) == [0.1]
    assert chart.table.to_dict("list") == {
        "Group": ["a"],
        "Ratio": ["0.5"],
        "95% interval": ["0.4–0.6"],
        "n": ["1,200"],
    }


@pytest.mark.parametrize("locale", ["en", "zh-HK", "zh-CN"])
def test_it_says_in_words_what_it_shows(locale: Locale) -> None:
    look = Look(DARK, translator(locale))
    assert "0.5" in drawn(["a", "b"], [0.5, 0.9], look=look).alt
    nothing = drawn(["a"], [np.nan], look=look)
    assert nothing.alt
    assert nothing.table["95% interval"].to_list() == ["–"]


def test_the_axis_reaches_below_zero_where_figures_do() -> None:
    chart = drawn(["a", "b"], [-0.4, 0.3], limit=0.0)
    low, high = chart.figure.layout.xaxis.range
    assert low < -0.5
    assert high > 0.4
    assert list(chart.figure.layout.xaxis.tickvals) == [-0.4, -0.2, 0.0, 0.2, 0.4]
    assert drawn(["a"], [0.5]).figure.layout.xaxis.range[0] == 0


def test_who_is_marked_can_be_said_apart_from_the_limit() -> None:
    look = Look(LIGHT, translator("en"))
    figures = np.asarray([0.2, 0.1])
    marker = interval_rows(
        look,
        labels_for(look.t, title="Gaps", x="Gap", y="Slice", n=9, first=DAY, last=DAY),
        rows=["a", "b"],
        values=figures,
        low=figures - 0.05,
        high=figures + 0.05,
        n=[9, 9],
        limit=0.0,
        limit_word="like the rest",
        write=look.t.number,
        interval_word="95% interval",
        marked=[False, True],
    ).figure.data[0].marker  # fmt: skip
    assert list(marker.symbol) == ["circle", "square"]


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="exceed"):
        drawn(["a"] * (MAX_POINTS + 1), [0.5] * (MAX_POINTS + 1))


def test_lines_have_a_limit_and_points_that_stand_alone() -> None:
    look = Look(LIGHT, translator("en"))
    chart = lines(
        look,
        labels_for(look.t, title="Ratio", x="Day", y="Ratio", n=9, first=DAY, last=DAY),
        at=DAYS,
        series=[
            Series("joined", np.asarray([0.5, 0.6, np.nan, np.nan])),
            Series("alone", np.asarray([0.5, np.nan, 0.7, np.nan])),
        ],
        limit=(0.8, "four fifths"),
    )
    assert [trace.mode for trace in chart.figure.data] == ["lines", "lines+markers"]
    assert "four fifths 0.8" in [note.text for note in chart.figure.layout.annotations]
