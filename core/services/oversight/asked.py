"""Blind cases that somebody put to the customer: nobody answers, so they end without a verdict."""

from core.domain.review import Action, CaseState
from core.domain.working_days import local_day
from core.services.review.changing import WORKER, apply
from core.services.review.retrying import repeat_when_busy
from core.services.workspace import Workspace
from core.store.review import blind, cases, drafts


def withdraw_asked(workspace: Workspace, model_id: str) -> int:
    """Withdraw a model's blind cases whose day to ask again has passed, for the worker.

    Until then they wait like any other case that was put to its customer, and so tell nobody that
    they are blind. Whether each is caught stays open.

    Returns
    -------
    int
        How many.
    """
    today = local_day(workspace.clock())
    with workspace.store.read() as conn:
        found = blind.withdrawable(conn, model_id, today=today)
    return sum(_withdraw(workspace, case_id) for case_id in found)


@repeat_when_busy
def _withdraw(workspace: Workspace, case_id: int) -> bool:
    with workspace.store.begin() as conn:
        found = cases.get(conn, case_id, lock=True)
        if found.state is not CaseState.awaiting_customer:
            return False  # somebody was faster
        drafts.remove_of_case(conn, case_id)
        apply(conn, found, Action.withdraw, WORKER, at=workspace.clock())
    return True
