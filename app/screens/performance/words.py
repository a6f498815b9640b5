"""Words of the performance screen: figures, warnings, and what an estimate cannot see."""

import math

import numpy as np

from app.screens import figures as units
from core.domain.status import Status
from core.i18n import N_, Translator
from core.metrics.estimation import REASONS, TOTALS
from core.metrics.registry import METRICS
from core.services.performance import ChunkMaturity, Estimates, MaturityWarning, Performance

WARNINGS: dict[MaturityWarning, str] = {
    "labels_missing": N_(
        "The predictions are old enough, but far fewer of them have a label than usual: these "
        "figures are not final."
    ),
    "no_history": N_(
        "Nothing earlier is final, so it cannot be told whether labels are missing or cases that "
        "are still open are left out."
    ),
    "early_labels": N_("What is known early is not typical: these figures are not final."),
    "mostly_positive": N_(
        "More of the early labels are positive than the scores expect: bad news may have come "
        "first, or more cases may turn out so than before."
    ),
    "mostly_cheap": N_("The early labels are of smaller amounts than usual."),
    "closed_cases_only": N_(
        "Every prediction already has a label, long before labels usually come: the log seems to "
        "hold closed cases only, and leaves out those still open."
    ),
}
_MEANING: dict[str, str] = {
    "binary_classification": N_("The scores no longer meant what they used to."),
    "multiclass_classification": N_("The scores of the classes no longer meant what they used to."),
    "regression": N_("Like cases were no longer missed by as much as they had been."),
}
_RATE = "outcome_rate"


def metric_label(t: Translator, name: str) -> str:
    """Return the name of a figure."""
    return t(METRICS[name].label)


def figure_text(t: Translator, found: Performance, name: str, value: float) -> str:
    """Write a figure in its unit."""
    metric = METRICS[name]
    if metric.unit == "none" and not math.isnan(value):
        return t.number(value, 3)  # neighbouring periods differ in the third decimal
    return units.figure_text(t, metric, value, currency=found.view.contract.currency)


def summary(
    t: Translator, found: Performance, estimates: Estimates, name: str
) -> tuple[str, Status | None]:
    """Return the sentence of the page, and the status it stands for."""
    newest = found.newest_matured()
    if newest is None:
        waiting = [each for each in found.maturity if each.state == "partial"]
        if waiting:
            return t("No period has final labels yet; what came early is shown in grey."), None
        return t("No labels are known yet in this period."), None
    text = t(
        "{figure}: {value} in {period}, the newest period with final labels.",
        period=t.chunk(found.chunks[newest].key),
        figure=metric_label(t, name),
        value=figure_text(t, found, name, float(found.figures[name].value[newest])),
    )
    return t.sentences(text, departed(t, found, estimates, name)), None


def departed(t: Translator, found: Performance, estimates: Estimates, name: str) -> str:
    """Say since when what came has departed from its estimate, if it has."""
    said = estimates.figures.get(name)
    if said is None or not said.concept.alarm.any():
        return ""
    places = [place for place, alarm in enumerate(said.concept.alarm) if alarm]
    since = t.n(
        "It departed from its estimate in {first}.",
        "It departed from its estimate in {n} periods, first in {first}.",
        len(places),
        first=t.chunk(found.chunks[places[0]].key),
    )
    return t.sentences(since, t(_MEANING[found.view.contract.task]))


def not_final(t: Translator, far: ChunkMaturity) -> str:
    """Return why the figures of a period are not final; empty if they are."""
    if far.state == "matured":
        return ""
    reasons = [t(text) for name, text in WARNINGS.items() if name in far.warnings]
    if not reasons:
        return t("Some predictions of this period are still too young: its figures are not final.")
    return t.sentences(*reasons)


