"""What a model brings and how people fare with it: KPIs, value over the baseline, fairness."""

import math

from core.domain.status import Status, worst
from core.errors import HarbourlightError
from core.reports.model_card import CardFact, CardSection, CardTable, Value
from core.services.fairness.figures import AttributeFairness
from core.services.fairness.measure import FairnessTable, fairness
from core.services.fairness.words import attribute_label, group_label
from core.services.kpis import KpiSeries, kpi_figures
from core.services.kpis.words import LEVEL_WORDS, measure_of, value_text, why_nothing
from core.services.model_card.source import Source, why_text
from core.services.model_card.telling import NOTHING, Sheet, Teller, rounded
from core.services.portfolio import newest_year
from core.services.portfolio.written import BASELINES
from core.services.questions import Question
from core.services.value import simulated_parameters
from core.services.value.newest import newest_value


def outcomes(source: Source) -> CardSection:
    """Return the KPIs against their targets, and the value of decisions over the baseline."""
    t, heading = source.t, source.t("What it brings")
    view = newest_year(source.workspace, source.model.id, actor=source.actor, as_of=None)
    answer = kpi_figures(source.workspace, view.question, actor=source.actor)
    period = t.period(*view.window.days(view.timezone))
    sheet = Sheet(
        source.teller,
        t(
            "Source: log of {period}, the twelve months up to the newest final outcome",
            period=period,
        ),
    )
    series = answer.kpis
    tables = (_kpis(source, sheet, series),) if series else ()
    facts = tuple(_value(source))
    notes = [] if series else [t("The contract names no KPI.")]
    return CardSection(
        "outcomes",
        heading,
        facts,
        tables,
        (*notes, *_simulated(source)),
        worst(each.whole.level.status for each in series),
    )


def fairness_section(source: Source) -> CardSection:
    """Return how groups of people fare beside each other, by each attribute that is declared."""
    t, heading = source.t, source.t("How groups of people fare")
    found = fairness(source.workspace, source.question(), actor=source.actor)
    if not found.attributes:
        note = t("The contract names no attribute by which people are compared.")
        return CardSection("fairness", heading, notes=(note,))
    facts = (_favourable(source, found),)
    return CardSection("fairness", heading, facts, (_groups(source, found),), status=found.status)


def _kpis(source: Source, sheet: Sheet, series: tuple[KpiSeries, ...]) -> CardTable:
    t = source.t
    heads = (
        t("KPI"),
        t("Value"),
        t("95% interval"),
        t("Rows"),
        t("Target"),
        t("Set on, by"),
        t("How it stands"),
    )
    rows = [_kpi(source.teller, each) for each in series]
    levels = [each.whole.level.status for each in series]
    return sheet.table("kpis", t("Against its targets"), heads, rows, levels)


def _kpi(tell: Teller, series: KpiSeries) -> tuple[Value, ...]:
    t, definition, figure = tell.t, series.definition, series.whole
    measure = measure_of(definition)

    def said(value: float) -> Value:
        return Value(rounded(value), value_text(t, measure, value))

    lacking = why_nothing(t, definition, figure)
    target = figure.target
    stands = Value(str(figure.level), lacking or t(LEVEL_WORDS[figure.level]))
    return (
        Value(definition.id, definition.name.get(t.locale)),
        said(figure.value),
        tell.span(said(figure.low), said(figure.high)),
        tell.count(figure.n),
        said(target.value) if target else NOTHING,
        tell.items([tell.day(target.set_on), tell.verbatim(target.set_by)]) if target else NOTHING,
        stands,
    )


def _value(source: Source) -> list[CardFact]:
    t, tell = source.t, source.teller
    name, log = t("Value over baseline"), source.of_log()
    try:
        question = Question(source.model.id, by="month")
        found = newest_value(source.workspace, question, actor=source.actor)
    except HarbourlightError as error:
        return [log.missing("value", name, why_text(t, error))]
    if found is None or math.isnan(found.found.gain):
        why = t(found.found.why) if found and found.found.why else t("No month is old enough yet.")
        return [log.missing("value", name, why)]
    gain, low, high = (
        Value(rounded(each), t.compact_money(each, found.currency))
        for each in (found.found.gain, found.found.low, found.found.high)
    )
    zone = source.contract.zone
    period = [tell.day(at.astimezone(zone).date()) for at in (found.chunk.start, found.chunk.end)]
    return [
        log.fact("value", name, gain),
        log.fact("value_interval", t("95% interval"), tell.span(low, high)),
        log.fact("baseline", t("Baseline"), tell.word(BASELINES[found.found.other])),
        log.fact("value_period", t("Months it is of, the last day excluded"), tell.span(*period)),
    ]


def _simulated(source: Source) -> list[str]:
    t = source.t
    found = [
        t("{name} = {value}", name=each.label(t.locale), value=t.number(each.value))
        for each in simulated_parameters(source.contract)
    ]
    return [t("Simulated, not measured: {names}.", names=t.items(*found))] if found else []


def _favourable(source: Source, found: FairnessTable) -> CardFact:
    t, tell = source.t, source.teller
    return source.of_log().fact("rows", t("Decisions compared"), tell.count(found.n))


def _groups(source: Source, found: FairnessTable) -> CardTable:
    t, tell = source.t, source.teller
    heads = (
        t("Attribute"),
        t("Selection rate ratio"),
        t("95% interval"),
        t("Fares worst"),
        t("Fares best"),
        t("Rows"),
        t("Status"),
    )
    rows = [group_row(tell, each) for each in found.attributes]
    levels: list[Status] = [each.ratio.status for each in found.attributes]
    return source.of_log().table(
        "groups", t("The group that fares worst beside the best"), heads, rows, levels
    )


def group_row(tell: Teller, found: AttributeFairness) -> tuple[Value, ...]:
    """Return how the groups of one attribute fare, and whether that may be chance."""
    t, ratio = tell.t, found.ratio
    stands = tell.status(ratio.status)
    if ratio.by_chance:
        stands = Value(
            [stands.raw, "by chance"], t("{status}; chance explains it", status=stands.text)
        )
    return (
        Value(found.attribute.column, attribute_label(t, found.attribute)),
        tell.number(ratio.value, 3),
        tell.span(tell.number(ratio.low, 3), tell.number(ratio.high, 3)),
        _group(tell, found, ratio.worst),
        _group(tell, found, ratio.best),
        tell.count(ratio.n),
        stands,
    )


def _group(tell: Teller, found: AttributeFairness, key: str) -> Value:
    return Value(key, group_label(tell.t, found.attribute, key)) if key else NOTHING
