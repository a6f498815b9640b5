"""Figures written in their unit: a share as a percentage, money with its currency."""

import math
from datetime import timedelta

from app.screens.words import value_text
from core.i18n import Translator
from core.metrics.metric import Metric


def figure_text(
    t: Translator, metric: Metric, value: float, *, currency: str, own: str = ""
) -> str:
    """Write one value of a metric in its unit.

    Parameters
    ----------
    t : Translator
        Of the reader's language.
    metric : Metric
        The registry entry.
    value : float
        The figure; NaN reads as a dash.
    currency : str
        That of the model's contract, for what is counted in money.
    own : str
        Unit of the column measured, if it has one: its currency, ``%``, or a word.

    Returns
    -------
    str
        ``78.3%``, ``HK$1.23M``, ``-4.2 months``, ``0.764``.
    """
    if math.isnan(value):
        return t.number(value)
    if metric.unit in {"share", "relative"}:
        return t.percent(value, 1)
    if metric.unit == "money":
        return t.compact_money(value, currency)
    if metric.unit == "milliseconds":
        return value_text(t, value, "ms")
    if metric.unit == "hours":
        return t.duration(timedelta(hours=value))
    if metric.unit == "own":
        return value_text(t, value, own)
    return t.number(value)


def p_text(t: Translator, value: float) -> str:
    """Write a p-value: three decimals, or that it is smaller."""
    if math.isnan(value):
        return "–"
    return f"<{t.number(0.001, 3)}" if value < 0.001 else t.number(value, 3)


def figure_unit(metric: Metric, *, currency: str, own: str = "") -> str:
    """Return what an axis is counted in: a currency, ``%``, ``ms``, or empty for a pure number."""
    return {
        "share": "%",
        "relative": "%",
        "milliseconds": "ms",
        "hours": "h",
        "own": own,
        "own_squared": f"{own}²" if own else "",
        "money": currency,
    }.get(metric.unit, "")
