"""Several classes by hand and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.intervals import Interval
from core.metrics.performance import (
    ClassMatrix,
    f1,
    macro_average,
    macro_interval,
    multiclass_accuracy,
    precision,
    recall,
)

NAMES = ("low", "middle", "high")
CELLS = npst.arrays(np.float64, (3, 3), elements=st.integers(0, 12).map(float))


def rows_of(counts: Floats) -> tuple[list[int], list[int]]:
    """Return the actual and the predicted class of every row."""
    pairs = [
        (actual, said)
        for (actual, said), times in np.ndenumerate(counts)
        for _ in range(int(times))
    ]
    return [actual for actual, _ in pairs], [said for _, said in pairs]


@settings(deadline=None)
@given(counts=CELLS.filter(lambda cells: cells.sum() > 0))
def test_agrees_with_scikit_learn(counts: Floats) -> None:
    actual, said = rows_of(counts)
    assert confusion_matrix(actual, said, labels=[0, 1, 2]).tolist() == counts.tolist()
    matrix = ClassMatrix.of(NAMES, counts)
    assert multiclass_accuracy(matrix).value == pytest.approx(accuracy_score(actual, said))
    for figure, second in ((precision, precision_score), (recall, recall_score), (f1, f1_score)):
        found = [figure(cells).value for cells in matrix.one_against_rest().values()]
        expected = second(actual, said, labels=[0, 1, 2], average=None, zero_division=np.nan)
        np.testing.assert_allclose(found, expected)


def test_macro_average_is_scikit_learns() -> None:
    counts = np.asarray([[5.0, 1, 0], [2, 7, 1], [0, 2, 9]])
    actual, said = rows_of(counts)
    rest = ClassMatrix.of(NAMES, counts).one_against_rest()
    for figure, second in ((precision, precision_score), (recall, recall_score), (f1, f1_score)):
        found = macro_average({name: figure(cells).value for name, cells in rest.items()})
        assert found == pytest.approx(second(actual, said, average="macro"), rel=1e-12)


def test_one_class_against_the_rest_by_hand() -> None:
    rest = ClassMatrix.of(NAMES, [[5, 1, 0], [2, 7, 1], [0, 2, 9]]).one_against_rest()
    middle = rest["middle"]
    found = [float(getattr(middle, cell)) for cell in middle.__slots__]
    assert found == [7, 3, 3, 14]
    assert list(rest) == list(NAMES)


def test_chunks_are_read_at_once() -> None:
    counts = np.stack([np.eye(3) * 4, np.ones((3, 3)), np.zeros((3, 3))])
    matrix = ClassMatrix.of(NAMES, counts)
    np.testing.assert_allclose(multiclass_accuracy(matrix).value, [1, 1 / 3, np.nan])
    np.testing.assert_allclose(recall(matrix.one_against_rest()["low"]).value, [1, 1 / 3, np.nan])


def test_a_class_that_never_came_leaves_the_mean_unknown() -> None:
    matrix = ClassMatrix.of(NAMES, [[5, 1, 0], [2, 7, 0], [0, 0, 0]])
    recalls = {name: recall(cells).value for name, cells in matrix.one_against_rest().items()}
    assert np.isnan(macro_average(recalls))
    assert recalls["low"] == pytest.approx(5 / 6)


def test_macro_limits_by_hand() -> None:
    classes = {
        "a": Interval(*(np.asarray(part) for part in (0.5, 0.2, 0.6, 10.0))),
        "b": Interval(*(np.asarray(part) for part in (0.7, 0.3, 0.9, 20.0))),
    }
    widest = macro_interval(classes, n=30)
    assert [float(p) for p in (widest.value, widest.low, widest.high, widest.n)] == pytest.approx(
        [0.6, 0.25, 0.75, 30]
    )
    # √(.3² + .4²) / 2 below and √(.1² + .2²) / 2 above.
    found = macro_interval(classes, n=30, independent=True)
    assert found.low == pytest.approx(0.6 - 0.25)
    assert found.high == pytest.approx(0.6 + np.sqrt(0.05) / 2)


@settings(deadline=None)
@given(counts=CELLS)
def test_independent_limits_lie_within_the_widest(counts: Floats) -> None:
    rest = ClassMatrix.of(NAMES, counts).one_against_rest()
    classes = {name: recall(cells) for name, cells in rest.items()}
    found, widest = (macro_interval(classes, n=1, independent=each) for each in (True, False))
    if not np.isnan(found.value):
        assert widest.low - 1e-12 <= found.low <= found.value <= found.high <= widest.high + 1e-12
        assert found.low >= 0
        assert found.high <= 1


@settings(deadline=None)
@given(first=CELLS, second=CELLS)
def test_matrices_of_parts_add_up(first: Floats, second: Floats) -> None:
    parts = [ClassMatrix.of(NAMES, each).one_against_rest() for each in (first, second)]
    whole = ClassMatrix.of(NAMES, first + second).one_against_rest()
    for name in NAMES:
        for cell in whole[name].__slots__:
            assert getattr(whole[name], cell) == sum(getattr(part[name], cell) for part in parts)


def test_intervals_hold_the_truth_19_times_in_20() -> None:
    shares = np.asarray([[0.2, 0.05, 0.02], [0.06, 0.3, 0.05], [0.02, 0.05, 0.25]])
    truth = ClassMatrix.of(NAMES, shares).one_against_rest()
    drawn = np.random.default_rng(1).multinomial(150, shares.reshape(-1), size=4_000)
    rest = ClassMatrix.of(NAMES, drawn.reshape(-1, 3, 3)).one_against_rest()
    for figure, independent, most in (
        (recall, True, 0.97),
        (precision, True, 0.97),
        (f1, False, 1),
    ):
        true = float(macro_average({name: figure(cells).value for name, cells in truth.items()}))
        classes = {name: figure(cells) for name, cells in rest.items()}
        found = macro_interval(classes, n=150, independent=independent)
        covered = ((found.low <= true) & (true <= found.high)).mean()
        assert 0.935 < covered <= most, figure.__name__


def test_input_that_does_not_fit_is_refused() -> None:
    for classes, shape in ((NAMES, (2, 2)), (("a",), (1, 1)), (NAMES, (3,))):
        with pytest.raises(InvalidInput, match="one row and one column"):
            ClassMatrix.of(classes, np.ones(shape))
    for wrong in (-1.0, np.nan):
        with pytest.raises(InvalidInput, match="not negative"):
            ClassMatrix.of(("a", "b"), np.asarray([[1, 1], [1, wrong]]))
    matrix = ClassMatrix.of(("a", "b"), [[1, 1], [1, 1]])
    assert matrix.of_each({"b": 1, "a": 2}) == ("a", "b")
    for named in (["a"], ["a", "b", "c"]):
        with pytest.raises(InvalidInput, match="not those of the classes"):
            matrix.of_each(named)
