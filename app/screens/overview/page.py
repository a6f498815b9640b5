"""The overview screen: each model as a card, and what became of its predictions."""

import math

import numpy as np
import pandas as pd

from app.components import Column, Layer, ModelCard
from app.context import PageContext
from app.screens.overview.checked import alerts_text, since_short, telling_short
from app.screens.words import column_label, nearly
from core.domain.status import Status, worst
from core.i18n import Translator
from core.metrics.registry import METRICS
from core.services.cohorts import Cohort, CohortTable
from core.services.overview import ModelHealth


def summary(t: Translator, found: tuple[ModelHealth, ...]) -> tuple[str, Status]:
    """Return the sentence of the page: how many models need somebody, and the worst reason."""
    needing = [health for health in found if health.status in {Status.act, Status.watch}]
    if not needing:
        return (
            t.n("The one model is in range.", "All {n} models are in range.", len(found)),
            worst(health.status for health in found),
        )
    head = t.n(
        "{n} of {total} models needs attention.",
        "{n} of {total} models need attention.",
        len(needing),
        total=len(found),
    )
    return t.sentences(head, _worst_cohort(t, needing)), needing[0].status


def origin_text(t: Translator, found: tuple[ModelHealth, ...]) -> str:
    """Return which figures are counted now, and which are as of a check."""
    if all(health.glance is None for health in found):
        return t("Counted now, of the jurisdictions that you see; checks look at rows of all.")
    return t("The layers are counted now; alerts and group ratios are those of the last check.")


def chosen(ctx: PageContext, found: tuple[ModelHealth, ...]) -> ModelHealth | None:
    """Return the model that the filters name."""
    return next((health for health in found if health.model.id == ctx.filters.model), None)


def _worst_cohort(t: Translator, needing: list[ModelHealth]) -> str:
    worst_found: tuple[ModelHealth, Cohort] | None = None
    for health in needing:
        cohort = health.cohorts.worst if health.cohorts else None
        if cohort is not None and (worst_found is None or cohort.ratio > worst_found[1].ratio):
            worst_found = health, cohort
    if worst_found is None or worst_found[1].status is Status.in_range:
        return ""
    health, cohort = worst_found
    return t(
        "{model}: the outcome rate of {period} was {ratio} times the mean score, {observed} "
        "against {expected}.",
        model=health.contract.name.get(t.locale),
        period=t.chunk(cohort.period.key),
        ratio=t.number(cohort.ratio, 1),
        observed=t.percent(cohort.observed),
        expected=t.percent(cohort.expected),
    )


def card(ctx: PageContext, health: ModelHealth) -> ModelCard:
    """Return a model's card."""
    t, contract = ctx.t, health.contract
    moved = health.worst_drift
    values = [math.nan] if moved is None else [float(v) for v in moved[0].result.value]
    method = METRICS["psi"].label if moved is None else METRICS[moved[0].result.method].label
    return ModelCard(
        model=contract.id,
        name=contract.name.get(t.locale),
        purpose=contract.purpose.get(t.locale),
        status=health.status,
        layers=(
            Layer(t("Operations"), health.operations_status, _operations_reason(t, health)),
            Layer(t("Monitoring"), health.monitoring_status, _monitoring_reason(t, health)),
            Layer(t("Business"), health.business_status, _business_reason(t, health)),
        ),
        facts={
            t("Label maturity"): "–"
            if health.matured_share is None
            else nearly(t, health.matured_share),
            t("Last prediction"): "–"
            if health.view is None
            else t.date(health.view.last_prediction, contract.timezone),
            t("Last event"): "–"
            if health.newest_event is None
            else t.date(health.newest_event, contract.timezone),
            **_stored_facts(t, health),
        },
        sparkline=values,
        sparkline_label=t(
            "{measure} of the input that moved most, last 12 months", measure=t(method)
        ),
        sparkline_threshold=None if moved is None else moved[0].result.act,
        links=_links(t, ctx, health),
    )


def _stored_facts(t: Translator, health: ModelHealth) -> dict[str, str]:
    """Return what the newest check stored; empty for a reader of some jurisdictions."""
    found = health.glance
    if found is None:
        return {}
    if found.check is None:
        return {t("Last check"): t("none yet")}
    run, fairness = found.check.run, found.of("fairness")
    facts = {
        t("Last check"): t.instant(run.finished_at, health.contract.timezone),
        t("Since then"): since_short(t, found.check.since),
        t("Alerts"): alerts_text(t, found),
    }
    if fairness is not None:
        facts[t("Lowest group ratio")] = telling_short(t, health.contract, fairness.result)
    return facts


