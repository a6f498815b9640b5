"""Words of the performance screen: figures, warnings, and what an estimate cannot see."""

import math

from app.screens import figures as units
from core.domain.status import Status
from core.i18n import N_, Translator
from core.metrics.estimation import REASONS
from core.metrics.registry import METRICS
from core.services.performance import Estimates, MaturityWarning, Performance

WARNINGS: dict[MaturityWarning, str] = {
    "early_labels": N_("What is known early is not typical: these figures are not final."),
    "mostly_positive": N_("The early labels are mostly positive ones: bad news came first."),
    "mostly_cheap": N_("The early labels are of smaller amounts than usual."),
    "closed_cases_only": N_(
        "Every prediction already has a label, long before labels usually come: the log seems to "
        "hold closed cases only, and leaves out those still open."
    ),
}
BLIND = N_(
    "An estimate without labels cannot see concept drift: it takes for granted that a score means "
    "what it meant in the reference. Only labels can tell."
)


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
        "In {period}, the newest period with final labels, {figure} was {value}.",
        period=found.chunks[newest].key,
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
    return t.n(
        "It departed from its estimate in {first}: the scores no longer meant what they had.",
        "It departed from its estimate in {n} periods, first in {first}: the scores no longer "
        "meant what they had.",
        len(places),
        first=found.chunks[places[0]].key,
    )


def warning_lines(t: Translator, found: Performance) -> list[str]:
    """Return what is wrong with periods that are not final, each reason with its periods."""
    lines = []
    for name, text in WARNINGS.items():
        keys = [
            chunk.key
            for chunk, each in zip(found.chunks, found.maturity, strict=True)
            if name in each.warnings
        ]
        if keys:
            span = (
                keys[0] if len(keys) == 1 else t("{first} to {last}", first=keys[0], last=keys[-1])
            )
            lines.append(t("{period}: {reason}", period=span, reason=t(text)))
    return lines


def coverage_text(t: Translator, estimates: Estimates, name: str) -> str:
    """Return the record of the estimator for one figure."""
    said = estimates.figures.get(name)
    if said is None:
        return ""
    if not said.coverage.judged:
        return t("No period is final yet, so nothing is proven of this estimate.")
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
