"""The services on SQLite beside a plain model: whatever anybody does, both are in one state."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.domain.review import Verdict
from core.errors import Conflict, Forbidden
from core.services.approvals import four_eyes as approvals
from core.services.review import appeals, cases, claims, drafts, making, returning, verdicts
from core.services.serving import state as model_state
from core.store import open_store
from core.store.audit import trail as audit
from core.store.review import cases as stored
from core.store.review import steps
from core.store.review.drafts import Draft, find
from tests.core.services.review.plain_queue import ASKED, PlainCase, PlainQueue, RefusedError
from tests.support.databases import SqliteDatabases
from tests.support.fakes import START
from tests.support.reviewing import LEADS, MODEL, OVERTURN, REVIEWERS, UPHOLD, a_case, a_desk

PEOPLE = (*REVIEWERS, *LEADS, "developer", "auditor")
people = st.sampled_from(PEOPLE)
pick = st.integers(0, 10_000)
FEW = 9


class QueueMachine(RuleBasedStateMachine):
    """Does what people do, in the services and in the plain model, and compares."""

    def __init__(self, databases: SqliteDatabases, folder: Path) -> None:
        super().__init__()
        home = Path(mkdtemp(dir=folder))
        self.desk = a_desk(open_store(databases.fresh(home)), home)
        self.workspace = self.desk.workspace
        self.plain = PlainQueue(START)
        self.made = 0
        self.appealed: dict[int, int] = {}
        self.revisions: dict[int, int] = {}
        self.make("normal", False, 50)

    def teardown(self) -> None:
        self.workspace.store.close()

    @precondition(lambda self: len(self.plain.cases) < FEW)
    @rule(
        tier=st.sampled_from(["normal", "high"]),
        sampled=st.booleans(),
        priority=st.sampled_from([50, 70]),
    )
    def make(self, tier: str, sampled: bool, priority: int) -> None:
        new = a_case(self.made, tier=tier, in_check_sample=sampled, priority=priority)
        self.made += 1
        with self.workspace.store.begin() as conn:
            case_id = making.make_case(conn, new, at=self.plain.now)
            assert making.make_cases(conn, [new], at=self.plain.now) == 0
        assert case_id is not None
        self.plain.add(case_id, PlainCase(tier=tier, sampled=sampled, priority=priority))

    @rule(at=pick, who=people)
    def claim(self, at: int, who: str) -> None:
        case_id = self.case(at)
        self.both(
            lambda: self.plain.claim(case_id, who),
            lambda: claims.claim(self.workspace, case_id, actor=self.desk[who]),
        )

    @rule(who=people)
    def claim_next(self, who: str) -> None:
        try:
            wanted = self.plain.next_for(who)
        except RefusedError:
            with pytest.raises(Forbidden):
                claims.claim_next(self.workspace, actor=self.desk[who])
            return
        first = self.first(wanted)
        got = claims.claim_next(self.workspace, actor=self.desk[who])
        assert (None if got is None else got.id) == first
        if first is not None:
            self.plain.claim(first, who)

    @rule(who=people)
    def next_check(self, who: str) -> None:
        try:
            wanted = self.plain.next_check_for(who)
        except RefusedError:
            with pytest.raises(Forbidden):
                claims.next_check(self.workspace, actor=self.desk[who])
            return
        first = self.first(wanted)
        got = claims.next_check(self.workspace, actor=self.desk[who])
        assert (None if got is None else got.id) == first
        if first is not None:
            self.plain.take_check(first, who)

    @rule(at=pick, who=people)
    def take_check(self, at: int, who: str) -> None:
        case_id = self.case(at, "proposed", "checking")
        self.both(
            lambda: self.plain.take_check(case_id, who),
            lambda: claims.take_check(self.workspace, case_id, actor=self.desk[who]),
        )

    @rule(at=pick, who=people, by_holder=st.booleans(), verdict=st.sampled_from(list(Verdict)))
    def propose(self, at: int, who: str, by_holder: bool, verdict: Verdict) -> None:
        case_id = self.case(at, "claimed")
        who = self.holder(case_id, who) if by_holder else who
        proposal, revision = UPHOLD if verdict is Verdict.uphold else OVERTURN, self.rev(case_id)

        def do() -> None:
            for _ in range(2):  # the answer was lost, and the page asks again
                verdicts.propose(
                    self.workspace, case_id, proposal, actor=self.desk[who], revision=revision
                )

        self.both(lambda: self.plain.propose(case_id, who, verdict), do)

    @rule(at=pick, who=people, by_holder=st.booleans())
    def agree(self, at: int, who: str, by_holder: bool) -> None:
        case_id = self.case(at, "checking")
        who = self.holder(case_id, who) if by_holder else who
        revision = self.rev(case_id)

        def do() -> None:
            for _ in range(2):
                verdicts.agree(self.workspace, case_id, actor=self.desk[who], revision=revision)

        self.both(lambda: self.plain.agree(case_id, who), do)

    @rule(
        at=pick,
        who=people,
        by_holder=st.booleans(),
        name=st.sampled_from(["send_back", "take_back", "escalate", "ask", "answer", "withdraw"]),
    )
    def say(self, at: int, who: str, by_holder: bool, name: str) -> None:
        case_id = self.case(at, *_STATES[name])
        case = self.plain.cases[case_id]
        who = (case.holder or case.maker or who) if by_holder else who
        told = {"actor": self.desk[who], "revision": self.rev(case_id), "text": "Seen"}
        do: dict[str, Callable[..., Any]] = {
            "send_back": verdicts.send_back,
            "take_back": verdicts.take_back,
            "escalate": verdicts.escalate,
            "ask": verdicts.ask_customer,
            "answer": verdicts.customer_answered,
            "withdraw": verdicts.withdraw,
        }
        if name == "ask":
            told["follow_up_on"] = (self.plain.now + ASKED).date()
        self.both(
            lambda: getattr(self.plain, name)(case_id, who),
            lambda: do[name](self.workspace, case_id, **told),
        )

    @rule(at=pick, who=people)
    def give_back(self, at: int, who: str) -> None:
        case_id = self.case(at, "claimed", "checking")
        who = self.holder(case_id, who)
        self.both(
            lambda: self.plain.give_back(case_id, who),
            lambda: claims.give_back(self.workspace, case_id, actor=self.desk[who]),
        )

    @rule(at=pick, who=people)
    def renew(self, at: int, who: str) -> None:
        case_id = self.case(at, "claimed", "checking")
        self.both(
            lambda: self.plain.renew(case_id, who),
            lambda: claims.renew(self.workspace, case_id, actor=self.desk[who]),
        )

    @rule(at=pick, who=people)
    def look_at_what_was(self, at: int, who: str) -> None:
        """An older revision changes nothing; only the very proposal made may be handed in again."""
        case_id = self.case(at, "claimed")
        who = self.holder(case_id, who)
        refused = (Conflict, Forbidden)
        is_held = self.plain.cases[case_id].state == "claimed"
        with pytest.raises(refused) if is_held else suppress(*refused):
            verdicts.propose(
                self.workspace,
                case_id,
                UPHOLD,
                actor=self.desk[who],
                revision=self.rev(case_id) - 1,
            )

    @rule(minutes=st.sampled_from([1, 10, 14, 16]))
    def wait(self, minutes: int) -> None:
        self.plain.now = self.desk.clock.advance(minutes=minutes)

    @rule()
    def return_expired(self) -> None:
        assert returning.return_expired(self.workspace) == self.plain.return_expired()

    @rule(days=st.sampled_from([0, 7, 8]))
    def return_unanswered(self, days: int) -> None:
        self.plain.now = self.desk.clock.advance(days=days)
        assert returning.return_unanswered(self.workspace) == self.plain.return_unanswered()

    @rule(at=pick, who=people, number=st.integers(0, 5))
    def write(self, at: int, who: str, number: int) -> None:
        case_id = self.case(at)
        self.both(
            lambda: self.plain.save_draft(case_id, who, number),
            lambda: drafts.save_draft(
                self.workspace, case_id, {"number": number}, number, actor=self.desk[who]
            ),
        )

    @precondition(lambda self: len(self.plain.cases) < FEW)
    @rule(at=pick)
    def appeal(self, at: int) -> None:
        case_id = self.case(at, "final")
        try:
            new = self.plain.appeal(case_id, self.appealed.get(case_id))
        except RefusedError:
            with pytest.raises(Conflict):
                appeals.appeal(self.workspace, case_id, actor=self.desk["ada"])
            return
        made = appeals.appeal(self.workspace, case_id, actor=self.desk["ada"])
        self.appealed[case_id] = made.id
        self.plain.add(made.id, new)

    @rule()
    def suspend_or_resume(self) -> None:
        lead, other = self.desk["lei"], self.desk["lok"]
        if not self.plain.suspended:
            model_state.suspend(self.workspace, MODEL, reason="Errors", actor=lead)
            self.plain.suspend()
            return
        asked = model_state.propose_resume(self.workspace, MODEL, reason="Mended", actor=lead)
        approvals.approve(self.workspace, asked.id, actor=other, reason="Seen")
        self.plain.resume()

    @invariant()
    def both_are_in_one_state(self) -> None:
        names = {f"u-{name}": name for name in PEOPLE}
        with self.workspace.store.read() as conn:
            for case_id, plain in self.plain.cases.items():
                case = stored.get(conn, case_id)
                assert (
                    str(case.state),
                    case.revision,
                    names.get(case.holder_id or ""),
                    case.lease_until,
                    names.get(case.assigned_to or ""),
                    names.get(case.maker_id or ""),
                    names.get(case.checker_id or ""),
                    case.verdict,
                    case.final_decision,
                    case.is_escalated,
                ) == (
                    plain.state,
                    plain.revision,
                    plain.holder,
                    plain.lease_until,
                    plain.assigned,
                    plain.maker,
                    plain.checker,
                    plain.verdict,
                    plain.final,
                    plain.escalated,
                )
                assert case.revision >= self.revisions.get(case_id, 0)
                self.revisions[case_id] = case.revision
                assert case.checker_id is None or case.checker_id != case.maker_id
                assert names.get(case.maker_id or "") not in plain.barred

    @invariant()
    def every_change_has_a_step_and_an_audit_entry(self) -> None:
        with self.workspace.store.read() as conn:
            told: dict[str, list[str]] = {}
            for entry in audit.read(conn, limit=10_000):
                if "case" in entry.objects:
                    told.setdefault(entry.objects["case"], []).append(entry.kind)
            for case_id, plain in self.plain.cases.items():
                path = steps.of_case(conn, case_id)
                assert tuple(each.action for each in path) == plain.steps
                ends = ["", *(each.to_state for each in path)]
                assert [each.from_state for each in path] == ends[:-1]
                assert ends[-1] == plain.state
                wanted = [
                    name for step in plain.steps for name in _TOLD.get(step, [f"review.{step}"])
                ]
                first = ["review.appealed"] if plain.kind == "appeal" else []
                assert told.get(str(case_id), []) == first + wanted

    @invariant()
    def no_draft_is_lost(self) -> None:
        with self.workspace.store.read() as conn:
            for case_id in self.plain.cases:
                for who in PEOPLE:
                    found: Draft | None = find(conn, case_id, f"u-{who}")
                    number = self.plain.drafts.get((case_id, who))
                    assert (None if found is None else found.number) == number
                    assert found is None or found.body == {"number": number}

    @invariant()
    def the_lists_show_every_case(self) -> None:
        wanted = cases.CaseFilter(states=list(_ALL), size=100, order="newest")
        page = cases.list_cases(self.workspace, wanted, actor=self.desk["auditor"])
        assert page.total == len(page.cases) == len(self.plain.cases)
        counts = cases.queue_counts(self.workspace, actor=self.desk["auditor"])
        states = [each.state for each in self.plain.cases.values()]
        assert (counts.open, counts.claimed, counts.escalated) == (
            states.count("open"),
            states.count("claimed"),
            states.count("escalated"),
        )

    def both(self, plain: Callable[[], Any], real: Callable[[], Any]) -> None:
        """Do the same on both sides: it is done on both, or refused by both."""
        try:
            plain()
        except RefusedError:
            with pytest.raises((Conflict, Forbidden)):
                real()
        else:
            real()

    def case(self, at: int, *states: str) -> int:
        """Return one of the cases, of those in some states if there are any."""
        fit = [key for key, case in self.plain.cases.items() if case.state in states]
        known = fit or list(self.plain.cases)
        return known[at % len(known)]

    def holder(self, case_id: int, otherwise: str) -> str:
        return self.plain.cases[case_id].holder or otherwise

    def rev(self, case_id: int) -> int:
        return self.plain.cases[case_id].revision

    def first(self, wanted: set[int]) -> int | None:
        """Return the one of these that is due first."""
        with self.workspace.store.read() as conn:
            due = sorted((stored.get(conn, each).due_at, each) for each in wanted)
        return due[0][1] if due else None


_ALL = (
    "open", "claimed", "proposed", "checking", "final", "awaiting_customer", "escalated",
    "suspended_model", "withdrawn",
)  # fmt: skip
_STATES = {
    "send_back": ("checking",),
    "take_back": ("proposed",),
    "escalate": ("claimed", "checking"),
    "ask": ("claimed",),
    "answer": ("awaiting_customer",),
    "withdraw": ("open", "awaiting_customer", "escalated"),
}
# What a step is told of in the audit trail, where that is not one entry of its own name.
_TOLD: dict[str, list[str]] = {
    "made": [],
    "suspended": [],
    "resumed": [],
    "checked": ["review.checked", "review.final"],
}


def run(databases: SqliteDatabases, folder: Path, examples: int, steps_each: int) -> None:
    class Machine(QueueMachine):
        def __init__(self) -> None:
            super().__init__(databases, folder)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps_each,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_people_do(sqlite_databases: SqliteDatabases, tmp_path: Path) -> None:
    run(sqlite_databases, tmp_path, examples=6, steps_each=30)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_whatever_people_do_for_long(sqlite_databases: SqliteDatabases, tmp_path: Path) -> None:
    run(sqlite_databases, tmp_path, examples=40, steps_each=50)
