"""How much an input that drifted matters to the score: kept with its alarm, so that lists can rank.

In multiples of an average input: 1 is as much as the average, 0 not at all.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.errors import HarbourlightError
from core.services.checks.context import CheckContext, NewAlarm
from core.services.drift_alarms import feature_importance
from core.services.workspace import Workspace
from core.store.alerts.alarms import DRIFT_KINDS, IMPORTANCE


def with_importance(
    workspace: Workspace, context: CheckContext, found: Sequence[NewAlarm]
) -> list[NewAlarm]:
    """Return alarms; those of inputs that the registered model can be asked about say their weight.

    Without a model that can be run, alarms are returned as they are.
    """
    if not any(each.kind in DRIFT_KINDS for each in found):
        return list(found)
    try:
        known = feature_importance(workspace, context.view)
    except HarbourlightError:  # a file is gone; the part that reproduces says so
        known = {}
    average = float(np.mean(list(known.values()))) if known else 0.0
    if not average > 0:
        return list(found)
    return [
        replace(each, evidence={**each.evidence, IMPORTANCE: known[each.column] / average})
        if each.kind in DRIFT_KINDS and each.column in known
        else each
        for each in found
    ]
