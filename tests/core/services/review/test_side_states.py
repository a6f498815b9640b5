from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import Busy, Conflict, Forbidden, InvalidInput
from core.services.approvals import four_eyes as approvals
from core.services.jobs import tasks
from core.services.review import appeals, cases, claims, drafts, retrying, team_view, verdicts
from core.services.review.cases import Case
from core.services.serving import state as model_state
from core.store import Store
from core.store.audit import trail as audit
from tests.support.reviewing import MODEL, OVERTURN, UPHOLD, Desk, a_desk


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Desk:
    return a_desk(sqlite_store, tmp_path)


def claimed(desk: Desk, name: str = "ada") -> Case:
    found = claims.claim_next(desk.workspace, actor=desk[name])
    assert found is not None
    return found


def test_what_is_sent_back_finds_its_draft_again(desk: Desk) -> None:
    workspace = desk.workspace
    desk.make()
    case = claimed(desk)
    drafts.save_draft(workspace, case.id, {"text": "The income"}, 3, actor=desk["ada"])
    verdicts.propose(workspace, case.id, OVERTURN, actor=desk["ada"], revision=case.revision)
    check = claims.next_check(workspace, actor=desk["lei"])
    assert check is not None
    with pytest.raises(InvalidInput):
        verdicts.send_back(workspace, case.id, text=" ", actor=desk["lei"], revision=check.revision)
    back = verdicts.send_back(
        workspace, case.id, text="Which year?", actor=desk["lei"], revision=check.revision
    )
    assert (back.state, back.assigned_to, back.maker_id, back.verdict) == (
        "open",
        "u-ada",
        None,
        None,
    )
    assert claims.claim_next(workspace, actor=desk["bo"]) is None
    again = claimed(desk)
    kept = drafts.read_draft(workspace, case.id, actor=desk["ada"])
    assert kept is not None
    assert kept.body == {"text": "The income"}
    done = verdicts.propose(workspace, again.id, UPHOLD, actor=desk["ada"], revision=again.revision)
    assert done.state == "final"
    assert drafts.read_draft(workspace, case.id, actor=desk["ada"]) is None
    with pytest.raises(Conflict):
        drafts.save_draft(workspace, case.id, {"text": "late"}, 9, actor=desk["ada"])


def test_a_late_draft_overwrites_nothing_newer(desk: Desk) -> None:
    (case_id,) = desk.make()
    save = drafts.save_draft
    assert save(desk.workspace, case_id, {"t": "b"}, 2, actor=desk["ada"]).number == 2
    late = save(desk.workspace, case_id, {"t": "a"}, 1, actor=desk["ada"])
    assert (late.number, late.body) == (2, {"t": "b"})
    same = save(desk.workspace, case_id, {"t": "x"}, 2, actor=desk["ada"])
    assert same.body == {"t": "b"}
    assert save(desk.workspace, case_id, {"t": "c"}, 3, actor=desk["ada"]).body == {"t": "c"}
    assert drafts.read_draft(desk.workspace, case_id, actor=desk["bo"]) is None
    for body, number in (({"t": "x" * 40_000}, 4), ({"t": ""}, -1)):
        with pytest.raises(InvalidInput):
            save(desk.workspace, case_id, body, number, actor=desk["ada"])


def test_the_clock_stands_still_while_the_customer_is_asked(desk: Desk) -> None:
    workspace = desk.workspace
    # Due on Saturday, 10 January 2026, 17:30 in Hong Kong; asked on Monday, 5 January.
    desk.make()
    case = claimed(desk)
    with pytest.raises(InvalidInput, match="not later than today"):
        verdicts.ask_customer(
            workspace,
            case.id,
            follow_up_on=date(2026, 1, 5),
            text="Payslips",
            actor=desk["ada"],
            revision=case.revision,
        )
    waits = verdicts.ask_customer(
        workspace,
        case.id,
        follow_up_on=date(2026, 1, 12),
        text="Payslips",
        actor=desk["ada"],
        revision=case.revision,
    )
    assert (waits.state, waits.follow_up_on, waits.assigned_to, waits.holder_id) == (
        "awaiting_customer",
        date(2026, 1, 12),
        "u-ada",
        None,
    )
    desk.clock.advance(days=2)
    with pytest.raises(Forbidden):
        verdicts.customer_answered(
            workspace, case.id, text="Came", actor=desk["developer"], revision=waits.revision
        )
    back = verdicts.customer_answered(
        workspace, case.id, text="Came", actor=desk["bo"], revision=waits.revision
    )
    assert (back.state, back.follow_up_on, back.assigned_to) == ("open", None, "u-ada")
    assert back.due_at > case.due_at
    assert back.due_at - case.due_at <= timedelta(days=4)


