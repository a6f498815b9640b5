"""Scenarios: a cut-off that was tried out is kept, compared and proposed; nothing is carried out.

An approval of a proposal is the organisation's word that the contract shall be changed. Whoever
keeps the contract registers it with the new policy, which has its own second person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.metrics.intervals import Interval
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.approvals.four_eyes import ApprovalKind
from core.services.questions import Question
from core.services.value.answer import ValueAnswer, value
from core.services.value.what_if import Side, what_if
from core.services.value.workload import Workload, workload
from core.services.workspace import Workspace
from core.store import approvals as stored_approvals
from core.store import models, scenarios
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.scenarios import Scenario

CUT_OFF_KIND = "cut_off.propose"
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class KeptScenario:
    """A scenario as readers see it.

    Parameters
    ----------
    scenario : Scenario
        As it was kept.
    made_by : str
        Name of who kept it.
    state : str
        ``""``, or how its approval stands: ``pending``, ``approved``, ``rejected`` and so on.
    """

    scenario: Scenario
    made_by: str
    state: str

    def number(self, name: str) -> float:
        """Return a figure that was found when it was kept; NaN if there was none."""
        found = self.scenario.body.get(name)
        return float(found) if isinstance(found, int | float) else float("nan")


def save_scenario(
    workspace: Workspace, question: Question, name: str, cut_off: float, *, actor: Actor
) -> Scenario:
    """Keep a cut-off with what it would have brought on the rows of a question.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        As for :func:`core.services.value.value`.
    name : str
        What people shall call it; it names no person.
    cut_off : float
        Lowest score that is flagged.
    actor : Actor
        Needs ``scenario.propose`` and ``value.view`` for the model.

    Raises
    ------
    InvalidInput
        If the name is empty or too long, or the cut-off is no score.
    NotComputable, NothingYet
        As for :func:`core.services.value.value`.
    """
    access.require(actor, Permission.scenario_propose, model=question.model)
    called = _checked(name, cut_off)
    answer = value(workspace, question, actor=actor, cut_off=cut_off)
    queue = workload(workspace, question, cut_off, actor=actor)
    kept = Scenario(
        id=workspace.new_id(),
        model_id=answer.view.contract.id,
        name=called,
        body={**_body(answer, cut_off), **_queue(queue)},
        made_by=actor.audit_name,
        made_at=workspace.clock(),
    )
    with workspace.store.begin() as conn:
        scenarios.put(conn, kept)
        audit.append(
            conn,
            at=kept.made_at,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="scenario.saved",
            objects={"model": kept.model_id, "scenario": kept.id},
            body={"name": called, "cut_off": cut_off},
        )
    return kept


def _checked(name: str, cut_off: float) -> str:
    """Return the name without spaces around it, if it and the cut-off will do."""
    called = name.strip()
    if not called or len(called) > LONGEST_NAME:
        raise InvalidInput(
            N_("A scenario needs a name of at most {most} characters."),
            remedy=N_("Give it a short name."),
            most=LONGEST_NAME,
        )
    if not 0 <= cut_off <= 1:
        raise InvalidInput(
            N_("A cut-off is a score between 0 and 1."), remedy=N_("Choose a number in between.")
        )
    return called


def _body(answer: ValueAnswer, cut_off: float) -> dict[str, object]:
    """Return the question, and what was found."""
    found, view = what_if(answer, cut_off), answer.view
    return {
        "cut_off": cut_off,
        "start": view.window.start.isoformat(),
        "end": view.window.end.isoformat(),
        "as_of": view.as_of.isoformat(),
        "version": view.question.version,
        "slice": view.question.slice,
        "spec_sha256": view.spec_sha256,
        "generation": view.generation,
        "currency": answer.currency,
        "n": found.then.n,
        "changed": found.changed,
        **_limits("gain", found.gain),
        **_side("today", found.today),
        **_side("then", found.then),
    }


def list_scenarios(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> tuple[KeptScenario, ...]:
    """Return the scenarios kept of a model, the newest first.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose.
    actor : Actor
        Needs ``value.view`` for the model. Figures are of the rows that whoever kept a scenario
        could see, so who sees rows of some jurisdictions only sees none.

    Raises
    ------
    NotFound, Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.value_view, model=model_id)
    if actor.jurisdictions is not None:
        return ()
    now = workspace.clock()
    with workspace.store.read() as conn:
        found = scenarios.list_of(conn, models.get(conn, model_id).id)
        names = users.names_by_pseudonym(conn, {each.made_by for each in found})
        states = {
            each.approval_id: _state(conn, each.approval_id, now)
            for each in found
            if each.approval_id is not None
        }
    return tuple(
        KeptScenario(
            each, names.get(each.made_by, each.made_by), states.get(each.approval_id or "", "")
        )
        for each in found
    )


