"""The KPIs of a model over a window, by period and by part."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.contract.kpi_definitions import KpiDefinition
from core.domain.expression import KpiExpression
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.kpis.order import Cells
from core.lake.kpis.rows import KpiRows, subjects_repeat
from core.lake.kpis.sums import period_counts
from core.metrics.arrays import Integers
from core.services.kpis.answer import KpiAnswer, KpiFigure, KpiSeries
from core.services.kpis.grid import Numbers, numbers_of
from core.services.kpis.judged import Known, kpi_figure
from core.services.kpis.parts import Parts, parts_of
from core.services.kpis.periods import (
    counts_of,
    is_complete,
    label_maturity,
)
from core.services.kpis.rows import (
    base_rows,
    definition_of,
    definitions_of,
    grouped_rows,
    rates_digest,
)
from core.services.performance.maturity import ChunkMaturity
from core.services.questions import Question, View, resolve
from core.services.rates import rate_table
from core.services.reference.counts import calendar_only
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

OWN_MONEY = N_(
    "It is not made of logged amounts alone, so it cannot be converted and stays in its own money."
)


@retry_when_stale
def kpi_figures(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    ids: Iterable[str] | None = None,
    segment: str | None = None,
    by_version: bool = False,
    by_source: bool = False,
    currency: str | None = None,
) -> KpiAnswer:
    """Compute the KPIs of a model.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, slice, version, and what was known when.
    actor : Actor
        Needs ``kpi.view`` for the model.
    ids : iterable of str, optional
        Only these KPIs; all by default.
    segment : str, optional
        Part each period by the values of this segment.
    by_version, by_source : bool
        Part it by model version, or by who decided last.
    currency : str, optional
        Convert KPIs in money, row by row at the rate of the row's day.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not ask, or there is no such model or KPI.
    NothingYet
        If there are no predictions, or segments are asked for before the reference is complete.
    InvalidInput
        If the chunks are not calendar chunks, or a name is unknown.
    """
    view = resolve(workspace, question, Permission.kpi_view, actor=actor)
    calendar_only(view)
    require_known_version(workspace, view)
    chosen = None if ids is None else tuple(dict.fromkeys(ids))
    _require_currency(workspace, currency)
    asked = (chosen, segment, by_version, by_source, currency, rates_digest(workspace))
    return workspace.memo.get(
        ("kpis", view.key, *asked),
        lambda: _answer(
            workspace,
            view,
            definitions_of(view) if chosen is None else [definition_of(view, n) for n in chosen],
            parts_of(workspace, view, segment, by_version=by_version, by_source=by_source),
            currency,
        ),
    )


def _answer(
    workspace: Workspace,
    view: View,
    definitions: Sequence[KpiDefinition],
    parts: Parts,
    currency: str | None,
) -> KpiAnswer:
    groups = grouped_rows(workspace, view, definitions, currency)
    by_subject = bool(groups) and subjects_repeat(workspace.duck, groups[0][0])
    found: dict[str, tuple[Cells, Numbers, KpiRows]] = {}
    for rows, members in groups:
        expressions = [_read(each) for each in members]
        cells, numbers = numbers_of(workspace.duck, rows, expressions, parts, by_subject=by_subject)
        for each, mine in zip(members, numbers, strict=True):
            found[each.id] = (cells, mine, rows)
    labels = _labels(workspace, view, found)
    complete, totals = (
        tuple(is_complete(view, chunk, total=total) for chunk in view.chunks)
        for total in (False, True)
    )
    known = Known(view, labels, complete, totals)
    own = _levels_in_own_money(workspace, view, definitions, currency, parts)
    series = tuple(
        replace(
            _series(known, _in(each, currency), found.get(each.id), parts, own.get(each.id)),
            note=_note(each, currency),
        )
        for each in definitions
    )
    name = parts.by.segment.name if parts.by.segment else None
    return KpiAnswer(view, series, name, parts.kind, labels)


def _read(definition: KpiDefinition) -> KpiExpression:
    if definition.expression is None:
        raise TypeError(definition.id)
    return definition.expression


def _in(definition: KpiDefinition, currency: str | None) -> KpiDefinition:
    """Return a KPI as it is shown in a currency; its targets hold in its own."""
    shown = definition.shown_in(currency)
    if shown == definition.currency:
        return definition
    return replace(definition, currency=shown, targets=(), watch=None, act=None)


def _note(definition: KpiDefinition, currency: str | None) -> str:
    """Return what is to be said of a KPI's money; empty if nothing is."""
    own = {None, definition.currency}
    if currency in own or definition.currency is None or definition.expression is None:
        return ""
    return "" if definition.converts else OWN_MONEY


