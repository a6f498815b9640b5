from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Actor
from core.domain.review import CaseState, Verdict
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.review import appeals, cases, claims, drafts, making, verdicts
from core.services.review.cases import CaseFilter, case_id_of, case_reference
from core.services.serving import state as model_state
from core.store import Store
from core.store.audit import trail as audit
from core.store.retention import tombstones
from core.store.retention.tombstones import EVERY_MODEL, Tombstone
from core.store.review import cases as stored
from core.store.tables import reviewer
from tests.support.fakes import START
from tests.support.reviewing import MODEL, OTHER, OVERTURN, UPHOLD, Desk, a_case, a_desk

SHOWN = CaseFilter(states=[str(each) for each in CaseState])


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Desk:
    return a_desk(sqlite_store, tmp_path)


def ids(desk: Desk, narrowed: CaseFilter, name: str = "auditor") -> list[int]:
    page = cases.list_cases(desk.workspace, narrowed, actor=desk[name])
    assert page.total == len(page.cases)
    return [each.id for each in page.cases]


def test_a_reference_names_a_case() -> None:
    assert case_reference(123) == "R-000123"
    assert case_reference(12_345_678) == "R-12345678"
    assert [case_id_of(each) for each in ("R-000123", " r-123 ", "R-12345678")] == [
        123,
        123,
        12_345_678,
    ]
    assert [case_id_of(each) for each in ("", "123", "R-", "R-12x")] == [None] * 4


def test_the_queue_begins_with_what_is_most_urgent(desk: Desk) -> None:
    late = START + timedelta(days=9)
    (low,) = desk.make(priority=10)
    (later,) = desk.make(occasion="b", due_at=late, priority=70)
    (first,) = desk.make(occasion="c", priority=70)
    assert ids(desk, CaseFilter()) == [first, later, low]
    taken = [claims.claim_next(desk.workspace, actor=desk["ada"]) for _ in range(4)]
    assert [None if each is None else each.id for each in taken] == [first, later, low, None]


def test_what_lies_outside_the_scope_does_not_exist(desk: Desk) -> None:
    (hong_kong,) = desk.make()
    (elsewhere,) = desk.make(occasion="cn", jurisdiction="CN")
    (other,) = desk.make(model_id=OTHER)
    workspace = desk.workspace
    assert ids(desk, SHOWN, "hong_kong") == [hong_kong, other]
    assert ids(desk, SHOWN, "elsewhere") == [other]
    for name, case_id in (
        ("hong_kong", elsewhere),
        ("elsewhere", hong_kong),
        ("auditor", 999),
    ):
        with pytest.raises(NotFound):
            cases.read_case(workspace, case_id, actor=desk[name])
        with pytest.raises(NotFound):
            cases.case_steps(workspace, case_id, actor=desk[name])
    actor = desk["hong_kong"]
    again: dict[str, Any] = {"actor": actor, "revision": 0}
    refused: list[Callable[[], object]] = [
        lambda: claims.claim(workspace, elsewhere, actor=actor),
        lambda: claims.take_check(workspace, elsewhere, actor=actor),
        lambda: claims.renew(workspace, elsewhere, actor=actor),
        lambda: claims.give_back(workspace, elsewhere, actor=actor),
        lambda: verdicts.propose(workspace, elsewhere, UPHOLD, **again),
        lambda: verdicts.propose(workspace, elsewhere, OVERTURN, **again),
        lambda: verdicts.record_own_view(workspace, elsewhere, Verdict.uphold, **again),
        lambda: verdicts.agree(workspace, elsewhere, **again),
        lambda: verdicts.send_back(workspace, elsewhere, text="x", **again),
        lambda: verdicts.escalate(workspace, elsewhere, text="x", **again),
        lambda: verdicts.customer_answered(workspace, elsewhere, text="x", **again),
        lambda: verdicts.withdraw(workspace, elsewhere, text="x", **again),
        lambda: drafts.save_draft(workspace, elsewhere, {}, 1, actor=actor),
        lambda: drafts.read_draft(workspace, elsewhere, actor=actor),
        lambda: appeals.appeal(workspace, elsewhere, actor=actor),
    ]
    for ask in refused:
        with pytest.raises(NotFound):
            ask()
    taken = [claims.claim_next(workspace, actor=actor) for _ in range(3)]
    assert [each and each.id for each in taken] == [hong_kong, other, None]
    counts = cases.queue_counts(workspace, actor=desk["elsewhere"])
    assert (counts.open, counts.claimed) == (0, 1)


