"""Domain classifier: how well a machine tells rows of a period from rows of the reference."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.estimation.encoding import Columns, fit_encoder
from core.metrics.intervals import hanley_mcneil
from core.metrics.one_thread import one_thread

FOLDS = 5
FEWEST_ROWS = 100
"""Rows needed on both sides: 20 a fold."""

ROWS_MESSAGE = N_("Telling rows apart needs at least {n} rows of the reference and of the period.")
_GUESSING = 0.5
_WIDER = (1 + FOLDS / (FOLDS - 1)) ** 0.5


@dataclass(frozen=True, slots=True)
class Separator:
    """A feature, and how much telling rows apart depends on it.

    Parameters
    ----------
    feature : str
        Its name.
    drop : float
        How much the area falls when its values are shuffled among held-out rows, mean of the
        folds; about 0 for a feature that does not separate.
    """

    feature: str
    drop: float


@dataclass(frozen=True, slots=True)
class DomainDrift:
    """How well rows of a period can be told from rows of the reference.

    Parameters
    ----------
    auc, low, high : float
        Area under the ROC curve of held-out rows, the mean of the folds, with its 95 % interval;
        0.5 is guessing, 1 telling all apart.
    n_reference, n_current : int
        Rows that it was learned and measured with.
    separators : tuple of Separator
        Every feature, the one that separates most first.
    """

    auc: float
    low: float
    high: float
    n_reference: int
    n_current: int
    separators: tuple[Separator, ...]

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the interval lies above guessing."""
        return self.low > _GUESSING


def domain_classifier(
    reference: Columns,
    current: Columns,
    categorical: Collection[str],
    *,
    seed: int = 0,
    iterations: int = 50,
    progress: Callable[[float], None] | None = None,
) -> DomainDrift:
    """Train a classifier to tell two samples apart, and measure it on rows it has not seen.

    Rows of both sides are dealt at random into five folds; histogram gradient boosting is trained
    on four and measured on the fifth, once for each. The area under the ROC curve is the mean of
    the folds' areas, which unlike that of all held-out scores together is 0.5 on average if nothing
    changed. The interval is Hanley and McNeil's for the rows of both sides, half as wide again
    because the folds share most of their training rows.

    Parameters
    ----------
    reference, current : mapping of str to array_like, shapes (n,) and (m,)
        The two samples, with the same columns.
    categorical : collection of str
        Names of those that are categories.
    seed : int
        Of the deal and of the shuffling. The same seed gives the same figures.
    iterations : int
        Trees a fold.
    progress : callable, optional
        Told the share that is done, after each fold.

    Raises
    ------
    core.errors.NotComputable
        With fewer than a hundred rows on a side.
    core.errors.InvalidInput
        If a column cannot be read, or the sides have different columns.

    Notes
    -----
    Lopez-Paz and Oquab, *Revisiting classifier two-sample tests* (2017). With k folds the variance
    is taken :math:`1 + k / (k - 1)` times as large, 2.25 for five (Nadeau and Bengio 2003): without
    a change one sample in eight would lie outside the plain interval, by simulation, and of this
    one fewer than stated. Permutation importance: Breiman (2001); where two features say the same,
    shuffling one of them costs little.
    """
    if set(reference) != set(current):
        raise InvalidInput(N_("The two samples have different columns."))
    names = list(reference)
    sizes = [len(next(iter(side.values()), ())) for side in (reference, current)]
    if min(sizes) < FEWEST_ROWS:
        raise NotComputable(ROWS_MESSAGE, n=FEWEST_ROWS)
    both = {
        name: np.concatenate(
            [np.asarray(side[name], dtype=object) for side in (reference, current)]
        )
        for name in names
    }
    encoder = fit_encoder(both, categorical)
    matrix = encoder.encode(both, np.zeros(sum(sizes)))[:, :-1]
    matrix[~np.isfinite(matrix)] = np.nan
    is_current = np.repeat([False, True], sizes)
    draw = np.random.default_rng(seed)
    fold = np.concatenate([draw.permutation(size) % FOLDS for size in sizes])
    areas, drops = [], np.zeros((FOLDS, len(names)))
    with one_thread():
        for number in range(FOLDS):
            held = fold == number
            sides = matrix[held], is_current[held]
            model = _trained(
                matrix[~held], is_current[~held], encoder.categories[:-1], iterations, seed
            )
            areas.append(_area(model, *sides))
            drops[number] = areas[-1] - _shuffled(model, *sides, draw)
            if progress is not None:
                progress((number + 1) / FOLDS)
    return _found(float(np.mean(areas)), sizes, dict(zip(names, drops.mean(axis=0), strict=True)))


def _found(area: float, sizes: list[int], drops: dict[str, Any]) -> DomainDrift:
    interval = hanley_mcneil(area, sizes[1], sizes[0])
    ranked = sorted(drops, key=lambda name: (-drops[name], name))
    return DomainDrift(
        auc=area,
        low=max(0.0, area - _WIDER * (area - float(interval.low))),
        high=min(1.0, area + _WIDER * (float(interval.high) - area)),
        n_reference=sizes[0],
        n_current=sizes[1],
        separators=tuple(Separator(name, float(drops[name])) for name in ranked),
    )


def _trained(
    matrix: Floats, is_current: Booleans, categories: Booleans, iterations: int, seed: int
) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  # a second

    model = HistGradientBoostingClassifier(
        max_iter=iterations,
        max_leaf_nodes=15,
        early_stopping=False,
        categorical_features=categories,
        random_state=seed,
    )
    return model.fit(matrix, is_current)


def _area(model: Any, matrix: Floats, is_current: Booleans) -> float:
    """Return the area under the ROC curve: the share of pairs in the right order, ties half."""
    scores = np.asarray(model.decision_function(matrix), dtype=np.float64)
    _, place, repeats = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(repeats) - (repeats - 1) / 2)[place]
    m, k = int(is_current.sum()), int((~is_current).sum())
    return float((ranks[is_current].sum() - m * (m + 1) / 2) / (m * k))


def _shuffled(
    model: Any, matrix: Floats, is_current: Booleans, draw: np.random.Generator
) -> Floats:
    """Return the area with each column shuffled in turn, shape (p,)."""
    found = np.zeros(matrix.shape[1])
    for place in range(matrix.shape[1]):
        order: Integers = draw.permutation(len(matrix))
        mixed = matrix.copy()
        mixed[:, place] = matrix[order, place]
        found[place] = _area(model, mixed, is_current)
    return found
