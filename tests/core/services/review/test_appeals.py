"""Cases that customers ask for, and words about predictions that the log has."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import insert

from core.domain.review import CaseState
from core.errors import Conflict, InvalidInput, NotFound
from core.services import ingest
from core.services.review import appeals, cases, claims, verdicts
from core.services.review.cases import Case
from core.store.audit import trail as audit
from core.store.rights.cases import of_request
from core.store.tables import rights_request
from tests.core.services.review.calendar_cases import set_case
from tests.support.builders import a_row, write_parquet
from tests.support.fakes import START
from tests.support.reviewing import OVERTURN, UPHOLD
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("appeals")
    made = a_serving_workspace(folder / "home", rows=12)
    told = write_parquet(folder / "one.parquet", [a_row(20, region="HK", sex="transgender")])
    ingest.ingest_files(made.workspace, MODEL, [told], actor=made["data_scientist"])
    with made.workspace.store.begin() as conn:
        for number in range(1, 12):
            conn.execute(insert(rights_request).values(**request(number, made)))
    yield made
    made.workspace.store.close()


def request(number: int, made: Serving) -> dict[str, object]:
    return {
        "id": number,
        "kind": "review",
        "channel": "letter",
        "language": "zh-HK",
        "subject_id": "s",
        "words": "",
        "received_at": START,
        "due_on": START.date(),
        "state": "received",
        "revision": 0,
        "taken_by": made["compliance"].user_id,
    }


def ask(world: Serving, row: int, number: int, kind: str = "request", who: str = "") -> Case:
    return appeals.open_for_request(
        world.workspace,
        MODEL,
        prediction(row),
        request_id=number,
        kind=kind,  # type: ignore[arg-type]
        actor=world[who or "compliance"],
    )


def test_a_request_makes_a_case_of_what_the_log_says(world: Serving) -> None:
    case = ask(world, 1, 1)
    # Row 1 of the log (tests/support/builders.py): version 2, score 37/101, approved, HK$2,000.
    assert (case.kind, case.state, case.request_id, case.jurisdiction, case.version) == (
        "request",
        CaseState.open,
        1,
        "HK",
        "2",
    )
    assert (case.decision, case.amount, case.tier) == ("approve", 2000.0, "normal")
    assert case.score == pytest.approx(37 / 101)
    # START is Monday, 5 January 2026, 17:30 in Hong Kong; five working days later it is Monday.
    assert case.due_at.isoformat() == "2026-01-12T10:00:00+00:00"
    assert ask(world, 1, 1).id == case.id
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.made", objects={"case": str(case.id)})
    assert entry.body == {
        "from": "",
        "to": "open",
        "revision": 0,
        "kind": "request",
        "request": 1,
    }


def test_a_request_is_put_to_the_case_that_waits(world: Serving) -> None:
    first = ask(world, 2, 2)
    # Whoever made it: one decision gets one verdict, which answers both.
    second = ask(world, 2, 3)
    assert (second.id, second.kind, second.request_id) == (first.id, "request", 2)
    again = ask(world, 2, 3)
    assert (again.id, again.revision) == (first.id, second.revision)
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.linked", objects={"case": str(first.id)})
    assert entry.body["request"] == 3


def test_a_case_that_was_withdrawn_does_not_answer_a_request(world: Serving) -> None:
    first = ask(world, 8, 9)
    with world.workspace.store.begin() as conn:
        set_case(conn, first.id, state="withdrawn")
    second = ask(world, 8, 9)
    assert (second.id != first.id, second.request_id, second.state) == (True, 9, "open")
    assert ask(world, 8, 9).id == second.id
    with world.workspace.store.read() as conn:
        assert [each.id for each in of_request(conn, 9)] == [second.id]


def test_nobody_learns_of_what_lies_elsewhere(world: Serving) -> None:
    for row, who in ((3, "hong_kong"), (1, "elsewhere"), (99, "compliance_lead")):
        with pytest.raises(NotFound):
            ask(world, row, 4, who=who)


def test_there_is_no_appeal_before_a_verdict_and_one_after_it(world: Serving) -> None:
    workspace, maker = world.workspace, world["compliance"]
    with pytest.raises(Conflict, match="Nobody has decided"):
        ask(world, 4, 5, "appeal")
    case = ask(world, 4, 5)
    mine = claims.claim(workspace, case.id, actor=maker)
    decided = replace(UPHOLD, final_decision=mine.decision)
    verdicts.propose(workspace, case.id, decided, actor=maker, revision=mine.revision)
    new = ask(world, 4, 6, "appeal")
    assert (new.kind, new.parent_id, new.request_id) == ("appeal", case.id, 6)
    assert ask(world, 4, 6, "appeal").id == new.id
    assert appeals.appeal(workspace, case.id, actor=maker, request_id=6).id == new.id
    with pytest.raises(Conflict, match="appealed already"):
        appeals.appeal(workspace, case.id, actor=maker)
    # A further request about it is put to the appeal that waits, whatever it calls itself.
    assert {ask(world, 4, 7, "appeal").id, ask(world, 4, 10).id} == {new.id}
    assert appeals.appeal(workspace, case.id, actor=maker, request_id=3).id == new.id
    new = cases.read_case(workspace, new.id, actor=maker)
    assert new.request_id == 6
    lead = world["compliance_lead"]
    third = claims.claim(workspace, new.id, actor=lead)
    verdicts.propose(workspace, new.id, decided, actor=lead, revision=third.revision)
    with pytest.raises(Conflict, match="not appealed here"):
        ask(world, 4, 11, "appeal")


def test_words_repeat_no_personal_value_of_the_row(world: Serving) -> None:
    workspace, actor = world.workspace, world["compliance"]
    case = ask(world, 20, 8)
    mine = claims.claim(workspace, case.id, actor=actor)
    other = "approve" if mine.decision == "decline" else "decline"
    proposal = replace(OVERTURN, final_decision=other)
    # "sex" is a column that the contract declares personal.
    for wrong in (
        replace(proposal, text="The customer is transgender and married"),
        replace(proposal, evidence=("Passport: Transgender",)),
    ):
        with pytest.raises(InvalidInput, match="personal value"):
            verdicts.propose(workspace, case.id, wrong, actor=actor, revision=mine.revision)
    with pytest.raises(InvalidInput, match="personal value"):
        verdicts.escalate(
            workspace, case.id, text="transgender, unsure", actor=actor, revision=mine.revision
        )
    done = verdicts.propose(workspace, case.id, proposal, actor=actor, revision=mine.revision)
    assert done.state == CaseState.proposed
    with workspace.store.read() as conn:
        entry = audit.list_newest(conn, limit=1)[0]
    assert b"income" not in entry.canonical
    step = cases.case_steps(workspace, case.id, actor=actor)[-1]
    assert (step.text, step.evidence) == (OVERTURN.text, OVERTURN.evidence)
