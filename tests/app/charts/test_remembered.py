import math
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

import numpy as np
import pandas as pd
import pytest

from app.charts import Chart, Labels, Look, Series
from app.charts.remembered import fingerprint, remembered
from app.palette import DARK, LIGHT
from core.i18n import translator

LOOK = Look(LIGHT, translator("en"))
WORDS = Labels("title", "x", "y", "", 1, "2010")
VALUES = np.array([1.0, np.nan, 3.0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (1.0, 2.0),
        ("1", 1),
        (None, ""),
        (date(2025, 1, 1), datetime(2025, 1, 1, tzinfo=UTC)),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.zeros((1, 2)), np.zeros((2, 1))),
        (["a", "b"], ["ab"]),
        (Series("p50", VALUES), Series("p95", VALUES)),
        (Series("p50", VALUES), Series("p50", VALUES + 1)),
        (LOOK, replace(LOOK, colours=DARK)),
        (LOOK, replace(LOOK, t=translator("zh-HK"))),
        (LOOK.t.number, LOOK.t.percent),
        (LOOK.t.number, translator("zh-HK").number),
        ({"a": 1}, {"b": 1}),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})),
        (lambda: 1, lambda: 1),
        (partial(round, ndigits=1), partial(round, ndigits=2)),
    ],
)
def test_what_a_chart_can_tell_apart_has_other_fingerprints(one: object, other: object) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    "make",
    [
        lambda: math.nan,
        lambda: np.float64(2.5),
        lambda: VALUES.copy(),
        lambda: np.array(["港島", None], dtype=object),
        lambda: [Series("p50", VALUES.copy())],
        lambda: Look(LIGHT, translator("en")),
        lambda: pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]}),
        lambda: LOOK.t.number,
        lambda: partial(round, ndigits=2),
    ],
)
def test_equal_values_have_equal_fingerprints(make: object) -> None:
    assert callable(make)
    assert fingerprint(make()) == fingerprint(make())
    assert hash(fingerprint(make())) == hash(fingerprint(make()))


def test_a_value_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        fingerprint({1})


def test_a_chart_is_drawn_once_for_the_same_values() -> None:
    drawn = []

    @remembered
    def draw(look: Look, values: object) -> Chart:
        drawn.append(look)
        return Chart(None, "alt", pd.DataFrame({"values": values}), WORDS)

    first = draw(LOOK, VALUES)
    assert draw(LOOK, VALUES.copy()) is first
    assert draw(LOOK, VALUES + 1) is not first
    assert draw(replace(LOOK, t=translator("zh-CN")), VALUES) is not first
    assert len(drawn) == 3
