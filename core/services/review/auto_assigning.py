"""Cases given out when they are made, where the contract asks for it: by skill, language and load.

Each case is given out once. What a person assigned, or took from somebody, stays with that; what
nobody may take now waits for whoever claims next, and is looked at again.
"""

from collections import Counter

from core.domain.working_days import local_day
from core.services.questions import parsed_contract
from core.services.review.assigning import assign_all, by_rule, note_assigned
from core.services.review.changing import WORKER
from core.services.review.retrying import repeat_when_busy
from core.services.review.team import members
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.review import reviewers
from core.store.review.records import CaseRecord
from core.store.review.reviewers import ASSIGNABLE
from core.store.review.unassigned import never_assigned

MOST_OF_A_SORT = 200
ASSIGNED = "review.assigned_by_rule"


def assign_made(workspace: Workspace) -> int:
    """Give out the new cases of every model whose contract asks for it, for the worker.

    Returns
    -------
    int
        How many cases.
    """
    with workspace.store.read() as conn:
        wanted = [
            each.id
            for each in models.list_models(conn)
            if _is_asked(each.spec_text) and never_assigned(conn, each.id, most=1)
        ]
    return sum(_assign(workspace, each) for each in wanted)


@repeat_when_busy
def _assign(workspace: Workspace, model_id: str) -> int:
    at = workspace.clock()
    with workspace.store.begin() as conn:
        if not _is_asked(models.get(conn, model_id).spec_text):
            return 0
        free = never_assigned(conn, model_id, most=MOST_OF_A_SORT)
        locked = reviewers.cases_of(conn, [each.id for each in free], lock=True)
        wanted = [locked[each.id] for each in free if each.id in locked]
        given = [
            (case, user_id)
            for case, user_id in by_rule(members(workspace, conn), filter(_is_free, wanted))
            if user_id is not None
        ]
        if not given:
            return 0
        assign_all(conn, given)
        note_assigned(conn, given, WORKER, at)
        audit.append(
            conn,
            at=at,
            actor=WORKER.audit_name,
            role=WORKER.role,
            kind=ASSIGNED,
            objects={"model": model_id},
            # Which cases, their steps tell: who works on them may not know of every one.
            body={"to": dict(Counter(user_id for _, user_id in given)),
                  "day": local_day(at).isoformat()},
        )  # fmt: skip
    return len(given)


def _is_asked(spec_text: str) -> bool:
    review = parsed_contract(spec_text).review
    return review is not None and review.assign == "when_made"


def _is_free(case: CaseRecord) -> bool:
    """Whether nobody was faster."""
    return case.state in ASSIGNABLE and case.assigned_to is None
