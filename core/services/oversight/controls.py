"""Blind controls: decided cases whose outcome is known are put into the queue once more.

A control looks like any other case, with the rule, tier and clock of the case it was made of. It
changes nothing for a customer: no release, no row of the decisions stream, no KPI reads it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.contract import ModelContract
from core.contract.review import Review
from core.domain.review import CONTROL
from core.domain.working_days import local_day, start_of_day
from core.lake.cases.outcomes import CaseOutcome
from core.lake.routing.rows import below
from core.services.oversight.known import (
    expected_verdict,
    has_known_verdicts,
    known_outcomes,
    matured_before,
)
from core.services.oversight.people import reviewers_of, somebody_else
from core.services.questions import parsed_contract
from core.services.review import making, sla
from core.services.review.making import NewCase
from core.services.routing.plan import leading_rule, tier_of
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.identity.users import User
from core.store.review import blind, cases, controls
from core.store.review.records import CaseRecord

SYSTEM_NAME, SYSTEM_ROLE = "worker", "admin"
UNUSED = timedelta(days=180)
"""For how long no second control is made of a prediction."""
_POOL, _LATELY = 2_000, timedelta(days=2)
_MADE = "review.controls_made"
_DRAW, _ORDER, _HIDDEN = "review.controls", "review.controls.order", "review.score_hidden"
_CHECKED = "review.check_sample"


def make_controls(workspace: Workspace, model_id: str) -> int:
    """Make today's controls of a model, for the worker; return how many were made.

    So many that they are the contract's share of all cases, by the live ones of yesterday in Hong
    Kong. Done again on the same day it makes no more.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    now = workspace.clock()
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        review = contract.review
        if review is None or not review.controls.share or not has_known_verdicts(contract):
            return 0
        missing = _missing(workspace, conn, model_id, review.controls.share, now)
        pool = controls.sources(
            conn,
            model_id,
            matured_before=matured_before(contract, now),
            unused_since=now - UNUSED,
        )
    if not missing or not pool:
        return 0
    day = local_day(now).isoformat()
    ordered = sorted(pool, key=lambda each: workspace.keys.mac(_ORDER, f"{day}:{each[0]}"))[:_POOL]
    known = known_outcomes(workspace, model_id, [prediction for _, prediction in ordered])
    found = [(case_id, known[each]) for case_id, each in ordered if each in known]
    return _commit(workspace, contract, review, _both_kinds(found), now)


def _missing(
    workspace: Workspace, conn: Connection, model_id: str, share: float, now: datetime
) -> int:
    """Return how many controls are still to be made today."""
    today = local_day(now)
    midnight, yesterday = start_of_day(today), start_of_day(today - timedelta(days=1))
    live = controls.count_made(conn, model_id, blind=False, since=yesterday, until=midnight)
    exact = live * share / (1 - share)
    whole = int(exact)
    drawn = workspace.keys.mac(_DRAW, f"{model_id}:{today.isoformat()}") < below(exact - whole)
    end = start_of_day(today + timedelta(days=1))
    told = audit.list_newest(
        conn, kind=_MADE, objects={"model": model_id}, since=midnight, until=end
    )
    return max(0, whole + drawn - sum(int(str(each.body["cases"])) for each in told))


def made_at(conn: Connection, model_id: str, now: datetime) -> datetime:
    """Return the instant that a blind case made now bears: that of the newest live one.

    An instant of their own would tell all blind cases of a day at a glance. Now, if no live case
    was made for two days.
    """
    newest = blind.newest_live(conn, model_id)
    return now if newest is None or newest < now - _LATELY else newest


def _both_kinds(
    found: Sequence[tuple[int, CaseOutcome]],
) -> list[tuple[int, CaseOutcome]]:
    """Return candidates by turns: one the outcome speaks against, one it speaks for.

    Otherwise somebody who always gives the same verdict would catch most of them.
    """
    wrong = [each for each in found if not each[1].model_was_right]
    right = [each for each in found if each[1].model_was_right]
    both = [each for pair in zip(wrong, right, strict=False) for each in pair]
    rest = wrong[len(right) :] or right[len(wrong) :]
    return [*both, *rest]


