"""``harbourlight kpis``: what the business gets from a model, against its targets."""

import math
from typing import Annotated

import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.cli.kpi_changes import print_change
from core.cli.kpi_forecast import print_forecasts
from core.cli.options import (
    AsOfOption,
    CalendarOption,
    FromOption,
    LastOption,
    SliceOption,
    ToOption,
    VersionOption,
)
from core.i18n import translator
from core.services.kpis import KpiAnswer, KpiRow, kpi_figures, rows_of
from core.services.kpis.words import stale_rates
from core.services.questions import Question

_DIGITS = {"share": 4, "relative": 4}


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("kpis")(kpis)


def kpis(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: CalendarOption = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: SliceOption = None,
    kpi: Annotated[
        list[str] | None, typer.Option(help="Only this KPI; may be given several times.")
    ] = None,
    slice_by: Annotated[
        str | None, typer.Option(help="Part each period by the values of this segment.")
    ] = None,
    by_version: Annotated[bool, typer.Option(help="Part it by model version.")] = False,
    by_source: Annotated[bool, typer.Option(help="Part it by who decided last.")] = False,
    currency: Annotated[
        str | None, typer.Option(help="Convert money into this currency, such as HKD.")
    ] = None,
    why: Annotated[
        str | None, typer.Option(help="Say why this KPI changed, by cause, and nothing else.")
    ] = None,
    baseline: Annotated[
        str, typer.Option(help="With --why: previous, last-year, or days as FROM..TO.")
    ] = "previous",
    forecast: Annotated[
        bool,
        typer.Option(
            "--forecast", help="Say what the period that is not over should bring, nothing else."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compute the KPIs of the contract by period, with interval, maturity and target."""
    question = Question(model, start, end, last, by, as_of, version, slice_)
    if why is not None:
        print_change(question, why, baseline, segment=slice_by, currency=currency, as_json=as_json)
        return
    if forecast:
        parted = bool(slice_by or by_version or by_source)
        print_forecasts(question, kpi, parted=parted, currency=currency, as_json=as_json)
        return
    workspace, actor = workspace_and_actor()
    answer = kpi_figures(
        workspace,
        question,
        actor=actor,
        ids=kpi or None,
        segment=slice_by,
        by_version=by_version,
        by_source=by_source,
        currency=currency,
    )
    if as_json:
        print_json(_document(answer))
        return
    _print(answer)


def _document(answer: KpiAnswer) -> dict[str, object]:
    view = answer.view
    return {
        "model": view.contract.id,
        "window": {"start": view.window.start, "end": view.window.end, "as_of": view.as_of},
        "parts": answer.segment or answer.by or None,
        "kpis": [
            {
                "id": each.definition.id,
                "name": each.definition.name.en,
                "definition": each.definition.text,
                "unit": each.definition.unit,
                "currency": each.definition.currency,
                "direction": each.definition.direction,
                "watch": each.definition.watch,
                "act": each.definition.act,
                "maturity": each.definition.maturity,
                "owner": each.definition.owner,
                "from_set": each.definition.from_set,
                "set_after_go_live": each.definition.set_after_go_live,
                "unavailable": each.definition.unavailable.text
                if each.definition.unavailable
                else None,
                "note": each.note,
            }
            for each in answer.kpis
        ],
        "rows": rows_of(answer),
    }


def _print(answer: KpiAnswer) -> None:
    if not answer.kpis:
        out.print(
            "The contract has no KPIs. Choose a set, such as 'kpi_set: bank_credit', or write "
            "some under 'kpis'.",
            markup=False,
        )
        return
    rows = rows_of(answer)
    for series in answer.kpis:
        definition = series.definition
        if definition.unavailable is not None:
            out.print(
                f"{definition.name.en}: not available. {definition.unavailable.text}", markup=False
            )
            continue
        title = f"{definition.name.en} = {definition.text}"
        print_table(title, [_line(row) for row in rows if row.method == definition.id])
        if said := stale_rates(translator("en"), series.whole.stale_days):
            out.print(said, markup=False)
        if series.note:
            out.print(series.note, markup=False)


def _line(row: KpiRow) -> dict[str, object]:
    return {
        "period": row.chunk["key"],
        **({"part": row.part or "all"} if row.slice else {}),
        "n": row.chunk["n"],
        "value": _cell(row, row.value),
        "95%": "–" if math.isnan(row.low) else f"{_cell(row, row.low)} – {_cell(row, row.high)}",
        "target": "" if row.target is None else row.target["value"],
        "set after go-live": "yes" if row.target and row.set_after_go_live else "",
        "stands": str(row.standing).replace("_", " "),
        "known": row.maturity,
        "period over": "yes" if row.complete else "no",
        "why": "" if row.status == "ok" else row.status,
    }


def _cell(row: KpiRow, value: float) -> str:
    if math.isnan(value):
        return "–"
    if row.unit == "money":
        return f"{row.currency} {value:,.0f}"
    return f"{value:,.{_DIGITS.get(row.unit, 2)}f}"
