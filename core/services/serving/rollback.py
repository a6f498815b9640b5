"""Which version of a model should serve: an earlier one at once by one person, a later one by two.

Until a model was ever rolled back nobody says here which version serves: the newest of its contract
counts as the one in use. From then on the version is named, and each change of it is made here.
Whether the model is suspended is another matter: it stays as it is, and the version named counts
once the model is back in production.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.approvals.four_eyes import ApprovalKind
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.serving.files import publish_state
from core.services.serving.state import (
    ModelState,
    Step,
    check_listed,
    checked_reason,
    state_of,
)
from core.services.workspace import Workspace
from core.store import models, serving
from core.store.alerts import checks
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.serving import VersionChange

FORWARD_KIND = "model.forward"


@dataclass(frozen=True, slots=True)
class VersionChoices:
    """The version in use, and those before and after it, the nearest first.

    Parameters
    ----------
    now : str, optional
        ``None`` if the contract lists none.
    back, forward : tuple of str
        Versions to roll back to, and versions that two people may let serve.
    """

    now: str | None
    back: tuple[str, ...]
    forward: tuple[str, ...]


def rollback(
    workspace: Workspace, model_id: str, *, to: str, reason: str, actor: Actor
) -> ModelState:
    """Let an earlier version of a model serve from now on.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model. If it is suspended it stays so; the version counts once it is resumed.
    to : str
        A version that the contract lists before the one in use.
    reason : str
        Why; kept in the audit trail, so it names no person.
    actor : Actor
        Who rolls it back.

    Raises
    ------
    Forbidden
        If the actor may not.
    InvalidInput
        If there is no reason, it names somebody whom the workspace knows, or there is no such
        version.
    Conflict
        If that version is in use, or later than the one in use: that takes two people.
    """
    access.require(actor, Permission.model_rollback, model=model_id)
    why = checked_reason(reason)
    with workspace.store.begin() as conn:
        checks.lock_model(conn, model_id)
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        reasons.refuse_known_people(workspace, conn, why)
        step = Step(actor.audit_name, actor.role_text, why, workspace.clock())
        roll_back_now(conn, contract, to, step)
        done = state_of(conn, model_id)
    publish_state(workspace, model_id)
    return done


def roll_back_now(conn: Connection, contract: ModelContract, to: str, step: Step) -> VersionChange:
    """Roll a model back in a transaction that has locked it; whoever calls has asked.

    Raises
    ------
    InvalidInput, Conflict
        As :func:`rollback`.
    """
    check_listed(contract, to)
    choices = _choices(contract, state_of(conn, contract.id))
    if to == choices.now:
        raise Conflict(
            N_("Version {version} of {model} is in use already."),
            remedy=N_("Nothing is left to do."),
            version=to,
            model=contract.id,
        )
    if to in choices.forward:
        raise Conflict(
            N_("Version {version} of {model} is later than {now}, which is in use."),
            remedy=N_("Propose it with 'harbourlight model forward': that takes two people."),
            version=to,
            model=contract.id,
            now=choices.now or "–",
        )
    return _name(conn, contract.id, "model.rolled_back", choices.now, to, step)


def propose_forward(
    workspace: Workspace, model_id: str, *, to: str, reason: str, actor: Actor
) -> Approval:
    """Propose that a later version serve again; somebody else approves it.

    Raises
    ------
    Forbidden
        If the actor may not.
    InvalidInput
        If there is no reason, or no such version.
    Conflict
        If it is not later than the version in use, or it is proposed already.
    """
    access.require(actor, Permission.model_resume, model=model_id)
    why = checked_reason(reason)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        check_listed(contract, to)
        choices = _choices(contract, state_of(conn, model_id))
    if to not in choices.forward:
        raise Conflict(
            N_("Version {version} of {model} is not later than {now}, which is in use."),
            remedy=N_("An earlier one takes effect at once: 'harbourlight model rollback'."),
            version=to,
            model=model_id,
            now=choices.now or "–",
        )
    return approvals.propose(
        workspace,
        FORWARD_KIND,
        actor=actor,
        reason=why,
        object_kind="model",
        object_id=model_id,
        model=model_id,
        before={"serving_version": choices.now},
        after={"serving_version": to, "reason": why},
        command={"to": to, "from": choices.now},
    )


def version_choices(workspace: Workspace, model_id: str, *, actor: Actor) -> VersionChoices:
    """Return the version in use, and which others could serve."""
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        return _choices(contract, state_of(conn, model_id))


def version_history(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> tuple[tuple[VersionChange, str], ...]:
    """Return the changes of the version that should serve, the newest first, and who made each.

    A person is told by name, a rule as ``rule:`` and its id.
    """
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        models.get(conn, model_id)
        found = serving.version_changes(conn, model_id)
        people = users.names_by_pseudonym(conn, {each.changed_by for each in found})
    return tuple((each, people.get(each.changed_by, each.changed_by)) for each in found)


def _choices(contract: ModelContract, state: ModelState) -> VersionChoices:
    """Tell earlier from later versions by their order in the contract.

    If the version named is not listed any more, every other one counts as earlier.
    """
    listed = [version.id for version in contract.versions]
    now = state.serving_version or (listed[-1] if listed else None)
    place = listed.index(now) if now in listed else len(listed)
    return VersionChoices(now, tuple(reversed(listed[:place])), tuple(listed[place + 1 :]))


def _forward(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Let the later version serve, if the one in use is still that which was looked at."""
    model_id, to = approval.object_id, str(approval.command.get("to", ""))
    checks.lock_model(conn, model_id)
    contract = parsed_contract(models.get(conn, model_id).spec_text)
    choices = _choices(contract, state_of(conn, model_id))
    if choices.now != approval.command.get("from") or to not in choices.forward:
        raise Conflict(
            N_("Another version of {model} is to serve than when this was proposed."),
            remedy="Propose it again, with what is known now.",
            model=model_id,
        )
    now = workspace.clock()
    about = {"approval": approval.id}
    step = Step(actor.audit_name, actor.role_text, approval.reason, now, objects=about)
    _name(conn, model_id, "model.rolled_forward", choices.now, to, step)
    return {"serving_version": to, "at": now.isoformat()}


def _name(
    conn: Connection, model_id: str, kind: str, before: str | None, to: str, step: Step
) -> VersionChange:
    change = VersionChange(model_id, to, before, step.reason, step.at, step.by)
    serving.add_version_change(conn, change)
    audit.append(
        conn,
        at=step.at,
        actor=step.by,
        role=step.role,
        kind=kind,
        objects={"model": model_id, **step.objects},
        body={"reason": step.reason, "before": before, "after": to, **step.said},
    )
    return change


FORWARD = ApprovalKind(
    name=FORWARD_KIND,
    label=N_("Let a later version of a model serve"),
    propose=Permission.model_resume,
    decide=Permission.model_resume,
    execute=_forward,
)
