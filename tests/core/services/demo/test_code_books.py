"""The demo's code book is proposed by one person and put in force by another, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.errors import Forbidden
from core.services.demo.code_books import simulate_code_book
from core.services.explanation.code_books import (
    check_code_book,
    code_book_document,
    code_book_names,
    list_code_books,
    propose_code_book,
)
from core.services.identity.users import list_users
from core.store.audit import trail as audit
from tests.support.demo_slices import DEMO, SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace

FOLDER = DEMO / SBA


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600))
    yield made
    made.workspace.store.close()


def simulate(world: Explained, folder: Path = FOLDER) -> bool:
    return simulate_code_book(world.workspace, SBA, folder, actor=world.people[Role.admin])


def test_two_people_who_never_were_put_it_in_force_once(world: Explained) -> None:
    assert simulate(world)
    assert not simulate(world)

    (book,) = list_code_books(world.workspace, SBA, actor=world.people[Role.auditor])
    names = code_book_names(world.workspace, SBA, actor=world.people[Role.auditor])
    assert (book.number, names[book.proposed_by], names[book.approved_by]) == (
        1,
        "Iris Lau (simulated)",
        "Grace Tam (simulated)",
    )
    with world.workspace.store.read() as conn:
        kinds = [each.kind for each in audit.list_newest(conn, limit=20)]
    assert kinds.count("code_book.approved") == kinds.count("approval.proposed") == 1
    made = list_users(world.workspace, actor=world.people[Role.admin])
    assert all(each.disabled for each in made if each.display_name.endswith("(simulated)"))


def test_the_contract_of_the_demo_accepts_it(world: Explained) -> None:
    document = code_book_document(FOLDER / "code_book.yaml")
    found = check_code_book(world.workspace, SBA, document, actor=world.people[Role.compliance])
    assert (found.faults, found.missing) == ((), ())


def test_what_was_interrupted_is_completed(world: Explained) -> None:
    propose_code_book(
        world.workspace,
        SBA,
        code_book_document(FOLDER / "code_book.yaml"),
        reason="Interrupted",
        actor=world.people[Role.compliance],
    )
    assert simulate(world)
    assert len(list_code_books(world.workspace, SBA, actor=world.people[Role.auditor])) == 1


def test_a_folder_without_a_book_changes_nothing(world: Explained, tmp_path: Path) -> None:
    assert not simulate(world, tmp_path)
    assert list_code_books(world.workspace, SBA, actor=world.people[Role.auditor]) == ()


def test_who_does_not_build_the_demo_may_not(world: Explained) -> None:
    with pytest.raises(Forbidden):
        simulate_code_book(world.workspace, SBA, FOLDER, actor=world.people[Role.compliance])
