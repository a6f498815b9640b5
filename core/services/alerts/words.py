"""What an alarm says, in a sentence: for the page, for messages and for the bell."""

from datetime import timedelta

from core.contract import ModelContract
from core.contract.kpi_definitions import kpi_label, merged_kpis
from core.domain.windows import Window
from core.i18n import N_, Translator
from core.lake.releases.facts import UNDECLARED, UNLOGGED
from core.metrics.registry import METRICS
from core.services.alerts.kinds import FAILED_CHECK, KINDS
from core.services.drift.measure import OUTPUT_LABELS
from core.services.fairness.attributes import HONG_KONG, attribute_of
from core.services.performance.maturity import FEW_LABELS
from core.store.alerts.alarms import Alarm
from core.store.explanations.score_findings import NOT_SCORED

WHOLE = "all"
SEVERITY_WORDS = {"act": N_("Act"), "watch": N_("Watch")}
STATE_WORDS = {
    "open": N_("open"),
    "acknowledged": N_("acknowledged"),
    "snoozed": N_("silent for now"),
    "closed": N_("closed"),
}
EVENT_WORDS = {
    "opened": N_("Opened by a check"),
    "escalated": N_("Became more serious"),
    "woken": N_("Woke: still the case"),
    "healed": N_("Closed by a check: well again"),
    "acknowledged": N_("Acknowledged"),
    "snoozed": N_("Silenced for a while"),
    "assigned": N_("Assigned"),
    "closed": N_("Closed"),
}


def headline(t: Translator, contract: ModelContract, alarm: Alarm) -> str:
    """Return what is wrong in one short sentence without a full stop."""
    said = _said(t, contract, alarm)
    if alarm.slice:
        return t("{what}, in {slice}", what=said, slice=alarm.slice)
    return said


def _said(t: Translator, contract: ModelContract, alarm: Alarm) -> str:
    column = column_name(t, contract, alarm.column)
    figure = t(METRICS[alarm.method].label) if alarm.method in METRICS else alarm.method
    statistic = alarm.statistic or 0.0
    match alarm.kind:
        case "drift":
            return t("{column} has drifted", column=column)
        case "drift_beyond_chance":
            return t("{column} has changed by more than chance", column=column)
        case "performance_beyond_chance":
            return t("{column} has changed by more than chance", column=figure)
        case "quality" if alarm.column:
            return t("{figure}: {column}", figure=figure, column=column)
        case "concept_drift":
            return t("Outcomes no longer follow the scores as before")
        case "labels_stopped" if alarm.method == FEW_LABELS:
            return t(
                "Only {share} of the predictions that are old enough have a label",
                share=t.percent(statistic),
            )
        case "labels_stopped":
            return t("No label has come for {days} days", days=round(statistic))
        case "truncation":
            return t("Young periods hold closed cases only")
        case "unregistered_version":
            return t("Version {version} decides and is not registered", version=alarm.version)
        case "served_version":
            return t("Version {version} decides though another one should", version=alarm.version)
        case "unreviewed_release" if alarm.method == UNDECLARED:
            return t.n(
                "{n} decision of version {version} took effect without a declared oversight level",
                "{n} decisions of version {version} took effect without a declared oversight level",
                round(statistic),
                version=alarm.version,
            )
        case "unreviewed_release" if alarm.method == UNLOGGED:
            return t.n(
                "{n} decision took effect that the log holds no prediction of",
                "{n} decisions took effect that the log holds no predictions of",
                round(statistic),
            )
        case "unreviewed_release":
            return t.n(
                "{n} decision of version {version} took effect without required review",
                "{n} decisions of version {version} took effect without required review",
                round(statistic),
                version=alarm.version,
            )
        case "systematic_override":
            return t(
                "People overturn {share} of the cases that rules chose, elsewhere {rest}",
                share=t.percent(statistic),
                rest=t.percent(statistic - (alarm.effect or 0.0)),
            )
        case "silent_feed":
            gap = t.duration(timedelta(hours=round(statistic)))
            return t("No prediction has come for {gap}", gap=gap)
        case "kpi":
            return t("{kpi} is missed", kpi=kpi_name(t, contract, alarm.method))
        case "value":
            return t("The decisions are no longer surely worth more than the baseline")
        case "fairness":
            return t(
                "By {column}, one group is chosen less than four fifths as often", column=column
            )
        case "reproduction" if not statistic:
            return t(
                "None of {drawn} predictions drawn could be compared", drawn=alarm.n_current or 0
            )
        case "reproduction":
            return t(
                "{wrong} of {drawn} predictions drawn do not reproduce",
                wrong=round(statistic),
                drawn=alarm.n_current or 0,
            )
        case "explanation_mismatch" if alarm.method == NOT_SCORED:
            return t.n(
                "{n} decision that was given another score cannot be scored again",
                "{n} decisions that were given another score cannot be scored again",
                round(statistic),
            )
        case "explanation_mismatch":
            return t.n(
                "Of {n} explained decision the registered model gives another score than the log",
                "Of {n} explained decisions the registered model gives another score than the log",
                round(statistic),
            )
        case "explanation_coverage":
            return t(
                "{share} of the automated decisions have an explanation, asked for are {wanted}",
                share=t.percent(statistic),
                wanted=t.percent(alarm.threshold),
            )
        case "check":
            part = t(KINDS.get(alarm.column, KINDS[FAILED_CHECK]))
            return t("{part} could not be checked", part=part)
        case _:
            return figure or t(KINDS.get(alarm.kind, KINDS[FAILED_CHECK]))


def kpi_name(t: Translator, contract: ModelContract, kpi: str) -> str:
    """Return what people call a KPI; one that the contract no longer has keeps its id."""
    found = next((each for each, _ in merged_kpis(contract) if each.id == kpi), None)
    return kpi if found is None else kpi_label(found).get(t.locale)


def column_name(t: Translator, contract: ModelContract, column: str) -> str:
    """Return the label of a column as readers know it; one of no feature keeps its name."""
    if column in OUTPUT_LABELS:
        return t(OUTPUT_LABELS[column])
    known = {feature.name for feature in contract.features}
    if column in known:
        return contract.feature(column).label_in(t.locale)
    attribute = attribute_of(contract, column, ())
    if attribute.label is not None:
        return attribute.label.get(t.locale)
    return t(HONG_KONG[attribute.kind][0]) if attribute.kind else column


def period_text(t: Translator, contract: ModelContract, alarm: Alarm) -> str:
    """Return the period of an alarm: its key as charts show it, or its first and last day."""
    if alarm.chunk_key != WHOLE and ".." not in alarm.chunk_key:
        return alarm.chunk_key
    window = Window(alarm.chunk_start, alarm.chunk_end)
    return t.period(*window.days(contract.timezone))


def figures_line(t: Translator, alarm: Alarm) -> str:
    """Return the figures of an alarm in one line; empty if it has none."""
    parts = []
    if alarm.effect is not None:
        parts.append(t("effect {value}", value=alarm.effect))
    if alarm.statistic is not None:
        parts.append(t("statistic {value}", value=alarm.statistic))
    if alarm.p_value is not None:
        parts.append(t("p {value}", value=f"{alarm.p_value:.2g}"))
    if alarm.threshold is not None:
        parts.append(t("threshold {value}", value=alarm.threshold))
    if alarm.n_reference is not None:
        parts.append(t("{n} rows of the reference", n=alarm.n_reference))
    if alarm.n_current is not None:
        parts.append(t("{n} rows", n=alarm.n_current))
    return t.items(*parts) if parts else ""
