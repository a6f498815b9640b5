"""What the kinds of alarms are called."""

from collections.abc import Mapping

from core.i18n import N_

FAILED_CHECK = "check"
"""Kind of the alarm that a part of a check failed; its ``column`` names the part."""

KINDS: Mapping[str, str] = {
    "silent_feed": N_("Silent feed"),
    "unregistered_version": N_("Version not registered"),
    "served_version": N_("Another version serves"),
    "unreviewed_release": N_("Released without required review"),
    "reproduction": N_("Production differs from the registered model"),
    "explanation_mismatch": N_("Explanations found another score"),
    "concept_drift": N_("Concept drift"),
    "performance": N_("Performance"),
    "performance_beyond_chance": N_("Results: more than chance"),
    "kpi": N_("KPI"),
    "value": N_("Value of decisions"),
    "fairness": N_("Fairness"),
    "systematic_override": N_("People differ from the model"),
    "labels_stopped": N_("Labels stopped coming"),
    "truncation": N_("Closed cases only"),
    "operations": N_("Operations"),
    "quality": N_("Data quality"),
    "explanation_coverage": N_("Too few decisions explained"),
    "drift": N_("Drift"),
    "drift_beyond_chance": N_("More than chance"),
    FAILED_CHECK: N_("A part of the check failed"),
}
"""Kind → what it is called; what makes everything else doubtful comes first, also in lists."""

FOR_THE_OWNER = frozenset({"systematic_override"})
"""Kinds whose alerts go to the model's owner where no rule names anybody."""
