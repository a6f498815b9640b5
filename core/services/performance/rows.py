"""One figure of one period as a row: what ``--json``, exports and tables say of it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PerformanceRow:
    """One performance figure in one chunk.

    Parameters
    ----------
    metric : str
        Id of the metric, by scikit-learn's name where it has one.
    method : str
        ``realised``; the same field as in the rows of drift.
    column : str
        Empty: a figure of whole rows.
    slice, version : str, optional
        ``name=value`` and version if the rows are of one only.
    chunk : dict
        ``key``, ``start``, ``end`` (UTC, excluded) and ``n``, all predictions.
    realised, realised_low, realised_high : float
        From labels, with a 95 % interval; NaN where there are none, or no interval is known.
    estimated, lower, upper : float
        Without labels, with its band; NaN where nothing could be estimated.
    labelled_share : float
        Share of the predictions whose label is known.
    maturity : {"matured", "partial", "none"}
        How far the labels are; a partial figure is not final.
    basis : {"matured", "early", "none"}
        Which labelled rows are used: old enough ones, or early ones, which are not typical.
    warnings : tuple of str
        Why the figure may mislead.
    n : int
        Labelled rows behind ``realised``: of the precision those that were flagged, of the recall
        those that turned out positive.
    labelled : int
        Predictions with a label, old enough or not.
    left_out : int
        Labelled rows that no figure of the score counts: theirs is missing, or no probability.
    value : float
        The same as ``realised``, as in the rows of drift.
    threshold : float, optional
        From which value on to act.
    alert : bool
        Whether it is time to act; never for a partial period.
    status : str
        ``ok``, ``partial``, or why there is no figure.
    level : str
        A value of :class:`core.domain.status.Status`; ``not_judged`` without thresholds.
    unit : str
        ``share``, ``none``, ``own`` (that of the outcome) and so on as in the registry; money is
        named by its currency.
    bound : float
        How far ``realised`` can lie from the figure of the rows, being one of counts by cells of
        the score: 0 is exact, NaN where nothing is stated.
    covered, concept_drift : bool, optional
        Whether the estimate's band held the final figure, and whether that departed from the
        estimate of the same rows by more than both errors; ``None`` where no estimate was judged.
    """

    metric: str
    method: str
    column: str
    slice: str | None
    version: str | None
    chunk: dict[str, object]
    realised: float
    realised_low: float
    realised_high: float
    estimated: float
    lower: float
    upper: float
    labelled_share: float
    maturity: str
    basis: str
    warnings: tuple[str, ...]
    n: int
    labelled: int
    left_out: int
    value: float
    threshold: float | None
    alert: bool
    status: str
    level: str
    unit: str
    bound: float
    covered: bool | None = field(default=None, kw_only=True)
    concept_drift: bool | None = field(default=None, kw_only=True)
