"""One month of a model held against chance: every input and output, every look at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk, Window, calendar_chunks
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
        The question made exact, of the whole log: a period cuts no look, and every reader of a
        month is told the same.
    looks : tuple of Chunk
        The chunks of the month that have rows and lie in the period; each is a look at the data.
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
    """Hold one month of a question against chance; up to a second or two, then remembered.

    A month is judged as a whole, whatever days of it are asked for: its rate of false alarms is of
    all its looks, and those in the period are returned.

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
    asked = resolve(workspace, question, Permission.drift_view, actor=actor)
    calendar_only(asked)
    require_known_version(workspace, asked)
    view = resolve(workspace, question.of_whole_chunks, Permission.drift_view, actor=actor)
    wanted = view.contract.alarms.rate if rate is None else rate
    month = _month_of(workspace, view, asked.window, at)
    key = ("judged month", view.key, month[0].key, wanted, draws)
    found = workspace.memo.get_or_refuse(
        key, lambda: _judged(workspace, view, month, wanted, draws)
    )
    return _within(found, asked.window)


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


def _month_of(
    workspace: Workspace, view: View, period: Window, at: str | None
) -> tuple[Chunk, ...]:
    """Return the chunks with rows of the month of a chunk; of the newest of a period by default."""
    known = [
        chunk for chunk in view.chunks if chunk.overlaps(period) and (at is None or chunk.key == at)
    ]
    asked = _filled(workspace, view, known) if at is None else known
    if not asked:
        raise NotComputable(NO_ROWS, remedy=NO_ROWS_REMEDY)
    month = _month(view, asked[-1])
    looks = workspace.memo.get(
        ("looks of a month", view.key, month),
        lambda: _filled(
            workspace, view, [chunk for chunk in view.chunks if _month(view, chunk) == month]
        ),
    )
    if asked[-1] not in looks:
        raise NotComputable(NO_ROWS, remedy=NO_ROWS_REMEDY)
    return looks


def _filled(workspace: Workspace, view: View, chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """Return the chunks with rows; every column counts all of them."""
    bins = live_bins(workspace, view)
    names = [column.feature for column in profile_columns(view.contract, bins)][:1]
    found = next(iter(_counted(workspace, view, bins, names, chunks).values()), None)
    rows = [] if found is None else found.row_count.tolist()
    return tuple(chunk for chunk, n in zip(chunks, rows, strict=False) if n > 0)


def _within(month: JudgedMonth, period: Window) -> JudgedMonth:
    """Return a month with the looks of a period alone."""
    looks = tuple(chunk for chunk in month.looks if chunk.overlaps(period))
    keys = {chunk.key for chunk in looks}
    shown = tuple(verdict for verdict in month.verdicts if verdict.check in keys)
    return replace(month, looks=looks, verdicts=shown)


def _judged(
    workspace: Workspace, view: View, looks: tuple[Chunk, ...], rate: float, draws: int
) -> JudgedMonth:
    bins, reference = reference_series(workspace, view)
    counted = _counted(workspace, view, bins, list(reference), looks)
    current = {
        chunk.key: {name: counts_of_feature(counted[name].at(place)) for name in reference}
        for place, chunk in enumerate(looks)
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


def _counted(
    workspace: Workspace, view: View, bins: BinSet, names: list[str], chunks: Sequence[Chunk]
) -> Mapping[str, BinnedCounts]:
    return _profiles(workspace, view, bins).feature_counts(
        names,
        [replace(chunk, index=place) for place, chunk in enumerate(chunks)],
        slice=lake_slice(view, bins),
        versions=view.versions,
        jurisdictions=view.jurisdictions,
        until=view.as_of,
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


def _month(view: View, chunk: Chunk) -> date:
    """Return the first day of the month of a day or week, and of a longer chunk its own."""
    start = chunk.start.astimezone(view.contract.zone).date()
    return start.replace(day=1) if view.question.by in {"day", "week"} else start