def propose_scenario(
    workspace: Workspace, scenario_id: str, *, actor: Actor, reason: str
) -> Approval:
    """Propose the cut-off of a scenario for somebody else to decide; production stays as it is.

    Parameters
    ----------
    workspace : Workspace
        Where.
    scenario_id : str
        Which.
    actor : Actor
        Needs ``scenario.propose`` for its model.
    reason : str
        Why, for whoever decides.

    Raises
    ------
    NotFound, Forbidden
        If the actor may not, or there is no such scenario.
    Conflict
        If it has been proposed already.
    InvalidInput
        If there is no reason.
    """
    access.require(actor, Permission.scenario_propose)
    with workspace.store.read() as conn:
        kept = scenarios.get(conn, scenario_id)
    access.require(actor, Permission.scenario_propose, model=kept.model_id)
    if kept.approval_id is not None:
        raise Conflict(
            N_("The scenario {name} was proposed already."),
            remedy=N_("Look at the proposal on the page Approvals."),
            name=kept.name,
        )
    body = kept.body
    asked = approvals.propose(
        workspace,
        CUT_OFF_KIND,
        actor=actor,
        reason=reason,
        object_kind="scenario",
        object_id=kept.id,
        model=kept.model_id,
        before={"cut_off": body.get("today_cut_off")},
        after={"cut_off": body.get("cut_off")},
        command={"scenario": kept.id},
    )
    with workspace.store.begin() as conn:
        scenarios.mark_proposed(conn, kept.id, approval_id=asked.id, at=asked.proposed_at)
    return asked


def _accepted(
    _workspace: Workspace, _conn: Connection, approval: Approval, _actor: Actor
) -> Mapping[str, object]:
    """Return what was agreed to; nothing is changed here."""
    return {"cut_off": approval.after.get("cut_off"), "changed": False}


CUT_OFF = ApprovalKind(
    name=CUT_OFF_KIND,
    label=N_("Agree to another cut-off"),
    propose=Permission.scenario_propose,
    decide=Permission.contract_approve,
    execute=_accepted,
)


def _state(conn: Connection, approval_id: str, now: datetime) -> str:
    found = stored_approvals.get(conn, approval_id)
    if found.state == "pending" and found.expires_at <= now:
        return "expired"
    return found.state


def _side(name: str, side: Side) -> dict[str, object]:
    return {
        f"{name}_cut_off": _finite(side.cut_off),
        f"{name}_flagged": _finite(side.flagged),
        f"{name}_outcome_rate": _finite(float(side.outcome_rate.value)),
        f"{name}_value": _finite(float(side.value.value)),
        f"{name}_near": _finite(side.near),
    }


def _queue(load: Workload | None) -> dict[str, object]:
    """Return what the queue of human review would get; nothing where the contract has no rules."""
    if load is None:
        return {}
    return {
        "today_cases": load.today.cases,
        "then_cases": load.then.cases,
        "today_cases_a_week": load.today.per_week,
        "then_cases_a_week": load.then.per_week,
    }


def _limits(name: str, figure: Interval) -> dict[str, object]:
    return {
        name: _finite(float(figure.value)),
        f"{name}_low": _finite(float(figure.low)),
        f"{name}_high": _finite(float(figure.high)),
    }


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
