"""The grid of scores: the same in SQL and in NumPy, in the order of the score."""

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lake.labels.score_grid import (
    HIGHEST,
    LOWEST,
    NO_SCORE,
    PARTS,
    Crowded,
    lowest_scores,
    score_cell_sql,
    score_cells,
    usable_score_sql,
    whole_cells,
)

PROBABILITIES = st.floats(0, 1, allow_subnormal=True)


def in_sql(scores: list[float | None], crowded: Crowded | None = None) -> list[int]:
    cell = score_cell_sql("r.s", crowded)
    with duckdb.connect() as connection:
        return [
            row[0]
            for row in connection.execute(
                f"SELECT {cell} FROM (SELECT unnest($scores::DOUBLE[]) AS s) AS r",
                {"scores": scores},
            ).fetchall()
        ]


def test_hand_calculated_cells() -> None:
    # ln(odds): of 0.5 is 0, of 0.75 ln 3 = 1.0986, of 0.25 -1.0986 (floor of 500 times: -550)
    scores = [0.0, 0.25, 0.5, 0.75, 1.0, float("nan"), -0.1, 1.1]
    wanted = [LOWEST, -550 * PARTS, 0, 549 * PARTS, HIGHEST, NO_SCORE, NO_SCORE, NO_SCORE]
    assert score_cells(scores).tolist() == wanted
    assert in_sql([*scores, None]) == [*wanted, NO_SCORE]


@given(st.lists(PROBABILITIES, min_size=1, max_size=50))
def test_sql_and_numpy_agree_but_for_the_last_bit_of_a_logarithm(scores: list[float]) -> None:
    assert np.abs(score_cells(scores) - np.asarray(in_sql(list(scores)))).max() <= PARTS


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


def test_the_smallest_scores_have_cells_of_their_own() -> None:
    scores = [5e-324, 1e-300, 1e-12, 1.003e-12, 1e-7, 1.003e-7, 1 - 1e-12, 1 - 2**-53]
    cells = score_cells(scores)
    assert np.all(np.diff(cells) > 0)
    assert in_sql(list(scores)) == cells.tolist()
    assert cells[0] > LOWEST
    assert cells[-1] < HIGHEST


def test_a_crowded_cell_is_counted_in_parts() -> None:
    # ln(odds) of 0.5 + d is 4 d: a cell is 0.0005 wide there, a part a 1024th of it.
    scores: list[float | None] = [0.5, 0.5 + 6e-7, 0.5 + 1.2e-6, 0.5004, 0.5006, 0.9]
    assert in_sql(scores[:4]) == [0, 0, 0, 0]
    found = in_sql(scores, Crowded((0,), 1024))
    # 500 · 4 · 1024 · d: 1.2, 2.5 and 819.2; what is not crowded stays whole.
    assert found == [0, 1024, 2 * 1024, 819 * 1024, *score_cells([0.5006, 0.9])]
    assert whole_cells(found).tolist() == score_cells([0.5, 0.5, 0.5, 0.5004, 0.5006, 0.9]).tolist()
    assert lowest_scores(found)[:4] == pytest.approx(
        [0.5, 0.5 + 4.9e-7, 0.5 + 9.8e-7, 0.5004], abs=1e-7
    )
    finest = in_sql([0.5, 0.5 + 1e-9], Crowded((0, 550), PARTS))
    assert finest == [0, 2]


def test_a_score_is_usable_where_it_has_a_cell() -> None:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {usable_score_sql('r.s')}"
            " FROM (SELECT unnest([0, 1, 0.5, -1e-9, 1.7, 'nan'::DOUBLE, NULL]) AS s) AS r"
        ).fetchall()
    assert [row[0] for row in found] == [True, True, True, False, False, False, False]
