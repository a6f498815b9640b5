"""The foot of the page Outcomes: what each KPI means, and its figures to take away."""

from collections.abc import Sequence

from app.components import Definition, FileOffer, Prepared, offer_files, publish_csv
from app.context import PageContext
from app.screens.outcomes.words import measure_of, value_text, why_nothing
from core.domain.identity import Actor, Permission
from core.i18n import N_, Translator
from core.services.kpis import KpiAnswer, KpiDefinition, KpiFigure, KpiSeries
from core.services.safe_csv import csv_bytes

_DIRECTIONS = {
    "higher_is_better": N_("Higher is better."),
    "lower_is_better": N_("Lower is better."),
    "neutral": N_("Neither higher nor lower is better by itself."),
}
_HEADER = (
    "model", "kpi", "name", "definition", "unit", "currency", "period", "start", "end", "n",
    "value", "low", "high", "target", "target_set_on", "target_set_by", "level", "maturity",
    "complete", "version", "slice", "as_of", "lake_generation",
)  # fmt: skip


def definitions_of(t: Translator, kpis: Sequence[KpiSeries]) -> list[Definition]:
    """Return each KPI as the foot of the page explains it."""
    return [
        Definition(each.definition.name.get(t.locale), _explained(t, each.definition))
        for each in kpis
    ]


def _explained(t: Translator, definition: KpiDefinition) -> str:
    measure = measure_of(definition)
    targets = [
        t(
            "{value} since {date}, set by {who}",
            value=value_text(t, measure, each.value),
            date=each.set_on,
            who=each.set_by,
        )
        for each in definition.targets
    ]
    return t.sentences(
        definition.meaning.get(t.locale),
        t("Formula: {text}.", text=definition.text) if definition.text else "",
        t(_DIRECTIONS[definition.direction]),
        _maturity(t, definition),
        t("Targets: {targets}.", targets=t.items(*targets)) if targets else t("No target."),
        t("Owner: {owner}.", owner=definition.owner) if definition.owner else "",
        t("From the set {name}.", name=definition.from_set) if definition.from_set else "",
        why_nothing(t, definition, None),
    )


def intervals_text(t: Translator, answer: KpiAnswer) -> str:
    """Return what intervals take for one draw: a decision, or all those about a customer."""
    if answer.view.contract.log.subject is not None:
        return t(
            "Several decisions about one customer are not independent: where customers come back, "
            "95% intervals of sums and shares go by random groups of customers."
        )
    return t(
        "95% intervals take each decision as independent. With several decisions about one "
        "customer, one day or one shop they are too narrow."
    )


def _maturity(t: Translator, definition: KpiDefinition) -> str:
    if definition.maturity == "none":
        return t("Counts every decision at once.")
    if definition.maturity == "outcome":
        return t("Counts decisions whose result is final.")
    return t("Counts decisions that are at least {age} old.", age=definition.maturity)


def show_download(ctx: PageContext, answer: KpiAnswer) -> None:
    """Let those who may take every figure away, with what was asked in each line."""
    offer_files(
        ctx,
        FileOffer(
            ctx.t("Prepare the figures (CSV)"),
            lambda actor: _prepared(ctx, actor, answer),
            key="outcomes_prepare",
            permission=Permission.kpi_export,
            asked=answer.view.key,
        ),
    )


def _prepared(ctx: PageContext, actor: Actor, answer: KpiAnswer) -> Prepared:
    rows = figure_rows(ctx.t, answer)
    model = answer.view.contract.id
    return publish_csv(
        ctx,
        actor,
        csv_bytes(list(_HEADER), rows),
        permission=Permission.kpi_export,
        name=f"outcomes-{model}-{answer.view.as_of:%Y%m%d}.csv",
        text=ctx.t("Download {n} figures with their filters (CSV)", n=len(rows)),
        model=model,
    )


def figure_rows(t: Translator, answer: KpiAnswer) -> list[list[object]]:
    """Return every figure of an answer as a line: the whole period first, then period by period."""
    return [
        _line(t, answer, series.definition, figure)
        for series in answer.kpis
        for figure in (series.whole, *series.periods)
    ]


def _line(
    t: Translator, answer: KpiAnswer, definition: KpiDefinition, figure: KpiFigure
) -> list[object]:
    view, chunk, target = answer.view, figure.chunk, figure.target
    start, end = (chunk.start, chunk.end) if chunk else (view.window.start, view.window.end)
    return [
        view.contract.id,
        definition.id,
        definition.name.get(t.locale),
        definition.text,
        definition.unit,
        definition.currency or "",
        chunk.key if chunk else "all",
        start.isoformat(),
        end.isoformat(),
        figure.n,
        *(_known(each) for each in (figure.value, figure.low, figure.high)),
        None if target is None else target.value,
        None if target is None else target.set_on.isoformat(),
        None if target is None else target.set_by,
        str(figure.level),
        figure.maturity,
        figure.complete,
        view.question.version or "",
        view.slice_text or "",
        view.as_of.isoformat(),
        view.generation,
    ]


def _known(value: float) -> float | None:
    return None if value != value else value
