"""Why a KPI changed between two periods: the rows of both, told apart by cause."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from core.contract.kpi_definitions import KpiDefinition
from core.domain.expression import Atom, KpiExpression
from core.domain.identity import Actor, Permission
from core.domain.kpi_level import ENOUGH_ROWS
from core.domain.windows import Window
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.lake.kpis.cells import CellRows, KpiCells, kpi_cells
from core.lake.kpis.rows import KpiRows
from core.lake.profiles.segments import slice_values
from core.metrics.arrays import Floats
from core.metrics.decomposition import CauseEffect, Cells, Decomposition, Level, decompose
from core.metrics.kpi import formula_gradient, formula_values
from core.services.kpi_changes.figures import (
    LeftOut,
    counting,
    final_until,
    period_figures,
    rows_left_out,
)
from core.services.kpi_changes.periods import Periods, periods_of
from core.services.kpi_changes.result import Contribution, KpiChange, Part, PlayerPart
from core.services.kpis.grid import rows_behind
from core.services.kpis.judged import rate_is_missing, stale_days
from core.services.kpis.parts import Parts, parts_of
from core.services.kpis.rows import definition_of, kpi_rows, rates_digest
from core.services.questions import Question, View, resolve
from core.services.rates import rate_table
from core.services.reference.counts import calendar_only, live_bins
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace


@retry_when_stale
def kpi_change(
    workspace: Workspace,
    question: Question,
    kpi: str,
    *,
    actor: Actor,
    baseline: str = "previous",
    segment: str | None = None,
    currency: str | None = None,
) -> KpiChange:
    """Return why a KPI changed between two periods.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Its own days are the period; without any, the newest of its chunks that is over and final.
    kpi : str
        Id of the KPI.
    actor : Actor
        Who asks.
    baseline : str
        ``previous``, ``last-year`` or ``FROM..TO``: the period to compare with.
    segment : str, optional
        What "who" is told by; the contract's first segment by default.
    currency : str, optional
        In which money; the KPI's own by default.

    Raises
    ------
    NotFound
        If the contract has no such KPI.
    InvalidInput
        If there is no such segment or currency, or the baseline cannot be read.
    NotComputable
        With the reason: the KPI is no function of sums, a period has too few rows or none that is
        final, or the log does not reach back.
    """
    view = resolve(workspace, question, Permission.kpi_view, actor=actor)
    calendar_only(view)
    require_known_version(workspace, view)
    definition = _in(workspace, definition_of(view, kpi), currency)
    key: Hashable = (
        "kpi change", view.key, kpi, baseline, segment, currency, rates_digest(workspace),
    )  # fmt: skip
    asked = _Asked(definition, baseline, segment, currency)
    return workspace.memo.get(key, lambda: _change(workspace, view, asked))


@dataclass(frozen=True, slots=True)
class _Asked:
    definition: KpiDefinition
    baseline: str
    segment: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class _Formula:
    """A KPI as a figure of its sums."""

    expression: KpiExpression

    def values(self, sums: Floats) -> Floats:
        return formula_values(self.expression.root, sums)

    def gradient(self, sums: Floats) -> Floats:
        return formula_gradient(self.expression.root, sums)


def _change(workspace: Workspace, view: View, asked: _Asked) -> KpiChange:
    definition = asked.definition
    expression = _linear(definition)
    periods = periods_of(view, asked.baseline, final_until=final_until(view, definition))
    chunks = periods.chunks
    wide = replace(view, window=Window(chunks[0].start, chunks[1].end), chunks=chunks)
    rows = kpi_rows(workspace, wide, definition, chunks=chunks, currency=asked.currency)
    _require_rates(rows, view, periods)
    who = _who(workspace, view, asked.segment)
    cut = who.by.segment if who is not None else None
    behind = (counting(each) for each in expression.atoms)
    asked_for = (Atom("count", where=each.where) for each in expression.atoms)
    atoms = (*expression.atoms, *behind, *asked_for)
    found = kpi_cells(workspace.duck, CellRows(rows, atoms, cut, periods.turned))
    counted = _enough(found, periods, view)
    _require_values(counted, len(expression.atoms), periods, view)
    sums = counted.cells.sums[..., : len(expression.atoms)]
    told = decompose(replace(counted.cells, sums=sums), _Formula(expression), paired=counted.paired)
    if not all(math.isfinite(each.effect.value) for each in told.causes):
        raise NotComputable(
            N_("{kpi} cannot be computed in one of the periods, or with what one cause changed."),
            kpi=definition.id,
        )
    left_out = rows_left_out(workspace, rows, periods, told)
    change = _answer(wide, asked, periods, who, (counted.cells, told), left_out)
    spans = (periods.before, periods.after)
    old = [stale_days(rows, each.start, each.end, view.timezone) for each in spans]
    return replace(change, stale_days=sum(old))


def _in(workspace: Workspace, definition: KpiDefinition, currency: str | None) -> KpiDefinition:
    """Return a KPI as it is shown in a currency; its targets hold in its own."""
    if currency is None or definition.currency in {None, currency} or not definition.converts:
        return definition
    known = rate_table(workspace).currencies
    if currency not in known:
        raise InvalidInput(
            "There are no exchange rates of {currency}.",
            remedy="Import some with 'harbourlight rates import FILE', or choose from: {known}.",
            currency=currency,
            known=", ".join(known),
        )
    return replace(definition, currency=currency, targets=(), watch=None, act=None)


def _linear(definition: KpiDefinition) -> KpiExpression:
    if definition.unavailable is not None:
        raise NotComputable(
            N_("{kpi} is not available: the model lacks what it is computed from."),
            kpi=definition.id,
        )
    if definition.expression is None or not definition.expression.is_linear:
        raise NotComputable(
            N_(
                "{kpi} is a median, quantile, extreme or number of distinct values: only figures "
                "made of sums and counts can be told apart by cause."
            ),
            kpi=definition.id,
        )
    return definition.expression


def _require_rates(rows: KpiRows, view: View, periods: Periods) -> None:
    """Refuse periods with money that cannot be converted: it would count as nothing."""
    for period in (periods.before, periods.after):
        if rate_is_missing(rows, period.start, period.end, view):
            first, last = period.days(view.timezone)
            raise NotComputable(
                N_(
                    "{first} to {last} has days without an exchange rate, so its money cannot be "
                    "compared."
                ),
                remedy=N_("Import the rates of these days with 'harbourlight rates import FILE'."),
                first=first, last=last,
            )  # fmt: skip


def _who(workspace: Workspace, view: View, name: str | None) -> Parts | None:
    """Return the segment that "who" is told by; ``None`` for a model without any."""
    if name is None:
        if view.bins_id is None:
            return None
        known = {cut.name for cut in slice_values(view.contract, live_bins(workspace, view))}
        own = (each.name for each in view.contract.segments)
        name = next((each for each in own if each in known), None)
        if name is None:
            return None
    return parts_of(workspace, view, name, by_version=False, by_source=False)


def _enough(found: KpiCells | None, periods: Periods, view: View) -> KpiCells:
    if found is None:
        raise NotComputable(N_("One of the two periods has no row that counts."))
    rows = found.cells.together().rows.sum(axis=-1).tolist()
    for period, count in zip((periods.before, periods.after), rows, strict=True):
        if count < ENOUGH_ROWS:
            first, last = period.days(view.timezone)
            raise NotComputable(
                N_("{first} to {last} has fewer than {n} rows that count: too few to compare."),
                first=first, last=last, n=ENOUGH_ROWS,
            )  # fmt: skip
    return found


def _require_values(found: KpiCells, atoms: int, periods: Periods, view: View) -> None:
    """Refuse a period in which no row has a value of what is added up: it would count as 0."""
    totals = found.cells.together().totals
    known, asked_for = totals[:, atoms : 2 * atoms], totals[:, 2 * atoms :]
    for period, missing in zip(
        (periods.before, periods.after), ((known == 0) & (asked_for > 0)).any(axis=1), strict=True
    ):
        if missing:
            first, last = period.days(view.timezone)
            raise NotComputable(
                N_("{first} to {last} has rows, and none with a value of what is added up."),
                first=first, last=last,
            )  # fmt: skip


def _answer(
    view: View,
    asked: _Asked,
    periods: Periods,
    who: Parts | None,
    found: tuple[Cells, Decomposition],
    left_out: LeftOut,
) -> KpiChange:
    cells, told = found
    labels = () if who is None else who.labels
    whole = cells.together()
    kpi = _linear(asked.definition)
    behind = rows_behind(
        kpi, whole.totals[:, len(kpi.atoms) : 2 * len(kpi.atoms)], whole.rows.sum(axis=-1)
    )
    before, after = period_figures(view, asked.definition, periods, told, left_out, behind)
    return KpiChange(
        view=view,
        definition=asked.definition,
        periods=periods,
        before=before,
        after=after,
        change=told.change.value,
        low=told.change.low,
        high=told.change.high,
        contributions=tuple(_contribution(each, told, labels) for each in told.causes),
        segment="" if who is None or who.by.segment is None else who.by.segment.name,
        three_fold=told.three_fold,
        comparable=told.comparable,
        new_version=_has_new_version(cells),
        rows=told.rows,
        not_final=left_out.young,
        without_result=left_out.unknown,
    )


def _contribution(found: CauseEffect, told: Decomposition, labels: tuple[str, ...]) -> Contribution:
    effect = found.effect
    parts = [
        Part(labels[code], each.value, each.low, each.high)
        for code, each in zip(told.segments, found.segments, strict=True)
        if labels
    ]
    several = len(found.players) > 1
    players = [
        PlayerPart(player, each.value, each.low, each.high)
        for player, each in found.players.items()
        if several
    ]
    return Contribution(
        found.cause, effect.value, effect.low, effect.high, tuple(parts), tuple(players)
    )


def _has_new_version(cells: Cells) -> bool:
    """Whether a version decides in the period after that did not before."""
    rows = cells.together().rows
    version = cells.keys[:, Level.version]
    return any(
        rows[0, version == each].sum() == 0 < rows[1, version == each].sum()
        for each in np.unique(version)
    )
