"""How well a model does against its limits: what outcomes say, estimates, and how inputs moved."""

import math

import numpy as np

from core.domain.status import Status, worst
from core.i18n import N_
from core.metrics.registry import METRICS
from core.reports.model_card import CardFact, CardSection, CardTable, Value
from core.services.drift.measure import OUTPUT_LABELS, ColumnDrift, newest_judged
from core.services.model_card.source import Source
from core.services.model_card.telling import NOTHING, Teller
from core.services.model_story import FIGURE
from core.services.performance import Estimates, Performance
from core.services.thresholds import Thresholds

_MOST_INPUTS = 10
_SEVERITY = [Status.not_enough_data, Status.in_range, Status.watch, Status.act]


def performance_section(source: Source) -> CardSection:
    """Return the newest final figures, and the newest estimates where outcomes are still out."""
    t, heading = source.t, source.t("How well it does")
    found = source.story.performance if source.story else None
    if found is None:
        return CardSection("performance", heading, notes=(_why_nothing(source),))
    newest = found.newest_matured()
    estimates = source.story.estimates if source.story else None
    tables = [_estimated(source, found, estimates)] if estimates else []
    if newest is None:
        note = t("No period has final outcomes yet.")
        shown = tuple(each for each in tables if each.rows)
        return CardSection("performance", heading, tables=shown, notes=(note,))
    realised = _realised(source, found, newest)
    facts = _facts(source, found, newest)
    shown = tuple(each for each in (realised, *tables) if each.rows)
    status = worst([*realised.levels, _promised(source, newest)])
    return CardSection("performance", heading, facts, shown, status=status)


def drift_section(source: Source) -> CardSection:
    """Return the inputs and outputs that moved most, in their newest period that can be judged."""
    t, heading = source.t, source.t("Whether its inputs are what they were")
    found = source.story.drift if source.story else None
    if found is None:
        return CardSection("drift", heading, notes=(t("The reference is not complete yet."),))
    judged = [(each, newest_judged(each)) for each in found.columns]
    known = [(each, place) for each, place in judged if place is not None]
    known.sort(key=lambda one: (-_SEVERITY.index(one[0].status_at(one[1])), -_value(*one)))
    rows = [_moved(source, column, place) for column, place in known[:_MOST_INPUTS]]
    levels = [column.status_at(place) for column, place in known[:_MOST_INPUTS]]
    heads = (t("Column"), t("Period"), t("Method"), t("Distance"), t("To act"), t("Status"))
    table = source.of_log().table(
        "drift", t("Moved most against the reference"), heads, rows, levels
    )
    of_all = [column.status_at(place) for column, place in known]
    facts = (
        source.of_log().fact("columns", t("Columns judged"), source.teller.count(len(known))),
        source.of_log().fact(
            "beyond",
            t("Beyond their act level"),
            source.teller.count(of_all.count(Status.act)),
        ),
    )
    return CardSection("drift", heading, facts, (table,) if rows else (), status=worst(of_all))


def limit_text(tell: Teller, name: str, limits: Thresholds) -> Value:
    """Return where a figure has to be acted on, or else watched: "at least 70.0%"."""
    limit = limits.act if limits.act is not None else limits.watch
    if limit is None:
        return NOTHING
    value = tell.figure(name, limit)
    low_is_bad = limits.direction == "higher_is_better"
    said = N_("below {limit}") if low_is_bad else N_("from {limit}")
    return Value([limits.direction, value.raw], tell.t(said, limit=value.text))


def _why_nothing(source: Source) -> str:
    t = source.t
    if source.story is None:
        return t("No predictions are logged yet.")
    return t("The contract names no outcome: nothing says how well it does.")


def _facts(source: Source, found: Performance, newest: int) -> tuple[CardFact, ...]:
    t, tell, sheet = source.t, source.teller, source.of_log()
    far = found.maturity[newest]
    departed = source.story.departed if source.story else ()
    since = found.chunks[departed[0]].key if departed else None
    return (
        sheet.fact(
            "period",
            t("Newest period with final outcomes"),
            tell.chunk(found.chunks[newest].key),
        ),
        sheet.fact("labelled", t("Outcomes known in it"), tell.count(far.labelled)),
        sheet.fact(
            "departed",
            t("Outcomes departed from what the scores promised, first in"),
            tell.chunk(since) if since else tell.word(N_("in no period")),
        ),
    )


def _promised(source: Source, newest: int) -> Status:
    """Return how outcomes stand against what the scores promised, as the page Model says it."""
    story = source.story
    if story is None or story.estimates is None or FIGURE not in story.estimates.figures:
        return Status.not_enough_data
    if not story.departed:
        return Status.in_range
    return Status.act if story.departed[-1] == newest else Status.watch


def _realised(source: Source, found: Performance, newest: int) -> CardTable:
    t, tell = source.t, source.teller
    rows, levels = [], []
    for name, figure in found.figures.items():
        value = float(figure.value[newest])
        if math.isnan(value):
            continue
        limits, status = found.thresholds(name), found.status_of(name, newest)
        low, high = (tell.figure(name, float(side[newest])) for side in (figure.low, figure.high))
        rows.append(
            (
                Value(name, t(METRICS[name].label)),
                tell.figure(name, value),
                tell.span(low, high),
                tell.count(found.rows_behind(name, newest)),
                limit_text(tell, name, limits),
                tell.status(status) if limits.judges else tell.word(N_("not judged")),
            )
        )
        levels.append(status if limits.judges else Status.not_enough_data)
    heads = (t("Figure"), t("Value"), t("95% interval"), t("Rows"), t("To act"), t("Status"))
    return source.of_log().table("realised", t("Measured on final outcomes"), heads, rows, levels)


def _estimated(source: Source, found: Performance, estimates: Estimates) -> CardTable:
    t, tell = source.t, source.teller
    rows = []
    for name, said in estimates.figures.items():
        known = np.flatnonzero(np.isfinite(np.asarray(said.band.value)))
        if not known.size:
            continue
        place = int(known[-1])
        low, high = (
            tell.figure(name, float(side[place])) for side in (said.band.low, said.band.high)
        )
        rows.append(
            (
                Value(name, t(METRICS[name].label)),
                tell.chunk(found.chunks[place].key),
                tell.figure(name, float(said.band.value[place])),
                tell.span(low, high),
            )
        )
    heads = (t("Figure"), t("Newest period"), t("Estimate"), t("Band"))
    return source.of_log().table("estimated", t("Estimated without outcomes"), heads, rows)


def _moved(source: Source, column: ColumnDrift, place: int) -> tuple[Value, ...]:
    t, tell = source.t, source.teller
    name = column.column
    label = (
        t(OUTPUT_LABELS[name])
        if name in OUTPUT_LABELS
        else source.contract.feature(name).label_in(t.locale)
    )
    story = source.story
    key = story.drift.chunks[place].key if story and story.drift else ""
    return (
        Value(name, label),
        tell.chunk(key),
        Value(column.result.method, t(METRICS[column.result.method].label)),
        tell.number(_value(column, place), 3),
        tell.number(_limit(column), 3),
        tell.status(column.status_at(place)),
    )


def _value(column: ColumnDrift, place: int) -> float:
    return float(column.result.value[place])


def _limit(column: ColumnDrift) -> float:
    return math.nan if column.result.act is None else float(column.result.act)