@pytest.mark.parametrize("name", ["business", "data_scientist", "admin"])
def test_who_may_not_look_at_cases_learns_nothing(desk: Desk, name: str) -> None:
    (case_id,) = desk.make()
    actor: Actor = desk[name]
    asked: list[Callable[[], object]] = [
        lambda: cases.read_case(desk.workspace, case_id, actor=actor),
        lambda: cases.list_cases(desk.workspace, SHOWN, actor=actor),
        lambda: cases.queue_counts(desk.workspace, actor=actor),
        lambda: cases.case_steps(desk.workspace, case_id, actor=actor),
        lambda: claims.claim_next(desk.workspace, actor=actor),
        lambda: drafts.read_draft(desk.workspace, case_id, actor=actor),
        lambda: appeals.appeal(desk.workspace, case_id, actor=actor),
    ]
    for ask in asked:
        with pytest.raises(Forbidden):
            ask()


@pytest.mark.parametrize("kind", ["control", "second"])
def test_a_blind_case_looks_like_any_other_until_it_is_final(desk: Desk, kind: str) -> None:
    workspace = desk.workspace
    (parent,) = desk.make(priority=1)
    (case_id,) = desk.make(
        kind=kind, occasion=kind, parent_id=parent, in_check_sample=True, tier="high"
    )
    for name in ("ada", "lei", "auditor"):
        found = cases.read_case(workspace, case_id, actor=desk[name])
        assert (found.kind, found.parent_id) == ("routed", None)
        assert not hasattr(found, "in_check_sample")
        assert not hasattr(found, "occasion")
        assert ids(desk, CaseFilter(kind=kind), name) == []
        assert case_id in ids(desk, CaseFilter(kind="routed"), name)
    mine = claims.claim(workspace, case_id, actor=desk["ada"])
    done = verdicts.propose(workspace, case_id, OVERTURN, actor=desk["ada"], revision=mine.revision)
    # What changes nothing is checked like any other case: it would be told otherwise.
    assert (done.state, done.kind, done.check_reason) == (CaseState.proposed, "routed", "tier")
    assert cases.read_case(workspace, case_id, actor=desk["lei"]).kind == "routed"
    checking = claims.take_check(workspace, case_id, actor=desk["lei"])
    verdicts.agree(workspace, case_id, actor=desk["lei"], revision=checking.revision)
    seen = cases.read_case(workspace, case_id, actor=desk["lei"])
    assert (seen.kind, seen.parent_id) == (kind, parent)
    final = CaseFilter(states=["final"], kind=kind)
    assert ids(desk, final, "lei") == [case_id]
    assert ids(desk, final, "auditor") == []
    with workspace.store.read() as conn:
        entries = b"".join(each.canonical for each in audit.read(conn))
    assert kind.encode() not in entries


def test_a_score_that_is_to_be_hidden_is_hidden(desk: Desk) -> None:
    workspace = desk.workspace
    (first,) = desk.make(score_shown="after_own_view")
    (never,) = desk.make(occasion="b", score_shown="never")
    (at_once,) = desk.make(occasion="c")

    def score(case_id: int, name: str) -> float | None:
        found = cases.read_case(workspace, case_id, actor=desk[name])
        assert found.score_hidden == (found.score is None)
        return found.score

    assert [score(each, "ada") for each in (first, never, at_once)] == [None, None, 0.61]
    assert [score(each, "auditor") for each in (first, never)] == [0.61, 0.61]
    mine = claims.claim(workspace, first, actor=desk["ada"])
    told: dict[str, Any] = {"actor": desk["ada"]}
    with pytest.raises(InvalidInput):
        verdicts.propose(workspace, first, UPHOLD, revision=mine.revision, **told)
    viewed = verdicts.record_own_view(
        workspace, first, Verdict.overturn, revision=mine.revision, **told
    )
    assert (viewed.score, viewed.own_view, viewed.revision) == (0.61, "overturn", 2)
    with pytest.raises(Conflict):
        verdicts.record_own_view(workspace, first, Verdict.uphold, revision=viewed.revision, **told)
    assert score(first, "bo") is None
    done = verdicts.propose(workspace, first, UPHOLD, revision=viewed.revision, **told)
    assert (done.state, score(first, "bo")) == (CaseState.final, 0.61)
    mine = claims.claim(workspace, never, actor=desk["ada"])
    assert mine.score is None
    done = verdicts.propose(workspace, never, UPHOLD, revision=mine.revision, **told)
    assert done.score == 0.61


