"""``harbourlight kpis MODEL --forecast``: what the period that is not over should bring."""

from collections.abc import Sequence

from core.cli.context import out, print_json, workspace_and_actor
from core.errors import InvalidInput
from core.i18n import translator
from core.services.kpi_forecast import (
    KpiForecasts,
    forecast_text,
    kpi_forecasts,
    rows_of_forecasts,
)
from core.services.questions import Question


def print_forecasts(
    question: Question,
    kpis: Sequence[str] | None,
    *,
    parted: bool,
    currency: str | None,
    as_json: bool,
) -> None:
    """Print what is expected of each KPI at the end of its newest period.

    Parameters
    ----------
    question : Question
        Model, slice, version, length of a period, and what was known when.
    kpis : sequence of str, optional
        Only these KPIs.
    parted, currency : bool and str
        Whether parts, or other money, were asked for as well: both are refused.
    as_json : bool
        Whether to print one document instead.

    Raises
    ------
    InvalidInput
        If parts or a currency are asked for.
    """
    if parted or currency is not None:
        raise InvalidInput(
            "A forecast is of all rows and in the KPI's own money.",
            remedy="Leave out --slice-by, --by-version, --by-source and --currency.",
        )
    workspace, actor = workspace_and_actor()
    answer = kpi_forecasts(workspace, question, actor=actor, ids=kpis or None)
    if as_json:
        print_json(_document(answer))
        return
    t = translator("en")
    for each in answer.kpis:
        told = forecast_text(t, each, answer)
        out.print(f"{each.definition.name.en}: {told}", markup=False)
    if not answer.kpis:
        out.print("The newest period is over: there is nothing to forecast.", markup=False)


def _document(answer: KpiForecasts) -> dict[str, object]:
    view = answer.view
    return {
        "model": view.contract.id,
        "window": {"start": view.window.start, "end": view.window.end, "as_of": view.as_of},
        "rows": rows_of_forecasts(answer),
    }
