"""Drift alarms that can be believed: a stated rate of false ones for a model and a month."""

from core.services.drift_alarms.derive import Derived, derive
from core.services.drift_alarms.derive_level import DerivedLevel, derive_level
from core.services.drift_alarms.importance import feature_importance
from core.services.drift_alarms.judged import JudgedMonth, judged_month
from core.services.drift_alarms.reasons import Reasons, reasons_of
from core.services.drift_alarms.stored import can_be_derived, stored_alarm

__all__ = [
    "Derived",
    "DerivedLevel",
    "JudgedMonth",
    "Reasons",
    "can_be_derived",
    "derive",
    "derive_level",
    "feature_importance",
    "judged_month",
    "reasons_of",
    "stored_alarm",
]
