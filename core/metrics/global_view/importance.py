"""How much each field moves a model's output, over many rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_

SHAPE_MESSAGE = N_("Importance needs the attributions of at least two rows, field by field.")


@dataclass(frozen=True, slots=True)
class Importance:
    """How much a field moves a model's output.

    Parameters
    ----------
    field : str
        Which.
    mean : float
        Mean over the rows of how far it moves the output, whichever way.
    error : float
        Standard error of the mean, for the draw of the rows.
    share : float
        Of the means of all fields together; 0 where none moves it.
    """

    field: str
    mean: float
    error: float
    share: float


def importance(values: ArrayLike, fields: Sequence[str]) -> tuple[Importance, ...]:
    r"""Return the mean absolute attribution of each field, the greatest first.

    .. math:: I_j = \frac{1}{n} \sum_i |\varphi_{ij}|

    Parameters
    ----------
    values : array_like, shape (rows, fields)
        What each field adds to each row's output.
    fields : sequence of str
        Their names; equal ones keep this order.

    Raises
    ------
    InvalidInput
        If there are fewer than two rows, or not as many columns as names.

    Examples
    --------
    >>> [(each.field, each.mean, each.share) for each in importance([[1, -3], [1, 3]], "ab")]
    [('b', 3.0, 0.75), ('a', 1.0, 0.25)]
    """
    size = np.abs(np.asarray(values, dtype=np.float64))
    if size.ndim != 2 or size.shape[0] < 2 or size.shape[1] != len(fields):
        raise InvalidInput(SHAPE_MESSAGE)
    means = size.mean(axis=0)
    errors = size.std(axis=0, ddof=1) / np.sqrt(len(size))
    total = float(means.sum())
    return tuple(
        Importance(
            fields[place],
            float(means[place]),
            float(errors[place]),
            float(means[place]) / total if total > 0 else 0.0,
        )
        for place in np.argsort(-means, kind="stable")
    )
