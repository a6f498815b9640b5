"""Following a case: who watches it, and what happened to it since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.identity import Actor, Permission
from core.domain.review import Action
from core.services import access
from core.services.review.blind import is_kept_blind
from core.services.review.cases import case_reference
from core.services.review.rules import is_readable, readable
from core.services.workspace import Workspace
from core.store.review import cases, watching


@dataclass(frozen=True, slots=True)
class Watched:
    """A case that somebody watches.

    Parameters
    ----------
    case_id, reference, model_id, state : int, str, str, str
        Which, and where it stands.
    since : datetime
        Since when it is watched.
    last_action, last_at : str, datetime
        What happened to it last; an empty string and ``since`` if nothing did.
    """

    case_id: int
    reference: str
    model_id: str
    state: str
    since: datetime
    last_action: str
    last_at: datetime


def watch(workspace: Workspace, case_id: int, *, actor: Actor) -> bool:
    """Follow a case; return whether that is new.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    """
    access.require(actor, Permission.review_view)
    with workspace.store.begin() as conn:
        readable(conn, cases.get(conn, case_id), actor)
        return watching.add(conn, case_id, actor.user_id, since=workspace.clock())


def unwatch(workspace: Workspace, case_id: int, *, actor: Actor) -> bool:
    """Follow a case no longer; return whether it was followed."""
    access.require(actor, Permission.review_view)
    with workspace.store.begin() as conn:
        return watching.remove(conn, case_id, actor.user_id)


def watched(workspace: Workspace, *, actor: Actor) -> tuple[Watched, ...]:
    """Return the cases that the actor follows, what happened last first.

    That a case was unmasked is told to nobody who works on blind ones.
    """
    access.require(actor, Permission.review_view)
    untold = [Action.unmask] if is_kept_blind(actor) else []
    with workspace.store.read() as conn:
        found = [
            each
            for each in watching.of_user(conn, actor.user_id, untold=untold)
            if is_readable(conn, each.case_id, actor)
        ]
    return tuple(
        Watched(
            each.case_id,
            case_reference(each.case_id),
            each.model_id,
            each.state,
            each.since,
            each.last_action,
            each.last_at,
        )
        for each in found
    )


def watchers(workspace: Workspace, case_id: int, *, actor: Actor) -> Sequence[str]:
    """Return the ids of the users who follow a case.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    """
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        readable(conn, cases.get(conn, case_id), actor)
        return watching.of_case(conn, case_id)
