"""The model contract: what a model's log holds, and what it will be held to."""

from core.contract.actionable import Actionable, Direction
from core.contract.columns import Column, ColumnType, LogColumns
from core.contract.fairness import Fairness, FairnessAttribute, FairnessGroup
from core.contract.features import Feature, Segment
from core.contract.governance import (
    Alarms,
    ColumnThreshold,
    ModelVersion,
    PolicyVersion,
    Threshold,
)
from core.contract.kpis import Kpi, KpiSetChoice, Parameter, Target, Value
from core.contract.load import contract_from_text, load_contract
from core.contract.model import ModelContract
from core.contract.outcomes import Event, Outcome, OutcomeColumn
from core.contract.periods import PerformanceReference, ReferenceWindow
from core.contract.review import Review, ReviewRule
from core.contract.text import LocalisedText

__all__ = [
    "Actionable",
    "Alarms",
    "Column",
    "ColumnThreshold",
    "ColumnType",
    "Direction",
    "Event",
    "Fairness",
    "FairnessAttribute",
    "FairnessGroup",
    "Feature",
    "Kpi",
    "KpiSetChoice",
    "LocalisedText",
    "LogColumns",
    "ModelContract",
    "ModelVersion",
    "Outcome",
    "OutcomeColumn",
    "Parameter",
    "PerformanceReference",
    "PolicyVersion",
    "ReferenceWindow",
    "Review",
    "ReviewRule",
    "Segment",
    "Target",
    "Threshold",
    "Value",
    "contract_from_text",
    "load_contract",
]
