"""Figures in the cells of a printed table."""

import math

from core.metrics.registry import METRICS


def figure_cell(metric: str, value: float, currency: str) -> float | str:
    """Return a figure as a cell: money in full with its currency, anything else as it is.

    Parameters
    ----------
    metric : str
        Id of the metric.
    value : float
        The figure; NaN stays, and prints as a dash.
    currency : str
        That of the model's contract.

    Returns
    -------
    float or str
        ``HKD -4,708`` for money.
    """
    entry = METRICS.get(metric)
    if entry is not None and entry.unit == "money" and math.isfinite(value):
        return f"{currency} {value:,.0f}"
    return value