def test_what_would_tell_a_hidden_score_is_hidden_with_it(desk: Desk) -> None:
    workspace = desk.workspace
    (first,) = desk.make(score_shown="after_own_view")
    (never,) = desk.make(occasion="b", score_shown="never")
    (at_once,) = desk.make(occasion="c")

    def told(case_id: int, name: str) -> bool:
        found = cases.read_case(workspace, case_id, actor=desk[name])
        if (found.rule, found.rules, found.priority) == ("near_cut_off", ("near_cut_off",), 50):
            return True
        assert (found.rule, found.rules, found.priority) == ("", (), None)
        return False

    def of_rule(name: str) -> list[int]:
        wanted = CaseFilter(rule="near_cut_off", order="newest")
        page = cases.list_cases(workspace, wanted, actor=desk[name])
        assert page.total == len(page.cases)
        return sorted(each.id for each in page.cases)

    assert [told(each, "ada") for each in (first, never, at_once)] == [False, False, True]
    assert [told(each, "auditor") for each in (first, never)] == [True, True]
    assert (of_rule("ada"), of_rule("auditor")) == ([at_once], [first, never, at_once])
    mine = claims.claim(workspace, first, actor=desk["ada"])
    assert mine.rule == ""
    verdicts.record_own_view(
        workspace, first, Verdict.uphold, actor=desk["ada"], revision=mine.revision
    )
    assert (told(first, "ada"), told(first, "bo")) == (True, False)
    assert (of_rule("ada"), of_rule("bo")) == ([first, at_once], [at_once])
    mine = claims.claim(workspace, never, actor=desk["bo"])
    verdicts.propose(workspace, never, UPHOLD, actor=desk["bo"], revision=mine.revision)
    final = CaseFilter(rule="near_cut_off", states=["final"])
    page = cases.list_cases(workspace, final, actor=desk["bo"])
    assert [each.id for each in page.cases] == [never]


def test_lists_are_narrowed_and_cut_into_pages(desk: Desk) -> None:
    made = desk.make(7)
    (high,) = desk.make(occasion="b", tier="high", rule="large", subject_id="s-9")
    workspace = desk.workspace
    assert ids(desk, CaseFilter(tier="high")) == [high]
    assert ids(desk, CaseFilter(rule="large")) == [high]
    assert ids(desk, CaseFilter(subject_id="s-9")) == [high]
    assert ids(desk, CaseFilter(text_id=case_reference(made[3]))) == [made[3]]
    assert ids(desk, CaseFilter(text_id="L000000")) == [made[0], high]
    assert ids(desk, CaseFilter(models=[OTHER])) == []
    page = cases.list_cases(
        workspace, CaseFilter(page=2, size=3, order="newest"), actor=desk["ada"]
    )
    assert ([each.id for each in page.cases], page.total) == (made[4:1:-1], 8)
    claims.claim(workspace, made[2], actor=desk["ada"])
    assert ids(desk, CaseFilter(mine=True), "ada") == [made[2]]
    assert ids(desk, CaseFilter(overdue=True)) == []
    desk.clock.advance(days=6)
    assert len(ids(desk, CaseFilter(overdue=True))) == 8
    counts = cases.queue_counts(workspace, actor=desk["ada"])
    assert (counts.open, counts.claimed, counts.mine, counts.overdue, counts.due_today) == (
        7,
        1,
        1,
        8,
        0,
    )


