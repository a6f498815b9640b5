import numpy as np
import pytest

from core.errors import InvalidInput, MissingColumn
from core.metrics.estimation.encoding import MOST_CATEGORIES, fit_encoder


def test_categories_are_numbered_by_frequency() -> None:
    # By hand: b twice, a and c once (in the order of the alphabet).
    encoder = fit_encoder({"x": ["c", "b", "a", "b", None], "y": [1, 2, 3, 4, 5]}, {"x"})
    assert encoder.codes == {"x": {"b": 0, "a": 1, "c": 2}, "y": None}
    assert encoder.categories.tolist() == [True, False, False]
    rows = {"x": np.array(["a", "new", None, float("nan")], dtype=object), "y": [7, None, 9, 1e9]}
    np.testing.assert_array_equal(
        encoder.encode(rows, np.arange(4.0)),
        [[1, 7, 0], [np.nan, np.nan, 1], [np.nan, 9, 2], [np.nan, 1e9, 3]],
    )


def test_rare_categories_share_the_last_number() -> None:
    names = [f"{number:03}" for number in range(300)]
    encoder = fit_encoder({"x": names}, {"x"})
    matrix = encoder.encode({"x": names}, np.zeros(300))
    assert matrix[:, 0].max() == MOST_CATEGORIES - 1
    assert (matrix[:, 0] == MOST_CATEGORIES - 1).sum() == 300 - MOST_CATEGORIES + 1


def test_wrong_columns_are_refused() -> None:
    encoder = fit_encoder({"x": [1, 2]}, ())
    with pytest.raises(MissingColumn, match="feature x"):
        encoder.encode({"y": [1, 2]}, np.zeros(2))
    with pytest.raises(InvalidInput, match="feature x"):
        encoder.encode({"x": ["one", "two"]}, np.zeros(2))
    with pytest.raises(InvalidInput, match="feature x"):
        encoder.encode({"x": [1, 2, 3]}, np.zeros(2))
