"""The cohort table: what became of the predictions of each period, beside what was predicted."""

import math
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.lake.labels.cohorts import cohorts as count_cohorts
from core.metrics.intervals import Interval, hanley_mcneil, wilson
from core.services.performance.label_state import usual_shares
from core.services.performance.maturity import Labels, MaturityState, Usual, chunk_maturity
from core.services.questions import Question, View, resolve
from core.services.reference.counts import calendar_only
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.thresholds import Thresholds, thresholds_of
from core.services.workspace import Workspace

_OF_CLASSES = ("positives", "roc_auc", "auc_positives", "auc_negatives")


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
        As on the page Performance: ``matured`` if all predictions are old enough and their labels
        came, ``partial`` if something is known, ``none`` if no label is.
    labels_missing : bool
        Whether far fewer of the mature predictions have a label than usual.
    early_labels : int
        Labels of predictions that are not old enough; left out of every figure, because what
        happens early is not typical.
    outcome_rate : float
        ``positives / labelled``; NaN without labels.
    outcome_interval : Interval or None
        95 % Wilson interval of the rate.
    observed, expected : float
        Outcome rate and mean score of the same rows: those with a final label and a score.
    ratio : float
        ``observed / expected``; 1 is a score that kept its word.
    status : Status
        Of the ratio; a cohort that is not matured is not judged.
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
    maturity: MaturityState
    labels_missing: bool
    early_labels: int
    outcome_rate: float
    outcome_interval: Interval | None
    observed: float
    expected: float
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
        """The newest cohort that is matured and has enough labels."""
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
        probabilities=view.contract.task == "binary_classification",
    )
    if view.contract.task != "binary_classification":  # only two classes have a rate
        counted = counted.assign(**dict.fromkeys(_OF_CLASSES, math.nan))
    periods = {period.index: period for period in view.chunks}
    limits = thresholds_of(view.contract, "outcome_to_score_ratio")
    usual = _usual(workspace, view, counted)
    rows = [
        _cohort(periods[int(row["cohort"])], row, limits, usual[int(row["cohort"])])
        for _, row in counted.iterrows()
    ]
    return CohortTable(view, matured_before, tuple(rows))


def _usual(workspace: Workspace, view: View, counted: pd.DataFrame) -> dict[int, float]:
    """Return which share of mature predictions usually has a label, by cohort."""
    whole = {period.index: (0, 0) for period in view.chunks}
    for _, row in counted.iterrows():
        whole[int(row["cohort"])] = int(row["labelled"]), int(row["matured"])
    labelled, matured = ([each[part] for each in whole.values()] for part in (0, 1))
    if not any(labelled):
        return dict.fromkeys(whole, math.nan)
    shares = usual_shares(workspace, view, labelled, matured)
    return dict(zip(whole, shares.tolist(), strict=True))


def _cohort(period: Chunk, row: "pd.Series[float]", limits: Thresholds, usual: float) -> Cohort:
    n, matured = int(row["n"]), int(row["matured"])
    labelled, early = int(row["labelled"]), int(row["early_labels"])
    told = labelled > 0 and not math.isnan(row["positives"])
    positives = int(row["positives"]) if told else 0
    observed, expected, scored = _beside_scores(row)
    ratio = observed / expected if expected > 0 else math.nan
    far = chunk_maturity(n, matured, Labels(labelled, early), Usual(usual))
    return Cohort(
        period=period,
        n=n,
        mean_score=float(row["mean_score"]),
        median_amount=float(row["median_amount"]),
        matured=matured,
        labelled=labelled,
        positives=positives,
        matured_share=matured / n,
        maturity=far.state,
        labels_missing="labels_missing" in far.warnings,
        early_labels=early,
        outcome_rate=positives / labelled if told else math.nan,
        outcome_interval=wilson(positives, labelled) if told else None,
        observed=observed,
        expected=expected,
        ratio=ratio,
        status=limits.status(ratio, scored if far.state == "matured" else 0),
        roc_auc=float(row["roc_auc"]),
        auc_interval=_auc_interval(row),
    )


def _beside_scores(row: "pd.Series[float]") -> tuple[float, float, int]:
    """Return outcome rate and mean score of the rows with a final label and a score, and them."""
    positives, negatives = row["auc_positives"], row["auc_negatives"]
    if math.isnan(positives) or math.isnan(negatives):
        return math.nan, math.nan, 0
    rows = int(positives) + int(negatives)
    return float(positives) / rows, float(row["matured_mean_score"]), rows


def _auc_interval(row: "pd.Series[float]") -> Interval | None:
    if math.isnan(row["roc_auc"]):
        return None
    return hanley_mcneil(
        float(row["roc_auc"]), int(row["auc_positives"]), int(row["auc_negatives"])
    )
