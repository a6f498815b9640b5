"""How far two fields act together in a model, beyond what each does by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.global_view.dependence import Predict, outputs
from core.metrics.global_view.grid import Point

if TYPE_CHECKING:
    import pandas as pd

_NOTHING = 1e-12  # of the outputs themselves: less is a rounding error


@dataclass(frozen=True, slots=True)
class Interaction:
    """How far two fields act together.

    Parameters
    ----------
    first, second : str
        Which.
    h2 : float
        Share of the variance of their joint partial dependence that is not the sum of their own;
        NaN where the joint one does not vary.
    strength : float
        Root mean square of what is not, on the scale of the output.
    rows : int
        Rows of the sample.
    """

    first: str
    second: str
    h2: float
    strength: float
    rows: int


def interactions(
    predict: Predict, rows: "pd.DataFrame", fields: Sequence[str]
) -> tuple[Interaction, ...]:
    r"""Return Friedman's H² of every pair of some fields, the strongest first.

    .. math:: H^2_{jk} = \frac{\sum_i [PD_{jk}(x_{ij}, x_{ik}) - PD_j(x_{ij}) - PD_k(x_{ik})]^2}
        {\sum_i PD_{jk}(x_{ij}, x_{ik})^2}

    with each partial dependence less its mean over the rows. It is exact over the rows: what they
    have is asked for, and means are over all of them.

    Parameters
    ----------
    predict : callable
        The model, on the scale on which fields may add up.
    rows : DataFrame, shape (n, fields)
        The sample: n² outputs are asked for a pair, fewer where values come again.
    fields : sequence of str
        Columns of it.

    Notes
    -----
    Friedman and Popescu, *Predictive learning via rule ensembles* (2008). H² is large, too, where
    both fields hardly move the output: ``strength`` says how much there is of it.
    """
    alone = {name: _centred(predict, rows, (name,)) for name in fields}
    found = [
        _interaction(pair, _centred(predict, rows, pair), alone[pair[0]] + alone[pair[1]])
        for pair in combinations(fields, 2)
    ]
    return tuple(sorted(found, key=lambda each: -each.strength))


def _interaction(pair: tuple[str, str], joint: Floats, apart: Floats) -> Interaction:
    rest = joint - apart
    varies = float((joint**2).sum())
    h2 = float((rest**2).sum()) / varies if varies > 0 else float("nan")
    return Interaction(*pair, h2, float(np.sqrt((rest**2).mean())), len(joint))


def _centred(predict: Predict, rows: "pd.DataFrame", fields: tuple[str, ...]) -> Floats:
    """Return the partial dependence at each row's own values, less its mean, shape (n,)."""
    own = list(zip(*(_points(rows, name) for name in fields), strict=True))
    asked = list(dict.fromkeys(own))
    given = {name: [values[place] for values in asked] for place, name in enumerate(fields)}
    means = dict(zip(asked, outputs(predict, rows, given).mean(axis=1).tolist(), strict=True))
    found = np.array([means[values] for values in own])
    apart = found - found.mean()
    return np.where(np.abs(apart) > _NOTHING * np.abs(found).max(), apart, 0.0)


def _points(rows: "pd.DataFrame", name: str) -> list[Point]:
    """Return a column's values; what is missing is None, which is equal to itself."""
    return [None if value != value else value for value in rows[name].tolist()]
