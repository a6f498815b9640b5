"""What examiners looked at: each page that is opened in that role is an entry of the trail.

A view that cannot be put on record is not given: the caller shows the page only after this has
returned. What somebody typed is never kept, only a keyed hash of it; an id is kept by its name
where such a decision is in the log and the contract does not call its id personal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden, NotFound
from core.services import access
from core.services.examiner.frames import key_of
from core.services.explanation.decision import read_decision
from core.services.workspace import Workspace
from core.store.audit import trail as audit

VIEWED = "page.viewed"
SHOWN = 200


@dataclass(frozen=True, slots=True)
class View:
    """One look at a page.

    Parameters
    ----------
    page : str
        Its key in the menu.
    model_id : str, optional
        Whose figures it shows.
    prediction : str
        The decision that was asked for, as it was written; empty for none.
    objects : mapping
        Cases and requests that it shows, by their numbers.
    filters : mapping
        What else was chosen, of our own words: version, period, segment; no values.
    """

    page: str
    model_id: str | None = None
    prediction: str = field(default="", repr=False)
    objects: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenView:
    """One look that is on record: entry, instant, page, and what was shown there."""

    sequence: int
    at: datetime
    page: str
    model_id: str
    about: Mapping[str, str]


def is_watched(reader: Actor) -> bool:
    """Whether what a reader looks at is put on record."""
    return Role.auditor in reader.roles


def note_view(workspace: Workspace, view: View, *, actor: Actor) -> bool:
    """Put a look of an examiner on record; return whether it is one of an examiner.

    Raises
    ------
    StorageError
        If it cannot be kept: then nothing may be shown.
    """
    access.require(actor, Permission.account_manage)
    if not is_watched(actor):
        return False
    objects = {name: number for name, number in view.objects.items() if number.isdecimal()}
    body: dict[str, object] = {"page": view.page, **dict(sorted(view.filters.items()))}
    if view.model_id is not None:
        objects["model"] = view.model_id
    if view.prediction and view.model_id is not None:
        body["key"] = key_of(workspace, view.model_id, view.prediction)
        objects |= _named(workspace, view.model_id, view.prediction, actor)
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=VIEWED,
            objects=objects,
            body=body,
        )
    return True


def own_views(workspace: Workspace, *, actor: Actor, limit: int = SHOWN) -> Sequence[SeenView]:
    """Return the newest looks of the actor that are on record."""
    access.require(actor, Permission.examiner_view)
    with workspace.store.read() as conn:
        found = audit.list_newest(conn, kind=VIEWED, actor=actor.audit_name, limit=limit)
    return tuple(
        SeenView(
            each.sequence,
            each.at,
            str(each.body["page"]),
            each.objects.get("model", ""),
            {name: text for name, text in each.objects.items() if name != "model"},
        )
        for each in found
    )


def _named(workspace: Workspace, model_id: str, written: str, actor: Actor) -> dict[str, str]:
    """Return the decision and its jurisdiction, if the log has it and its id tells nobody's."""
    try:
        found = read_decision(workspace, model_id, written, actor=actor)
    except (NotFound, Forbidden):
        return {}
    if found.contract.is_personal("@prediction_id"):
        return {}
    return {
        "prediction": written,
        **({"jurisdiction": found.jurisdiction} if found.jurisdiction else {}),
    }
