"""Which rows a KPI of a view is computed from, and in which money."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from core.contract.kpi_definitions import KpiDefinition, kpi_definitions
from core.contract.kpi_names import money_names
from core.domain.money import DailyRates
from core.domain.windows import Chunk, local_day
from core.errors import NotFound
from core.lake.kpis.rows import KpiRows, Maturity, stored_state
from core.services.performance.counting import matured_before
from core.services.questions import View
from core.services.rates import rate_table
from core.services.reference.counts import calendar_only, row_filter
from core.services.workspace import Workspace


def definitions_of(view: View) -> tuple[KpiDefinition, ...]:
    """Return the KPIs of a view's contract; their targets held against its first prediction."""
    return kpi_definitions(view.contract, view.first_prediction)


def definition_of(view: View, kpi: str) -> KpiDefinition:
    """Return one KPI of a view's contract.

    Raises
    ------
    NotFound
        If the contract has no such KPI.
    """
    known = definitions_of(view)
    for definition in known:
        if definition.id == kpi:
            return definition
    raise NotFound(
        "There is no KPI {kpi} in {model}.",
        remedy="Choose from: {known}.",
        kpi=kpi,
        model=view.contract.id,
        known=", ".join(each.id for each in known) or "–",
    )


def kpi_rows(
    workspace: Workspace,
    view: View,
    definition: KpiDefinition,
    *,
    chunks: Sequence[Chunk] | None = None,
    currency: str | None = None,
) -> KpiRows:
    """Return which rows a KPI is computed from.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        The question made exact.
    definition : KpiDefinition
        Whose maturity decides which rows count.
    chunks : sequence of Chunk, optional
        Periods; those of the view by default.
    currency : str, optional
        Money of a KPI in money is converted into it; into the KPI's own by default.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    maturity, aged = maturity_of_rows(view, definition)
    rows = replace(base_rows(workspace, view, chunks), maturity=maturity, aged_before=aged)
    rows = replace(rows, age=definition.age)
    return replace(rows, rates=rates_for(workspace, view, definition, currency))


def base_rows(workspace: Workspace, view: View, chunks: Sequence[Chunk] | None = None) -> KpiRows:
    """Return all rows of a view."""
    predictions, resolved, decisions, outcomes = (
        tuple(workspace.lake_paths(view.data_files(stream)))
        for stream in ("predictions", "resolved", "decisions", "outcomes")
    )
    absent, revised = workspace.memo.get(
        ("stored state", view.contract.id, view.spec_sha256, view.generation),
        lambda: stored_state(workspace.duck, view.contract, predictions, resolved),
    )
    return KpiRows(
        contract=view.contract,
        predictions=predictions,
        resolved=resolved,
        decisions=decisions,
        outcomes=outcomes if view.contract.events else (),
        chunks=tuple(calendar_only(view) if chunks is None else chunks),
        rows=row_filter(workspace, view),
        as_of=view.as_of,
        decided_until=view.decided_until,
        matured_before=matured_before(view),
        revised=revised,
        absent=absent,
    )


def grouped_rows(
    workspace: Workspace,
    view: View,
    definitions: Sequence[KpiDefinition],
    currency: str | None = None,
    chunks: Sequence[Chunk] | None = None,
) -> list[tuple[KpiRows, list[KpiDefinition]]]:
    """Return the KPIs that can be computed by the rows that they read; see :func:`kpi_rows`."""
    groups: dict[object, tuple[KpiRows, list[KpiDefinition]]] = {}
    for definition in definitions:
        if definition.expression is None:
            continue
        rows = kpi_rows(workspace, view, definition, chunks=chunks, currency=currency)
        converted = tuple(sorted((name, each.target) for name, each in rows.rates.items()))
        key = (rows.maturity, rows.aged_before, str(rows.age), converted)
        groups.setdefault(key, (rows, []))[1].append(definition)
    return list(groups.values())


def maturity_of_rows(view: View, definition: KpiDefinition) -> tuple[Maturity, datetime | None]:
    """Return which rows count, and up to when those of an age of their own were predicted."""
    age = definition.age
    if age is not None:
        return "aged", age.before(view.as_of)
    return ("outcome" if definition.maturity == "outcome" else "none"), None


def rates_for(
    workspace: Workspace, view: View, definition: KpiDefinition, currency: str | None
) -> dict[str, DailyRates]:
    """Return what converts the money that a KPI reads, by the currency it is logged in.

    A ratio of amounts is computed in the contract's currency, a KPI in money in its own or the one
    asked for, if it is made of logged money alone; nothing is converted into itself.
    """
    if definition.expression is None:
        return {}
    target = definition.shown_in(currency) or view.contract.currency
    money = money_names(view.contract)
    sources = {money[name] for name in definition.expression.columns if name in money}
    if sources <= {target}:
        return {}
    first, last = _days(view)
    table = rate_table(workspace)
    return {
        source: table.daily(source, target, first, last) for source in sources if source != target
    }


def rates_digest(workspace: Workspace) -> str:
    """Return what changes whenever a rate does."""
    return rate_table(workspace).digest


def _days(view: View) -> tuple[date, date]:
    first = max(view.window.start, view.first_prediction)
    last = max(first, min(view.window.end, view.last_prediction))
    return local_day(first, view.timezone), local_day(last, view.timezone)
