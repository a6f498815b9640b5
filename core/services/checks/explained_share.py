"""Alarms of models of which fewer decisions were explained than their contract asks for."""

from core.errors import NotComputable
from core.services.checks.context import CheckContext, NewAlarm
from core.services.explanation.coverage import model_coverage
from core.services.workspace import Workspace


def coverage_alarms(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return an alarm if the explained share of automated decisions is below the contract's.

    Raises
    ------
    NotComputable
        If the contract asks for no share, or no decision was taken without a person.
    """
    found = model_coverage(workspace, model, actor=context.actor)
    if found.wanted is None or found.share is None:
        raise NotComputable("Nothing is asked of the explanations of {model}.", model=model)
    if not found.is_below:
        return []
    return [
        NewAlarm(
            kind="explanation_coverage",
            severity="watch",
            chunk=context.view.chunks[-1],
            statistic=found.share,
            threshold=found.wanted,
            n_current=found.automated,
            evidence={
                "tier": found.contract.tier,
                "automated": found.automated,
                "explained": found.explained,
            },
        )
    ]
