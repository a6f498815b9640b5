"""Whether a model is in production: suspended at once by one person, resumed by two.

Which of its versions should serve is said by :mod:`core.services.serving.rollback`, and read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.approvals.four_eyes import ApprovalKind
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.review import making
from core.services.serving.files import publish_state
from core.services.workspace import Workspace
from core.store import models, serving
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.serving import StateRecord, VersionChange

RESUME_KIND = "model.resume"


@dataclass(frozen=True, slots=True)
class Step:
    """Who changes a model's state, why and when, and what the audit trail is told besides."""

    by: str
    role: str
    reason: str
    at: datetime
    objects: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelState:
    """The state of a model as serving systems are told it.

    Parameters
    ----------
    model_id, state : str
        Which model; ``production`` or ``suspended``.
    fallback_version : str, optional
        The version that takes over while the model is suspended; ``None`` means that nothing
        decides by itself.
    reason : str
        Why it was suspended or resumed; empty if it always was in production.
    since, changed_by : datetime, str, optional
        When and by whom it was last changed.
    serving : VersionChange, optional
        Which version should serve, instead of which, why, since when and by whom; ``None`` until
        the model was ever rolled back.
    """

    model_id: str
    state: str
    fallback_version: str | None = None
    reason: str = ""
    since: datetime | None = None
    changed_by: str | None = None
    serving: VersionChange | None = None

    @property
    def suspended(self) -> bool:
        """Whether the model must not decide."""
        return self.state != "production"

    @property
    def serving_version(self) -> str | None:
        """The version that should serve while the model is in production; ``None``: nobody said."""
        return None if self.serving is None else self.serving.version


def suspend(
    workspace: Workspace,
    model_id: str,
    *,
    reason: str,
    actor: Actor,
    fallback_version: str | None = None,
) -> ModelState:
    """Suspend a model at once: it takes effect at the next question of a serving system.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    reason : str
        Why, for whoever will resume it; kept in the audit trail, so it names no person.
    actor : Actor
        Who suspends it.
    fallback_version : str, optional
        A version of the contract that takes over.

    Raises
    ------
    Forbidden
        If the actor may not.
    InvalidInput
        If there is no reason, it names somebody whom the workspace knows, or no such version.
    Conflict
        If it is suspended already, for the same reason and with the same fall-back.
    """
    access.require(actor, Permission.model_suspend, model=model_id)
    why = checked_reason(reason)
    with workspace.store.begin() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        check_listed(contract, fallback_version)
        reasons.refuse_known_people(workspace, conn, why)
        before = state_of(conn, model_id, lock=True)
        if before.suspended and (before.reason, before.fallback_version) == (
            why,
            fallback_version,
        ):
            raise Conflict(
                "The model {model} is suspended already.",
                remedy="Nothing is left to do.",
                model=model_id,
            )
        done = suspend_now(
            conn,
            before,
            Step(actor.audit_name, actor.role_text, why, workspace.clock()),
            fallback_version=fallback_version,
        )
    publish_state(workspace, model_id)
    return done


def suspend_now(
    conn: Connection, before: ModelState, step: Step, *, fallback_version: str | None = None
) -> ModelState:
    """Suspend a model in a transaction that has locked its state; whoever calls has asked."""
    model_id = before.model_id
    record = StateRecord(model_id, "suspended", step.reason, step.at, step.by, fallback_version)
    serving.put_state(conn, record)
    put_aside = making.suspend_cases(conn, model_id, at=step.at, by=step.by)
    audit.append(
        conn,
        at=step.at,
        actor=step.by,
        role=step.role,
        kind="model.suspended",
        objects={"model": model_id, **step.objects},
        body={
            "reason": step.reason,
            "fallback_version": fallback_version,
            "before": before.state,
            **({"cases_put_aside": put_aside} if put_aside else {}),
            **step.said,
        },
    )
    return _state(record, before.serving)


def propose_resume(workspace: Workspace, model_id: str, *, reason: str, actor: Actor) -> Approval:
    """Propose to take a suspended model back into production; somebody else approves it.

    Raises
    ------
    Forbidden
        If the actor may not.
    InvalidInput
        If there is no reason.
    Conflict
        If the model is not suspended, or it is proposed already.
    """
    access.require(actor, Permission.model_resume, model=model_id)
    why = checked_reason(reason)
    with workspace.store.read() as conn:
        models.get(conn, model_id)
        now = state_of(conn, model_id)
    if not now.suspended or now.since is None:
        raise _not_suspended(model_id)
    return approvals.propose(
        workspace,
        RESUME_KIND,
        actor=actor,
        reason=why,
        object_kind="model",
        object_id=model_id,
        model=model_id,
        before={
            "state": now.state,
            "reason": now.reason,
            "fallback_version": now.fallback_version,
            "serving_version": now.serving_version,
        },
        after={
            "state": "production",
            "reason": why,
            "fallback_version": None,
            "serving_version": now.serving_version,
        },
        command={
            "suspended_at": now.since.isoformat(),
            "serving_version": now.serving_version,
        },
    )


