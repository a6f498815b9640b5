"""What a measure is, as the foot of a page says it: meaning, formula, and where to read on."""

from app.components import Definition
from core.i18n import Translator
from core.metrics.registry import METRICS


def measured_by(t: Translator, name: str) -> Definition:
    """Return the definition of a metric by its id."""
    metric = METRICS[name]
    return Definition(
        t(metric.label),
        t.sentences(
            t(metric.meaning),
            t("Formula: {text}.", text=t(metric.formula)),
            t("Limits and source: {page}.", page=f"docs/metrics/{metric.id}.md"),
        ),
    )