def _links(t: Translator, ctx: PageContext, health: ModelHealth) -> dict[str, str]:
    """Return page → text, first the page that explains the card's colour."""
    if health.view is None:
        empty = health.model.newest_event is None  # else nothing was known on the day asked about
        texts = {"ingest": t("Ingest a log")} if empty else {}
    else:
        texts = {
            "drift": t("See the drift"),
            "operations": t("See operations"),
            "data_quality": t("See data quality"),
        }
        if health.contract.kpis or health.contract.kpi_set:
            texts["outcomes"] = t("See outcomes")
    if health.glance is not None and health.glance.alerts:
        texts["alerts"] = t.n("See the alert", "See {n} alerts", len(health.glance.alerts))
    if health.operations_status is health.status is not health.monitoring_status:
        texts = {"operations": texts.pop("operations", t("See operations")), **texts}
    if health.status not in health.layers and "alerts" in texts:
        texts = {"alerts": texts.pop("alerts"), **texts}
    return {page: text for page, text in texts.items() if page in ctx.pages}


def _operations_reason(t: Translator, health: ModelHealth) -> str:
    running = health.operations
    newest = running.newest() if running else None
    if running is None or newest is None:
        return t("No predictions yet")
    if not running.has_status:
        return t("The log holds no status")
    return t(
        "Error rate {errors}, availability {available}",
        errors=t.percent(float(running.error_rate[newest]), 2),
        available=t.percent(float(running.availability[newest])),
    )


def _monitoring_reason(t: Translator, health: ModelHealth) -> str:
    if health.worst_drift is None:
        if health.why_empty is not None:
            return t(health.why_empty.template, **health.why_empty.params)
        return t("Too few rows a month")
    column, newest = health.worst_drift
    return t(
        "{feature}: {measure} {value}",
        feature=column_label(t, health.contract, column.column),
        measure=t(METRICS[column.result.method].label),
        value=t.number(float(column.result.value[newest]), 2),
    )


def _business_reason(t: Translator, health: ModelHealth) -> str:
    cohort = health.business_cohort
    if health.contract.outcome is None:
        return t("The contract names no outcome")
    if cohort is None:
        return t("No outcome has matured")
    return t(
        "{period}: {observed} observed, {expected} expected",
        period=t.chunk(cohort.period.key),
        observed=t.percent(cohort.observed),
        expected=t.percent(cohort.expected),
    )


def cohort_frame(t: Translator, table: CohortTable) -> tuple[pd.DataFrame, list[Column]]:
    """Return the cohort table and its columns."""
    contract = table.view.contract
    currency = contract.currency
    rows = [
        {
            "period": cohort.period.key,
            "n": cohort.n,
            "outcome": _rate(t, cohort),
            "maturity": _maturity(t, cohort),
            "score": t.percent(cohort.mean_score),
            "ratio": "–" if math.isnan(cohort.ratio) else f"{t.number(cohort.ratio, 1)}×",
            "status": cohort.status,
            "auc": _auc(t, cohort),
            "amount": "–"
            if np.isnan(cohort.median_amount)
            else t.money(cohort.median_amount, currency),
        }
        for cohort in table.cohorts
    ]
    columns = [
        Column("period", t("Period")),
        Column("n", t("Predictions"), kind="count"),
        Column("outcome", t("Observed outcome rate")),
        Column("maturity", t("Label maturity")),
        Column("score", t("Mean score"), "figure"),
        Column("ratio", t("Observed ÷ score"), "figure"),
        Column("status", t("Status"), kind="status"),
        Column("auc", t("AUC")),
        Column("amount", t("Median amount"), "figure"),
    ]
    return pd.DataFrame(rows), columns


def cohort_sentence(t: Translator, table: CohortTable) -> str:
    """Return what the cohort table says of the worst cohort."""
    cohort = table.worst
    if cohort is None:
        return t("No cohort has enough matured outcomes to be compared with its scores.")
    if cohort.status is Status.in_range:
        return t("Outcomes came in close to the scores in every matured cohort.")
    return t(
        "The outcome rate of {period} was {ratio} times the mean score; the area under the ROC "
        "curve was {auc}.",
        period=t.chunk(cohort.period.key),
        ratio=t.number(cohort.ratio, 1),
        auc=t.number(cohort.roc_auc, 3),
    )


def _rate(t: Translator, cohort: Cohort) -> str:
    if cohort.outcome_interval is None:
        return "–"
    low, high = float(cohort.outcome_interval.low), float(cohort.outcome_interval.high)
    limits = f"{t.percent(low)}–{t.percent(high)}"
    return t("{name} ({text})", name=t.percent(cohort.outcome_rate), text=limits)


def _maturity(t: Translator, cohort: Cohort) -> str:
    if cohort.maturity == "matured":
        return t("matured, {share} labelled", share=nearly(t, cohort.labelled / cohort.matured))
    if cohort.maturity == "none":
        return t("no labels yet")
    if cohort.labels_missing:
        return t(
            "labels missing, {share} labelled", share=nearly(t, cohort.labelled / cohort.matured)
        )
    return t("partial, {share} matured", share=nearly(t, cohort.matured_share))


def _auc(t: Translator, cohort: Cohort) -> str:
    if cohort.auc_interval is None:
        return "–"
    low, high = float(cohort.auc_interval.low), float(cohort.auc_interval.high)
    limits = f"{t.number(low, 2)}–{t.number(high, 2)}"
    return t("{name} ({text})", name=t.number(cohort.roc_auc, 3), text=limits)
