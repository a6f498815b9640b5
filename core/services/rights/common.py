"""What every step of the desk shares: who may see a request, and how a step is kept and told."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.domain.naming import names_value
from core.domain.working_days import HONG_KONG
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.rights import requests
from core.store.rights.requests import RequestRecord

SEAL = "request"
LONGEST_WORDS = 4000
LONGEST_LINE = 300


def request_reference(request_id: int) -> str:
    """Return how people call a request.

    Examples
    --------
    >>> request_reference(12)
    'RQ-000012'
    """
    return f"RQ-{request_id:06d}"


def local_day(moment: datetime) -> date:
    """Return the day of an instant where the desk is."""
    return moment.astimezone(HONG_KONG).date()


def visible(conn: Connection, request_id: int, by: Actor) -> RequestRecord:
    """Return a request in the actor's scope.

    Raises
    ------
    NotFound
        If there is none of that number, or it concerns models outside the actor's scope.
    Forbidden
        If the actor is limited to some jurisdictions: a request concerns all rows of a person.
    """
    access.require_every_jurisdiction(by)
    found = requests.get(conn, request_id)
    if not in_scope(found.model_id, by):
        raise requests.no_request(request_id)
    return found


def in_scope(model_id: str | None, by: Actor) -> bool:
    """Whether a request about a model (``None``: about all of them) lies in the actor's scope."""
    return by.models is None if model_id is None else by.sees_model(model_id)


def require_open(found: RequestRecord) -> None:
    """Let a request pass that waits for an answer, or raise ``Conflict``."""
    if not found.is_open:
        raise Conflict(
            N_("This request is closed."), remedy=N_("Take the customer's next request in anew.")
        )


def require_identified(found: RequestRecord) -> None:
    """Let a request pass whose identity check is done, or raise ``Conflict``.

    Nothing about a person is shown or sent before it is known who asks.
    """
    if found.identified_at is None:
        raise Conflict(
            N_("Who asks is not confirmed yet."),
            remedy=N_("Confirm the identity first; until then nothing is shown or sent."),
        )


def require_kind(found: RequestRecord, *kinds: str) -> None:
    """Let a request of some kinds pass, or raise ``Conflict``."""
    if found.kind not in kinds:
        raise Conflict(
            N_("This step is for another kind of request."),
            remedy=N_("Take the customer's wish in as a request of its own."),
        )


def checked_words(text: str, *, reference: str = "", longest: int = LONGEST_WORDS) -> str:
    """Return a text without blanks around it.

    Raises
    ------
    InvalidInput
        If it is empty, too long, or repeats the customer's reference.
    """
    words = text.strip()
    if not words:
        raise InvalidInput(N_("The text is missing."), remedy=N_("Write it in a few words."))
    if len(words) > longest:
        raise InvalidInput(
            N_("The text is longer than {longest} characters."),
            remedy=N_("Shorten it, and keep the original where letters are kept."),
            longest=longest,
        )
    if reference and names_value(words, reference):
        raise InvalidInput(
            N_("The text repeats the customer's reference."),
            remedy=N_("Leave it out: the request knows whom it is about."),
        )
    return words


def reference_of(workspace: Workspace, found: RequestRecord) -> str:
    """Return what the logs call the customer.

    Raises
    ------
    Conflict
        If the person was erased since.
    """
    if found.sealed is None:
        raise Conflict(
            N_("The person was erased; the reference is kept nowhere."),
            remedy=N_("Answer that nothing is held."),
        )
    return workspace.keys.unseal(SEAL, found.sealed).decode("utf-8")


def keep_step(
    workspace: Workspace,
    conn: Connection,
    found: RequestRecord,
    action: str,
    *,
    by: Actor,
    body: Mapping[str, object] | None = None,
    changes: Mapping[str, object] | None = None,
    words: str = "",
) -> RequestRecord:
    """Change a request, keep the step, and append it to the trail, which comes last.

    Parameters
    ----------
    workspace, conn
        Where, and the transaction of ``Store.begin()``.
    found : RequestRecord
        As it was read in this transaction.
    action : str
        One of :data:`core.services.rights.words.ACTIONS`.
    by : Actor
        Who does it.
    body : mapping, optional
        Facts that name nobody; they stay in the trail for ever.
    changes : mapping, optional
        Columns to set.
    words : str, optional
        What is said of the person: bound by the trail, kept under the person's own key.
    """
    at, said = workspace.clock(), dict(body or {})
    after = requests.change(conn, found.id, found.revision, changes or {})
    requests.add_step(
        conn,
        found.id,
        action,
        at=at,
        actor=by.audit_name,
        states=(found.state, after.state),
        body=said,
    )
    personal = reasons.about_unless_erased(conn, found.subject_id, words) if words else None
    audit.append(
        conn,
        at=at,
        actor=by.audit_name,
        role=by.role_text,
        kind=f"rights.{action}",
        objects=audit_objects(after),
        body={"kind": found.kind, "from": found.state, "to": after.state, **said},
        personal=personal,
    )
    return after


def audit_objects(found: RequestRecord) -> dict[str, str]:
    """Return what an entry of the trail about a request is about."""
    objects = {"request": str(found.id), "subject": found.subject_id}
    if found.model_id is not None:
        objects["model"] = found.model_id
    if found.prediction_id is not None:
        objects["prediction"] = found.prediction_id
    return objects
