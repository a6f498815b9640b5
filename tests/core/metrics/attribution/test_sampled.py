"""Sampled attributions: near the exact ones, by the errors that are stated."""

import numpy as np
import pandas as pd
import pytest

from core.metrics.arrays import Floats
from core.metrics.attribution.sampled import Sampled, sampled_attributions
from tests.core.metrics.attribution.brute import brute_force

NAMES = list("abcde")


def test_the_parts_of_a_sum_are_exact_whatever_the_orders() -> None:
    rows, background = _table(3, 1), _table(10, 2)
    found = sampled_attributions(lambda x: _numbers(x) @ [1, 2, 3, 4, 5], rows, background)
    expected = (_numbers(rows) - _numbers(background).mean(axis=0)) * [1, 2, 3, 4, 5]
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.error, 0, atol=1e-12)


def test_a_product_of_two_is_exact_for_each_pair() -> None:
    # In one order the one adds all, in the order backwards the other: half each.
    rows, background = _table(1, 1), _table(4, 2)
    found = sampled_attributions(lambda x: _numbers(x)[:, 0] * _numbers(x)[:, 1], rows, background)
    (a, b), others = _numbers(rows)[0, :2], _numbers(background)
    expected = [
        np.mean((a - others[:, 0]) * (b + others[:, 1]) / 2),
        np.mean((b - others[:, 1]) * (a + others[:, 0]) / 2),
    ]
    assert found.values[0, :2] == pytest.approx(expected)
    assert not found.values[0, 2:].any()
    assert found.error == pytest.approx(np.zeros((1, 5)), abs=1e-12)


def test_base_and_parts_add_up_to_the_score() -> None:
    rows, background = _table(4, 1), _table(12, 2)
    found = _sampled(rows, background)
    assert found.base == pytest.approx(_crossed(background).mean())
    np.testing.assert_allclose(
        found.base + found.values.sum(axis=1), _crossed(rows), rtol=0, atol=1e-12
    )


def test_errors_are_as_large_as_they_are_said_to_be() -> None:
    row, background = _table(1, 1), _table(8, 2)
    exact = brute_force(_crossed, row, background)
    runs = [_sampled(row, background, seed=seed) for seed in range(150)]
    values = np.array([run.values[0] for run in runs])
    errors = np.array([run.error[0] for run in runs])
    spread = values.std(axis=0, ddof=1)
    assert (spread > 0).all()
    # The mean of 150 lies within four standard errors of the exact value: no bias.
    assert (np.abs(values.mean(axis=0) - exact) < 4 * spread / np.sqrt(150)).all()
    # The stated variance is unbiased: its mean is that of the values, give or take a fifth or two.
    assert np.sqrt((errors**2).mean(axis=0)) == pytest.approx(spread, rel=0.25)


def test_more_pairs_make_smaller_errors() -> None:
    row, background = _table(1, 1), _table(20, 2)
    few, many = (_sampled(row, background, pairs=pairs) for pairs in (2, 18))
    assert (few.walks, many.walks) == (80, 720)
    assert many.error.mean() == pytest.approx(few.error.mean() / 3, rel=0.3)


def test_fewer_than_two_pairs_would_not_tell_their_spread() -> None:
    row, background = _table(1, 1), _table(5, 2)
    assert _sampled(row, background, pairs=1).walks == 20
    assert np.isfinite(_sampled(row, background, pairs=1).error).all()


def test_the_same_seed_gives_the_same_whatever_else_is_asked() -> None:
    rows, background = _table(5, 1), _table(6, 2)
    together, alone = _sampled(rows, background), _sampled(rows.iloc[[3]], background)
    assert alone.values[0].tolist() == together.values[3].tolist()
    assert _sampled(rows, background, seed=1).values.tolist() != together.values.tolist()


def test_a_model_is_asked_for_so_many_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, background = _table(2, 1), _table(6, 2)
    whole = _sampled(rows, background)
    monkeypatch.setattr("core.metrics.attribution.mixtures._AT_ONCE", 7)
    asked = []

    def score(frame: pd.DataFrame) -> Floats:
        asked.append(len(frame))
        return _crossed(frame)

    found = sampled_attributions(score, rows, background)
    assert max(asked) == 7
    assert found.values.tolist() == whole.values.tolist()


def test_columns_keep_their_types() -> None:
    table = pd.DataFrame(
        {
            "kind": pd.Categorical(["x", "y", "z", "x"]),
            "count": [1, 2, 3, 4],
            "word": ["p", "q", "p", None],
        }
    )

    def score(frame: pd.DataFrame) -> Floats:
        assert frame.dtypes.tolist() == table.dtypes.tolist()
        return np.asarray(frame["count"] * (frame["kind"] == "x"), dtype=np.float64)

    found = sampled_attributions(score, table.iloc[[0]], table.iloc[1:])
    assert found.values[0] == pytest.approx(brute_force(score, table.iloc[[0]], table.iloc[1:]))


def test_one_field_gets_all() -> None:
    rows, background = _table(2, 1)[["a"]], _table(3, 2)[["a"]]
    found = sampled_attributions(lambda x: _numbers(x)[:, 0] ** 2, rows, background)
    expected = _numbers(rows)[:, 0] ** 2 - (_numbers(background)[:, 0] ** 2).mean()
    assert found.values[:, 0] == pytest.approx(expected)


def _sampled(
    rows: pd.DataFrame, background: pd.DataFrame, *, pairs: int = 2, seed: int = 0
) -> Sampled:
    return sampled_attributions(_crossed, rows, background, pairs=pairs, seed=seed)


def _crossed(frame: pd.DataFrame) -> Floats:
    """Return a score in which every field depends on the others."""
    numbers = _numbers(frame)
    return np.asarray(np.maximum(numbers.sum(axis=1), 0) * numbers.prod(axis=1))


def _numbers(frame: pd.DataFrame) -> Floats:
    return frame.to_numpy(dtype=np.float64)


def _table(rows: int, seed: int) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(1, 1, (rows, 5)), columns=NAMES)