def model_state(workspace: Workspace, model_id: str, *, actor: Actor) -> ModelState:
    """Return the state of a model; raises ``NotFound`` outside the actor's scope."""
    access.require(actor, Permission.model_view, model=model_id)
    return read_state(workspace, model_id)


def list_states(workspace: Workspace, *, actor: Actor) -> tuple[ModelState, ...]:
    """Return the states of the models in the actor's scope, by id."""
    access.require(actor, Permission.model_view)
    with workspace.store.read() as conn:
        changed = serving.list_states(conn)
        named = serving.newest_version_changes(conn)
        known = models.list_models(conn, ids=actor.models)
    return tuple(
        _state(changed[row.id], named.get(row.id))
        if row.id in changed
        else ModelState(row.id, "production", serving=named.get(row.id))
        for row in known
    )


def read_state(workspace: Workspace, model_id: str) -> ModelState:
    """Return the state of a model, for a caller whose token allows the question.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    with workspace.store.read() as conn:
        models.get(conn, model_id)
        return state_of(conn, model_id)


def fallback_choices(workspace: Workspace, model_id: str, *, actor: Actor) -> tuple[str, ...]:
    """Return the versions of the contract that can take over, the newest first."""
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
    return tuple(version.id for version in reversed(contract.versions))


def state_of(conn: Connection, model_id: str, *, lock: bool = False) -> ModelState:
    """Return the state of a model; one that was never changed is in production."""
    found = serving.find_state(conn, model_id, lock=lock)
    named = next(iter(serving.version_changes(conn, model_id, limit=1)), None)
    if found is None:
        return ModelState(model_id, "production", serving=named)
    return _state(found, named)


def checked_reason(reason: str) -> str:
    """Return a reason without blanks around it.

    Raises
    ------
    InvalidInput
        If it is empty or longer than 1,000 characters.
    """
    text = reason.strip()
    if not 1 <= len(text) <= 1000:
        raise InvalidInput(
            "A reason of 1 to 1,000 characters is needed.",
            remedy="Write why, for whoever reads it later.",
        )
    return text


def _resume(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Take the model back into production, if it is still the suspension that was looked at."""
    model_id = approval.object_id
    before = state_of(conn, model_id, lock=True)
    if not before.suspended or before.since is None:
        raise _not_suspended(model_id)
    if before.since.isoformat() != approval.command.get("suspended_at"):
        raise Conflict(
            "The model {model} was suspended anew since this was proposed.",
            remedy="Propose it again, with what is known now.",
            model=model_id,
        )
    if before.serving_version != approval.command.get("serving_version"):
        raise Conflict(
            N_("Another version of {model} is to serve than when this was proposed."),
            remedy="Propose it again, with what is known now.",
            model=model_id,
        )
    now = workspace.clock()
    serving.put_state(
        conn, StateRecord(model_id, "production", approval.reason, now, actor.audit_name)
    )
    put_back = making.resume_cases(conn, model_id, at=now, by=actor.user_id)
    audit.append(
        conn,
        at=now,
        actor=actor.audit_name,
        role=actor.role_text,
        kind="model.resumed",
        objects={"model": model_id, "approval": approval.id},
        body={
            "suspended_at": before.since,
            **({"cases_put_back": put_back} if put_back else {}),
        },
    )
    return {"state": "production", "at": now.isoformat()}


RESUME = ApprovalKind(
    name=RESUME_KIND,
    label=N_("Take a model back into production"),
    propose=Permission.model_resume,
    decide=Permission.model_resume,
    execute=_resume,
)


def check_listed(contract: ModelContract, version: str | None) -> None:
    """Refuse a version that the contract does not list.

    Raises
    ------
    InvalidInput
        Naming those that it lists.
    """
    known = [each.id for each in contract.versions]
    if version is not None and version not in known:
        raise InvalidInput(
            "The contract of {model} lists no version {version}.",
            remedy="Choose from: {known}.",
            model=contract.id,
            version=version,
            known=", ".join(known) or "–",
        )


def _not_suspended(model_id: str) -> Conflict:
    return Conflict(
        "The model {model} is not suspended.", remedy="Nothing is left to do.", model=model_id
    )


def _state(record: StateRecord, named: VersionChange | None) -> ModelState:
    return ModelState(
        record.model_id,
        record.state,
        record.fallback_version,
        record.reason,
        record.changed_at,
        record.changed_by,
        named,
    )
