"""Does the model still matter? What its decisions are worth, beside other ways to decide."""

from dataclasses import dataclass

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.lake.value.cells import ValueCells
from core.metrics.arrays import Floats
from core.metrics.influence import ScoreGroups, score_groups, spearman_interval, value_of
from core.metrics.intervals import Interval
from core.metrics.performance.scores import ScoreCounts
from core.services.performance.maturity import MaturityState
from core.services.questions import Question, View, resolve
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.value.cells import (
    ValueQuestion,
    cells_by_period,
    cells_by_score,
    value_question,
)
from core.services.value.compared import NO_OUTCOMES, OTHERS, Compared, compared, unknown
from core.services.value.cut_offs import CutOffTable, cut_off_table, scale_of
from core.services.value.rates import NO_RATE
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Whether outcomes follow the score.

    Parameters
    ----------
    groups : ScoreGroups
        Tenths of the rows with an outcome, the lowest scores first.
    correlation : Interval, scalar
        Spearman's, with the limits of a bootstrap.
    of_known : bool
        Whether hardly any flagged row is among them, as their outcome is not known.
    """

    groups: ScoreGroups
    correlation: Interval
    of_known: bool = False


@dataclass(frozen=True, slots=True)
class PeriodValue:
    """The gain over the baseline in one period.

    Parameters
    ----------
    chunk : Chunk
        The period.
    found : Compared
        The gain; over rows that are old enough.
    maturity : {"matured", "partial", "none"}
        Whether all predictions of the period are old enough, some, or none.
    """

    chunk: Chunk
    found: Compared
    maturity: MaturityState


@dataclass(frozen=True, slots=True, eq=False)
class ValueAnswer:
    """What a model's decisions are worth.

    Parameters
    ----------
    asked : ValueQuestion
        The question made exact.
    cells : ValueCells
        Sums by cell of the score, from which the cut-off can be moved without reading a row.
    n, labelled, valued : int
        Predictions old enough; those whose outcome is known; those whose value is.
    worth : Interval, scalar
        What the model's decisions on these are worth in all.
    comparisons : tuple of Compared
        Beside every other way, in the order of :data:`core.services.value.compared.OTHERS`.
    ranking : Ranking or None
        ``None`` without outcomes.
    table : CutOffTable or None
        ``None`` where no value is known.
    course : tuple of PeriodValue
        Gain over the baseline by chunk.
    """

    asked: ValueQuestion
    cells: ValueCells
    n: int
    labelled: int
    valued: int
    worth: Interval
    comparisons: tuple[Compared, ...]
    ranking: Ranking | None
    table: CutOffTable | None
    course: tuple[PeriodValue, ...]

    @property
    def view(self) -> View:
        """What was asked."""
        return self.asked.view

    @property
    def currency(self) -> str:
        """ISO code of the money."""
        return self.asked.currency

    @property
    def over_baseline(self) -> Compared:
        """Beside what the contract names as the baseline."""
        wanted = self.asked.block.baseline
        return next(each for each in self.comparisons if each.other == wanted)

    @property
    def status(self) -> Status:
        """How the model stands against its baseline."""
        return status_of(self.over_baseline)

    @property
    def why(self) -> str:
        """Message id of why nothing can be said of the period at all; empty if something can."""
        if self.asked.lacks_rate():
            return NO_RATE
        return "" if self.labelled else NO_OUTCOMES


def status_of(found: Compared) -> Status:
    """Return how a gain stands: to act where it is below 0 for sure, to watch where it may be 0."""
    if not found.sure:
        return Status.not_enough_data
    if found.high < 0:
        return Status.act
    return Status.in_range if found.low > 0 else Status.watch


@retry_when_stale
def value(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    cut_off: float | None = None,
) -> ValueAnswer:
    """Say what a model's decisions are worth.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, slice, version, and what was known when.
    actor : Actor
        Needs ``value.view`` for the model.
    cut_off : float, optional
        A cut-off that :func:`core.services.value.what_if.what_if` will be asked for exactly.

    Raises
    ------
    NotComputable
        If the contract does not say what a decision is worth, or there is nothing to cut off.
    NothingYet
        If there are no predictions.
    InvalidInput
        If a filter cannot be read, or the version is unknown.
    """
    view = resolve(workspace, question, Permission.value_view, actor=actor)
    require_known_version(workspace, view)
    asked = value_question(workspace, view, () if cut_off is None else (cut_off,))
    return workspace.memo.get(
        ("value", view.key, asked.cut_offs, asked.rates_digest), lambda: _answer(workspace, asked)
    )


def _answer(workspace: Workspace, asked: ValueQuestion) -> ValueAnswer:
    cells = cells_by_score(workspace, asked)
    acted = cells.where(cells.held == 0)
    return ValueAnswer(
        asked=asked,
        cells=cells,
        n=int(cells.n.sum()),
        labelled=int(cells.labelled.sum()),
        valued=int(cells.valued.sum()),
        worth=_nothing() if asked.lacks_rate() else value_of(acted.sums, acted.flagged),
        comparisons=tuple(compared(asked, cells, each) for each in OTHERS),
        ranking=_ranking(asked, cells),
        table=None if asked.lacks_rate() else cut_off_table(asked, cells),
        course=course_of(asked, cells_by_period(workspace, asked)),
    )


def _nothing() -> Interval:
    return Interval(*(np.asarray(np.nan) for _ in range(4)))


def _ranking(asked: ValueQuestion, cells: ValueCells) -> Ranking | None:
    if not cells.labelled.sum():
        return None
    scale = scale_of(asked, cells)
    counts = _score_counts(cells, scale.place, scale.lowest.size)
    flagged = cells.flagged.astype(np.float64)
    of_known = bool(unknown(cells, flagged, np.zeros(flagged.shape)))
    return Ranking(score_groups(counts), spearman_interval(counts), of_known)


def _score_counts(cells: ValueCells, place: "np.ndarray", size: int) -> ScoreCounts:
    """Return the outcomes by place of the score; sums that ranks do not need are left at 0."""

    def summed(values: Floats) -> Floats:
        return np.bincount(place, values, size).astype(np.float64)

    hits, score = summed(cells.positives), summed(cells.score)
    misses, nothing = summed(cells.labelled - cells.positives), np.zeros(size)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(hits + misses > 0, score / (hits + misses), 0.0)
    return ScoreCounts(
        hits, misses, hits * mean, misses * mean, nothing, nothing, nothing, nothing, nothing
    )


def course_of(asked: ValueQuestion, cells: ValueCells) -> tuple[PeriodValue, ...]:
    """Return the gain over the baseline of each chunk with a row that is old enough."""
    found = []
    for place, chunk in enumerate(asked.view.chunks):
        inside = cells.where(cells.period == place)
        if not inside.n.sum():
            continue
        matured: MaturityState = "matured" if asked.is_final(chunk) else "partial"
        found.append(
            PeriodValue(chunk, compared(asked, inside, asked.block.baseline, chunk), matured)
        )
    return tuple(found)
