"""What people note on a model's time axis, and what its contract notes by itself."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.windows import last_instant
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.questions import View, parsed_contract
from core.services.workspace import Workspace
from core.store import annotations, models
from core.store.annotations import Annotation
from core.store.audit import trail as audit

KINDS = ("incident", "threshold", "version", "note")
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a time axis shows.

    Parameters
    ----------
    at : datetime
        When.
    kind : {"incident", "threshold", "version", "note", "thresholds_changed"}
        What kind of thing; the last is read from the contract's revisions.
    label : str
        What a person wrote, or the revision.
    """

    at: datetime
    kind: Literal["incident", "threshold", "version", "note", "thresholds_changed"]
    label: str


def annotate(
    workspace: Workspace, model_id: str, *, actor: Actor, kind: str, at: str, label: str
) -> Annotation:
    """Note something on a model's time axis, for everybody who looks at it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Who notes it.
    kind : {"incident", "threshold", "version", "note"}
        What kind of thing happened.
    at : str
        The day, or an instant in ISO 8601.
    label : str
        What, in at most 60 characters; kept in the audit trail, so it names no person.

    Raises
    ------
    InvalidInput
        If the kind is none of these, the time cannot be read, the label is empty or too long, or
        it names somebody whom the workspace knows.
    """
    access.require(actor, Permission.alert_manage, model=model_id)
    text = " ".join(label.split())
    if kind not in KINDS:
        raise InvalidInput(
            N_("{kind} is not a kind of annotation."),
            remedy=N_("Choose from: {kinds}."),
            kind=kind,
            kinds=", ".join(KINDS),
        )
    if not 0 < len(text) <= LONGEST_LABEL:
        raise InvalidInput(
            N_("An annotation says what happened in at most {most} characters."),
            remedy=N_("Write a few words."),
            most=LONGEST_LABEL,
        )
    with workspace.store.begin() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        reasons.refuse_known_people(workspace, conn, text)
        made = Annotation(
            id=workspace.new_id(),
            model_id=model_id,
            kind=kind,
            at=last_instant(at, contract.timezone),
            label=text,
            created_at=workspace.clock(),
            created_by=actor.audit_name,
        )
        annotations.put(conn, made)
        _append(conn, workspace, actor, "annotation.made", made)
    return made


def remove_annotation(workspace: Workspace, annotation_id: str, *, actor: Actor) -> None:
    """Show an annotation no longer.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    """
    access.require(actor, Permission.alert_manage)
    with workspace.store.begin() as conn:
        held = annotations.get(conn, annotation_id)
        access.require(actor, Permission.alert_manage, model=held.model_id)
        annotations.remove(conn, annotation_id, workspace.clock())
        _append(conn, workspace, actor, "annotation.removed", held)


def list_annotations(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> tuple[Annotation, ...]:
    """Return the annotations of a model that are shown, by their time."""
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        return annotations.list_shown(conn, model_id)


def happenings(workspace: Workspace, view: View) -> tuple[Happening, ...]:
    """Return what the time axis of a view shows: annotations, and changes of thresholds.

    The view was resolved under a permission.
    """
    model_id = view.contract.id
    with workspace.store.read() as conn:
        noted = annotations.list_shown(conn, model_id)
        revisions = models.spec_revisions(conn, model_id)
    found = [Happening(each.at, each.kind, each.label) for each in noted]  # type: ignore[arg-type]  # checked when it was made
    for before, after in pairwise(revisions):
        old, new = parsed_contract(before.spec_text), parsed_contract(after.spec_text)
        if (old.thresholds, old.alarms) != (new.thresholds, new.alarms):
            found.append(Happening(after.registered_at, "thresholds_changed", str(after.revision)))
    inside = [each for each in found if view.window.start <= each.at < view.window.end]
    return tuple(sorted(inside, key=lambda each: (each.at, each.label)))


def _append(
    conn: Connection, workspace: Workspace, actor: Actor, kind: str, about: Annotation
) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects={"model": about.model_id, "annotation": about.id},
        body={"kind": about.kind, "at": about.at.isoformat(), "label": about.label},
    )
