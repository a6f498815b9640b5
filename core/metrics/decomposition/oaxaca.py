"""A second view of the same change: Kitagawa's and Blinder's, with the interaction shown."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.decomposition.figure import Figure


@dataclass(frozen=True, slots=True)
class ThreeFold:
    """A change in three parts that add up to it.

    Parameters
    ----------
    composition : float
        What would have changed had only the cells' rows changed: who, which version, and what was
        decided.
    behaviour : float
        What would have changed had only the means within cells changed.
    interaction : float
        What both changing at once adds.
    """

    composition: float
    behaviour: float
    interaction: float


def three_fold(worlds: Floats, figure: Figure) -> ThreeFold:
    r"""Return the threefold decomposition of Kitagawa, Oaxaca and Blinder.

    .. math:: \Delta = [f(W_1 \bar x_0) - f(W_0 \bar x_0)] + [f(W_0 \bar x_1) - f(W_0 \bar x_0)] + I

    Shapley's value of the composition as one player is the first part and half of I.

    Parameters
    ----------
    worlds : ndarray, shape (2, 2, 2, 2, 2, 2, 2, S, K)
        Sums by segment value in every world: :func:`world_sums`.
    figure : Figure
        Of the sums.

    Notes
    -----
    Kitagawa (1955), Oaxaca (1973), Blinder (1973).
    """
    off, on = (0,) * 6, (1,) * 6
    corners = np.stack([worlds[(*place, mean)] for place in (off, on) for mean in (0, 1)])
    before, only_means, only_rows, after = figure.values(corners.sum(axis=-2)).tolist()
    composition, behaviour = only_rows - before, only_means - before
    return ThreeFold(composition, behaviour, after - before - composition - behaviour)
