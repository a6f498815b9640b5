"""Stability of reasons as bars: unstable ones apart, and in words."""

from datetime import date

from app.charts import Look, labels_for, steadiness
from app.palette import LIGHT
from core.i18n import translator

T = translator("en")
LOOK = Look(LIGHT, T)


def test_unstable_ones_stand_apart_and_are_counted() -> None:
    labels = labels_for(
        T,
        title="Stability of reasons",
        x="Redraws",
        y="Decisions",
        n=10,
        first=date(2025, 1, 1),
        last=date(2025, 1, 2),
    )
    found = steadiness(
        LOOK, labels, counts={0.35: 1, 0.75: 2, 0.8: 3, 1.0: 4}, limit=0.8, redraws=20
    )
    low, high = found.figure.data
    assert (list(low.x), list(low.y)) == ([0.35, 0.75], [1, 2])
    assert (list(high.x), list(high.y)) == ([0.8, 1.0], [3, 4])
    assert low.marker.color != high.marker.color
    assert found.alt == "Stability of reasons: 3 of 10 below 80%."
    assert found.table.to_dict("list") == {"Redraws": [0.35, 0.75, 0.8, 1.0],
                                           "Decisions": [1, 2, 3, 4]}  # fmt: skip
