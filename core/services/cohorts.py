"""The cohort table: what became of the predictions of each period, beside what was predicted."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pandas as pd

from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.lake.cohorts import cohorts as count_cohorts
from core.metrics.intervals import Interval, hanley_mcneil, wilson
from core.services.counts import calendar_only
from core.services.questions import Question, View, resolve
from core.services.stale import retry_when_stale
from core.services.thresholds import Thresholds, thresholds_of
from core.services.versions import require_known_version
from core.services.workspace import Workspace

Maturity = Literal["matured", "partial", "none"]


@dataclass(frozen=True, slots=True)
class Cohort:
    """One period of predictions and what is known of it.

    Parameters
    ----------
    period : Chunk
        When the predictions were made.
    n : int
        Predictions.
    mean_score : float
        Mean of all scores; NaN without scores.
    median_amount : float
        Median amount at stake; NaN without amounts.
    matured, labelled, positives : int
        Predictions old enough for their outcome to be final; those of them with a label; those
        of these with a positive one.
    matured_share : float
        ``matured / n``.
    maturity : {"matured", "partial", "none"}
        All predictions are old enough, some are, none is.
    early_labels : int
        Labels of predictions that are not old enough; left out of every figure, because what
        happens early is not typical.
    outcome_rate : float
        ``positives / labelled``; NaN without labels.
    outcome_interval : Interval or None
        95 % Wilson interval of the rate.
    ratio : float
        Observed rate over the mean score of the same rows; 1 is a score that kept its word.
    status : Status
        Of the ratio.
    roc_auc : float
        Exact area under the ROC curve of the labelled rows; NaN with one class only.
    auc_interval : Interval or None
        95 % interval after Hanley and McNeil.
    """

    period: Chunk
    n: int
    mean_score: float
    median_amount: float
    matured: int
    labelled: int
    positives: int
    matured_share: float
    maturity: Maturity
    early_labels: int
    outcome_rate: float
    outcome_interval: Interval | None
    ratio: float
    status: Status
    roc_auc: float
    auc_interval: Interval | None


@dataclass(frozen=True, slots=True)
class CohortTable:
    """The cohorts of a view, oldest first; periods without predictions are left out."""

    view: View
    matured_before: datetime
    cohorts: tuple[Cohort, ...]

    @property
    def worst(self) -> Cohort | None:
        """The cohort whose outcomes lie furthest above its scores."""
        judged = [c for c in self.cohorts if c.status is not Status.not_enough_data]
        return max(judged, key=lambda cohort: cohort.ratio, default=None)

    @property
    def newest_matured(self) -> Cohort | None:
        """The newest cohort with enough labels."""
        judged = [c for c in self.cohorts if c.status is not Status.not_enough_data]
        return judged[-1] if judged else None


@retry_when_stale
def cohort_table(workspace: Workspace, question: Question, *, actor: Actor) -> CohortTable:
    """Return the cohorts of a question's chunks (``question.by``: usually ``year``).

    Raises
    ------
    NothingYet
        If there are no predictions.
    InvalidInput
        If the chunks are not calendar chunks, or the version is unknown.
    """
    view = resolve(workspace, question, Permission.overview_view, actor=actor)
    calendar_only(view)
    require_known_version(workspace, view)
    return workspace.memo.get(("cohorts", view.key), lambda: _table(workspace, view))


def _table(workspace: Workspace, view: View) -> CohortTable:
    outcome = view.contract.outcome
    matured_before = outcome.matures_after.before(view.as_of) if outcome else view.as_of
    counted = count_cohorts(
        workspace.duck,
        predictions=workspace.lake_paths(view.data_files("predictions")),
        resolved=workspace.lake_paths(view.data_files("resolved")) if outcome else (),
        periods=view.chunks,
        as_of=view.as_of,
        matured_before=matured_before,
        version=view.question.version,
        jurisdictions=view.jurisdictions,
    )
    periods = {period.index: period for period in view.chunks}
    limits = thresholds_of(view.contract, "outcome_to_score_ratio")
    rows = [_cohort(periods[int(row["cohort"])], row, limits) for _, row in counted.iterrows()]
    return CohortTable(view, matured_before, tuple(rows))


def _cohort(period: Chunk, row: "pd.Series[float]", limits: Thresholds) -> Cohort:
    n, matured = int(row["n"]), int(row["matured"])
    labelled = int(row["labelled"])
    positives = 0 if math.isnan(row["positives"]) else int(row["positives"])
    rate = positives / labelled if labelled else math.nan
    expected = float(row["matured_mean_score"])
    ratio = rate / expected if expected > 0 else math.nan
    return Cohort(
        period=period,
        n=n,
        mean_score=float(row["mean_score"]),
        median_amount=float(row["median_amount"]),
        matured=matured,
        labelled=labelled,
        positives=positives,
        matured_share=matured / n,
        maturity="matured" if matured == n else "partial" if matured else "none",
        early_labels=int(row["early_labels"]),
        outcome_rate=rate,
        outcome_interval=wilson(positives, labelled) if labelled else None,
        ratio=ratio,
        status=limits.status(ratio, labelled),
        roc_auc=float(row["roc_auc"]),
        auc_interval=_auc_interval(row),
    )


def _auc_interval(row: "pd.Series[float]") -> Interval | None:
    if math.isnan(row["roc_auc"]):
        return None
    return hanley_mcneil(
        float(row["roc_auc"]), int(row["auc_positives"]), int(row["auc_negatives"])
    )
