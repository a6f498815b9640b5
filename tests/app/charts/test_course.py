"""A figure before and after its labels: points, band, thresholds, table, words, limits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from app.charts import MAX_POINTS, Estimate, Labels, Look, Mark, Realised, course, labels_for
from app.palette import DARK, LIGHT
from core.i18n import translator

LOOK = Look(LIGHT, translator("en"))
DAYS = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(5)]
NAN = np.nan
REALISED = Realised(
    value=np.array([0.80, 0.78, NAN, 0.70, 0.65]),
    low=np.array([0.75, 0.74, NAN, 0.60, 0.50]),
    high=np.array([0.85, 0.82, NAN, 0.80, 0.90]),
    final=np.array([True, True, True, False, False]),
    labelled_share=np.array([1.0, 0.99, 0.5, 0.4, 0.1]),
)
ESTIMATE = Estimate(
    value=np.array([0.81, 0.80, 0.79, 0.77, NAN]),
    low=np.array([0.70, 0.70, 0.70, 0.10, NAN]),
    high=np.array([0.90, 0.90, 0.90, 1.00, NAN]),
)


def labels(look: Look = LOOK) -> Labels:
    return labels_for(
        look.t,
        title="Precision of <loans>",
        x="Period",
        y="Precision",
        n=1200,
        first=date(2010, 1, 1),
        last=date(2010, 1, 5),
    )


def test_final_points_are_joined_and_others_are_hollow() -> None:
    final, early = course(LOOK, labels(), at=DAYS, realised=REALISED).figure.data
    assert (final.name, early.name) == ("final", "not final")
    assert final.y == (0.8, 0.78, None, None, None)
    assert early.y == (None, None, None, 0.7, 0.65)
    assert (final.mode, early.mode) == ("lines+markers", "markers")
    assert final.connectgaps is False
    assert (final.marker.color, early.marker.color) == (LIGHT.current, LIGHT.card)
    assert early.marker.line.color == LIGHT.reference


def test_whiskers_reach_to_the_limits_of_the_interval() -> None:
    final, early = course(LOOK, labels(), at=DAYS, realised=REALISED).figure.data
    assert final.error_y.array[:2] == pytest.approx((0.05, 0.04))
    assert early.error_y.array[3:] == pytest.approx((0.10, 0.25))
    assert early.error_y.arrayminus[3:] == pytest.approx((0.10, 0.15))
    assert final.error_y.array[2] is None


def test_points_tell_their_figure_and_how_much_is_labelled() -> None:
    final, early = course(LOOK, labels(), at=DAYS, realised=REALISED, as_share=True).figure.data
    assert [str(part) for part in early.customdata[3]] == ["70.0%", "40.0%"]
    plain = course(LOOK, labels(), at=DAYS, realised=REALISED)
    assert str(plain.figure.data[0].customdata[0][0]) == "0.8"
    assert "labelled" in final.hovertemplate


def test_the_estimate_is_dashed_in_its_band() -> None:
    chart = course(LOOK, labels(), at=DAYS, realised=REALISED, estimate=ESTIMATE)
    high, low, said = chart.figure.data[:3]
    assert high.y == (0.9, 0.9, 0.9, 1.0, None)
    assert low.y == (0.7, 0.7, 0.7, 0.1, None)
    assert (high.fill, low.fill) == (None, "tonexty")
    assert low.fillcolor.startswith("rgba(")
    assert said.line.dash == "6px,4px"
    assert said.y == (0.81, 0.8, 0.79, 0.77, None)
    assert said.customdata[0] == "0.81"
    percent = course(LOOK, labels(), at=DAYS, realised=REALISED, estimate=ESTIMATE, as_share=True)
    assert percent.figure.data[2].customdata[0] == "81.0%"
    shown = [trace.name for trace in chart.figure.data if trace.showlegend is not False]
    assert shown == ["band of the estimate", "estimate without labels", "final", "not final"]


def test_a_band_that_says_nothing_does_not_flatten_the_figures() -> None:
    chart = course(LOOK, labels(), at=DAYS, realised=REALISED, estimate=ESTIMATE)
    low, high = chart.figure.layout.yaxis.range
    # Figures, intervals and estimates lie in 0.5 … 0.9, and 15 % of that is left on either side.
    assert (low, high) == (pytest.approx(0.44), pytest.approx(0.96))


def test_thresholds_and_versions_are_named_where_they_are_in_sight() -> None:
    marks = [Mark(DAYS[2], "Version 2")]
    chart = course(
        LOOK, labels(), at=DAYS, realised=REALISED, watch=0.7, act=0.6, marks=marks
    )  # fmt: skip
    texts = [note.text for note in chart.figure.layout.annotations]
    assert texts == ["watch 0.7", "act 0.6", "Version 2"]
    far = course(LOOK, labels(), at=DAYS, realised=REALISED, watch=0.1, act=5.0)
    assert len(far.figure.layout.annotations) == 0


def test_the_table_has_what_is_drawn() -> None:
    chart = course(LOOK, labels(), at=DAYS, realised=REALISED, estimate=ESTIMATE)
    assert list(chart.table.columns) == [
        "Period", "Realised", "Low", "High", "Final", "Labelled",
        "Estimate", "Band from", "Band to",
    ]  # fmt: skip
    assert chart.table["Final"].tolist() == ["yes", "yes", "yes", "no", "no"]
    assert chart.table["Labelled"].tolist()[3] == 0.4
    np.testing.assert_array_equal(chart.table["Band to"], ESTIMATE.high)
    assert len(course(LOOK, labels(), at=DAYS, realised=REALISED).table.columns) == 6


def test_the_words_name_the_newest_final_figure() -> None:
    chart = course(LOOK, labels(), at=DAYS, realised=REALISED)
    assert chart.alt.startswith(
        "Precision of <loans>: newest final figure 0.78 on 2 Jan 2010, over 1"
    )
    assert "n = 1,200" in chart.figure.layout.title.text
    waiting = replace(REALISED, final=np.zeros(5, dtype=np.bool_))
    alone = course(LOOK, labels(), at=DAYS, realised=waiting)
    assert "no final figure yet" in alone.alt
    assert [trace.name for trace in alone.figure.data] == ["not final"]


def test_without_any_figure_there_are_axes_and_words() -> None:
    nothing = np.full(5, NAN)
    chart = course(
        LOOK,
        labels(),
        at=DAYS,
        realised=Realised(nothing, nothing, nothing, REALISED.final, nothing),
        watch=0.7,
    )
    assert chart.figure.data == ()
    assert chart.figure.layout.yaxis.range == (0.0, 1.0)
    assert chart.alt


def test_more_points_than_can_be_read_are_refused() -> None:
    n = MAX_POINTS // 4 + 1
    values = np.ones(n)
    with pytest.raises(ValueError, match="longer chunks"):
        course(
            LOOK,
            labels(),
            at=[DAYS[0]] * n,
            realised=Realised(values, values, values, values > 0, values),
        )


@pytest.mark.parametrize(("locale", "final"), [("zh-HK", "已成熟"), ("zh-CN", "已成熟")])
def test_it_follows_theme_and_language(locale: str, final: str) -> None:
    look = Look(DARK, translator(locale))
    chart = course(look, labels(look), at=DAYS, realised=REALISED, estimate=ESTIMATE, as_share=True)
    assert chart.figure.layout.font.color == DARK.ink
    assert final in chart.figure.data[3].name
    assert chart.figure.layout.yaxis.tickformat == ".1~%"