def _commit(
    workspace: Workspace,
    contract: ModelContract,
    review: Review,
    found: Sequence[tuple[int, CaseOutcome]],
    now: datetime,
) -> int:
    with workspace.store.begin() as conn:
        cases.lock_model(conn, contract.id)
        wanted = _missing(workspace, conn, contract.id, review.controls.share, now)
        people = reviewers_of(conn, contract.id)
        made = 0
        for source_id, outcome in found:
            if made >= wanted:
                break
            made += _make(workspace, conn, source_id, outcome, people, contract, now)
        if made:
            audit.append(
                conn,
                at=now,
                actor=SYSTEM_NAME,
                role=SYSTEM_ROLE,
                kind=_MADE,
                objects={"model": contract.id},
                body={"cases": made, "share": review.controls.share},
            )
    return made


def _make(
    workspace: Workspace,
    conn: Connection,
    source_id: int,
    outcome: CaseOutcome,
    people: tuple[User, ...],
    contract: ModelContract,
    now: datetime,
) -> bool:
    source = cases.get(conn, source_id)
    if not somebody_else(people, source.jurisdiction, frozenset({source.maker_id})):
        return False
    like, review = of_now(conn, contract, source), contract.review or Review()
    if like is None:
        return False
    number = controls.count_of_prediction(conn, source.model_id, source.prediction_id) + 1
    occasion = f"control:{number}"
    drawn = f"{source.model_id}:{source.prediction_id}:{occasion}"
    hidden = workspace.keys.mac(_HIDDEN, drawn) < below(review.score.hidden_share)
    shown = "after_own_view" if review.score.judge_first else "at_once"
    at = made_at(conn, source.model_id, now)
    new = replace(
        like,
        kind=CONTROL,
        occasion=occasion,
        parent_id=source.id,
        due_at=sla.due_at(conn, review.sla_days, like.tier, at),
        score_shown="never" if hidden else shown,
        in_check_sample=in_check_sample(workspace, review, drawn),
        barred_maker_id=source.maker_id,
        barred_checker_id=None,
    )
    case_id = making.make_case(conn, new, at=at)
    if case_id is None:
        return False
    basis = {"outcome": "positive" if outcome.positive else "negative", "flagged": outcome.flagged}
    controls.put(conn, case_id, source.id, expected=expected_verdict(outcome), basis=basis)
    return True


def of_now(conn: Connection, contract: ModelContract, case: CaseRecord) -> NewCase | None:
    """Return a new case of a prediction as the rules of now would make it; ``None`` if none would.

    A rule that the contract no longer has, or a priority that a lead gave the old case, would tell
    a blind one. Where the contract has no rules at all, what the old case says stands.
    """
    new = replace(copy_of(case), rules_sha256=models.get(conn, contract.id).spec_sha256)
    review = contract.review
    if review is None or not review.rules:
        return new
    rules = tuple(each for each in case.rules or (case.rule,) if review.rule(each) is not None)
    if not rules:
        return None
    rule = leading_rule(contract, rules)
    return replace(
        new,
        rule=rule.id,
        rules=rules,
        tier=tier_of(contract, rules),
        priority=rule.priority,
        language=rule.language,
        skill=rule.skill,
    )


def in_check_sample(workspace: Workspace, review: Review, drawn: str) -> bool:
    """Whether a blind case is drawn to be checked, as often as a live one is."""
    return workspace.keys.mac(_CHECKED, drawn) < below(review.check.share)


def copy_of(case: CaseRecord) -> NewCase:
    """Return a new case with what a case says of its prediction, for anybody to take."""
    names = frozenset(NewCase.__dataclass_fields__)
    same = NewCase(**{name: getattr(case, name) for name in names})
    return replace(same, request_id=None, assigned_to=None, in_check_sample=False)
