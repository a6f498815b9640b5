"""The grid of scores: the same in SQL and in NumPy, in the order of the score."""

import duckdb
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.lake.score_grid import (
    HIGHEST,
    LOWEST,
    NO_SCORE,
    lowest_scores,
    score_cell_sql,
    score_cells,
)

PROBABILITIES = st.floats(0, 1, allow_subnormal=False)


def in_sql(scores: list[float | None]) -> list[int]:
    with duckdb.connect() as connection:
        return [
            row[0]
            for row in connection.execute(
                f"SELECT {score_cell_sql('r.s')} FROM (SELECT unnest($scores::DOUBLE[]) AS s) AS r",
                {"scores": scores},
            ).fetchall()
        ]


def test_hand_calculated_cells() -> None:
    # ln(odds): of 0.5 is 0, of 0.75 ln 3 = 1.0986, of 0.25 -1.0986 (floor of 500 times: -550)
    scores = [0.0, 0.25, 0.5, 0.75, 1.0, float("nan"), -0.1, 1.1]
    wanted = [LOWEST, -550, 0, 549, HIGHEST, NO_SCORE, NO_SCORE, NO_SCORE]
    assert score_cells(scores).tolist() == wanted
    assert in_sql([*scores, None]) == [*wanted, NO_SCORE]


@given(st.lists(PROBABILITIES, min_size=1, max_size=50))
def test_sql_and_numpy_agree_but_for_the_last_bit_of_a_logarithm(scores: list[float]) -> None:
    assert np.abs(score_cells(scores) - np.asarray(in_sql(list(scores)))).max() <= 1


@given(PROBABILITIES, PROBABILITIES)
def test_cells_keep_the_order_of_scores(first: float, second: float) -> None:
    low, high = sorted((first, second))
    left, right = score_cells([low, high])
    assert left <= right
    if left == right:
        assert high - low <= 0.0005 + 1e-12  # 1/500 of the log odds, times p (1 - p)


@given(PROBABILITIES)
def test_a_score_lies_at_or_above_the_lowest_of_its_cell(score: float) -> None:
    lowest = lowest_scores(score_cells([score]))[0]
    assert lowest <= score * (1 + 1e-9)
