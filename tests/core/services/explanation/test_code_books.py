"""A code book is proposed by one person and put in force by another."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from core.domain.identity import Actor
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.approvals import four_eyes as approvals
from core.services.explanation.code_books import (
    book_of,
    check_code_book,
    code_book_names,
    list_code_books,
    propose_code_book,
)
from core.services.explanation.words import CODE_FAULTS
from core.store.audit import trail as audit
from core.store.explanations import code_books
from tests.support.reasons import code, code_book
from tests.support.serving import MODEL, Serving, a_serving_workspace

FIELDS = ("loan amount", "industry")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=4)
    yield made
    made.workspace.store.close()


def recently(world: Serving, name: str) -> Actor:
    return replace(world[name], authenticated_at=world.workspace.clock())


def put_in_force(world: Serving, document: object, *, by: str = "compliance") -> None:
    asked = propose_code_book(
        world.workspace, MODEL, document, reason="First reasons", actor=world[by]
    )
    approvals.approve(world.workspace, asked.id, actor=recently(world, "compliance_lead"))


def test_a_book_is_in_force_once_another_person_approved_it(world: Serving) -> None:
    asked = propose_code_book(
        world.workspace, MODEL, code_book(*FIELDS), reason="First", actor=world["compliance"]
    )
    assert list_code_books(world.workspace, MODEL, actor=world["auditor"]) == ()
    assert asked.before == {}
    assert asked.after["industry lowers zh-HK"] == "R004: industry：{value}，一般為 {usual}"

    approvals.approve(world.workspace, asked.id, actor=recently(world, "compliance_lead"))

    (found,) = list_code_books(world.workspace, MODEL, actor=world["auditor"])
    assert (found.number, found.approval_id) == (1, asked.id)
    assert found.document == code_book(*FIELDS)
    assert book_of(found).of("industry", "lowers") is not None
    names = code_book_names(world.workspace, MODEL, actor=world["auditor"])
    assert [names[found.proposed_by], names[found.approved_by]] == ["compliance", "compliance_lead"]
    with world.workspace.store.read() as conn:
        entry = next(e for e in audit.list_newest(conn, limit=5) if e.kind == "code_book.approved")
    assert entry.body == {"number": 1, "sha256": found.sha256, "codes": 4}


def test_who_proposed_it_does_not_approve_it(world: Serving) -> None:
    asked = propose_code_book(
        world.workspace, MODEL, code_book(*FIELDS), reason="First", actor=world["compliance_lead"]
    )

    with pytest.raises(Forbidden, match="proposed"):
        approvals.approve(world.workspace, asked.id, actor=recently(world, "compliance_lead"))
    with pytest.raises(Forbidden, match="developer"):
        approvals.approve(world.workspace, asked.id, actor=recently(world, "developer"))
    approvals.approve(world.workspace, asked.id, actor=recently(world, "second_lead"))


def test_the_database_refuses_one_pair_of_eyes(world: Serving) -> None:
    put_in_force(world, code_book(*FIELDS))
    (found,) = list_code_books(world.workspace, MODEL, actor=world["auditor"])

    alone = replace(found, number=2, approved_by=found.proposed_by)
    with pytest.raises(IntegrityError), world.workspace.store.begin() as conn:
        code_books.put(conn, alone)


def test_the_newest_book_is_in_force_and_the_old_one_stays_readable(world: Serving) -> None:
    put_in_force(world, code_book(*FIELDS))
    put_in_force(world, code_book("industry"), by="data_scientist")

    found = list_code_books(world.workspace, MODEL, actor=world["auditor"])
    assert [(each.number, len(book_of(each).entries)) for each in found] == [(2, 2), (1, 4)]
    with world.workspace.store.read() as conn:
        assert code_books.in_force(conn, MODEL) == found[0]


def test_the_same_book_is_not_proposed_again(world: Serving) -> None:
    put_in_force(world, code_book(*FIELDS))

    with pytest.raises(Conflict, match="in force already"):
        put_in_force(world, code_book(*FIELDS))


def test_one_book_is_decided_before_another_is_proposed(world: Serving) -> None:
    propose_code_book(
        world.workspace, MODEL, code_book("industry"), reason="Mine", actor=world["compliance"]
    )

    with pytest.raises(Conflict, match="waits for a decision"):
        put_in_force(world, code_book("loan amount"), by="data_scientist")


def test_what_a_book_leaves_out_is_told_and_allowed(world: Serving) -> None:
    found = check_code_book(
        world.workspace, MODEL, code_book("industry"), actor=world["compliance"]
    )
    assert found.faults == ()
    assert found.missing == (("loan amount", "raises"), ("loan amount", "lowers"))


def test_a_wrong_book_is_refused_with_the_first_fault_and_their_number(world: Serving) -> None:
    wrong = {"codes": [code(1, "sex", "raises"), code(1, "industry", "raises")]}

    with pytest.raises(InvalidInput) as refused:
        propose_code_book(world.workspace, MODEL, wrong, reason="First", actor=world["compliance"])
    assert "Code 1 names sex, which is no feature of the model." in str(refused.value)
    checked = check_code_book(world.workspace, MODEL, wrong, actor=world["compliance"])
    assert [each.kind for each in checked.faults] == [
        "no_feature",
        "protected",
        "code_twice",
    ]
    assert refused.value.params["faults"] == 3


@pytest.mark.parametrize("kind", sorted(CODE_FAULTS))
def test_every_fault_can_be_said(kind: str) -> None:
    said = CODE_FAULTS[kind].format(place=3, found="en")
    assert "{{" not in said
    assert ("3" in said) == (kind != "no_codes")


def test_who_may_what(world: Serving) -> None:
    for name in ("business", "auditor"):
        with pytest.raises(Forbidden):
            check_code_book(world.workspace, MODEL, {}, actor=world[name])
    for name in ("business", "admin"):
        with pytest.raises(Forbidden):
            list_code_books(world.workspace, MODEL, actor=world[name])
    with pytest.raises(NotFound):
        list_code_books(world.workspace, MODEL, actor=world["elsewhere"])
