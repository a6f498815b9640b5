"""Cases of human review for tests: a workspace with people, and cases made by hand."""

import os
import signal
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.config import Settings
from core.domain.identity import Actor, Role
from core.domain.review import CaseState, Verdict
from core.services.review import claims, drafts, making, proposing, verdicts
from core.services.review.proposing import Proposal
from core.services.serving import state as model_state
from core.services.workspace import Workspace
from core.store import Store, models, open_store
from core.store.identity import assignments, users
from core.store.review import claims as stored_claims
from core.store.review.claims import Claimer
from core.store.review.records import NewCase
from tests.support.builders import contract_text
from tests.support.fakes import START, FakeClock, FakeIds

MODEL = "loans"
OTHER = "cards"
REVIEWERS = ("ada", "bo", "chun")
LEADS = ("lei", "lok", "lam")
UPHOLD = Proposal(Verdict.uphold, "decline", "risk_confirmed")
OVERTURN = Proposal(
    Verdict.overturn,
    "approve",
    "data_wrong",
    "The income is of another year.",
    ("Tax return of last year",),
)


@dataclass(frozen=True)
class Desk:
    """A workspace with reviewers, leads, an auditor, and a clock."""

    workspace: Workspace
    clock: FakeClock
    people: dict[str, Actor]

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]

    def make(self, count: int = 1, **changed: Any) -> list[int]:
        """Make cases of predictions that have none yet; return their ids."""
        with self.workspace.store.begin() as conn:
            found = [
                making.make_case(conn, a_case(number, **changed), at=self.clock())
                for number in range(count)
            ]
        assert all(each is not None for each in found)
        return [each for each in found if each is not None]

    def decide(self, name: str, proposal: Proposal) -> int:
        """Let somebody claim the next case and propose a verdict; return the case's id."""
        mine = claims.claim_next(self.workspace, actor=self[name])
        assert mine is not None
        verdicts.propose(
            self.workspace, mine.id, proposal, actor=self[name], revision=mine.revision
        )
        return mine.id

    def check(self, name: str) -> None:
        """Let somebody agree with the verdict that waits longest to be checked."""
        found = claims.next_check(self.workspace, actor=self[name])
        assert found is not None
        verdicts.agree(self.workspace, found.id, actor=self[name], revision=found.revision)


def a_case(number: int = 0, **changed: Any) -> NewCase:
    """Return a case of prediction ``number``."""
    base = NewCase(
        model_id=MODEL,
        prediction_id=f"L{number:06d}",
        occasion="routing",
        kind="routed",
        subject_id=f"s-{number}",
        jurisdiction="HK",
        version="1",
        predicted_at=START - timedelta(days=1),
        decision="decline",
        rules_sha256="0" * 64,
        rule="near_cut_off",
        rules=("near_cut_off",),
        due_at=START + timedelta(days=5),
        score=0.61,
        amount=1_000.0,
    )
    return replace(base, **changed)


def a_desk(store: Store, home: Path, *, clock: FakeClock | None = None, review: Any = None) -> Desk:
    """Put models and people into a store: nobody but the leads may check."""
    clock = clock or FakeClock()
    settings = Settings(home / "home", "unused", threads=2)
    for folder in (settings.lake_dir, settings.models_dir, settings.exports_dir):
        folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(settings, store, clock, FakeIds())
    put_people(store, clock.now, review=review)
    return Desk(workspace, clock, actors(store))


def put_people(store: Store, at: datetime, *, review: Any = None) -> None:
    """Put two models, three reviewers, three leads and others into an empty store."""
    roles = {
        **dict.fromkeys(REVIEWERS, Role.compliance),
        **dict.fromkeys((*LEADS, "developer", "hong_kong", "elsewhere"), Role.compliance_lead),
        **{str(role): role for role in Role if role is not Role.compliance},
    }
    limits: dict[str, Any] = {
        "hong_kong": {"jurisdictions": ["HK"]},
        "elsewhere": {"models": [OTHER]},
    }
    document = {} if review is None else {"review": review}
    with store.begin() as conn:
        for model_id in (MODEL, OTHER):
            text = contract_text(id=model_id, **document)
            models.register(conn, model_id=model_id, spec_text=text, actor="u-admin", at=at)
        for name, role in roles.items():
            users.create(
                conn,
                user_id=f"u-{name}",
                username=name,
                display_name=name.title(),
                at=at,
                roles=[role],
                **limits.get(name, {}),
            )
        assignments.assign(
            conn,
            user_id="u-developer",
            model_id=MODEL,
            kind="developer",
            actor="u-admin",
            at=at,
        )


def actors(store: Store) -> dict[str, Actor]:
    """Return everybody by name."""
    with store.read() as conn:
        return {each.username: each.actor("cli") for each in users.list_users(conn)}


def work_through(url: str, home: Path, name: str, *, decide: bool = True) -> list[int]:
    """Claim cases as one person until none is left, deciding each; return their ids.

    Every fifth one is given back once, so that others meet it again.
    """
    store = open_store(url)
    workspace = Workspace(Settings(home / "home", "unused", threads=1), store, FakeClock())
    actor, given_back = actors(store)[name], set[int]()
    mine: list[int] = []
    while True:
        case = claims.claim_next(workspace, actor=actor)
        if case is None:
            store.close()
            return mine
        if case.id % 5 == 0 and not given_back and case.revision < 3:
            claims.give_back(workspace, case.id, actor=actor)
            given_back.add(case.id)
            continue
        mine.append(case.id)
        if decide:
            proposing.propose(workspace, case.id, UPHOLD, actor=actor, revision=case.revision)


def make_claim_or_suspend(url: str, home: Path, part: int) -> None:
    """Make cases of one model (part 0, 1), claim them (2), or suspend the model (3)."""
    store = open_store(url)
    workspace = Workspace(Settings(home / "home", "unused", threads=1), store, FakeClock())
    people = actors(store)
    for number in range(20):
        if part < 2:
            new = a_case(100 * part + number)
            with store.begin() as conn:
                assert making.make_cases(conn, [new], at=START) == 1
        elif part == 2:
            claims.claim_next(workspace, actor=people["ada"])
        elif number == 10:
            model_state.suspend(workspace, MODEL, reason="Errors", actor=people["lei"])
    store.close()


def claim_and_die(url: str, home: Path, name: str, *, committed: bool) -> None:
    """Claim a case and begin to write, then die: in the middle of the claim, or after it."""
    store = open_store(url)
    workspace = Workspace(Settings(home / "home", "unused", threads=1), store, FakeClock())
    actor = actors(store)[name]
    if not committed:
        with store.begin() as conn:
            limit = Claimer(actor.user_id, may_check=False)
            taken = stored_claims.claim_best(conn, limit, CaseState.open, until=START)
            assert taken is not None
            os.kill(os.getpid(), signal.SIGKILL)
    case = claims.claim_next(workspace, actor=actor)
    assert case is not None
    drafts.save_draft(workspace, case.id, {"text": "The income is of"}, 7, actor=actor)
    os.kill(os.getpid(), signal.SIGKILL)
