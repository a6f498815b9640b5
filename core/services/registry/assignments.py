"""Who owns, develops, validates and reviews which model: the three lines of defence.

A developer of a model is neither its validator nor its reviewer, in whatever order the two are
assigned.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.identity import assignments as store
from core.store.identity import users
from core.store.identity.assignments import Assignment, AssignmentKind

KIND_NAMES: Mapping[AssignmentKind, str] = {
    "owner": N_("Owner"),
    "developer": N_("Developer"),
    "validator": N_("Validator"),
    "reviewer": N_("Reviewer"),
}
CONFLICTS: Mapping[str, frozenset[str]] = {
    "developer": frozenset({"validator", "reviewer"}),
    "validator": frozenset({"developer"}),
    "reviewer": frozenset({"developer"}),
}
# What the person does already, and what is asked for: whole sentences, for every language.
_AGAINST: Mapping[tuple[str, str], str] = {
    ("developer", "validator"): N_(
        "{username} develops the model {model} and cannot validate it too."
    ),
    ("developer", "reviewer"): N_(
        "{username} develops the model {model} and cannot review it too."
    ),
    ("validator", "developer"): N_(
        "{username} validates the model {model} and cannot develop it too."
    ),
    ("reviewer", "developer"): N_(
        "{username} reviews the model {model} and cannot develop it too."
    ),
}


@dataclass(frozen=True, slots=True)
class AssignedPerson:
    """An assignment with the name of the person."""

    username: str
    display_name: str
    assignment: Assignment


def assign(
    workspace: Workspace, username: str, model_id: str, kind: AssignmentKind, *, actor: Actor
) -> bool:
    """Give somebody a place in the lines of defence of a model; return whether that is new.

    Parameters
    ----------
    workspace : Workspace
        Where.
    username : str
        Whom.
    model_id : str
        Of which model.
    kind : {"owner", "developer", "validator", "reviewer"}
        As what.
    actor : Actor
        Who assigns.

    Raises
    ------
    Conflict
        If the person would judge what they develop.
    NotFound
        If there is no such user or model.
    StepUpNeeded
        If the actor has to say again who they are.
    """
    access.require(actor, Permission.assignment_manage, model=model_id)
    access.require_recent(workspace, actor)
    _check_kind(kind)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        models.get(conn, model_id)
        user = _user(conn, username)
        store.lock_person(conn, user.id)
        held = {
            each.kind for each in store.list_assignments(conn, user_id=user.id, model_id=model_id)
        }
        against = sorted(held & CONFLICTS.get(kind, frozenset()))
        if against:
            raise Conflict(
                _AGAINST[against[0], kind],
                remedy="Who develops a model does not judge it: assign somebody else.",
                username=user.username,
                model=model_id,
            )
        new = store.assign(
            conn, user_id=user.id, model_id=model_id, kind=kind, actor=actor.audit_name, at=now
        )
        if new:
            _record(workspace, conn, "assignment.made", user.id, model_id, kind, actor)
    return new


def unassign(
    workspace: Workspace, username: str, model_id: str, kind: AssignmentKind, *, actor: Actor
) -> bool:
    """Take an assignment back; return whether there was one.

    Raises
    ------
    NotFound
        If there is no such user or model.
    StepUpNeeded
        If the actor has to say again who they are.
    """
    access.require(actor, Permission.assignment_manage, model=model_id)
    access.require_recent(workspace, actor)
    _check_kind(kind)
    with workspace.store.begin() as conn:
        models.get(conn, model_id)
        user = _user(conn, username)
        gone = store.unassign(conn, user_id=user.id, model_id=model_id, kind=kind)
        if gone:
            _record(workspace, conn, "assignment.ended", user.id, model_id, kind, actor)
    return gone


def list_assignments(
    workspace: Workspace, *, actor: Actor, model_id: str | None = None
) -> tuple[AssignedPerson, ...]:
    """Return who stands where for the models in the actor's scope, perhaps of one model only."""
    access.require(actor, Permission.approval_view, model=model_id)
    with workspace.store.read() as conn:
        found = store.list_assignments(conn, model_id=model_id)
        people = {user.id: user for user in users.list_users(conn)}
    return tuple(
        AssignedPerson(people[each.user_id].username, people[each.user_id].display_name, each)
        for each in found
        if actor.sees_model(each.model_id)
    )


def _check_kind(kind: str) -> None:
    if kind not in KIND_NAMES:
        raise InvalidInput(
            "{kind} is not a place in the lines of defence.",
            remedy="Choose owner, developer, validator or reviewer.",
            kind=kind,
        )


def _user(conn: Connection, username: str) -> users.User:
    user = users.find_by_username(conn, username)
    if user is None:
        raise NotFound(
            "There is no user {user}.", remedy="Run 'harbourlight user list'.", user=username
        )
    return user


def _record(
    workspace: Workspace,
    conn: Connection,
    kind: str,
    user_id: str,
    model_id: str,
    place: str,
    actor: Actor,
) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects={"user": user_id, "model": model_id},
        body={"kind": place},
    )