def test_what_waits_for_the_customer_is_not_overdue_and_comes_back_unanswered(
    desk: Desk,
) -> None:
    workspace = desk.workspace
    desk.make()
    case = claimed(desk)
    verdicts.ask_customer(
        workspace,
        case.id,
        follow_up_on=date(2026, 1, 20),
        text="Payslips",
        actor=desk["ada"],
        revision=case.revision,
    )

    def late() -> tuple[bool, int, int, int, int]:
        one = cases.read_case(workspace, case.id, actor=desk["lei"])
        page = cases.list_cases(workspace, cases.CaseFilter(overdue=True), actor=desk["lei"])
        seen = team_view.team_view(workspace, actor=desk["lei"])
        load = next(each for each in seen.members if each.user.id == "u-ada").load
        return one.is_overdue, page.total, seen.counts.overdue, sum(seen.late), load.overdue

    desk.clock.advance(days=15)  # 20 January: ten days past the day that it was due on
    tasks.look_around(workspace)
    assert cases.read_case(workspace, case.id, actor=desk["bo"]).state == "awaiting_customer"
    assert late() == (False, 0, 0, 0, 0)
    desk.clock.advance(days=1)
    tasks.look_around(workspace)
    back = cases.read_case(workspace, case.id, actor=desk["bo"])
    assert (back.state, back.assigned_to, back.follow_up_on) == ("open", "u-ada", None)
    assert back.due_at > desk.clock.now  # its clock runs on from where it stood
    last = cases.case_steps(workspace, case.id, actor=desk["bo"])[-1]
    assert (last.action, last.actor_name) == ("no_answer", "harbourlight")
    with workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.no_answer", limit=2)
    assert entry.body["asked_until"] == "2026-01-20"
    assert claims.claim_next(workspace, actor=desk["bo"]) is None
    assert claimed(desk).id == case.id
    tasks.look_around(workspace)
    desk.clock.advance(days=15)
    claims.give_back(workspace, case.id, actor=desk["ada"])
    assert late() == (True, 1, 1, 1, 1)


def test_an_escalated_case_is_for_those_who_may_check_and_stays_so(desk: Desk) -> None:
    workspace = desk.workspace
    desk.make()
    case = claimed(desk)
    up = verdicts.escalate(
        workspace, case.id, text="Unsure", actor=desk["ada"], revision=case.revision
    )
    assert (up.state, up.escalated_at) == ("escalated", desk.clock.now)
    assert claims.claim_next(workspace, actor=desk["bo"]) is None
    with pytest.raises(Forbidden):
        claims.claim(workspace, case.id, actor=desk["bo"])
    claimed(desk, "lei")
    assert claims.give_back(workspace, case.id, actor=desk["lei"]).state == "escalated"
    with pytest.raises(Conflict):
        claims.give_back(workspace, case.id, actor=desk["lei"])
    with pytest.raises(Conflict):
        claims.renew(workspace, case.id, actor=desk["lei"])


def test_who_has_a_case_is_said_to_others(desk: Desk) -> None:
    workspace = desk.workspace
    desk.make()
    case = claimed(desk)
    assert claims.claim(workspace, case.id, actor=desk["ada"]).revision == case.revision
    with pytest.raises(Conflict, match="Ada has the case"):
        claims.claim(workspace, case.id, actor=desk["bo"])
    with pytest.raises(Conflict, match="Ada has the case"):
        verdicts.propose(workspace, case.id, UPHOLD, actor=desk["bo"], revision=case.revision)
    with pytest.raises(Conflict, match="Ada has the case"):
        claims.take_check(workspace, case.id, actor=desk["lei"])
    with pytest.raises(Conflict, match="state claimed"):
        appeals.appeal(workspace, case.id, actor=desk["ada"])
    until = claims.renew(workspace, case.id, actor=desk["ada"])
    assert until == desk.clock.now + timedelta(minutes=15)
    desk.clock.advance(minutes=10)
    seen = cases.read_case(workspace, case.id, actor=desk["bo"])
    assert (seen.seconds_left_of_lease, seen.is_mine, seen.holder_name) == (300, False, "Ada")
    many = ("x",) * 11
    with pytest.raises(InvalidInput):
        verdicts.propose(
            workspace,
            case.id,
            verdicts.Proposal(UPHOLD.verdict, "decline", "risk_confirmed", "", many),
            actor=desk["ada"],
            revision=case.revision,
        )


