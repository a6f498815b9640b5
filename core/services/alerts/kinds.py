"""What the kinds of alarms are called."""

from collections.abc import Mapping

from core.i18n import N_

FAILED_CHECK = "check"
"""Kind of the alarm that a part of a check failed; its ``column`` names the part."""

KINDS: Mapping[str, str] = {
    "drift": N_("Drift"),
    "drift_beyond_chance": N_("More than chance"),
    "quality": N_("Data quality"),
    "operations": N_("Operations"),
    "performance": N_("Performance"),
    "concept_drift": N_("Concept drift"),
    "labels_stopped": N_("Labels stopped coming"),
    "truncation": N_("Closed cases only"),
    "unregistered_version": N_("Version not registered"),
    "silent_feed": N_("Silent feed"),
    "fairness": N_("Fairness"),
    "reproduction": N_("Production differs from the registered model"),
    FAILED_CHECK: N_("A part of the check failed"),
}
