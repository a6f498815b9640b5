"""The queue once more, as plain Python: what the services have to do, without a database."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from tests.support.reviewing import LEADS, REVIEWERS

LEASE = timedelta(minutes=15)
ASKED = timedelta(days=7)
HONG_KONG = timedelta(hours=8)
CHECKERS = frozenset({*LEADS, "developer"})
WORKERS = frozenset({*REVIEWERS, *CHECKERS})
WAITING = ("open", "claimed", "proposed", "checking", "awaiting_customer", "escalated")


@dataclass(frozen=True)
class PlainCase:
    """A case: only what decides what may happen next."""

    kind: str = "routed"
    tier: str = "normal"
    sampled: bool = False
    barred: frozenset[str] = frozenset()
    priority: int = 50
    state: str = "open"
    revision: int = 0
    holder: str | None = None
    lease_until: datetime | None = None
    assigned: str | None = None
    maker: str | None = None
    checker: str | None = None
    verdict: str | None = None
    final: str | None = None
    escalated: bool = False
    said: tuple[tuple[str, str], ...] = ()
    handed_on: frozenset[str] = frozenset()
    differ: bool = False
    was: str | None = None
    asked_until: date | None = None
    steps: tuple[str, ...] = ("made",)


class RefusedError(Exception):
    """The queue does not do that."""


@dataclass
class PlainQueue:
    """Cases by their id, drafts by case and person, a clock."""

    now: datetime
    cases: dict[int, PlainCase] = field(default_factory=dict)
    drafts: dict[tuple[int, str], int] = field(default_factory=dict)
    suspended: bool = False

    def add(self, case_id: int, case: PlainCase) -> None:
        assert case_id not in self.cases
        state = "suspended_model" if self.suspended else "open"
        self.cases[case_id] = replace(case, state=state)

    def claim(self, case_id: int, who: str) -> None:
        case = self.cases[case_id]
        self._need(who in WORKERS)
        if case.state == "claimed" and case.holder == who:
            return
        self._need(case.state in {"open", "escalated"} and self._may_decide(case, who))
        self._need(case.assigned in {None, who} or who in CHECKERS)
        self._move(case_id, "claimed", "claimed", holder=who, lease_until=self.now + LEASE)

    def next_for(self, who: str) -> set[int]:
        """Return the most urgent cases that this person may claim next."""
        self._need(who in WORKERS)
        fit = {
            case_id: case.priority
            for case_id, case in self.cases.items()
            if case.state in {"open", "escalated"}
            and case.assigned in {None, who}
            and self._may_decide(case, who)
        }
        return self._most_urgent(fit)

    def next_check_for(self, who: str) -> set[int]:
        """Return the most urgent cases that this person may check next."""
        self._need(who in CHECKERS)
        fit = {
            case_id: case.priority
            for case_id, case in self.cases.items()
            if case.state == "proposed" and case.maker != who and self._may_check(case, who)
        }
        return self._most_urgent(fit)

    def take_check(self, case_id: int, who: str) -> None:
        case = self.cases[case_id]
        self._need(who in CHECKERS)
        if case.state == "checking" and case.holder == who:
            return
        self._need(case.state == "proposed" and case.maker != who)
        self._need(self._may_check(case, who))
        self._move(case_id, "checking", "check_taken", holder=who, lease_until=self.now + LEASE)

    def propose(self, case_id: int, who: str, verdict: str) -> None:
        case = self._held(case_id, who, "claimed")
        others = {said for name, said in dict(case.said).items() if name != who}
        differ = who in case.handed_on or bool(others - {verdict})
        checked = case.tier == "high" or verdict == "overturn" or case.sampled or differ
        self._move(
            case_id,
            "proposed" if checked else "final",
            *(["proposed"] if checked else ["proposed", "final"]),
            maker=who,
            verdict=verdict,
            assigned=None,
            said=(*case.said, (who, verdict)),
            differ=differ,
            final=None if checked else _decision(verdict),
        )
        if not checked:
            self._forget_drafts(case_id)

    def agree(self, case_id: int, who: str) -> None:
        self._need(who in CHECKERS)
        case = self._held(case_id, who, "checking")
        self._move(case_id, "final", "checked", checker=who, final=_decision(case.verdict))
        self._forget_drafts(case_id)

    def send_back(self, case_id: int, who: str) -> None:
        self._need(who in CHECKERS)
        case = self._held(case_id, who, "checking")
        self._move(
            case_id,
            self._queue(case),
            "sent_back",
            assigned=case.maker,
            maker=None,
            verdict=None,
            handed_on=case.handed_on | {who},
        )

    def give_back(self, case_id: int, who: str, *, step: str = "given_back") -> None:
        case = self.cases[case_id]
        self._need(case.state in {"claimed", "checking"} and case.holder == who)
        to = self._queue(case) if case.state == "claimed" else "proposed"
        self._move(case_id, to, step)

    def take_back(self, case_id: int, who: str) -> None:
        case = self.cases[case_id]
        self._need(who in WORKERS and who != "developer")
        self._need(case.state == "proposed" and case.maker == who)
        self._move(case_id, self._queue(case), "taken_back", assigned=who, maker=None, verdict=None)

    def escalate(self, case_id: int, who: str) -> None:
        state = self.cases[case_id].state
        self._held(case_id, who, state if state == "checking" else "claimed")
        self._move(
            case_id,
            "escalated",
            "escalated",
            escalated=True,
            handed_on=self.cases[case_id].handed_on | {who},
            assigned=None,
            maker=None,
            verdict=None,
        )

    def ask(self, case_id: int, who: str) -> None:
        self._held(case_id, who, "claimed")
        until = (self.now + ASKED).date()
        self._move(case_id, "awaiting_customer", "asked_customer", assigned=who, asked_until=until)

    def answer(self, case_id: int, who: str) -> None:
        case = self.cases[case_id]
        self._need(who in WORKERS and case.state == "awaiting_customer")
        self._move(case_id, self._queue(case), "customer_answered", asked_until=None)

    def return_unanswered(self) -> int:
        today = (self.now + HONG_KONG).date()
        gone = [
            case_id
            for case_id, case in self.cases.items()
            if case.state == "awaiting_customer" and case.asked_until and case.asked_until < today
        ]
        for case_id in gone:
            back = self._queue(self.cases[case_id])
            self._move(case_id, back, "no_answer", asked_until=None)
        return len(gone)

    def withdraw(self, case_id: int, who: str) -> None:
        case = self.cases[case_id]
        self._need(who in LEADS)
        self._need(case.state in {"open", "awaiting_customer", "escalated"})
        self._move(case_id, "withdrawn", "withdrawn")
        self._forget_drafts(case_id)

    def appeal(self, case_id: int, before: int | None) -> PlainCase:
        """Return the case that an appeal makes; ``before`` is the one that it made already."""
        case = self.cases[case_id]
        self._need(case.state == "final" and case.kind != "appeal")
        self._need(before is None or self.cases[before].state == "withdrawn")
        barred = {each for each in (case.maker, case.checker) if each}
        return PlainCase("appeal", case.tier, barred=frozenset(barred), priority=80)

    def renew(self, case_id: int, who: str) -> None:
        case = self.cases[case_id]
        self._need(case.state in {"claimed", "checking"} and case.holder == who)
        self.cases[case_id] = replace(case, lease_until=self.now + LEASE)

    def return_expired(self) -> int:
        gone = [
            case_id
            for case_id, case in self.cases.items()
            if case.lease_until is not None and case.lease_until < self.now
        ]
        for case_id in gone:
            self.give_back(case_id, self.cases[case_id].holder or "", step="expired")
        return len(gone)

    def save_draft(self, case_id: int, who: str, number: int) -> None:
        self._need(who in WORKERS and self.cases[case_id].state not in {"final", "withdrawn"})
        key = case_id, who
        self.drafts[key] = max(number, self.drafts.get(key, -1))

    def suspend(self) -> None:
        self.suspended = True
        for case_id, case in self.cases.items():
            if case.state in WAITING:
                self._move(case_id, "suspended_model", "suspended", was=case.state)

    def resume(self) -> None:
        self.suspended = False
        for case_id, case in self.cases.items():
            if case.state == "suspended_model":
                was = {"claimed": "open", "checking": "proposed"}.get(
                    case.was or "open", case.was or "open"
                )
                to = self._queue(case) if was == "open" else was
                self._move(case_id, to, "resumed", was=None)

    def _most_urgent(self, fit: dict[int, int]) -> set[int]:
        return {case_id for case_id, each in fit.items() if each == max(fit.values())}

    def _queue(self, case: PlainCase) -> str:
        return "escalated" if case.escalated else "open"

    def _held(self, case_id: int, who: str, state: str) -> PlainCase:
        case = self.cases[case_id]
        self._need(who in WORKERS and case.state == state and case.holder == who)
        return case

    def _may_decide(self, case: PlainCase, who: str) -> bool:
        if who == "developer" or who in case.barred:
            return False
        return who in CHECKERS or not (case.kind == "appeal" or case.escalated)

    def _may_check(self, case: PlainCase, who: str) -> bool:
        spoke = case.handed_on | {name for name, _ in case.said}
        return self._may_decide(case, who) and not (case.differ and who in spoke)

    def _move(self, case_id: int, to: str, *done: str, **changed: object) -> None:
        case = self.cases[case_id]
        kept = {"holder": None, "lease_until": None} | changed
        self.cases[case_id] = replace(
            case,
            state=to,
            revision=case.revision + 1,
            steps=(*case.steps, *done),
            **kept,  # type: ignore[arg-type]
        )

    def _forget_drafts(self, case_id: int) -> None:
        self.drafts = {key: kept for key, kept in self.drafts.items() if key[0] != case_id}

    def _need(self, holds: bool) -> None:
        if not holds:
            raise RefusedError


def _decision(verdict: str | None) -> str:
    return "decline" if verdict == "uphold" else "approve"
