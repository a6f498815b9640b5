"""Reading the desk: requests with their clocks, one request with its steps; values stay masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.rights import STATUTORY_KINDS, Clock, clock
from core.services import access
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.rights.common import local_day, request_reference, visible
from core.services.workspace import Workspace
from core.store import approvals, models
from core.store.identity import users
from core.store.rights import requests
from core.store.rights.requests import RequestRecord

REFUSAL_KIND = "rights.refusal"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the desk shows it: without the customer's reference and words.

    Parameters
    ----------
    id, reference : int, str
        Its number, and how people call it.
    kind, channel, language, state : str
        Of the request.
    subject_id : str
        Pseudonym of the customer.
    model_id, prediction_id : str, optional
        What it is about, if known; the prediction is masked where its id is personal.
    received_on, due_on : date
        Days in Hong Kong.
    received_at : datetime
        When it came in.
    clock : Clock
        Where it stands in its time.
    is_statutory : bool
        Whether the limit is the Ordinance's; otherwise it is the desk's own.
    identity_method : str, optional
        How the identity was checked; ``None`` before it was.
    identified_by, handler, taken_by, closed_by : str
        Names; empty if nobody did.
    identified_at, snapshot_at, late_notice_at, closed_at : datetime, optional
        When.
    snapshot_sha256 : str, optional
        Hash of the frozen data.
    outcome : str, optional
        How it ended.
    refusal_waits : bool
        Whether a refusal is proposed that somebody else is to decide.
    is_erased : bool
        Whether the person was erased since.
    """

    id: int
    reference: str
    kind: str
    channel: str
    language: str
    state: str
    subject_id: str
    model_id: str | None
    prediction_id: str | None
    received_on: date
    received_at: datetime
    due_on: date
    clock: Clock
    is_statutory: bool
    identity_method: str | None
    identified_by: str
    identified_at: datetime | None
    handler: str
    taken_by: str
    snapshot_sha256: str | None
    snapshot_at: datetime | None
    late_notice_at: datetime | None
    outcome: str | None
    fee_hkd: float | None
    closed_at: datetime | None
    closed_by: str
    refusal_waits: bool
    is_erased: bool

    @property
    def is_open(self) -> bool:
        """Whether the customer waits for an answer."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a request: who did what, when, and the facts of it."""

    at: datetime
    person: str
    action: str
    body: Mapping[str, object]


def list_requests(
    workspace: Workspace, *, actor: Actor, model: str | None = None, only_open: bool = False
) -> tuple[Request, ...]:
    """Return the requests in the actor's scope: open ones first, by the day they are due.

    An actor limited to some jurisdictions is told of none: a request is about all rows of a
    person. One limited to some models is told of those that name one of these.

    Raises
    ------
    Forbidden
        If the actor may not see requests.
    NotFound
        If the model lies outside the actor's scope.
    """
    access.require(actor, Permission.rights_view, model=model)
    if actor.jurisdictions is not None:
        return ()
    scope = frozenset({model}) if model is not None else actor.models
    states = requests.OPEN if only_open else None
    with workspace.store.read() as conn:
        found = requests.list_requests(conn, states=states, models=scope)
        return _shown(workspace, conn, found)


def read_request(workspace: Workspace, request_id: int, *, actor: Actor) -> Request:
    """Return one request.

    Raises
    ------
    NotFound
        If there is none of that number in the actor's scope.
    Forbidden
        If the actor may not, or is limited to some jurisdictions.
    """
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        return _shown(workspace, conn, (visible(conn, request_id, actor),))[0]


def list_steps(workspace: Workspace, request_id: int, *, actor: Actor) -> tuple[Step, ...]:
    """Return the steps of a request, the oldest first; raises as :func:`read_request`."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        visible(conn, request_id, actor)
        found = requests.list_steps(conn, request_id)
        people = users.names_by_pseudonym(conn, {each.actor_id for each in found})
    return tuple(
        Step(each.at, people.get(each.actor_id, each.actor_id), each.action, each.body)
        for each in found
    )


def shown(workspace: Workspace, conn: Connection, found: RequestRecord) -> Request:
    """Return a request that was just changed as the desk shows it."""
    return _shown(workspace, conn, (found,))[0]


def _shown(
    workspace: Workspace, conn: Connection, found: tuple[RequestRecord, ...]
) -> tuple[Request, ...]:
    ids = {
        each
        for record in found
        for each in (record.identified_by, record.handler_id, record.taken_by, record.closed_by)
        if each
    }
    names = users.names_by_id(conn, ids)
    masked = _masked_models(conn, {each.model_id for each in found if each.model_id})
    waiting = _waiting(workspace, conn)
    today = local_day(workspace.clock())
    return tuple(_request(each, today, names, masked, str(each.id) in waiting) for each in found)


def refusal_waits(workspace: Workspace, conn: Connection, request_id: int) -> bool:
    """Whether a refusal of a request is proposed that somebody else is to decide."""
    return str(request_id) in _waiting(workspace, conn)


def _waiting(workspace: Workspace, conn: Connection) -> frozenset[str]:
    """Return the requests of which a refusal is proposed."""
    pending = approvals.list_approvals(conn, now=workspace.clock(), state="pending")
    return frozenset(each.object_id for each in pending if each.kind == REFUSAL_KIND)


def _masked_models(conn: Connection, model_ids: set[str]) -> frozenset[str]:
    """Return the models whose predictions' ids are personal."""
    contracts = (parsed_contract(models.get(conn, each).spec_text) for each in sorted(model_ids))
    return frozenset(each.id for each in contracts if each.is_personal("@prediction_id"))


def _request(
    found: RequestRecord,
    today: date,
    names: Mapping[str, str],
    masked: frozenset[str],
    refusal_waits: bool,
) -> Request:
    received_on = local_day(found.received_at)
    closed_on = local_day(found.closed_at) if found.closed_at else None
    hidden = found.prediction_id is not None and found.model_id in masked
    return Request(
        id=found.id,
        reference=request_reference(found.id),
        kind=found.kind,
        channel=found.channel,
        language=found.language,
        state=found.state,
        subject_id=found.subject_id,
        model_id=found.model_id,
        prediction_id=MASK if hidden else found.prediction_id,
        received_on=received_on,
        received_at=found.received_at,
        due_on=found.due_on,
        clock=clock(received_on, found.due_on, today, closed_on),
        is_statutory=found.kind in STATUTORY_KINDS,
        identity_method=found.identity_method,
        identified_by=names.get(found.identified_by or "", ""),
        identified_at=found.identified_at,
        handler=names.get(found.handler_id or "", ""),
        taken_by=names.get(found.taken_by, ""),
        snapshot_sha256=found.snapshot_sha256,
        snapshot_at=found.snapshot_at,
        late_notice_at=found.late_notice_at,
        outcome=found.outcome,
        fee_hkd=found.fee_hkd,
        closed_at=found.closed_at,
        closed_by=names.get(found.closed_by or "", ""),
        refusal_waits=refusal_waits,
        is_erased=found.sealed is None,
    )
