"""Replays an order-up-to policy on forecasts against the demand that really came.

Stock, orders and costs are simulated: the source says what was sold, not what lay in the shop.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COST_SHARE = 0.6  # what a unit costs the shop, as a share of its price
HOLDING_RATE = 0.25  # a year, of the cost of what lies there
WEEKS_A_YEAR = 52


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """What the replay gives, by week and product.

    Parameters
    ----------
    before : ndarray
        Units left from the week before.
    up_to : ndarray
        The order-up-to level, in whole units.
    short : ndarray
        Units asked for beyond what lay there; these sales are lost.
    left : ndarray
        Units left at the end of the week.
    """

    before: Floats
    up_to: Floats
    short: Floats
    left: Floats

    @property
    def ordered(self) -> Floats:
        """Units ordered at the start of the week, delivered before it opens."""
        return np.maximum(self.up_to - self.before, 0)


def replay(forecast: Floats, demand: Floats, cover: float) -> Stock:
    """Fill each product's stock up to a multiple of its forecast every Monday.

    Parameters
    ----------
    forecast : ndarray of float64, shape (weeks, products)
        Units.
    demand : ndarray of float64, shape (known, products)
        Units of the weeks that are known: as many as there are forecasts, or fewer.
    cover : float
        The multiple. What is ordered is there before the week begins; what is not sold is
        carried over; what cannot be served is lost.

    Returns
    -------
    Stock
        ``short`` and ``left`` of the known weeks only.
    """
    up_to = np.ceil(np.round(cover * forecast, 6))
    before, short, left = np.zeros_like(up_to), np.zeros_like(demand), np.zeros_like(demand)
    carried = np.zeros(up_to.shape[1])
    for week, level in enumerate(up_to):
        before[week] = carried
        if week < len(demand):
            there = np.maximum(level, carried)
            short[week] = np.maximum(demand[week] - there, 0)
            left[week] = np.maximum(there - demand[week], 0)
            carried = left[week]
    return Stock(before, up_to, short, left)


def holding_cost(left: Floats, price: Floats) -> Floats:
    """Return what units left over cost for a week, in the currency of their price."""
    return left * price * COST_SHARE * HOLDING_RATE / WEEKS_A_YEAR


def lost_margin(short: Floats, price: Floats) -> Floats:
    """Return the margin of units that could not be served, in the currency of their price."""
    return short * price * (1 - COST_SHARE)
