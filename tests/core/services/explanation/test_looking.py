"""All that the page of a decision shows, in one call."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.errors import Forbidden, NotFound
from core.services.explanation.finding import find_explanation
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.looking import DecisionView, look_at
from core.services.explanation.telling import shown
from core.services.personal.names import MASK
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace, put_code_book


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("looked") / "home")
    yield made
    made.workspace.store.close()


def look(world: Explained, prediction: str, role: Role = Role.compliance) -> DecisionView:
    return look_at(world.workspace, SBA, prediction, actor=world.people[role])


def test_it_is_what_is_found_of_the_decision(world: Explained) -> None:
    prediction = world.worst()
    view = look(world, prediction)
    actor = world.people[Role.compliance]
    found = find_explanation(world.workspace, SBA, prediction, actor=actor)

    same = replace(view.record, made_at=found.made_at, made_by=found.made_by)
    assert same == shown(view.contract, found)
    assert view.level == "in_command"
    assert not view.is_score_masked


def test_it_is_set_beside_those_decided_alike_also_for_who_sees_no_cases(world: Explained) -> None:
    view = look(world, world.worst(), Role.data_scientist)

    values = view.values.found
    assert values is not None
    assert values.group is not None
    assert values.group.decision == "decline"
    declined = world.log[world.log["decision"] == "decline"]
    amounts = next(each for each in values.values if each.name == "loan_amount")
    assert amounts.value == world.row(world.worst())["loan_amount"]
    assert values.group.n <= len(declined)
    assert view.similar.found is None
    assert view.similar.why == "No outcome is known yet."  # the slice has none


def test_a_new_code_book_is_told_at_once(world: Explained) -> None:
    prediction = world.worst(1)
    before = look(world, prediction)
    put_code_book(world)
    after = look(world, prediction)

    assert (before.record.code_book, before.book.entries) == (None, ())
    assert after.record.code_book == 1
    assert after.book.entries
    assert all(each.code for each in after.record.reasons)


def test_what_was_kept_is_listed_newest_first_with_names(world: Explained) -> None:
    prediction = world.worst(2)
    assert look(world, prediction).kept == ()
    actor = world.people[Role.compliance]
    made = [
        keep_explanation(world.workspace, SBA, prediction, actor=actor)[0].sha256 for _ in range(2)
    ]

    view = look(world, prediction, Role.auditor)
    assert [(each.number, each.sha256) for each in view.kept] == [(2, made[1]), (1, made[0])]
    assert view.names[actor.audit_name] in {actor.display_name, actor.username}


def test_personal_values_and_a_personal_id_are_masked(tmp_path: Path) -> None:
    id_column = "  - {name: loan_id, type: text, personal: true, purpose: Whose loan it is}\n"
    heads = ("  - name: employees\n    type: numeric\n", "  - name: state\n    type: categorical\n")
    before = "  - {name: decision_source"
    world = an_explained_workspace(
        tmp_path / "home",
        log=sba_log(every=600),
        changes={before: id_column + before} | {e: f"{e}    personal: true\n" for e in heads},
    )
    view = look(world, world.worst())

    assert view.record.subject.prediction_id == MASK
    assert view.record.attributions is not None
    parts = {each.field: each.value for each in view.record.attributions.parts}
    assert (parts["employees"], parts["state"]) == (MASK, MASK)
    assert parts["loan_amount"] != MASK
    world.workspace.store.close()


def test_who_may_look(world: Explained) -> None:
    for role in (Role.business, Role.admin):
        with pytest.raises(Forbidden):
            look(world, world.worst(), role)
    with pytest.raises(NotFound):
        look(world, "nobody")
    abroad = replace(world.people[Role.auditor], jurisdictions=frozenset({"HK"}))
    with pytest.raises(NotFound):
        look_at(world.workspace, SBA, world.worst(), actor=abroad)
