"""What a check looks at: one function a kind of alarm, and one for the figures kept beside.

To look at something more, add a line here: a function of workspace, model and context. Its name is
the ``kind`` of its alarms. A source that has nothing to say of a model, because no outcome or no
reference is there, raises ``NotComputable``; then nothing about it is concluded.
"""

from collections.abc import Callable, Mapping

from core.services.checks.chance import chance_alarms, results_alarms
from core.services.checks.conduct import fairness_alarms, fairness_figures, reproduction_alarms
from core.services.checks.context import CheckContext, NewAlarm
from core.services.checks.explained_scores import explanation_mismatches
from core.services.checks.explained_share import coverage_alarms
from core.services.checks.feed import served_versions, silent_feed, unregistered_versions
from core.services.checks.inputs import (
    drift_alarms,
    drift_figures,
    operations_alarms,
    operations_figures,
    quality_alarms,
    quality_figures,
)
from core.services.checks.kpis import kpi_alarms, kpi_results
from core.services.checks.outcomes import (
    concept_alarms,
    performance_alarms,
    performance_figures,
    stopped_labels,
    truncation_alarms,
)
from core.services.checks.overrides import override_alarms
from core.services.checks.release import unreviewed_releases
from core.services.checks.value import value_alarms, value_figures
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult

AlarmSource = Callable[[Workspace, str, CheckContext], list[NewAlarm]]
FigureSource = Callable[[Workspace, str, CheckContext], list[MetricResult]]

ALARM_SOURCES: Mapping[str, AlarmSource] = {
    "drift": drift_alarms,
    "drift_beyond_chance": chance_alarms,
    "quality": quality_alarms,
    "operations": operations_alarms,
    "performance": performance_alarms,
    "performance_beyond_chance": results_alarms,
    "concept_drift": concept_alarms,
    "labels_stopped": stopped_labels,
    "truncation": truncation_alarms,
    "unregistered_version": unregistered_versions,
    "served_version": served_versions,
    "unreviewed_release": unreviewed_releases,
    "systematic_override": override_alarms,
    "silent_feed": silent_feed,
    "kpi": kpi_alarms,
    "value": value_alarms,
    "fairness": fairness_alarms,
    "reproduction": reproduction_alarms,
    "explanation_mismatch": explanation_mismatches,
    "explanation_coverage": coverage_alarms,
}
FIGURE_SOURCES: Mapping[str, FigureSource] = {
    "drift": drift_figures,
    "quality": quality_figures,
    "operations": operations_figures,
    "performance": performance_figures,
    "kpi": kpi_results,
    "value": value_figures,
    "fairness": fairness_figures,
}
