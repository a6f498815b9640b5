from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.review import CaseState, Verdict
from core.errors import Conflict, Forbidden, InvalidInput
from core.services.review import cases, claims, verdicts
from core.store import Store
from core.store.audit import trail as audit
from tests.support.reviewing import OVERTURN, UPHOLD, Desk, a_desk


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Desk:
    return a_desk(sqlite_store, tmp_path)


def kinds(desk: Desk) -> list[str]:
    with desk.workspace.store.read() as conn:
        return [each.kind for each in audit.read(conn)]


def test_a_verdict_that_nobody_has_to_check_is_final_at_once(desk: Desk) -> None:
    (case_id,) = desk.make()
    mine = claims.claim_next(desk.workspace, actor=desk["ada"])
    assert mine is not None
    assert (mine.id, mine.state, mine.is_mine) == (case_id, CaseState.claimed, True)
    done = verdicts.propose(
        desk.workspace, mine.id, UPHOLD, actor=desk["ada"], revision=mine.revision
    )
    assert (done.state, done.verdict, done.final_decision) == (
        CaseState.final,
        Verdict.uphold,
        "decline",
    )
    assert done.holder_id is None
    assert kinds(desk) == ["review.claimed", "review.proposed", "review.final"]
    path = [
        (each.action, each.from_state, each.to_state)
        for each in cases.case_steps(desk.workspace, case_id, actor=desk["auditor"])
    ]
    assert path == [
        ("made", "", "open"),
        ("claimed", "open", "claimed"),
        ("proposed", "claimed", "proposed"),
        ("final", "proposed", "final"),
    ]


def test_an_overturned_decision_is_checked_by_somebody_else(desk: Desk) -> None:
    desk.make()
    mine = claims.claim_next(desk.workspace, actor=desk["lei"])
    assert mine is not None
    done = verdicts.propose(
        desk.workspace, mine.id, OVERTURN, actor=desk["lei"], revision=mine.revision
    )
    assert (done.state, done.check_reason, done.final_decision) == (
        CaseState.proposed,
        "override",
        None,
    )
    with pytest.raises(Forbidden):
        claims.take_check(desk.workspace, mine.id, actor=desk["lei"])
    with pytest.raises(Forbidden):
        claims.take_check(desk.workspace, mine.id, actor=desk["ada"])
    assert claims.next_check(desk.workspace, actor=desk["lei"]) is None
    checked = claims.next_check(desk.workspace, actor=desk["lok"])
    assert checked is not None
    final = verdicts.agree(desk.workspace, mine.id, actor=desk["lok"], revision=checked.revision)
    assert (final.state, final.final_decision, final.checker_name) == (
        CaseState.final,
        "approve",
        "Lok",
    )


def test_to_overturn_takes_words_and_evidence(desk: Desk) -> None:
    desk.make()
    mine = claims.claim_next(desk.workspace, actor=desk["ada"])
    assert mine is not None
    for wrong in (
        replace(OVERTURN, text=" "),
        replace(OVERTURN, evidence=()),
        replace(OVERTURN, final_decision="decline"),
        replace(OVERTURN, final_decision="refer"),
        replace(OVERTURN, reason_code="risk_confirmed"),
        replace(UPHOLD, final_decision="approve"),
        replace(OVERTURN, text="x" * 4001),
    ):
        with pytest.raises(InvalidInput):
            verdicts.propose(
                desk.workspace, mine.id, wrong, actor=desk["ada"], revision=mine.revision
            )
    with pytest.raises(Conflict):
        verdicts.propose(
            desk.workspace, mine.id, OVERTURN, actor=desk["ada"], revision=mine.revision - 1
        )
