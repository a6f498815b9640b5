"""Money by cut-off: the line, its band, and the cut-offs that have a name."""

from datetime import date
from functools import partial

import numpy as np
import pytest

from app.charts import Chart, Look, Spot, gain_line, labels_for
from app.palette import LIGHT
from core.i18n import translator
from core.metrics.intervals import Interval

T = translator("en")
LOOK = Look(LIGHT, T)
LABELS = labels_for(
    T,
    title="Value by cut-off",
    x="Cut-off",
    y="Value",
    n=400,
    first=date(2025, 1, 1),
    last=date(2025, 3, 31),
)


def chart(count: int = 5, spots: tuple[Spot, ...] = ()) -> Chart:
    cut_off = np.linspace(0.1, 0.9, count)
    value = np.linspace(-100.0, 300.0, count)
    value[0] = np.nan
    return gain_line(
        LOOK,
        LABELS,
        cut_off=cut_off,
        gain=Interval(value, value - 50, value + 50, np.full(count, 400.0)),
        flagged=np.linspace(1.0, 0.0, count),
        spots=spots,
        write=partial(T.compact_money, currency="HKD"),
    )


def test_the_line_the_band_and_the_spots() -> None:
    found = chart(spots=(Spot(0.5, "today 0.5"), Spot(0.1, "best 0.1")))
    assert found.alt == "Value by cut-off: today 0.5, best 0.1."
    kinds = [trace.mode for trace in found.figure.data]
    # Two limits, the line, and one point: the second spot lies where nothing is known.
    assert kinds == ["lines", "lines", "lines", "markers"]
    assert list(found.table.columns) == ["Cut-off", T("flagged"), "Value", "Low", "High"]
    texts = [each.text for each in found.figure.layout.annotations]
    assert texts[-2:] == ["today 0.5", "best 0.1"]
    assert found.shares == (T("flagged"),)


def test_too_many_points_are_refused() -> None:
    with pytest.raises(ValueError, match="limit of 2000"):
        chart(700)
