"""Direct loss estimation: a regression's errors before outcomes are known.

A second model learns on the labelled reference how large the first model's error is, from the
features and the estimate; its mean over rows without outcomes is the expected error. It sees that
harder cases come in, and that easier ones do. It cannot see concept drift: the same cases turning
out differently.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import AnyArray, Floats, Integers
from core.metrics.estimation.encoding import Columns, Encoder, fit_encoder
from core.metrics.estimation.sampling_error import SamplingErrors
from core.metrics.one_thread import one_thread

ESTIMATED = ("mae", "mse", "rmse", "mape", "rmsle")
"""Ids of the figures that are estimated, in the order in which they are shown."""

UNLEARNT: Mapping[str, str] = {
    "mape": N_(
        "Some outcomes of the performance reference are 0, and this figure leaves such rows out. "
        "Nobody knows beforehand which these are, so it is not estimated."
    ),
    "rmsle": N_(
        "Something in the performance reference lies below 0, for which this figure is not "
        "defined, so it is not estimated."
    ),
}
"""Why a figure alone may not be estimated."""

FEWEST_ROWS = 20
MOST_ROWS = 100_000
"""Rows of the reference that are learned from; of a larger one, as many drawn at random."""

ROWS_MESSAGE = N_("Estimating errors needs at least {n} labelled rows of the reference.")
NUMBER_MESSAGE = N_("Every outcome needs one estimate that is a number.")

Loss = Callable[[Floats, Floats], Floats]


def _relative(said: Floats, came: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(came != 0, np.abs(said - came) / np.abs(came), np.nan)


def _squared_log(said: Floats, came: Floats) -> Floats:
    known = (said >= 0) & (came >= 0)
    ratio = np.log1p(np.where(known, said, 0.0)) - np.log1p(np.where(known, came, 0.0))
    return np.where(known, ratio**2, np.nan)


_LOSSES: Mapping[str, Loss] = {
    "absolute": lambda said, came: np.abs(said - came),
    "squared": lambda said, came: (said - came) ** 2,
    "relative": _relative,
    "squared_log": _squared_log,
}
_FIGURES: Mapping[str, tuple[str, bool]] = {
    "mae": ("absolute", False),
    "mse": ("squared", False),
    "rmse": ("squared", True),
    "mape": ("relative", False),
    "rmsle": ("squared_log", True),
}


@dataclass(frozen=True, slots=True, eq=False)
class DirectLoss:
    """An estimator of a regression's errors, kept in memory and learned anew when it is needed.

    Parameters
    ----------
    encoder : Encoder
        How features become numbers.
    models : mapping of str to tuple
        By loss: one regressor a fold.
    errors : SamplingErrors
        Of the figures, from the reference.
    reference : mapping of str to float
        Estimates of the reference itself, each row by the model that has not seen it.
    realised : mapping of str to float
        What the reference's errors were.
    """

    encoder: Encoder
    models: Mapping[str, tuple[Any, ...]]
    errors: SamplingErrors
    reference: Mapping[str, float]
    realised: Mapping[str, float]

    def estimate(
        self,
        features: Columns,
        estimates: ArrayLike,
        *,
        chunks: ArrayLike | None = None,
    ) -> Mapping[str, Floats]:
        """Return the expected figures of rows without outcomes.

        Parameters
        ----------
        features : mapping of str to array_like, shape (n,)
            Those that it was learned with; others are ignored.
        estimates : array_like, shape (n,)
            What the model said.
        chunks : array_like of int, shape (n,), optional
            Number of each row's chunk, from 0; without it all rows are one chunk.

        Returns
        -------
        mapping of str to ndarray, shape (K,)
            By metric id: a figure for each chunk; NaN for one without rows, and RMSLE also for one
            with an estimate below 0.

        Raises
        ------
        core.errors.InvalidInput
            If a feature is missing, an estimate is not finite, or numbers of rows differ.
        """
        said = _numbers(estimates)
        place: Integers = np.asarray(
            np.zeros(said.size) if chunks is None else chunks, dtype=np.int64
        )
        if place.shape != said.shape:
            raise InvalidInput(NUMBER_MESSAGE)
        matrix = self.encoder.encode(features, said)
        count = int(place.max(initial=0)) + 1
        rows = np.bincount(place, minlength=count)
        losses = {name: _mean_prediction(models, matrix) for name, models in self.models.items()}
        if "squared_log" in losses:
            losses["squared_log"] = np.where(said >= 0, losses["squared_log"], np.nan)
        with np.errstate(invalid="ignore"):
            means = {name: np.bincount(place, each, count) / rows for name, each in losses.items()}
        return _figures(means)


def fit_direct_loss(
    features: Columns,
    estimates: ArrayLike,
    actuals: ArrayLike,
    *,
    categorical: Collection[str] = (),
    metrics: Collection[str] = ESTIMATED,
    folds: int = 5,
    iterations: int = 100,
    seed: int = 0,
) -> DirectLoss:
    """Learn a regression's errors from the labelled reference, cross-fitted.

    The reference, or 100,000 rows of it drawn at random, is dealt into folds; a histogram gradient
    boosting regressor is trained on all but one of them, once for each. A new row's expected loss
    is the mean over the folds' models, at least 0; a row of the reference has that of the one model
    which was not trained on it.

    Parameters
    ----------
    features : mapping of str to array_like, shape (n,)
        Inputs of the model; missing values may be NaN or None.
    estimates, actuals : array_like, shape (n,)
        What the model said, and what came. MAPE is not estimated where an outcome is 0, which it
        leaves out and nobody can foresee, nor RMSLE where something lies below 0.
    categorical : collection of str
        Names of the features that are categories.
    metrics : collection of str
        Which of :data:`ESTIMATED`; each kind of loss costs one training a fold.
    folds, iterations, seed : int
        Parts of the reference, trees a model, and of the random deal. The same seed gives the same
        estimates.

    Raises
    ------
    core.errors.InvalidInput
        If an estimate or an outcome is not finite, numbers of rows differ, or a metric is unknown.
    core.errors.NotComputable
        With fewer than twenty labelled rows.

    Notes
    -----
    nannyml's DLE trains LightGBM on the whole reference and judges it on the same rows.
    """
    said, came = _numbers(estimates), _numbers(actuals)
    if said.shape != came.shape:
        raise InvalidInput(NUMBER_MESSAGE)
    if unknown := set(metrics) - set(ESTIMATED):
        raise InvalidInput(N_("There is no estimate of {metric}."), metric=min(unknown))
    if said.size < FEWEST_ROWS:
        raise NotComputable(ROWS_MESSAGE, n=FEWEST_ROWS)
    encoder = fit_encoder(features, categorical)
    order = np.random.default_rng(seed).permutation(said.size)[:MOST_ROWS]
    matrix, part = encoder.encode(features, said)[order], np.arange(order.size) % folds
    models, own, true = {}, {}, {}
    for name in dict.fromkeys(_FIGURES[metric][0] for metric in ESTIMATED if metric in metrics):
        loss = _LOSSES[name](said, came)
        if np.isnan(loss).any():  # what cannot be judged of the reference cannot be learned
            continue
        loss = loss[order]
        models[name], held_out = _cross_fitted(
            matrix, loss, part, folds, (encoder.categories, iterations, seed)
        )
        own[name], true[name] = np.nanmean(held_out), np.nanmean(loss)
    return DirectLoss(
        encoder=encoder,
        models=models,
        errors=loss_sampling_errors(said, came),
        reference={name: float(value) for name, value in _figures(own).items()},
        realised={name: float(value) for name, value in _figures(true).items()},
    )


def loss_sampling_errors(estimates: ArrayLike, actuals: ArrayLike) -> SamplingErrors:
    r"""Learn the spread of every figure of a regression from the labelled reference.

    That of a mean is the standard deviation of its rows; that of its root, by the delta method,
    :math:`\mathrm{sd}(x) / (2 \sqrt{\bar x})`.

    Parameters
    ----------
    estimates, actuals : array_like, shape (n,)
        What the model said, and what came.

    Returns
    -------
    SamplingErrors
        NaN for MAPE where an outcome is 0, for RMSLE where something lies below 0, and where all
        rows have the same loss: no spread in a sample does not mean that there is none.
    """
    said, came = _numbers(estimates), _numbers(actuals)
    spreads = {}
    for metric, (name, root) in _FIGURES.items():
        loss = _LOSSES[name](said, came)
        whole = loss.size > 0 and not np.isnan(loss).any()
        spread = float(loss.std()) if whole else np.nan
        mean = float(loss.mean()) if whole else np.nan
        found = spread if not root else _of_root(spread, mean)
        spreads[metric] = found if found > 0 else np.nan
    return SamplingErrors(spreads, float(said.size))


def _of_root(spread: float, mean: float) -> float:
    return 0.0 if mean == 0 else spread / (2 * np.sqrt(mean))


def _cross_fitted(
    matrix: Floats,
    loss: Floats,
    part: Integers,
    folds: int,
    how: tuple[AnyArray, int, int],
) -> tuple[tuple[Any, ...], Floats]:
    """Return the model of each fold, and each row's loss by the model that has not seen it."""
    from sklearn.ensemble import (  # noqa: PLC0415  # a second, and few need it
        HistGradientBoostingRegressor,
    )

    categories, iterations, seed = how
    known = ~np.isnan(loss)
    held_out: Floats = np.full(loss.shape, np.nan)
    models = []
    for fold in range(folds):
        model = HistGradientBoostingRegressor(
            max_iter=iterations,
            early_stopping=False,
            categorical_features=categories if categories.any() else None,
            random_state=seed,
        )
        mine = known & (part == fold)
        with one_thread():
            model.fit(matrix[known & ~mine], loss[known & ~mine])
        if mine.any():
            held_out[mine] = _predicted(model, matrix[mine])
        models.append(model)
    return tuple(models), held_out


def _mean_prediction(models: tuple[Any, ...], matrix: Floats) -> Floats:
    if matrix.shape[0] == 0:
        return np.empty(0)
    return np.asarray(np.mean([_predicted(model, matrix) for model in models], axis=0))


def _predicted(model: Any, matrix: Floats) -> Floats:
    with one_thread():
        return np.asarray(np.maximum(model.predict(matrix), 0.0), dtype=np.float64)


def _figures(means: Mapping[str, Any]) -> dict[str, Floats]:
    return {
        metric: np.sqrt(means[name]) if root else np.asarray(means[name])
        for metric, (name, root) in _FIGURES.items()
        if name in means
    }


def _numbers(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        raise InvalidInput(NUMBER_MESSAGE)
    return numbers