def warning_lines(t: Translator, found: Performance, estimates: Estimates) -> list[str]:
    """Return what is wrong with taking periods for final, each reason with its periods."""
    lines = []
    for name, text in WARNINGS.items():
        keys = [
            t.chunk(chunk.key)
            for chunk, each in zip(found.chunks, found.maturity, strict=True)
            if name in each.warnings
        ]
        if keys:
            span = (
                keys[0] if len(keys) == 1 else t("{first} to {last}", first=keys[0], last=keys[-1])
            )
            reason = t(text)
            if name == "mostly_positive":
                reason = t.sentences(reason, _timing_or_drift(t, found, estimates))
            lines.append(t("{period}: {reason}", period=span, reason=reason))
    return lines


def _timing_or_drift(t: Translator, found: Performance, estimates: Estimates) -> str:
    """Say which the newest final period speaks for, if its rate of outcomes was estimated."""
    newest, rate = found.newest_matured(), estimates.figures.get(_RATE)
    if newest is None or rate is None or math.isnan(float(rate.concept.effect[newest])):
        return ""
    key = t.chunk(found.chunks[newest].key)
    if rate.concept.alarm[newest] and rate.concept.effect[newest] > 0:
        return t("The final outcomes of {period} were above their estimate too.", period=key)
    return t("The final outcomes of {period} were not above their estimate.", period=key)


def counting_text(t: Translator, found: Performance, name: str) -> str:
    """Return how exact a figure is: it is computed from counts by cells of the score."""
    if name in TOTALS:
        return t(
            "The mean of a labelled prediction times all predictions of the period, so that it "
            "compares with its estimate."
        )
    if name not in found.bounds:
        return t("Exact: it does not depend on how rows are counted.")
    text = t(
        "Computed from counts by cells of the score, each a fifth of a per cent of the odds wide."
    )
    bounds = found.bounds[name][found.matured]
    known = bounds[~np.isnan(bounds)]
    if not known.size:
        return t.sentences(text, t("How far that is from the rows themselves is not stated."))
    if not known.max():
        return t.sentences(text, t("In the final periods shown it is that of the rows themselves."))
    return t.sentences(
        text,
        t(
            "In the final periods shown it lies within {bound} of that of the rows themselves.",
            bound=t.number(float(f"{known.max():.1g}"), 6),
        ),
    )


def coverage_text(t: Translator, estimates: Estimates, name: str) -> str:
    """Return the record of the estimator for one figure."""
    said = estimates.figures.get(name)
    if said is None:
        return ""
    if not said.coverage.judged:
        return t(
            "No period that it was not learned from is final yet, so nothing is proven of this "
            "estimate."
        )
    return t(
        "The band held the final figure in {covered} of {judged} periods.",
        covered=said.coverage.covered,
        judged=said.coverage.judged,
    )


def calibration_text(t: Translator, estimates: Estimates) -> str:
    """Return how the scores were calibrated on the labelled reference."""
    made = estimates.calibrator
    if made is None:
        return ""
    text = t(REASONS[made.reason])
    if math.isnan(made.error_before):
        return text
    return t.sentences(
        text,
        t(
            "Calibration error of held-out rows: {before} without, {after} with, n = {n}.",
            before=t.number(made.error_before, 4),
            after=t.number(made.error_after, 4),
            n=made.rows,
        ),
    )


def uncounted_text(t: Translator, found: Performance, chunk: int) -> str:
    """Return how many labelled rows of a period no figure of the score counts; empty if none."""
    n = int(found.left_out[chunk])
    if not n:
        return ""
    return t.n(
        "One labelled prediction has no usable score and is left out.",
        "{n} labelled predictions have no usable score and are left out.",
        n,
    )


def unsaid_text(t: Translator, estimates: Estimates, name: str) -> str:
    """Return why a figure alone has no estimate; empty if nothing is to be said."""
    reason = estimates.unsaid.get(name)
    return "" if reason is None else t(reason)


def left_out_text(t: Translator, estimates: Estimates) -> str:
    """Return how many labelled rows teach nothing, as nobody knows what was predicted of them."""
    return t.n(
        "One labelled row of the performance reference has no prediction and is left out.",
        "{n} labelled rows of the performance reference have no prediction and are left out.",
        estimates.left_out,
    )
