"""The sums that everything said of value is computed from, each found once a lake generation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.contract.cut_offs import CutOff, cut_offs
from core.contract.kpis import Value
from core.domain.money import DailyRates
from core.domain.windows import Chunk, local_day
from core.errors import NotComputable
from core.lake.kpis.rows import KpiRows, stored_state
from core.lake.value.cells import (
    ValueCells,
    ValueRule,
    ordered,
    other_side,
    usual_other_word,
    value_cells,
)
from core.services.fairness.attributes import FAVOURABLE_WORDS
from core.services.performance.counting import matured_before
from core.services.performance.in_force import cut_off_in_force
from core.services.questions import View
from core.services.rates import rate_table
from core.services.reference.counts import calendar_only, row_filter
from core.services.value.rates import lacks_rate, money_rates
from core.services.value.rule import NO_VALUE, value_rule
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ValueQuestion:
    """A question about value made exact.

    Parameters
    ----------
    view : View
        What was asked.
    block : Value
        What the contract says decisions are worth.
    rule : ValueRule
        The same, read.
    in_force : CutOff or None
        The cut-off that decides now; ``None`` where rows have several, or nobody set one.
    previous : CutOff or None
        That of the policy before.
    cut_offs : tuple of CutOff
        All that cells are parted at exactly.
    rates : mapping of str to DailyRates
        By the currency that money is logged in: what converts it over the window.
    rates_digest : str
        Of all rates, where one is needed: it changes whenever a rate does.
    """

    view: View
    block: Value
    rule: ValueRule
    in_force: CutOff | None
    previous: CutOff | None
    cut_offs: tuple[CutOff, ...]
    rates: Mapping[str, DailyRates] = field(default_factory=dict)
    rates_digest: str = ""

    @property
    def matured_before(self) -> datetime:
        """Up to when predictions are old enough for their outcome to be final."""
        return matured_before(self.view)

    def is_final(self, chunk: Chunk) -> bool:
        """Whether every prediction of a chunk is old enough, be the chunk over or not."""
        newest = min(chunk.end - timedelta(microseconds=1), self.view.last_prediction)
        return newest <= self.matured_before

    @property
    def currency(self) -> str:
        """ISO code of the money that decisions are worth."""
        return self.block.currency or self.view.contract.currency

    def lacks_rate(self, chunk: Chunk | None = None) -> bool:
        """Whether money of a chunk, or of the window, cannot all be converted."""
        time = self.view.window if chunk is None else chunk
        return lacks_rate(self.rates, time.start, time.end, self.view.timezone)


def value_question(workspace: Workspace, view: View, asked: Sequence[float] = ()) -> ValueQuestion:
    """Return a question about value, with the cut-offs that it needs exactly.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        Resolved under a permission.
    asked : sequence of float
        Further cut-offs.

    Raises
    ------
    NotComputable
        If nobody can say what decisions are worth.
    InvalidInput
        If the chunks are not calendar chunks.
    """
    calendar_only(view)
    rule = value_rule(view.contract)
    block = view.contract.value
    if block is None:  # the rule is read from it
        raise NotComputable(NO_VALUE, model=view.contract.id)
    found = cut_off_in_force(workspace, view, view.chunks[-1]) if view.chunks else None
    in_force = found if isinstance(found, CutOff) else None
    previous = _previous(view)
    known = [each for each in (in_force, previous) if each is not None]
    exact = ordered([*known, *(CutOff(float(value)) for value in asked)])
    rates = money_rates(workspace, view, block, rule)
    rule = replace(rule, others=_other_words(workspace, view, rule))
    digest = rate_table(workspace).digest if rates else ""
    return ValueQuestion(view, block, rule, in_force, previous, exact, rates, digest)


def _other_words(workspace: Workspace, view: View, rule: ValueRule) -> frozenset[str]:
    """Return the words that decide the other way than the policy's; empty where all others do.

    Those are what the log itself mostly says of rows that the policy's word is not for, words that
    mean the same, and those of other policies. A person who writes anything else, such as that a
    case was referred or withdrawn, has not decided it either way.
    """
    if not rule.word or view.contract.log.decision is None:
        return frozenset()
    whole = Chunk(0, "all", view.window.start, view.window.end)
    usual = workspace.memo.get(
        ("usual other word", view.key, rule.word),
        lambda: usual_other_word(workspace.duck, kpi_rows(workspace, view, [whole], {}), rule),
    )
    if not usual:
        return frozenset()
    alike = FAVOURABLE_WORDS if usual in FAVOURABLE_WORDS else ()
    return frozenset({usual, *alike, *other_side(view.contract, rule)}) - {rule.word}


def _previous(view: View) -> CutOff | None:
    """Return the cut-off of the policy before the newest one that holds by the window's end."""
    _, last = view.window.days(view.timezone)
    day = min(last, local_day(view.as_of, view.timezone))
    found = [cut for start, cut in cut_offs(view.contract).by_day if start <= day]
    return found[1] if len(found) > 1 else None


def kpi_rows(
    workspace: Workspace,
    view: View,
    chunks: Sequence[Chunk],
    rates: Mapping[str, DailyRates],
) -> KpiRows:
    """Return the rows of a view in chunks of its own, their money converted."""
    paths = {
        stream: tuple(workspace.lake_paths(view.data_files(stream)))
        for stream in ("predictions", "resolved", "decisions", "outcomes")
    }
    absent, revised = workspace.memo.get(
        ("stored state", view.contract.id, view.spec_sha256, view.generation),
        lambda: stored_state(
            workspace.duck, view.contract, paths["predictions"], paths["resolved"]
        ),
    )
    return KpiRows(
        contract=view.contract,
        predictions=paths["predictions"],
        resolved=paths["resolved"],
        decisions=paths["decisions"],
        outcomes=paths["outcomes"],
        chunks=tuple(chunks),
        rows=row_filter(workspace, view),
        as_of=view.as_of,
        decided_until=view.decided_until,
        matured_before=matured_before(view),
        revised=revised,
        absent=absent,
        rates=rates,
    )


def cells_by_score(workspace: Workspace, asked: ValueQuestion) -> ValueCells:
    """Return the sums of the whole window by cell of the score; remembered."""
    view = asked.view
    whole = Chunk(0, "all", view.window.start, view.window.end)
    return workspace.memo.get(
        ("value cells", view.key, asked.cut_offs, asked.rates_digest),
        lambda: value_cells(
            workspace.duck,
            kpi_rows(workspace, view, [whole], asked.rates),
            asked.rule,
            asked.cut_offs,
        ),
    )


def cells_by_period(workspace: Workspace, asked: ValueQuestion) -> ValueCells:
    """Return the sums of each chunk, scores not told apart; remembered."""
    view = asked.view
    return workspace.memo.get(
        ("value periods", view.key, asked.cut_offs, asked.rates_digest),
        lambda: value_cells(
            workspace.duck,
            kpi_rows(workspace, view, view.chunks, asked.rates),
            asked.rule,
            asked.cut_offs,
            by_score=False,
        ),
    )


def within(view: View, start: datetime, end: datetime) -> View:
    """Return a view of the same question over another time, as one chunk."""
    chunk = Chunk(0, "all", start, end)
    return replace(view, window=replace(view.window, start=start, end=end), chunks=(chunk,))
