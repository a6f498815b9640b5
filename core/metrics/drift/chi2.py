"""Chi-squared test of homogeneity and Cramér's V."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats, Integers, checked_counts, shares


@dataclass(frozen=True, slots=True, eq=False)
class ChiSquare:
    """Chi-squared results, one per chunk.

    Parameters
    ----------
    statistic : ndarray, shape (...)
        Pearson's chi-squared of the 2 × B table, without continuity correction.
    p_value : ndarray, shape (...)
        Probability of a statistic this large if nothing changed.
    cramers_v : ndarray, shape (...)
        Effect size between 0 and 1 that does not depend on the numbers of rows.
    dof : ndarray of int64, shape (...)
        Degrees of freedom: bins in use less one.
    """

    statistic: Floats
    p_value: Floats
    cramers_v: Floats
    dof: Integers


def chi2(reference: ArrayLike, current: ArrayLike) -> ChiSquare:
    r"""Test whether the reference and the current data have the same shares.

    .. math:: \chi^2 = \frac{1}{R K} \sum_b \frac{(K r_b - R k_b)^2}{r_b + k_b}, \qquad
              V = \sqrt{\tfrac12 \sum_b \frac{(p_b - q_b)^2}{p_b + q_b}}

    V is Cramér's V of the table with both rows scaled to the same total: with as many current rows
    as reference rows it is the textbook :math:`\sqrt{\chi^2 / (R + K)}`, and unlike that one it
    does not shrink when the reference is much longer than the chunk. 0 means the same shares, 1
    that no bin holds rows of both sides.

    Parameters
    ----------
    reference : array_like, shape (B,)
        Counts of the reference.
    current : array_like, shape (..., B)
        Counts of the current data.

    Returns
    -------
    ChiSquare
        NaN where either side has no rows. With one bin in use: statistic 0, p 1, V 0.

    Raises
    ------
    core.errors.InvalidInput
        If the counts do not belong together.

    Notes
    -----
    Bins empty on both sides are left out. V is biased upwards in small samples: with no drift its
    square averages :math:`(B - 1)(1/R + 1/K)/4`, so ten categories and 500 rows give about 0.07.
    Pearson (1900); Cramér, *Mathematical Methods of Statistics* (1946), section 21.9.
    """
    from scipy.special import gammaincc  # noqa: PLC0415  # a tenth of a second, and few need it

    ref, cur = checked_counts(reference, current)
    ref_rows, cur_rows = ref.sum(), cur.sum(axis=-1)
    together = ref + cur
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(cur_rows / ref_rows)[..., None]
        gaps = (scale * ref - cur / scale) ** 2
        statistic = np.divide(gaps, together, out=np.zeros_like(gaps), where=together > 0).sum(-1)
    computable = (cur_rows > 0) & (ref_rows > 0)
    dof = np.maximum((together > 0).sum(axis=-1) - 1, 0)
    p_value = np.where(dof > 0, gammaincc(np.maximum(dof, 1) / 2, statistic / 2), 1.0)
    effect = np.sqrt(np.minimum(cramers_v_terms(ref, cur).sum(axis=-1), 1.0))
    return ChiSquare(
        statistic=np.where(computable, np.where(dof > 0, statistic, 0.0), np.nan),
        p_value=np.where(computable, p_value, np.nan),
        cramers_v=np.where(computable, effect, np.nan),
        dof=dof.astype(np.int64),
    )


def cramers_v_terms(reference: Floats, current: Floats) -> Floats:
    """Return each bin's part of the squared effect size.

    Parameters
    ----------
    reference, current : ndarray, shapes (B,) and (..., B)
        Checked counts.

    Returns
    -------
    ndarray, shape (..., B)
        Parts of 0 or more; NaN where a side has no rows.
    """
    p, q = shares(reference), shares(current)
    total = p + q
    terms: Floats = np.where(np.isnan(total), np.nan, 0.0)
    np.divide((p - q) ** 2, 2 * total, out=terms, where=total > 0)
    return terms
