"""Whoever overturns a blind case is told what is told of a live one, then and later."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.identity import Actor
from core.domain.review import Action
from core.errors import HarbourlightError
from core.lake.routing.rows import below
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.oversight import doubles
from core.services.oversight.controls import make_controls
from core.services.oversight.doubles import make_doubles
from core.services.review import cases, claims, comments, drafts, files, verdicts, watching
from core.services.review.assigning import by_rule
from core.services.review.case_history import said
from core.services.review.case_source import read_source
from core.services.review.case_view import case_view
from core.services.review.cases import CaseFilter
from core.services.review.feedback import feed_model
from core.services.review.proposing import propose
from core.services.review.team import members
from core.services.serving.releases import release_state
from core.services.workspace import Workspace
from core.store.review import cases as cases_store
from core.store.review import steps
from core.store.review.steps import NewStep
from core.store.tables import review_case
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    OVERTURNED,
    UPHELD,
    a_site,
    actor,
    check,
    decide,
    decided,
    waiting,
)
from tests.core.services.review.calendar_cases import put_case

ROUTED_AT = NOW - timedelta(hours=15)  # yesterday in Hong Kong
KINDS = ("control", "second")
_OF_THE_PREDICTION = {
    "id", "reference", "case_id", "prediction_id", "subject_id", "rules_sha256", "predicted_at",
    "score",
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(doubles, "below", lambda _share: below(1.0))  # a draw may choose none
    made = a_site(tmp_path / "home", doubles={"share": 0.5}, score={"hidden_share": 0.0})
    for number in (1, 3, 7, 21, 2, 14):
        decided(made, number, tier="normal", subject_id=f"person-{number}")
    for number in range(30, 40):
        decided(made, number, at=NOW - timedelta(hours=20), subject_id=f"person-{number}")
    with made.store.begin() as conn:
        live = put_case(conn, 50, ROUTED_AT)
        steps.add(conn, [NewStep(live, ROUTED_AT, steps.SYSTEM, Action.make, "", "open")])
    waiting(made, 15, made=ROUTED_AT)
    assert make_controls(made, MODEL)
    assert make_doubles(made, MODEL)
    yield made
    made.store.close()


def ids(site: Workspace, kind: str) -> tuple[int, int]:
    """Return a live case and a blind one."""
    with site.store.read() as conn:
        query = select(review_case.c.id).order_by(review_case.c.id.desc())
        blind = conn.execute(query.where(review_case.c.kind == kind)).scalars().first()
        live = conn.execute(query.where(review_case.c.prediction_id == "L000050")).scalar_one()
    assert blind is not None
    return live, blind


def plain(found: Any, case: Any) -> Any:
    """Return what was read without what says which case it is of."""
    if isinstance(found, dict):
        return {
            key: plain(each, case) for key, each in found.items() if key not in _OF_THE_PREDICTION
        }
    if isinstance(found, list | tuple | frozenset):
        return [plain(each, case) for each in found]
    if hasattr(found, "__dataclass_fields__"):
        return plain({name: getattr(found, name) for name in found.__dataclass_fields__}, case)
    text = str(found)
    for name in (case.reference, case.prediction_id, case.subject_id, str(case.id)):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text)  # whole, or a pseudonym parts
    return text


def answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except HarbourlightError as error:
        return type(error).__name__, error.template, sorted(error.params)


Read = Callable[[Workspace, int, Actor], Any]


def _listed(site: Workspace, case_id: int, bo: Actor, **wanted: Any) -> Any:
    page = cases.list_cases(site, CaseFilter(size=500, **wanted), actor=bo)
    return [each for each in page.cases if each.id == case_id]


def _trail(site: Workspace, case_id: int, bo: Actor) -> Any:
    found = audit_trail.entries(site, Search(objects={"case": str(case_id)}), actor=bo)
    bodies = [{**each.entry.body, "commitment": ""} for each in found]  # it is random
    return [(each.entry.kind, each.entry.actor) for each in found], bodies


def _view(site: Workspace, case_id: int, bo: Actor) -> Any:
    found = case_view(site, case_id, actor=bo)
    return found.case, found.stage, found.decisions, found.oversight_level, found.steps


def _said(site: Workspace, case_id: int, bo: Actor) -> Any:
    case = cases.read_case(site, case_id, actor=bo)
    source = read_source(
        site, MODEL, case.prediction_id, actor=bo, version=case.version, decision=case.decision,
        predicted_at=case.predicted_at,
    )  # fmt: skip
    return said(source, case_id)


def _release(site: Workspace, case_id: int, bo: Actor) -> Any:
    case = cases.read_case(site, case_id, actor=bo)
    found = asdict(release_state(site, MODEL, case.prediction_id, actor=bo))
    return {key: found[key] for key in ("state", "reason", "decided_at")}


def _again(site: Workspace, case_id: int, bo: Actor) -> Any:
    """Hand the verdict in once more, as if the answer had been lost; then another one."""
    revision = cases.read_case(site, case_id, actor=bo).revision - 1
    return [
        answer(partial(propose, site, case_id, each, actor=bo, revision=revision))
        for each in (OVERTURNED, UPHELD)
    ]


def _watched(site: Workspace, case_id: int, bo: Actor) -> Any:
    watching.watch(site, case_id, actor=bo)
    return [each for each in watching.watched(site, actor=bo) if each.case_id == case_id]


READS: dict[str, Read] = {
    "case": lambda site, case, bo: cases.read_case(site, case, actor=bo),
    "page": _view,
    "steps": lambda site, case, bo: cases.case_steps(site, case, actor=bo),
    "proposed ones": lambda site, case, bo: _listed(site, case, bo, states=["proposed"]),
    "decided ones": lambda site, case, bo: _listed(site, case, bo, states=["final"]),
    "own ones": lambda site, case, bo: _listed(site, case, bo, mine=True),
    "all that wait": lambda site, case, bo: len(_listed(site, case, bo)),
    "trail": _trail,
    "words": _said,
    "comments": lambda site, case, bo: comments.comments(site, case, actor=bo),
    "files": lambda site, case, bo: files.list_files(site, case, actor=bo),
    "draft": lambda site, case, bo: drafts.read_draft(site, case, actor=bo),
    "watched": _watched,
    "release": _release,
    "handed in again": _again,
    "claimed": lambda site, case, bo: claims.claim(site, case, actor=bo),
    "taken to check": lambda site, case, bo: claims.take_check(site, case, actor=bo),
    "given back": lambda site, case, bo: claims.give_back(site, case, actor=bo),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("read", READS)
def test_what_a_worker_reads_is_the_same(site: Workspace, read: str, kind: str) -> None:
    bo, told = actor(site, "bo"), []
    for case_id in ids(site, kind):
        decide(site, case_id, "bo", overturn=True)
        case = cases.read_case(site, case_id, actor=bo)
        assert case.state == "proposed"
        found = answer(partial(READS[read], site, case_id, bo))
        told.append(plain(found, case))
    assert told[0] == told[1]


@pytest.mark.parametrize("kind", KINDS)
def test_it_counts_as_waiting_as_long(site: Workspace, kind: str) -> None:
    bo, changes = actor(site, "bo"), []
    for case_id in ids(site, kind):
        before = cases.queue_counts(site, actor=bo)
        decide(site, case_id, "bo", overturn=True)
        after = cases.queue_counts(site, actor=bo)
        changes.append((after.open - before.open, after.proposed - before.proposed,
                        after.done_today - before.done_today))  # fmt: skip
    assert changes == [(-1, 1, 1)] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_taken_back_alike(site: Workspace, kind: str) -> None:
    bo, told = actor(site, "bo"), []
    for case_id in ids(site, kind):
        decide(site, case_id, "bo", overturn=True)
        mine = cases.read_case(site, case_id, actor=bo)
        back = verdicts.take_back(
            site, case_id, text="I misread it.", actor=bo, revision=mine.revision
        )
        assert (back.state, back.assigned_to, back.verdict) == ("open", "u-bo", None)
        decide(site, case_id, "bo", overturn=False)
        last = cases.read_case(site, case_id, actor=bo)
        told.append((plain(back, last), plain(last, last)))
    assert told[0] == told[1]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_checked_and_final_alike(site: Workspace, kind: str) -> None:
    bo, lee, told = actor(site, "bo"), actor(site, "lee"), []
    for case_id in ids(site, kind):
        decide(site, case_id, "bo", overturn=True)
        seen = cases.read_case(site, case_id, actor=lee)
        assert (seen.kind, seen.parent_id) == ("routed", None)  # the checker is not told either
        check(site, case_id, "lee")
    feed_model(site, MODEL)
    for case_id in ids(site, kind):
        case = cases.read_case(site, case_id, actor=bo)
        assert (case.state, case.checker_name) == ("final", "Lee")
        told.append(plain((case, cases.case_steps(site, case_id, actor=bo)), case))
    assert told[0] == told[1]


def test_who_watches_claims_no_blind_case_by_claim_next(site: Workspace) -> None:
    lee, taken = actor(site, "lee"), []
    while (case := claims.claim_next(site, actor=lee)) is not None:
        taken.append(case.id)
    with site.store.read() as conn:
        query = select(review_case.c.kind).where(review_case.c.id.in_(taken))
        assert set(conn.execute(query).scalars()) == {"routed"}
    assert len(taken) == 16  # every live one
    assert claims.claim_next(site, actor=actor(site, "bo")) is not None  # a blind one


def test_no_blind_case_is_given_out_to_who_watches(site: Workspace) -> None:
    with site.store.begin() as conn:
        everybody = members(site, conn)
        alone = {"u-lee": everybody["u-lee"]}
        found = [cases_store.get(conn, case_id) for kind in KINDS for case_id in ids(site, kind)]
        given = [(case.kind, user_id) for case, user_id in by_rule(alone, found)]
    assert given == [
        ("routed", "u-lee"), ("control", None), ("routed", "u-lee"), ("second", None),
    ]  # fmt: skip