def _labels(
    workspace: Workspace, view: View, found: dict[str, tuple[Cells, Numbers, KpiRows]]
) -> tuple[ChunkMaturity, ...]:
    """Return how far the labels of each chunk are, if a KPI waits for them."""
    waiting = [each for each in found.values() if each[2].maturity == "outcome"]
    if not waiting:
        return ()
    every = next((each for each in found.values() if each[2].maturity == "none"), None)
    counts = (
        period_counts(workspace.duck, base_rows(workspace, view))
        if every is None
        else counts_of(workspace, view, _rows_by_chunk(view, every))
    )
    return label_maturity(workspace, view, counts, _rows_by_chunk(view, waiting[0]).tolist())


def _rows_by_chunk(view: View, found: tuple[Cells, Numbers, KpiRows]) -> Integers:
    cells, numbers, _ = found
    places = [cells.at(place, None) for place in range(len(view.chunks))]
    return numbers.rows[places].astype(np.int64)


def _levels_in_own_money(
    workspace: Workspace,
    view: View,
    definitions: Sequence[KpiDefinition],
    currency: str | None,
    parts: Parts,
) -> dict[str, KpiSeries]:
    """Return the KPIs whose targets are in other money than is shown, in their own."""
    changed = [
        each
        for each in definitions
        if each.shown_in(currency) != each.currency
        and (each.targets or each.watch is not None or each.act is not None)
    ]
    if not changed:
        return {}
    answer = _answer(workspace, view, changed, parts, None)
    return {each.definition.id: each for each in answer.kpis}


def _series(
    known: Known,
    definition: KpiDefinition,
    found: tuple[Cells, Numbers, KpiRows] | None,
    parts: Parts,
    own: KpiSeries | None,
) -> KpiSeries:
    chunks = known.view.chunks
    if found is None:
        whole = kpi_figure(known, definition, None, "", None, 0)
        return KpiSeries(
            definition,
            whole,
            tuple(kpi_figure(known, definition, chunk, "", None, 0) for chunk in chunks),
            (),
        )
    cells = found[0]

    def made(place: int | None, part: int | None) -> KpiFigure:
        name = "" if part is None else parts.name(cells.parts[part])
        chunk = None if place is None else chunks[place]
        return kpi_figure(known, definition, chunk, name, found, cells.at(place, part))

    periods = tuple(made(place, None) for place in range(len(chunks)))
    of_parts = [made(None, part) for part in range(len(cells.parts))]
    of_parts += [
        made(place, part) for place in range(len(chunks)) for part in range(len(cells.parts))
    ]
    series = KpiSeries(definition, made(None, None), periods, tuple(of_parts))
    return series if own is None else _with_levels(series, own)


def _with_levels(series: KpiSeries, own: KpiSeries) -> KpiSeries:
    """Return figures that stand as the same ones in the KPI's own money do."""

    def judged(shown: Sequence[KpiFigure], by: Sequence[KpiFigure]) -> tuple[KpiFigure, ...]:
        return tuple(replace(one, level=other.level) for one, other in zip(shown, by, strict=True))

    (whole,) = judged([series.whole], [own.whole])
    return replace(
        series,
        whole=whole,
        periods=judged(series.periods, own.periods),
        parts=judged(series.parts, own.parts),
    )


def _require_currency(workspace: Workspace, currency: str | None) -> None:
    if currency is None:
        return
    known = rate_table(workspace).currencies
    if currency not in known:
        raise InvalidInput(
            "There are no exchange rates of {currency}.",
            remedy="Import some with 'harbourlight rates import FILE', or choose from: {known}.",
            currency=currency,
            known=", ".join(known),
        )