def test_cases_are_due_today_until_midnight_in_hong_kong(desk: Desk) -> None:
    # 15:59 UTC is 23:59 in Hong Kong; START is 17:30 there.
    for number, (hour, minute) in enumerate([(9, 29), (9, 30), (15, 59), (16, 0)]):
        desk.make(occasion=f"{number}", due_at=START.replace(hour=hour, minute=minute))
    counts = cases.queue_counts(desk.workspace, actor=desk["ada"])
    assert (counts.overdue, counts.due_today) == (1, 2)


def test_an_assigned_case_is_for_that_person(desk: Desk) -> None:
    (case_id,) = desk.make(assigned_to="u-bo")
    assert claims.claim_next(desk.workspace, actor=desk["ada"]) is None
    with pytest.raises(Conflict, match="Bo"):
        claims.claim(desk.workspace, case_id, actor=desk["ada"])
    assert claims.claim(desk.workspace, case_id, actor=desk["lei"]).is_mine
    claims.give_back(desk.workspace, case_id, actor=desk["lei"])
    got = claims.claim_next(desk.workspace, actor=desk["bo"])
    assert got is not None


def test_a_reviewer_gets_what_the_person_knows_and_is_trained_for(desk: Desk) -> None:
    workspace = desk.workspace
    (english,) = desk.make(occasion="en", language="en")
    (mortgage,) = desk.make(occasion="m", skill="mortgages", language="zh-HK")
    values = {
        "user_id": "u-ada",
        "languages": ["zh-HK"],
        "skills": ["mortgages"],
        "changed_at": START,
        "changed_by": "u-lei",
    }
    with workspace.store.begin() as conn:
        conn.execute(reviewer.insert().values(**values, open_limit=1))
    got = claims.claim_next(workspace, actor=desk["ada"])
    assert got is not None
    assert got.id == mortgage
    with pytest.raises(Conflict):
        claims.claim_next(workspace, actor=desk["ada"])
    assert claims.claim_next(workspace, actor=desk["bo"], language="zh-HK") is None
    other = claims.claim_next(workspace, actor=desk["bo"], language="en")
    assert other is not None
    assert other.id == english
    claims.give_back(workspace, mortgage, actor=desk["ada"])
    with workspace.store.begin() as conn:
        conn.execute(reviewer.update().values(competent_until=START.date() - timedelta(days=1)))
    with pytest.raises(Forbidden):
        claims.claim_next(workspace, actor=desk["ada"])


def test_a_suspended_model_s_cases_wait_with_it(desk: Desk) -> None:
    workspace = desk.workspace
    (case_id,) = desk.make()
    mine = claims.claim_next(workspace, actor=desk["ada"])
    assert mine is not None
    model_state.suspend(workspace, MODEL, reason="Errors", actor=desk["lei"])
    with pytest.raises(Conflict):
        verdicts.propose(workspace, case_id, UPHOLD, actor=desk["ada"], revision=mine.revision)
    with workspace.store.begin() as conn:
        assert making.make_cases(conn, [a_case(1)], at=START) == 1
    assert claims.claim_next(workspace, actor=desk["ada"]) is None
    assert {
        each.state for each in cases.list_cases(workspace, SHOWN, actor=desk["auditor"]).cases
    } == {CaseState.suspended_model}
    with workspace.store.read() as conn:
        entry = audit.list_newest(conn, limit=1)[0]
    assert (entry.kind, entry.body["cases_put_aside"]) == ("model.suspended", 1)


def test_nothing_is_kept_of_words_about_somebody_who_was_erased(desk: Desk) -> None:
    (case_id,) = desk.make()
    with desk.workspace.store.begin() as conn:
        tombstones.bury(conn, [Tombstone("s-0", EVERY_MODEL, START, "e-1")])
    mine = claims.claim(desk.workspace, case_id, actor=desk["ada"])
    verdicts.escalate(
        desk.workspace, case_id, text="Unsure", actor=desk["ada"], revision=mine.revision
    )
    with desk.workspace.store.read() as conn:
        entry = audit.list_newest(conn, limit=1)[0]
        assert stored.get(conn, case_id).state is CaseState.escalated
    assert (entry.kind, "commitment" in entry.body) == ("review.escalated", False)
