"""A letter is released in one step: its explanation is kept first, once, where none was."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, StepUpNeeded
from core.services.explanation.letters import LetterRefused
from core.services.explanation.releasing import release_letter
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace, put_code_book


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("step") / "home", log=sba_log(every=600))
    put_code_book(made)
    yield made
    made.workspace.store.close()


def recently(world: Explained, role: Role = Role.compliance) -> Actor:
    return replace(world.people[role], authenticated_at=world.workspace.clock())


def kept(world: Explained, prediction: str) -> list[int]:
    return [each.number for each in world.kept(prediction)]


def test_an_explanation_is_kept_first_and_only_once(world: Explained) -> None:
    prediction, actor = world.worst(0), recently(world)
    first = release_letter(world.workspace, SBA, prediction, language="en", actor=actor)
    again = release_letter(world.workspace, SBA, prediction, language="zh-HK", actor=actor)

    assert kept(world, prediction) == [1]
    assert first.letter.explanation_id == again.letter.explanation_id
    assert first.letter.reference != again.letter.reference


def test_nothing_is_kept_for_who_has_to_say_who_they_are(world: Explained) -> None:
    prediction = world.worst(1)
    with pytest.raises(StepUpNeeded):
        release_letter(
            world.workspace, SBA, prediction, language="en", actor=world.people[Role.compliance]
        )
    with pytest.raises(Forbidden):
        release_letter(
            world.workspace, SBA, prediction, language="en", actor=recently(world, Role.auditor)
        )
    assert kept(world, prediction) == []


@pytest.mark.parametrize("why", ["", "   ", "no"])
def test_reasons_are_never_told_because_the_reason_to_withhold_them_is_missing(
    world: Explained, why: str
) -> None:
    prediction = world.worst(2)
    with pytest.raises(InvalidInput, match="reason is shorter") as refused:
        release_letter(
            world.workspace, SBA, prediction, language="en", actor=recently(world), withhold=why
        )
    assert refused.value.remedy == "Write why, for whoever reads it later."
    assert kept(world, prediction) == []


def test_withheld_reasons_are_in_no_letter(world: Explained) -> None:
    prediction = world.worst(3)
    made = release_letter(
        world.workspace,
        SBA,
        prediction,
        language="en",
        actor=recently(world),
        withhold="Enquiry 2026/17 is under way",
    )
    assert made.letter.withheld
    assert "nothing_told" in {each.name for each in made.checks}


def test_what_was_kept_stays_when_a_check_refuses_the_letter(tmp_path: Path) -> None:
    own = an_explained_workspace(tmp_path / "home", log=sba_log(every=600))
    with pytest.raises(LetterRefused) as refused:  # no code book: no reason has its code
        release_letter(own.workspace, SBA, own.worst(), language="en", actor=recently(own))
    assert [each.name for each in refused.value.checks if not each.passed] == ["coded"]
    assert kept(own, own.worst()) == [1]
    own.workspace.store.close()
