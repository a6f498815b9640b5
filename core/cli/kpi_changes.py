"""``harbourlight kpis MODEL --why KPI``: why a KPI changed between two periods."""

from collections.abc import Iterator

from core.cli.context import out, print_json, print_table, workspace_and_actor
from core.domain.windows import Window
from core.i18n import translator
from core.services.kpi_changes import KpiChange, kpi_change, rows_of_change
from core.services.kpis import KpiFigure
from core.services.questions import Question

_LARGEST = 5  # parts of a cause that are printed; all are in the JSON


def print_change(
    question: Question,
    kpi: str,
    baseline: str,
    *,
    segment: str | None,
    currency: str | None,
    as_json: bool,
) -> None:
    """Print the change of a KPI: one sentence, then each cause with its interval.

    Parameters
    ----------
    question : Question
        The period; without days of its own, the newest one that is over and final.
    kpi : str
        Id of the KPI.
    baseline : str
        ``previous``, ``last-year`` or ``FROM..TO``.
    segment, currency : str, optional
        What "who" is told by, and in which money.
    as_json : bool
        Whether to print one document instead.
    """
    workspace, actor = workspace_and_actor()
    change = kpi_change(
        workspace, question, kpi, actor=actor, baseline=baseline, segment=segment, currency=currency
    )
    if as_json:
        print_json(_document(change))
        return
    out.print(change.sentence(translator("en")), markup=False)
    print_table(change.definition.name.en, list(_lines(change)))


def _document(change: KpiChange) -> dict[str, object]:
    t = translator("en")
    three = change.three_fold
    return {
        "model": change.view.contract.id,
        "window": _days(change.periods.after),
        "compared_with": _days(change.periods.before),
        "kpi": change.definition.id,
        "unit": change.definition.unit,
        "currency": change.definition.currency,
        "sentence": change.sentence(t),
        "before": _figure(change, change.before, 0),
        "after": _figure(change, change.after, 1),
        "change": {"value": change.change, "low": change.low, "high": change.high},
        "segment": change.segment or None,
        "comparable": change.comparable,
        "stale_rate_days": change.stale_days,
        "three_fold": {
            "composition": three.composition,
            "behaviour": three.behaviour,
            "interaction": three.interaction,
        },
        "rows": rows_of_change(change),
    }


def _days(window: Window) -> dict[str, object]:
    return {"start": window.start, "end": window.end}


def _figure(change: KpiChange, figure: KpiFigure, place: int) -> dict[str, object]:
    return {
        "n": figure.n,
        "rows": change.rows[place],
        "not_final": change.not_final[place],
        "without_result": change.without_result[place],
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
    }


def _lines(change: KpiChange) -> Iterator[dict[str, object]]:
    """Yield each period, each cause with its largest parts, and the change."""
    yield _line("before", change.before.value, change.before.low, change.before.high)
    for each in change.contributions:
        yield _line(f"+ {each.cause}", each.value, each.low, each.high)
        for player in each.players:
            yield _line(f"    {player.player}", player.value, player.low, player.high)
        beyond = sorted(
            (part for part in each.parts if part.beyond_chance), key=lambda part: -abs(part.value)
        )
        for part in beyond[:_LARGEST]:
            label = f"    {change.segment} {part.label}"
            yield _line(label, part.value, part.low, part.high)
    yield _line("after", change.after.value, change.after.low, change.after.high)
    yield _line("change", change.change, change.low, change.high)


def _line(what: str, value: float, low: float, high: float) -> dict[str, object]:
    return {"what": what, "value": f"{value:,.4g}", "95%": f"{low:,.4g} – {high:,.4g}"}
