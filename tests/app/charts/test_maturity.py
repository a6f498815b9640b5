"""How far labels are: stacked shares of final, early and missing ones."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from app.charts import MAX_POINTS, Chart, Labels, Look, labels_for, maturity_bars
from app.palette import DARK, LIGHT
from core.i18n import translator

LOOK = Look(LIGHT, translator("en"))
MONTHS = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=31 * place) for place in range(4)]
FINAL = np.array([1.0, 0.4, 0.0, np.nan])
EARLY = np.array([0.0, 0.25, 0.1, np.nan])


def labels(look: Look) -> Labels:
    return labels_for(
        look.t,
        title="Share of predictions",
        x="Period",
        y="Share of predictions",
        n=900,
        first=date(2010, 1, 1),
        last=date(2010, 4, 30),
    )


def drawn(look: Look = LOOK) -> Chart:
    return maturity_bars(look, labels(look), at=MONTHS, final=FINAL, early=EARLY)


def test_the_three_shares_add_up_to_one() -> None:
    final, early, waiting = drawn().figure.data
    assert [each.name for each in (final, early, waiting)] == [
        "final label",
        "early label",
        "no label yet",
    ]
    assert final.y == (1.0, 0.4, 0.0, None)
    assert waiting.y == (0.0, 0.35, 0.9, None)
    for place in range(3):
        assert final.y[place] + early.y[place] + waiting.y[place] == pytest.approx(1.0)
    assert drawn().figure.layout.barmode == "stack"
    assert drawn().figure.layout.yaxis.range == (0, 1)


def test_bars_without_labels_are_those_of_an_empty_cell() -> None:
    final, _, waiting = drawn().figure.data
    assert (final.marker.color, waiting.marker.color) == (LIGHT.current, LIGHT.empty_cell)


def test_table_and_words() -> None:
    chart = drawn()
    assert list(chart.table.columns) == ["Period", "final label", "early label", "no label yet"]
    assert chart.table["final label"].tolist()[:2] == [1.0, 0.4]
    assert chart.table["no label yet"].tolist()[1] == pytest.approx(0.35)
    # One of the three periods with predictions is final.
    assert "33.3% of the periods have final labels" in chart.alt
    assert "n = 900" in chart.figure.layout.title.text


def test_without_predictions_nothing_is_final() -> None:
    none = np.full(4, np.nan)
    chart = maturity_bars(LOOK, labels(LOOK), at=MONTHS, final=none, early=none)
    assert "0.0% of the periods" in chart.alt
    assert {value for trace in chart.figure.data for value in trace.y} == {None}


def test_more_bars_than_can_be_read_are_refused() -> None:
    n = MAX_POINTS // 3 + 1
    with pytest.raises(ValueError, match="longer chunks"):
        maturity_bars(LOOK, labels(LOOK), at=[MONTHS[0]] * n, final=np.ones(n), early=np.zeros(n))


@pytest.mark.parametrize("locale", ["zh-HK", "zh-CN"])
def test_it_follows_theme_and_language(locale: str) -> None:
    chart = drawn(Look(DARK, translator(locale)))
    assert chart.figure.layout.font.color == DARK.ink
    assert not any(each.name.isascii() for each in chart.figure.data)