def test_what_was_undone_because_others_were_at_it_is_done_again() -> None:
    tried: list[int] = []

    @retrying.repeat_when_busy
    def change(gives_way: int) -> str:
        tried.append(1)
        if len(tried) <= gives_way:
            raise Busy("Busy")
        return "done"

    assert change(2) == "done"
    assert len(tried) == 3
    tried.clear()
    with pytest.raises(Busy):
        change(3)
    assert len(tried) == 3


def test_a_resumed_model_s_cases_stand_where_they_stood(desk: Desk) -> None:
    workspace = desk.workspace
    names = ("open", "claimed", "asked", "up", "held up", "proposed", "checking")
    ids = dict(zip(names, desk.make(7), strict=True))

    def take(name: str, who: str = "ada") -> dict[str, Any]:
        found = claims.claim(workspace, ids[name], actor=desk[who])
        return {"actor": desk[who], "revision": found.revision}

    take("claimed")
    day = date(2026, 1, 12)
    verdicts.ask_customer(workspace, ids["asked"], follow_up_on=day, text="x", **take("asked"))
    for name in ("up", "held up"):
        verdicts.escalate(workspace, ids[name], text="Unsure", **take(name))
    take("held up", "lei")
    for name in ("proposed", "checking"):
        verdicts.propose(workspace, ids[name], OVERTURN, **take(name))
    claims.take_check(workspace, ids["checking"], actor=desk["lei"])

    lead, other = desk["lei"], desk["lok"]
    model_state.suspend(workspace, MODEL, reason="Errors", actor=lead)
    asked = model_state.propose_resume(workspace, MODEL, reason="Mended", actor=lead)
    approvals.approve(workspace, asked.id, actor=other, reason="Seen")
    states = {
        name: str(cases.read_case(workspace, case_id, actor=lead).state)
        for name, case_id in ids.items()
    }
    assert states == {
        "open": "open",
        "claimed": "open",
        "asked": "awaiting_customer",
        "up": "escalated",
        "held up": "escalated",
        "proposed": "proposed",
        "checking": "proposed",
    }
    case = claims.take_check(workspace, ids["checking"], actor=desk["lei"])
    assert (case.verdict, case.maker_id) == ("overturn", "u-ada")


def test_drafts_go_when_the_verdict_is_final(desk: Desk) -> None:
    workspace = desk.workspace
    desk.make()
    case = claimed(desk)
    for name in ("ada", "lei"):
        drafts.save_draft(workspace, case.id, {"text": "x"}, 1, actor=desk[name])
    verdicts.propose(workspace, case.id, OVERTURN, actor=desk["ada"], revision=case.revision)
    assert drafts.read_draft(workspace, case.id, actor=desk["ada"]) is not None
    check = claims.next_check(workspace, actor=desk["lei"])
    assert check is not None
    verdicts.agree(workspace, case.id, actor=desk["lei"], revision=check.revision)
    for name in ("ada", "lei"):
        assert drafts.read_draft(workspace, case.id, actor=desk[name]) is None


def test_the_worker_returns_what_was_held_for_too_long(desk: Desk) -> None:
    (case_id,) = desk.make()
    claimed(desk)
    desk.clock.advance(minutes=15)
    tasks.look_around(desk.workspace)
    assert cases.read_case(desk.workspace, case_id, actor=desk["bo"]).state == "claimed"
    desk.clock.advance(seconds=1)
    tasks.look_around(desk.workspace)
    assert cases.read_case(desk.workspace, case_id, actor=desk["bo"]).state == "open"
    last = cases.case_steps(desk.workspace, case_id, actor=desk["bo"])[-1]
    assert (last.action, last.actor_name) == ("expired", "harbourlight")
