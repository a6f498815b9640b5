"""Cases that nobody has, and that nobody has ever said whom to give to."""

from sqlalchemy import Connection, select

from core.domain.review import Action
from core.store.review.records import CaseRecord, case_of
from core.store.review.reviewers import ASSIGNABLE
from core.store.review.steps import SYSTEM
from core.store.tables import review_case, review_step


def never_assigned(conn: Connection, model_id: str, *, most: int) -> tuple[CaseRecord, ...]:
    """Return cases of a model that nobody has and no person has assigned, the most urgent first.

    Of each sort of case, by what it asks of a reviewer, there are the most urgent ones: what
    nobody may work on keeps no other sort waiting.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose.
    most : int
        Cases of each sort.
    """
    column, step = review_case.c, review_step.c
    by_person = (
        select(step.id)
        .where(
            step.case_id == column.id,
            step.action == str(Action.assign),
            step.actor_id != SYSTEM,
        )
        .exists()
    )
    free = (
        column.model_id == model_id,
        column.state.in_(ASSIGNABLE),
        column.assigned_to.is_(None),
        ~by_person,
    )
    asks = (column.jurisdiction, column.language, column.skill, column.kind, column.state)
    order = (column.priority.desc(), column.due_at, column.id)
    found: list[CaseRecord] = []
    for sort in conn.execute(select(*asks).where(*free).distinct()).all():
        same = [one.is_(value) if value is None else one == value
                for one, value in zip(asks, sort, strict=True)]  # fmt: skip
        query = select(review_case).where(*free, *same).order_by(*order).limit(most)
        found += [case_of(row) for row in conn.execute(query)]
    return tuple(sorted(found, key=lambda each: (-each.priority, each.due_at, each.id)))
