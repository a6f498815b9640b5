"""Decisions are found in the reader's scope, masked, and looking a person up is on record."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.domain.review import CaseState
from core.errors import Forbidden, InvalidInput, NotFound
from core.services.explanation.finding_decisions import (
    LISTED,
    FoundDecisions,
    Wanted,
    decisions_of_person,
    find_decisions,
)
from core.services.personal.names import MASK
from core.services.questions import Question
from core.store.audit import trail as audit
from core.store.review import cases
from tests.support.demo_slices import SBA, sba_log
from tests.support.disputing import dispute
from tests.support.explained import Explained, an_explained_workspace
from tests.support.reviewing import a_case

PERSONAL = "  - {{name: {}, type: {}, personal: true, purpose: Whose it is}}\n"
FIRST_COLUMN = "  - {name: decision_source"
ALL = Wanted()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    home = tmp_path_factory.mktemp("found") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600))
    yield made
    made.workspace.store.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    """Return a world where ids, scores and decisions are personal."""
    home = tmp_path_factory.mktemp("guarded") / "home"
    masked = [("loan_id", "text"), ("default_score", "numeric"), ("decision", "categorical")]
    declared = "".join(PERSONAL.format(*each) for each in masked)
    made = an_explained_workspace(
        home, log=sba_log(every=600), changes={FIRST_COLUMN: declared + FIRST_COLUMN}
    )
    yield made
    made.workspace.store.close()


def find(
    world: Explained, wanted: Wanted = ALL, role: Role | Actor = Role.data_scientist, **asked: Any
) -> FoundDecisions:
    actor = role if isinstance(role, Actor) else world.people[role]
    return find_decisions(world.workspace, Question(SBA, **asked), wanted, actor=actor)


def ids(found: FoundDecisions) -> list[str]:
    return [each.prediction_id for each in found.rows]


def newest(frame: pd.DataFrame) -> list[str]:
    ordered = frame.assign(id=frame["loan_id"].astype(str)).sort_values(
        ["approved_at", "id"], ascending=[False, True]
    )
    return list(ordered["id"])


def test_the_newest_of_all_are_listed_with_their_number(world: Explained) -> None:
    found = find(world)
    assert found.total == len(world.log) > LISTED
    assert ids(found) == newest(world.log)[:LISTED]
    assert set(found.choices) == set(world.log["decision"])
    first = found.rows[0]
    row = world.row(first.prediction_id)
    assert (first.shown, first.decision, first.version) == (
        first.prediction_id, row["decision"], row["model_version"],
    )  # fmt: skip
    assert first.score == pytest.approx(row["default_score"])


def test_a_period_a_version_a_decision_and_a_score_narrow_it(world: Explained) -> None:
    log = world.log
    local = log["approved_at"].dt.tz_convert("America/New_York").dt.date.astype(str)
    part = log[(local >= "2006-02-01") & (local <= "2006-03-31") & (log["decision"] == "decline")]
    limit = float(part["default_score"].median())
    part = part[part["default_score"] >= limit]
    wanted = Wanted("decline", low=limit)
    found = find(world, wanted, start="2006-02-01", end="2006-03-31", version="1")
    assert (found.total, ids(found)) == (len(part), newest(part))
    assert find(world, Wanted("nothing")).rows == ()
    with pytest.raises(InvalidInput, match="no version 9"):
        find(world, version="9")


@pytest.mark.parametrize("wanted", [Wanted(low=0.5, high=0.1), Wanted(low=float("nan"))])
def test_what_is_no_range_is_refused(world: Explained, wanted: Wanted) -> None:
    with pytest.raises(InvalidInput, match="not a range of scores"):
        find(world, wanted)


def test_only_rows_in_the_readers_scope_are_found(world: Explained) -> None:
    reader = world.people[Role.data_scientist]
    elsewhere = replace(reader, jurisdictions=frozenset({"nowhere"}))
    with pytest.raises(Exception, match="ingested yet"):
        find(world, role=elsewhere)
    with pytest.raises(NotFound):
        find(world, role=replace(reader, models=frozenset({"another"})))
    with pytest.raises(Forbidden):
        find(world, role=Role.business)


def test_what_is_reviewed_without_its_score_is_in_no_list(world: Explained) -> None:
    prediction, worker = world.worst(1), world.people[Role.compliance]
    subject = str(world.row(prediction)["subject_ref"])
    new = replace(a_case(), model_id=SBA, prediction_id=prediction, score_shown="after_own_view")
    with world.workspace.store.begin() as conn:
        at = world.workspace.clock()
        cases.insert_all(conn, [new], state=CaseState.open, at=at)
    wanted = Wanted("decline", low=float(world.row(prediction)["default_score"]))
    assert prediction in ids(find(world, wanted))
    found = find(world, wanted, role=worker)
    assert prediction not in ids(found)
    assert found.left_out == 1
    looked = decisions_of_person(world.workspace, SBA, subject, actor=worker)
    assert prediction not in ids(looked)


def test_a_disputed_decision_is_marked_and_that_is_on_record(world: Explained) -> None:
    prediction = newest(world.log)[3]
    dispute(world.workspace, SBA, prediction, by=world.people[Role.compliance].user_id)
    found = find(world)
    assert [each.prediction_id for each in found.rows if each.disputed] == [prediction]
    with world.workspace.store.read() as conn:
        shown = audit.list_newest(conn, kind="dispute.shown")
    assert {each.body["place"] for each in shown} >= {"decisions found"}


def test_a_person_is_found_by_reference_or_pseudonym_and_each_look_is_on_record(
    world: Explained,
) -> None:
    officer = world.people[Role.compliance]
    reference = str(world.row(world.worst())["subject_ref"])
    subject = world.workspace.keys.subject_id(reference)
    theirs = world.log[world.log["subject_ref"].astype(str) == reference]
    for named in (f" {reference} ", subject):
        found = decisions_of_person(world.workspace, SBA, named, actor=officer)
        assert (found.total, ids(found)) == (len(theirs), newest(theirs)[:LISTED])
    nobody = decisions_of_person(world.workspace, SBA, "nobody", actor=officer)
    assert nobody.rows == ()

    with world.workspace.store.read() as conn:
        looks = audit.list_newest(conn, kind="person.looked_up", limit=3)
    assert [each.objects["subject"] for each in reversed(looks)] == [
        subject, subject, world.workspace.keys.subject_id("nobody"),
    ]  # fmt: skip
    assert [each.body["found"] for each in reversed(looks)] == [len(theirs), len(theirs), 0]
    assert {each.actor for each in looks} == {officer.audit_name}
    assert reference not in str(looks)


def test_who_sees_no_requests_looks_nobody_up(world: Explained) -> None:
    for role in (Role.data_scientist, Role.business, Role.admin):
        with pytest.raises(Forbidden):
            decisions_of_person(world.workspace, SBA, "somebody", actor=world.people[role])
    local = replace(world.people[Role.compliance], jurisdictions=frozenset({""}))
    with pytest.raises(Forbidden):
        decisions_of_person(world.workspace, SBA, "somebody", actor=local)
    with pytest.raises(InvalidInput, match="reference is missing"):
        decisions_of_person(world.workspace, SBA, "  ", actor=world.people[Role.auditor])


def test_what_is_personal_is_masked_and_chooses_nothing(guarded: Explained) -> None:
    found = find(guarded)
    first = found.rows[0]
    assert (first.shown, first.is_masked, first.decision, first.score) == (
        f"{MASK} 1", True, MASK, None,
    )  # fmt: skip
    assert found.choices == ()
    for wanted in (Wanted("decline"), Wanted(low=0.1), Wanted(high=0.1)):
        with pytest.raises(InvalidInput, match="is personal"):
            find(guarded, wanted)
