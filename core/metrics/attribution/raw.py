"""A model's output on the scale on which its parts add up, asked of the model itself."""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.attribution.mixtures import Predict
from core.metrics.attribution.spaces import Space

if TYPE_CHECKING:
    import pandas as pd


def raw_output(pipeline: Any, space: Space, place: int | None) -> Predict:
    """Return what gives a pipeline's raw output for rows.

    Parameters
    ----------
    pipeline : object
        A fitted pipeline or model.
    space : Space
        The scale of its attributions.
    place : int, optional
        Which of its classes; None for a model of numbers.
    """

    def asked(frame: "pd.DataFrame") -> Floats:
        if space is Space.class_score:
            return np.asarray(pipeline.decision_function(frame), dtype=np.float64)[:, place]
        if place is not None:
            shares = np.asarray(pipeline.predict_proba(frame), dtype=np.float64)[:, place]
            return _log_odds(shares) if space is Space.log_odds else shares
        found = np.asarray(pipeline.predict(frame), dtype=np.float64).reshape(len(frame))
        return np.log(found) if space is Space.log else found

    return asked


def _log_odds(shares: Floats) -> Floats:
    """Return ln(p / (1 - p)); beyond what a double tells from 0 and 1 it is that of its limit."""
    limit = np.finfo(np.float64).eps
    inside = np.clip(shares, limit, 1.0 - limit)
    return np.asarray(np.log(inside) - np.log1p(-inside))
