"""One month of a model held against chance: every input and output, every look at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk, calendar_chunks
from core.errors import NotComputable
from core.i18n import N_
from core.lake.profiles.columns import profile_columns
from core.lake.profiles.view import ProfileView
from core.metrics.alarms import (
    AlarmEvidence,
    Counts,
    FamilyNull,
    Series,
    Verdict,
    check_of,
    counts_of_feature,
    draw_family,
    drift_rate,
    evidence_of,
    feature_series,
    judge,
    members_of,
)
from core.metrics.alarms.family import DRAWS
from core.metrics.binning import BinnedCounts, BinSet
from core.services.personal.names import masked_bins
from core.services.questions import Question, View, resolve
from core.services.reference.counts import calendar_only, lake_slice, live_bins
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

NO_ROWS = N_("There are no rows in this period to be held against chance.")
NO_ROWS_REMEDY = N_("Choose another period, version or slice above.")


@dataclass(frozen=True, slots=True, eq=False)
class JudgedMonth:
    """What became of every figure of a month.

    Parameters
    ----------
    view : View
        The question made exact.
    looks : tuple of Chunk
        The chunks of the month that have rows; each is a look at the data.
    verdicts : tuple of Verdict
        One a figure and look, those furthest out first.
    family : FamilyNull
        What the month would look like if nothing changed.
    reference : mapping of str to Series
        The reference, day by day.
    current : mapping of str to mapping of str to Counts
        Counts by look and column.
    bins : BinSet
        Frozen bins of the reference.
    expected : float
        False alarms that such a month raises on average if nothing changed.
    """

    view: View
    looks: tuple[Chunk, ...]
    verdicts: tuple[Verdict, ...]
    family: FamilyNull
    reference: Mapping[str, Series]
    current: Mapping[str, Mapping[str, Counts]]
    bins: BinSet
    expected: float

    @property
    def alarms(self) -> tuple[Verdict, ...]:
        """The figures that are significant and large enough, those furthest out first."""
        return tuple(verdict for verdict in self.verdicts if verdict.alarm)

    @property
    def is_short(self) -> bool:
        """Whether the reference is too short for the rate asked for."""
        return self.family.attainable > self.family.rate

    def evidence(self, verdict: Verdict) -> AlarmEvidence:
        """Return what is stored with an alarm; names of personal categories are numbered."""
        name = verdict.member.series
        series = self.reference[name]
        shown = dict(self.reference)
        if series.bins is not None:
            masked = masked_bins(self.view.contract, name, series.bins)
            shown[name] = Series(name, masked, series.counts)
        return evidence_of(
            verdict,
            self.family,
            shown,
            self.current[verdict.check][name],
            bins_id=self.view.bins_id or "",
            expected_alarms=self.expected,
        )


@retry_when_stale
def judged_month(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    at: str | None = None,
    rate: float | None = None,
    draws: int = DRAWS,
) -> JudgedMonth:
    """Hold one month of a question against chance; a second or two, then remembered.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, chunks, version and slice, as known when. Chunks of days or weeks are looks
        within their month; longer ones stand for themselves.
    actor : Actor
        Who asks.
    at : str, optional
        Key of a chunk of the month; the newest with rows by default.
    rate : float
        False alarms in a model-month, by default the contract's; inputs and outputs are judged at
        their part of it.
    draws : int
        Months to draw; more make the threshold steadier and take longer.

    Raises
    ------
    NothingYet
        If there are no predictions, or the reference is not complete.
    NotComputable
        If the month has no rows, or the reference is too short to tell chance from change.
    InvalidInput
        If the chunks are not calendar chunks.
    """
    view = resolve(workspace, question, Permission.drift_view, actor=actor)
    calendar_only(view)
    require_known_version(workspace, view)
    asked = view.contract.alarms.rate if rate is None else rate
    key = ("judged month", view.key, at, asked, draws)
    return workspace.memo.get(key, lambda: _judged(workspace, view, at, asked, draws))


def reference_series(workspace: Workspace, view: View) -> tuple[BinSet, dict[str, Series]]:
    """Return the reference of a view day by day, with its bins; remembered.

    Raises
    ------
    NothingYet
        If the reference is not complete.
    """
    bins = live_bins(workspace, view)
    key = ("reference days", view.contract.id, view.generation, view.bins_id)
    found = workspace.memo.get(
        (*key, view.jurisdictions, view.slice), lambda: _reference(workspace, view, bins)
    )
    return bins, found


def _judged(
    workspace: Workspace, view: View, at: str | None, rate: float, draws: int
) -> JudgedMonth:
    bins, reference = reference_series(workspace, view)
    profiles = _profiles(workspace, view, bins)
    counted = profiles.feature_counts(
        list(reference),
        view.chunks,
        slice=lake_slice(view, bins),
        versions=view.versions,
        jurisdictions=view.jurisdictions,
        until=view.as_of,
    )
    looks = _looks(view, _rows(counted, len(view.chunks)), at)
    current = {
        chunk.key: {name: counts_of_feature(_at(counted[name], chunk.index)) for name in reference}
        for chunk in looks
    }
    first = looks[0].start
    checks = [
        check_of(
            chunk.key, (chunk.start - first).days, max((chunk.end - chunk.start).days, 1),
            current[chunk.key],
        )
        for chunk in looks
    ]  # fmt: skip
    family = draw_family(
        reference, members_of(reference), checks, rate=drift_rate(rate), draws=draws
    )
    return JudgedMonth(
        view=view,
        looks=looks,
        verdicts=judge(family, reference, current),
        family=family,
        reference=reference,
        current=current,
        bins=bins,
        expected=family.expected_alarms(),
    )


def _reference(workspace: Workspace, view: View, bins: BinSet) -> dict[str, Series]:
    window = view.reference_window
    days = calendar_chunks(window, "day", view.timezone)
    names = [column.feature for column in profile_columns(view.contract, bins)]
    counted = _profiles(workspace, view, bins).feature_counts(
        names, days, slice=lake_slice(view, bins), jurisdictions=view.jurisdictions
    )
    return {
        name: feature_series(name, bins.features[name], found) for name, found in counted.items()
    }


def _profiles(workspace: Workspace, view: View, bins: BinSet) -> ProfileView:
    return workspace.profiles.view(view.contract, view.generation, view.files, bins)


def _rows(counted: Mapping[str, BinnedCounts], chunks: int) -> Sequence[float]:
    """Return the rows of each chunk: every column counts all of them."""
    first = next(iter(counted.values()), None)
    return [0.0] * chunks if first is None else first.row_count.tolist()


def _looks(view: View, rows: Sequence[float], at: str | None) -> tuple[Chunk, ...]:
    filled = [chunk for chunk in view.chunks if rows[chunk.index] > 0]
    asked = [chunk for chunk in filled if at is None or chunk.key == at]
    if not asked:
        raise NotComputable(NO_ROWS, remedy=NO_ROWS_REMEDY)
    month = _month(view, asked[-1])
    return tuple(chunk for chunk in filled if _month(view, chunk) == month)


def _month(view: View, chunk: Chunk) -> date:
    """Return the first day of the month of a day or week, and of a longer chunk its own."""
    start = chunk.start.astimezone(view.contract.zone).date()
    return start.replace(day=1) if view.question.by in {"day", "week"} else start


def _at(counted: BinnedCounts, index: int) -> BinnedCounts:
    parts = (counted.n, counted.total, counted.low, counted.high)
    return BinnedCounts(*(None if part is None else np.asarray(part[index]) for part in parts))  # type: ignore[arg-type]
