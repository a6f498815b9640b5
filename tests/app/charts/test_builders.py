"""What each chart draws, says and refuses."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from app.charts import (
    MAX_POINTS,
    Chart,
    Labels,
    Look,
    Mark,
    Series,
    availability_strip,
    cumulative,
    distribution,
    drawn_rows,
    heat_map,
    labels_for,
    lines,
    trend,
    volume,
)
from app.charts.cumulative import round_values
from app.charts.locales import plotly_config
from app.palette import DARK, LIGHT
from core.domain.status import Status
from core.i18n import translator

LOOK = Look(LIGHT, translator("en"))
DAYS = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(4)]


def labels(unit: str = "") -> Labels:
    return labels_for(
        LOOK.t,
        title="PSI <of> income",
        x="Day",
        y="PSI",
        unit=unit,
        n=1200,
        first=date(2010, 1, 1),
        last=date(2010, 1, 4),
    )


def every_chart(look: Look = LOOK) -> list[Chart]:
    ones = np.ones(4)
    counts = np.array([5, 0, 7, 9])
    return [
        heat_map(
            look, labels(), rows=["a"], columns=list("wxyz"), values=ones[None], threshold=0.25
        ),
        trend(look, labels(), at=DAYS, values=ones, watch=0.1, act=0.25),
        distribution(
            look, labels(), groups=["a", "b"], reference=ones[:2] / 2, current=ones[:2] / 2,
            current_n=9,
        ),
        cumulative(
            look, labels(), at=counts[[1, 0]] * 1.0, reference=np.array([0, 1.0]),
            current=np.array([0.5, 1.0]), current_n=9, shown=(0.0, 5.0), write=look.t.number,
        ),
        volume(look, labels(), at=DAYS, rows=counts, errors=counts // 5),
        lines(look, labels(), at=DAYS, series=[Series("p50", ones), Series("p95", ones * 3)]),
        availability_strip(look, labels(), at=DAYS, ok_share=np.array([1, 0.98, 0.5, np.nan])),
    ]  # fmt: skip


@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: chart.figure.data[0].type)
def test_every_chart_says_n_period_and_axes(chart: Chart) -> None:
    assert "n = " in chart.figure.layout.title.text
    assert "1–4 Jan 2010" in chart.figure.layout.title.text.replace("\u2009", "")
    assert chart.figure.layout.xaxis.title.text == "Day"
    assert chart.alt
    assert len(chart.table) > 0


@pytest.mark.parametrize("locale", ["en", "zh-HK", "zh-CN"])
def test_every_chart_follows_theme_and_language(locale: str) -> None:
    for chart in every_chart(Look(DARK, translator(locale))):
        assert chart.figure.layout.font.color == DARK.ink
        assert chart.figure.layout.template.layout.to_plotly_json() == {}


def test_charts_are_deterministic() -> None:
    first, second = every_chart(), every_chart()
    assert [c.figure.to_json() for c in first] == [c.figure.to_json() for c in second]


def test_data_is_shown_as_it_is() -> None:
    chart = heat_map(
        LOOK,
        labels(),
        rows=["<img src=x>"],
        columns=["<b>"],
        values=np.array([[0.5]]),
        threshold=0.25,
    )
    assert "<img" not in chart.figure.to_json().replace("\\u003c", "<")


def test_the_heat_map_breaks_at_the_threshold_and_marks_what_is_missing() -> None:
    values = np.array([[0.1, np.nan], [0.3, 1.4]])
    chart = heat_map(
        LOOK, labels("PSI"), rows=["a", "b"], columns=["x", "y"], values=values, threshold=0.25
    )
    empty, drawn = chart.figure.data
    assert empty.text[0][1] == "◌"
    assert drawn.zmax == 1.0
    # Two colours at a quarter of the scale: the threshold.
    assert [stop for stop, _ in drawn.colorscale] == [0.0, 0.25, 0.25, 1.0]
    assert chart.alt == "PSI <of> income: 2 of 3 cells at or above the threshold 0.25."
    assert list(chart.table.columns) == ["PSI", "x", "y"]


def test_a_large_heat_map_keeps_its_worst_rows_and_its_whole_table() -> None:
    values = np.zeros((50, 100))
    values[[7, 31], 5] = 0.9
    chart = heat_map(
        LOOK,
        labels(),
        rows=[f"f{n}" for n in range(50)],
        columns=[str(n) for n in range(100)],
        values=values,
        threshold=0.25,
        selected="f31",
    )
    assert np.size(chart.figure.data[1].z) == MAX_POINTS
    assert "<b>f31</b>" in chart.figure.layout.yaxis.ticktext
    assert "f7" in chart.figure.layout.yaxis.ticktext
    assert len(chart.table) == 50


def test_a_trend_has_gaps_thresholds_marks_and_hollow_points() -> None:
    chart = trend(
        LOOK,
        labels(),
        at=DAYS,
        values=np.array([0.05, np.nan, 0.3, 0.2]),
        watch=0.1,
        act=0.25,
        partial=[False, False, False, True],
        marks=[Mark(DAYS[2], "Version 2"), Mark(DAYS[1], "Incident", "incident")],
        reference=(DAYS[0], DAYS[1]),
    )
    (line,) = chart.figure.data
    assert line.y == (0.05, None, 0.3, 0.2)
    assert line.connectgaps is False
    assert line.marker.color[3] == LIGHT.card
    texts = [annotation.text for annotation in chart.figure.layout.annotations]
    assert texts == ["reference period", "watch 0.1", "act 0.25", "Incident", "Version 2"]
    assert "highest 0.3 on 3 Jan 2010" in chart.alt
    assert list(chart.table.columns) == ["Day", "PSI", "partial"]


def test_a_threshold_far_above_the_values_does_not_flatten_them() -> None:
    chart = trend(LOOK, labels(), at=DAYS, values=np.full(4, 0.01), watch=0.1, act=0.25)
    assert chart.figure.layout.yaxis.range[1] == pytest.approx(0.0118)
    assert len(chart.figure.layout.annotations) == 0


def test_a_trend_without_values_says_so() -> None:
    chart = trend(LOOK, labels(), at=DAYS, values=np.full(4, np.nan), as_share=True)
    assert chart.alt == "PSI <of> income: no value could be computed."


def test_a_distribution_names_its_largest_change() -> None:
    chart = distribution(
        LOOK,
        labels(),
        groups=["low", "middle", "high"],
        reference=np.array([0.5, 0.3, 0.2]),
        current=np.array([0.2, 0.45, 0.35]),
        current_n=10,
    )
    reference, current = chart.figure.data
    assert reference.marker.color == LIGHT.reference
    assert current.marker.color == LIGHT.current
    assert "from 50.0% to 20.0%" in chart.alt
    empty = distribution(
        LOOK, labels(), groups=[], reference=np.array([]), current=np.array([]), current_n=0
    )
    assert "no value" in empty.alt


def test_many_or_long_groups_are_written_slanted_and_shortened() -> None:
    groups = [f"a category with a very long name {n}" for n in range(9)]
    shares = np.full(9, 1 / 9)
    chart = distribution(
        LOOK, labels(), groups=groups, reference=shares, current=shares, current_n=1
    )
    assert chart.figure.layout.xaxis.tickangle == -35
    assert all(len(text) <= 22 for text in chart.figure.layout.xaxis.ticktext)


def test_names_of_groups_have_lines_short_enough_to_stand_beside_each_other_on_a_phone() -> None:
    groups = ["missing", "yes", "no", "recorded as 0", "a < b"]
    shares = np.full(5, 0.2)
    chart = distribution(
        LOOK, labels(), groups=groups, reference=shares, current=shares, current_n=1
    )
    assert chart.figure.layout.xaxis.tickangle == 0
    assert chart.figure.layout.xaxis.ticktext == (
        "missing", "yes", "no", "recorded<br>as 0", "a &lt; b",
    )  # fmt: skip


def test_volume_counts_rows_and_errors() -> None:
    rows, errors = np.array([100, 0, 50, 50]), np.array([1, 0, 2, 0])
    chart = volume(LOOK, labels(), at=DAYS, rows=rows, errors=errors)
    assert "200 rows, 3 errors" in chart.alt
    assert chart.figure.data[1].line.color == LIGHT.statuses[Status.act]
    assert len(volume(LOOK, labels(), at=DAYS, rows=rows).figure.data) == 1


def test_lines_are_named_at_their_ends_without_touching() -> None:
    chart = lines(
        LOOK,
        labels("ms"),
        at=DAYS,
        series=[Series("p95", np.full(4, 10.0)), Series("p99", np.full(4, 10.1), "estimate")],
        logarithmic=True,
    )
    notes = chart.figure.layout.annotations
    assert [note.text for note in notes] == ["<b>p99</b>", "<b>p95</b>"]
    assert notes[1].yshift <= notes[0].yshift - 13
    assert chart.figure.data[1].line.dash == "dash"
    assert chart.figure.layout.yaxis.title.text == "PSI (ms)"
    assert chart.alt.endswith("last values p95 10, p99 10.1.")


def test_five_lines_are_too_many() -> None:
    with pytest.raises(ValueError, match="small multiples"):
        lines(LOOK, labels(), at=DAYS, series=[Series(str(n), np.ones(4)) for n in range(5)])


def test_silence_is_a_state_of_its_own() -> None:
    chart = availability_strip(LOOK, labels(), at=DAYS, ok_share=np.array([1.0, 0.97, 0.9, np.nan]))
    assert [trace.name for trace in chart.figure.data] == [
        "Answering",
        "Degraded",
        "Failing",
        "Silent",
    ]
    assert chart.figure.data[3].marker.pattern.shape == "/"
    assert "1 silent, 1 failing, 1 degraded" in chart.alt


def test_more_than_two_thousand_points_are_refused() -> None:
    at = [DAYS[0]] * (MAX_POINTS + 1)
    with pytest.raises(ValueError, match="longer chunks"):
        trend(LOOK, labels(), at=at, values=np.zeros(len(at)))


def test_plotly_speaks_chinese() -> None:
    assert "locale" not in plotly_config("en")
    config = plotly_config("zh-HK")
    assert config["locales"]["zh-HK"]["format"]["shortMonths"][11] == "12月"


def test_errors_have_a_panel_of_their_own() -> None:
    rows, errors = np.array([8000, 7000, 0, 50]), np.array([1, 0, 2, 0])
    layout = volume(LOOK, labels(), at=DAYS, rows=rows, errors=errors).figure.layout
    assert layout.yaxis2.domain[1] < layout.yaxis.domain[0]
    assert layout.yaxis2.title.text == "errors"
    chart = volume(LOOK, labels(), at=DAYS, rows=rows, errors=errors)
    assert [trace.yaxis for trace in chart.figure.data] == ["y", "y2"]


def test_names_of_thresholds_stand_at_opposite_sides() -> None:
    chart = trend(LOOK, labels(), at=DAYS, values=np.full(4, 2.0), watch=0.1, act=0.25)
    sides = {note.text: note.xanchor for note in chart.figure.layout.annotations}
    assert sides == {"watch 0.1": "left", "act 0.25": "right"}


def test_words_and_scale_of_a_heat_map_stand_on_lines_of_their_own() -> None:
    chart = heat_map(
        LOOK, labels("PSI"), rows=["a"], columns=["x"], values=np.ones((1, 1)), threshold=0.25
    )
    assert chart.figure.layout.title.text.startswith("PSI<br>n = 1,200 · ")
    scale = chart.figure.data[1].colorbar
    assert (scale.x, scale.xanchor) == (0, "left")


def test_the_legend_of_availability_is_under_the_line_with_n() -> None:
    figure = availability_strip(LOOK, labels(), at=DAYS, ok_share=np.ones(4)).figure
    assert figure.layout.legend.xanchor == "left"
    assert figure.layout.margin.t > 2 * 20


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, [0.0, 0.5, 1.0]),
        (0.0, 100.0, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]),
        (1_200.0, 9_100.0, [2_000.0, 4_000.0, 6_000.0, 8_000.0]),
        (-0.03, 0.05, [-0.02, 0.0, 0.02, 0.04]),
        (7.0, 7.0, [7.0]),
    ],
)
def test_an_axis_is_labelled_at_round_values(low: float, high: float, ticks: list[float]) -> None:
    found = round_values(low, high)
    assert len(found) <= 6
    assert all(low <= tick <= high for tick in found)
    if ticks[-1] != 1.0 and len(ticks) < 6:
        assert found == pytest.approx(ticks)


def test_the_area_between_the_lines_is_shaded_and_told() -> None:
    chart = every_chart()[3]
    assert chart.figure.data[1].fill == "tonexty"
    assert chart.figure.data[1].fillcolor.startswith("rgba(")
    assert "furthest apart at 0: 0% and 50% of the rows" in chart.alt.replace(".0%", "%")


def test_many_columns_leave_rows_out_and_gaps_too() -> None:
    values = np.vstack([np.full(423, level) for level in (0.1, 0.9, 0.3, 0.5, 0.2, 0.7)])
    assert drawn_rows(values).tolist() == [1, 2, 3, 5]  # 2,000 points hold four rows of 423
    rows, columns = [f"r{n}" for n in range(6)], [str(n) for n in range(423)]
    chart = heat_map(LOOK, labels(), rows=rows, columns=columns, values=values, threshold=0.25)
    assert list(chart.figure.layout.yaxis.ticktext) == ["r1", "r2", "r3", "r5"]
    assert {trace.xgap for trace in chart.figure.data} == {0}
    assert len(chart.table) == 6
    few = heat_map(
        LOOK, labels(), rows=rows, columns=columns[:9], values=values[:, :9], threshold=0.25
    )
    assert {trace.xgap for trace in few.figure.data} == {1}


def test_many_points_are_small() -> None:
    at = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(400)]
    marker = trend(LOOK, labels(), at=at, values=np.ones(400)).figure.data[0].marker
    assert set(marker.size) == {2.5}
