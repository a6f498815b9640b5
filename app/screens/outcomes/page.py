"""The page Outcomes: how the KPIs stand, as cards, sentences, charts and tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.charts import (
    Chart,
    Expected,
    Labels,
    Level,
    Look,
    Mark,
    Step,
    against_target,
    labels_for,
    waterfall,
)
from app.components import Course, KpiCard
from app.screens.outcomes.periods import Sides
from app.screens.outcomes.words import (
    LEVEL_WORDS,
    axis_unit,
    measure_of,
    remarks_of,
    target_text,
    value_text,
    why_nothing,
    writers,
)
from core.domain.kpi_level import KpiLevel
from core.domain.status import Status
from core.i18n import N_, Translator
from core.services.kpi_changes import KpiChange
from core.services.kpis import KpiFigure, KpiSeries
from core.services.kpis.words import change_between

_WORST = (KpiLevel.missed, KpiLevel.at_risk, KpiLevel.on_track)
_SHORT = {
    KpiLevel.missed: N_("{period}: {n} of {all} targets missed: {names}."),
    KpiLevel.at_risk: N_("{period}: {n} of {all} targets at risk: {names}."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One KPI on the page: its course, its figure in the period shown, and the one beside it."""

    series: KpiSeries
    figure: KpiFigure | None
    before: KpiFigure | None

    @property
    def id(self) -> str:
        """Id of the KPI."""
        return self.series.definition.id

    @property
    def level(self) -> KpiLevel:
        """How it stands in the period shown."""
        if self.figure is None:
            return KpiLevel.not_enough_data
        return self.figure.level

    @property
    def is_known(self) -> bool:
        """Whether the period shown has a figure that may be held against its target."""
        return self.level is not KpiLevel.not_enough_data

    @property
    def is_aimed(self) -> bool:
        """Whether there is anything that it is held against."""
        definition = self.series.definition
        return bool(definition.targets) or (definition.watch, definition.act) != (None, None)

    @property
    def change(self) -> float:
        """What it changed by since the period compared with; NaN if that is not known."""
        if self.figure is None or self.before is None:
            return math.nan
        return self.figure.value - self.before.value


def shown_kpis(
    kpis: Sequence[KpiSeries], sides: Sides, before: Mapping[str, KpiFigure]
) -> list[Shown]:
    """Return the KPIs with the figures of the two periods, in the contract's order."""
    return [
        Shown(
            each,
            each.periods[sides.place] if each.periods else None,
            before.get(each.definition.id),
        )
        for each in kpis
    ]


def worst_first(kpis: Sequence[Shown]) -> list[Shown]:
    """Return the KPIs with the missed ones first; alike ones stay in the contract's order."""
    ranks = {level: rank for rank, level in enumerate(_WORST)}
    return sorted(kpis, key=lambda each: ranks.get(each.level, len(ranks)))


def first_to_tell(kpis: Sequence[Shown]) -> str:
    """Return the KPI that the page tells of before any is chosen: the first of the worst."""
    for level in _WORST:
        for each in kpis:
            if each.level is level and not math.isnan(each.change):
                return each.series.definition.id
    known = [each for each in kpis if each.figure and not math.isnan(each.figure.value)]
    return (known or list(kpis))[0].series.definition.id


def headline(t: Translator, kpis: Sequence[Shown], sides: Sides) -> tuple[str, KpiLevel]:
    """Return how the targets stand in the period shown, and the worst of them."""
    named = {
        level: [each.series.definition.name.get(t.locale) for each in kpis if each.level is level]
        for level in _WORST
    }
    aimed = sum(len(names) for names in named.values())
    period, unknown = sides.name(t), [each for each in kpis if each.is_aimed and not each.is_known]
    if not aimed and unknown:
        return t("{period}: not enough is known yet.", period=period), KpiLevel.not_enough_data
    if not aimed:
        return t("{period}: no target is set.", period=period), KpiLevel.no_target
    for level, text in _SHORT.items():
        if named[level]:
            words = {"n": len(named[level]), "all": aimed, "names": t.items(*named[level])}
            return t(text, period=period, **words), level
    return t.n(
        "{period}: the one target is met.",
        "{period}: all {n} targets are met.",
        aimed,
        period=period,
    ), KpiLevel.on_track


