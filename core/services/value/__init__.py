"""Value: what a model's decisions earn, beside other ways to decide, and what drift costs."""

from core.services.value.alert_costs import AlertCost, alert_cost, alert_costs
from core.services.value.answer import (
    PeriodValue,
    Ranking,
    ValueAnswer,
    status_of,
    value,
)
from core.services.value.compared import OTHERS, Compared, Other
from core.services.value.cost_of_drift import DriftCost, cost_of_drift
from core.services.value.cut_offs import CutOffTable
from core.services.value.people import People, people
from core.services.value.rule import NO_VALUE, YAML, simulated_parameters
from core.services.value.scenarios import (
    KeptScenario,
    list_scenarios,
    propose_scenario,
    save_scenario,
)
from core.services.value.what_if import FairnessThen, Side, WhatIf, what_if
from core.services.value.workload import QueueLoad, Workload, workload

__all__ = [
    "NO_VALUE",
    "OTHERS",
    "YAML",
    "AlertCost",
    "Compared",
    "CutOffTable",
    "DriftCost",
    "FairnessThen",
    "KeptScenario",
    "Other",
    "People",
    "PeriodValue",
    "QueueLoad",
    "Ranking",
    "Side",
    "ValueAnswer",
    "WhatIf",
    "Workload",
    "alert_cost",
    "alert_costs",
    "cost_of_drift",
    "list_scenarios",
    "people",
    "propose_scenario",
    "save_scenario",
    "simulated_parameters",
    "status_of",
    "value",
    "what_if",
    "workload",
]
