"""The figures of a monthly report, written in its language."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date

from core.contract import ModelContract
from core.contract.kpi_definitions import KpiDefinition, kpi_schema
from core.domain.status import Status
from core.domain.windows import local_day
from core.i18n import N_, Translator
from core.reports.monthly import ReportDefinition, ReportKpi
from core.reports.number import Number, NumberKind
from core.services.kpis import KpiAnswer, KpiFigure, KpiSeries
from core.services.kpis.words import (
    LEVEL_WORDS,
    Measure,
    change_between,
    measure_of,
    stale_rates,
    value_text,
    why_nothing,
)

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AIMS = {
    "higher_is_better": N_("at least; set on {date} by {who}"),
    "lower_is_better": N_("at most; set on {date} by {who}"),
    "neutral": N_("set on {date} by {who}"),
}
_RESULTS = {
    "matured": N_("Results complete"),
    "partial": N_("Not all results are known yet."),
    "none": N_("Results are not known yet."),
}
_ROWS = {"none": N_("All rows at once"), "outcome": N_("Rows whose outcome is final")}


def number(t: Translator, measure: Measure, value: float) -> Number:
    """Return a figure of a KPI as it is and as it is written."""
    kind: NumberKind = "number"
    if measure.is_share:
        kind = "share"
    elif measure.currency:
        kind = "money"
    elif measure.unit == "count":
        kind = "count"
    return Number(value, value_text(t, measure, value), kind, measure.currency)


def report_kpis(
    t: Translator, answer: KpiAnswer, finals: Mapping[str, KpiFigure]
) -> tuple[ReportKpi, ...]:
    """Return a line for each KPI; the last period of the answer is the month.

    Beside a figure whose outcomes are not all known stands the newest final one, by the KPI's id.
    """
    return tuple(_line(t, answer, each, finals.get(each.definition.id)) for each in answer.kpis)


def _line(
    t: Translator, answer: KpiAnswer, series: KpiSeries, final: KpiFigure | None
) -> ReportKpi:
    definition, figure = series.definition, series.periods[-1]
    measure = measure_of(definition)
    before = series.periods[-2] if len(series.periods) > 1 else None
    low, high = (number(t, measure, each) for each in (figure.low, figure.high))
    lacking = why_nothing(t, definition, figure)
    waits = definition.maturity != "none" and not lacking
    return ReportKpi(
        id=definition.id,
        name=definition.name.get(t.locale),
        meaning=definition.meaning.get(t.locale),
        value=number(t, measure, figure.value),
        low=low,
        high=high,
        n=Number(figure.n, t.number(figure.n), "count"),
        interval=t.between(low.text, high.text) if low.known and high.known else "",
        target=number(t, measure, figure.target.value) if figure.target else None,
        target_note=_target_note(t, definition, figure),
        status=Status.not_enough_data if lacking else figure.level.status,
        word=lacking or t(LEVEL_WORDS[figure.level]),
        maturity=t(_RESULTS[figure.maturity]) if waits else "",
        previous=number(t, measure, math.nan if before is None else before.value),
        change=change_between(t, measure, before, figure),
        course=tuple(number(t, measure, each.value) for each in series.periods),
        remarks=(*_remarks(t, answer, figure), *_final(t, answer, measure, final)),
    )


def _target_note(t: Translator, definition: KpiDefinition, figure: KpiFigure) -> str:
    target = figure.target
    if target is None:
        return ""
    return t(_AIMS[definition.direction], date=target.set_on, who=target.set_by)


def _remarks(t: Translator, answer: KpiAnswer, figure: KpiFigure) -> tuple[str, ...]:
    view = answer.view
    live: date = local_day(view.first_prediction, view.timezone)
    found = []
    if figure.target is not None and figure.target.set_on > live:
        found.append(t("The target was set after go-live."))
    if not figure.complete:
        found.append(t("Part of the period only."))
    if figure.stale_days:
        found.append(stale_rates(t, figure.stale_days))
    return tuple(found)


def _final(
    t: Translator, answer: KpiAnswer, measure: Measure, figure: KpiFigure | None
) -> list[str]:
    """Say what the newest month came to whose results are complete."""
    if figure is None or figure.chunk is None:
        return []
    month = t.month(local_day(figure.chunk.start, answer.view.timezone))
    value = value_text(t, measure, figure.value)
    text = t("Newest month with complete results: {month}, {value}.", month=month, value=value)
    if figure.level.status is Status.not_enough_data:
        return [text]
    return [t.sentences(text, t("{status} then.", status=t(LEVEL_WORDS[figure.level])))]


def report_definitions(
    t: Translator, contract: ModelContract, definitions: Sequence[KpiDefinition]
) -> tuple[ReportDefinition, ...]:
    """Return how each KPI is defined, then what the names in their formulas stand for."""
    found = tuple(
        ReportDefinition(
            name=each.name.get(t.locale),
            meaning=each.meaning.get(t.locale),
            formula=each.text,
            maturity=(
                t(_ROWS[each.maturity])
                if each.maturity in _ROWS
                else t("Rows at least {age} old", age=each.maturity)
            ),
            owner=each.owner,
        )
        for each in definitions
    )
    return found + _names_behind(contract, [each.text for each in definitions])


def _names_behind(contract: ModelContract, texts: Sequence[str]) -> tuple[ReportDefinition, ...]:
    """Return the contract's and its set's own names that formulas use, also by way of others."""
    known = kpi_schema(contract).definitions
    waiting, used = list(texts), set[str]()
    while waiting:
        new = set(_WORD.findall(waiting.pop())) & known.keys() - used
        used |= new
        waiting += [known[name] for name in new]
    return tuple(ReportDefinition(name, "", known[name], "", "") for name in known if name in used)