def card_of(t: Translator, kpi: Shown, sides: Sides, expected: str = "") -> KpiCard:
    """Return a KPI as a card; ``expected`` says what the period that is not over should bring."""
    definition, figure = kpi.series.definition, kpi.figure
    measure = measure_of(definition)
    name = definition.name.get(t.locale)
    nothing = why_nothing(t, definition, figure)
    if figure is None or nothing:
        return KpiCard(
            key=definition.id,
            name=name,
            value=t.number(math.nan),
            status=Status.not_enough_data,
            word=nothing or t(LEVEL_WORDS[KpiLevel.not_enough_data]),
            meaning=definition.meaning.get(t.locale),
            target="" if figure is None else target_text(t, definition, figure),
            remarks=[expected] if expected else [],
            course=_course(t, kpi.series, sides),
        )
    known = not math.isnan(kpi.change)
    return KpiCard(
        key=definition.id,
        name=name,
        value=value_text(t, measure, figure.value),
        status=figure.level.status,
        word=t(LEVEL_WORDS[figure.level]),
        meaning=definition.meaning.get(t.locale),
        change=change_between(t, measure, kpi.before, figure) if known else "",
        beside=t("against {period}", period=sides.beside(t)) if known else "",
        target=target_text(t, definition, figure),
        remarks=[*([expected] if expected else []), *remarks_of(t, figure, sides.view)],
        course=_course(t, kpi.series, sides),
    )


def _course(t: Translator, series: KpiSeries, sides: Sides) -> Course:
    name = series.definition.name.get(t.locale)
    first, last = sides.view.window.days(sides.view.timezone)
    return Course(
        values=[each.value for each in series.periods],
        targets=[math.nan if each.target is None else each.target.value for each in series.periods],
        partial=[not each.is_final for each in series.periods],
        chosen=sides.place,
        label=t("{name} over {period}", name=name, period=t.period(first, last)),
    )


def course_chart(
    look: Look,
    series: KpiSeries,
    sides: Sides,
    marks: Sequence[Mark] = (),
    expected: Expected | None = None,
) -> Chart:
    """Return a KPI over all periods against its target."""
    t, view = look.t, sides.view
    measure = measure_of(series.definition)
    name = series.definition.name.get(t.locale)
    first, last = view.window.days(view.timezone)
    starts = view.local_starts(view.chunks)
    other = sides.baseline_place
    return against_target(
        look,
        labels_for(
            t,
            title=t("{name} over time, against its target", name=name),
            x=t("Period"),
            y=name,
            unit=axis_unit(measure),
            n=sum(each.n for each in series.periods),
            first=first,
            last=last,
        ),
        at=starts,
        values=np.asarray([each.value for each in series.periods]),
        low=np.asarray([each.low for each in series.periods]),
        high=np.asarray([each.high for each in series.periods]),
        targets=np.asarray(
            [math.nan if each.target is None else each.target.value for each in series.periods]
        ),
        partial=[not each.is_final for each in series.periods],
        write=writers(t, measure)[0],
        marks=marks,
        chosen=starts[sides.place],
        compared=None if other is None else starts[other],
        expected=expected,
    )


def change_chart(look: Look, change: KpiChange, sides: Sides) -> Chart:
    """Return what each cause added to the change between the two periods."""
    t = look.t
    measure = measure_of(change.definition)
    name = change.definition.name.get(t.locale)
    write, write_change = writers(t, measure)
    return waterfall(
        look,
        Labels(
            title=t("Why this changed: {name}", name=name),
            x=name,
            y=t("Cause"),
            unit=axis_unit(measure),
            n=change.before.n + change.after.n,
            period=t.items(sides.beside(t), sides.name(t)),
        ),
        before=Level(sides.beside(t), change.before.value, change.before.n),
        after=Level(sides.name(t), change.after.value, change.after.n),
        steps=[
            Step(change.cause_name(each.cause, t), each.value, each.low, each.high)
            for each in change.contributions
        ],
        better=measure.better,
        write=write,
        write_change=write_change,
        interval_word=t("95% interval"),
    )
