"""The maker's part: an own view before the score is shown, and the verdict."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.contract.review import Review
from core.domain.identity import Actor, Permission
from core.domain.review import REASONS, Action, CaseState, Verdict, check_needed
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.review import words
from core.services.review.acting import refuse_personal
from core.services.review.cases import Case, shown
from core.services.review.changing import Said, apply, by, look_up_held
from core.services.review.finishing import finish_at_once
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import check_rules, in_scope, require_trained, review_of
from core.services.workspace import Workspace
from core.store.review import cases, steps, texts
from core.store.review.records import CaseRecord

MOST_EVIDENCE = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """A verdict as the reviewer hands it in.

    Parameters
    ----------
    verdict : Verdict
        Whether the model's decision stands.
    final_decision : str
        What is decided: the model's decision if it is upheld, another one of the contract's if not.
    reason_code : str
        One of :data:`core.domain.review.REASONS`, of this verdict.
    text : str
        Why, in words; needed to overturn.
    evidence : tuple of str
        What bears it out, note by note; a file of the case counts as well.
    seconds_on_case : int
        How long the case was looked at.
    score_seen : bool
        Whether the score was shown.
    panes_opened : tuple of str
        Which parts of the page were opened.
    """

    verdict: Verdict
    final_decision: str
    reason_code: str
    text: str = ""
    evidence: tuple[str, ...] = ()
    seconds_on_case: int = 0
    score_seen: bool = True
    panes_opened: tuple[str, ...] = ()


@repeat_when_busy
def record_own_view(
    workspace: Workspace, case_id: int, verdict: Verdict, *, actor: Actor, revision: int
) -> Case:
    """Record what the reviewer thinks before the score is shown; once for each case and person.

    Raises
    ------
    NotFound, Conflict, Forbidden
        If there is no such case, it is not the actor's, or it has an own view already.
    """
    access.require(actor, Permission.review_work)
    with workspace.store.begin() as conn:
        found = look_up_held(conn, case_id, actor, revision=revision, action=Action.record_own_view)
        if steps.own_views(conn, [case_id], actor.user_id):
            raise Conflict(
                N_("Your own view of the case {case} is recorded already."),
                remedy=N_("Go on with the verdict."),
                case=case_id,
            )
        said = Said(verdict=str(Verdict(verdict)))
        after = apply(
            conn, found, Action.record_own_view, by(actor), at=workspace.clock(), said=said
        )
        return shown(workspace, conn, [after], actor)[0]


def propose(
    workspace: Workspace, case_id: int, proposal: Proposal, *, actor: Actor, revision: int
) -> Case:
    """Hand a verdict in; it is final at once unless a second person has to check it.

    Handed in again after an answer that got lost, it is not handed in twice.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    Conflict
        If the case is not the actor's any more, or was changed since.
    Forbidden
        If it is not for this person, or the person's training has run out.
    InvalidInput
        If the verdict, the decision, the reason, the words or the evidence are not enough, or the
        words repeat a personal value.
    """
    access.require(actor, Permission.review_work)
    checked = _checked(proposal)
    refuse_personal(workspace, case_id, actor, [checked.text, *checked.evidence])
    return _propose(workspace, case_id, checked, actor=actor, revision=revision)


@repeat_when_busy
def _propose(
    workspace: Workspace, case_id: int, proposal: Proposal, *, actor: Actor, revision: int
) -> Case:
    at, who = workspace.clock(), by(actor)
    with workspace.store.begin() as conn:
        repeated = _proposed_before(conn, case_id, proposal, actor, revision)
        if repeated is not None:
            return shown(workspace, conn, [repeated], actor)[0]
        found = look_up_held(conn, case_id, actor, revision=revision, action=Action.propose)
        review = review_of(conn, found.model_id)
        _check_decision(found, proposal, review)
        _check_own_view(conn, found, actor)
        _check_evidence(conn, found, proposal)
        require_trained(workspace, conn, actor)
        why = check_needed(
            found,
            proposal.verdict,
            check_rules(review),
            earlier=steps.earlier(conn, case_id),
            person=actor.user_id,
            decision=proposal.final_decision,
        )
        said = _said(conn, found, proposal, why, actor, at)
        values = _values(proposal, why, actor, at)
        if why is not None:
            after = apply(conn, found, Action.propose, who, at=at, values=values, said=said)
        else:
            after = finish_at_once(conn, found, values, said, actor, at)
        return shown(workspace, conn, [after], actor)[0]


def _checked(proposal: Proposal) -> Proposal:
    verdict = Verdict(proposal.verdict)
    reason = REASONS.get(proposal.reason_code)
    if reason is None or reason.verdict is not verdict:
        raise InvalidInput(
            N_("{code} is not a reason for this verdict."),
            remedy=N_("Choose one of its reasons."),
            code=proposal.reason_code,
        )
    evidence = tuple(each.strip() for each in proposal.evidence if each.strip())
    if len(evidence) > MOST_EVIDENCE:
        raise InvalidInput(
            N_("At most {most} notes of evidence fit a verdict."),
            remedy=N_("Put some of them together."),
            most=MOST_EVIDENCE,
        )
    return Proposal(
        verdict,
        proposal.final_decision,
        proposal.reason_code,
        words.checked(proposal.text, needed=verdict is Verdict.overturn),
        tuple(words.checked(each, needed=True) for each in evidence),
        max(0, int(proposal.seconds_on_case)),
        proposal.score_seen,
        tuple(proposal.panes_opened),
    )


def _proposed_before(
    conn: Connection, case_id: int, proposal: Proposal, actor: Actor, revision: int
) -> CaseRecord | None:
    """Return the case if just this verdict was handed in on just this revision already."""
    now = in_scope(cases.get(conn, case_id, lock=True), actor)
    if now.state not in {CaseState.proposed, CaseState.final} or now.revision != revision + 1:
        return None
    same = (now.maker_id, now.verdict, now.reason_code, now.proposed_decision) == (
        actor.user_id,
        proposal.verdict,
        proposal.reason_code,
        proposal.final_decision,
    )
    return now if same else None


def _check_decision(found: CaseRecord, proposal: Proposal, review: Review) -> None:
    upheld, decision = proposal.verdict is Verdict.uphold, proposal.final_decision
    others = [each for each in review.decisions if each != found.decision]
    if upheld and decision != found.decision:
        raise InvalidInput(
            N_("To uphold the decision is to decide {decision}, as the model did."),
            remedy=N_("Overturn it to decide otherwise."),
            decision=found.decision,
        )
    if not upheld and decision not in others:
        raise InvalidInput(
            N_("{decision} is not what this decision can be changed into."),
            remedy=N_("Choose from: {known}."),
            decision=decision,
            known=", ".join(others),
        )


def _check_own_view(conn: Connection, found: CaseRecord, actor: Actor) -> None:
    if found.score_shown != "after_own_view":
        return
    if not steps.own_views(conn, [found.id], actor.user_id):
        raise InvalidInput(
            N_("Of this case your own view comes first."),
            remedy=N_("Record it; the score is shown then."),
        )


def _check_evidence(conn: Connection, found: CaseRecord, proposal: Proposal) -> None:
    if proposal.verdict is Verdict.uphold or proposal.evidence:
        return
    if not texts.count_files(conn, found.id):
        raise InvalidInput(
            N_("To overturn a decision takes evidence."),
            remedy=N_("Write down what bears it out, or attach a file."),
        )


def _said(
    conn: Connection,
    found: CaseRecord,
    proposal: Proposal,
    why: str | None,
    actor: Actor,
    at: datetime,
) -> Said:
    """Keep the words and the evidence; return what the step and the audit trail say."""

    def keep(kind: str, text: str) -> int:
        return texts.add(conn, found.id, kind=kind, author_id=actor.user_id, text=text, at=at)

    kept = {"text": keep("verdict", proposal.text)} if proposal.text else {}
    evidence = [keep("evidence", each) for each in proposal.evidence]
    return Said(
        str(proposal.verdict),
        proposal.reason_code,
        "\n".join([each for each in (proposal.text, *proposal.evidence) if each]),
        body={
            **kept,
            "evidence": evidence,
            "decision": proposal.final_decision,
            "check": why,
            "seconds": proposal.seconds_on_case,
            "score_seen": proposal.score_seen,
            "panes": list(proposal.panes_opened),
        },
        told={
            "decision": found.decision,
            "proposed_decision": proposal.final_decision,
            "check": why,
            "notes": len(evidence),
        },
    )


def _values(proposal: Proposal, why: str | None, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "maker_id": actor.user_id,
        "verdict": str(proposal.verdict),
        "reason_code": proposal.reason_code,
        "proposed_decision": proposal.final_decision,
        "check_reason": why,
        "proposed_at": at,
        "assigned_to": None,
    }
