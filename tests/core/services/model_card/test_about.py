"""What a model is for, who answers for it, and who validated it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Actor, Role
from core.i18n import translator
from core.services.model_card.about import limits, newest_version, purpose, validation
from core.services.model_card.source import gather
from core.services.registry.assignments import assign
from core.services.serving.state import suspend
from core.store.serving import VersionChange
from tests.core.services.model_card.conftest import said
from tests.core.services.model_card.making import LOANS, fact, source_of, without_log
from tests.support.builders import a_workspace, contract_text
from tests.support.harbour import add_people
from tests.support.valued import Valued

CHECKED: dict[str, Any] = {
    "validated_on": "2019-01-05",
    "validator": "Model risk",
    "scope": said("Data and code"),
    "next_due": "2020-01-05",
    "why_then": said("A year of outcomes"),
}


def test_a_validation_says_who_when_what_and_when_again(tmp_path: Path) -> None:
    with without_log(tmp_path, card={"validation": CHECKED}) as source:
        section = validation(source)
        told = {each.key: each.value.text for each in section.facts}
        assert told.pop("components").startswith("Not recorded")
        assert told == {
            "validated_on": "5 Jan 2019",
            "validator": "Model risk",
            "scope": "Data and code",
            "next_due": "5 Jan 2020",
            "why_then": "A year of outcomes",
        }
        assert section.notes == ("It is due again.",)
        early = replace(source, now=datetime(2020, 1, 4, 23, tzinfo=UTC))  # the 5th in Hong Kong
        assert validation(early).notes == ()


def test_one_without_a_day_to_come_says_that_none_is_recorded(tmp_path: Path) -> None:
    once = {key: CHECKED[key] for key in ("validated_on", "validator", "scope")}
    with without_log(tmp_path, card={"validation": once}) as source:
        section = validation(source)
        assert fact(section, "next_due").state == "missing"
        assert "'card.validation.next_due'" in fact(section, "next_due").value.text
        assert section.notes == ()


def test_the_lines_of_defence_are_named_with_their_people(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, contract=contract_text())
    people = add_people(workspace)
    admin = replace(people[Role.admin], authenticated_at=workspace.clock())
    scientist = people[Role.data_scientist]
    before = fact(purpose(source_of(workspace)), "lines")
    assert (before.state, before.value.raw) == ("missing", None)
    assign(workspace, scientist.username, LOANS, "developer", actor=admin)
    named = fact(purpose(source_of(workspace)), "lines").value
    assert named.raw == [["developer", scientist.username]]
    assert named.text.startswith("Developer: ")
    workspace.store.close()


def test_a_suspended_model_says_why_since_when_and_what_takes_over(tmp_path: Path) -> None:
    versions = [{"id": "1"}, {"id": "2"}]
    workspace = a_workspace(tmp_path, contract=contract_text(versions=versions))
    officer = Actor("u-l", "lou", frozenset({Role.compliance_lead}), origin="cli")
    suspend(workspace, LOANS, reason="Scores stopped", fallback_version="1", actor=officer)
    source = source_of(workspace)
    section = purpose(source)
    assert fact(section, "state").value.text == "suspended"
    assert fact(section, "state_why").value.text == "Scores stopped"
    assert fact(section, "state_since").value.raw is not None
    assert fact(limits(source), "fallback_version").value.text == "1"
    workspace.store.close()


@pytest.mark.parametrize(("named", "expected"), [("0", "0"), ("9", "1"), (None, "1")])
def test_the_version_in_use_is_the_one_that_somebody_named(
    carded: Valued, named: str | None, expected: str
) -> None:
    source = source_of(carded.workspace)
    assert source.story is not None
    declared = (source.contract.versions[0].model_copy(update={"id": "0"}),)
    contract = source.contract.model_copy(update={"versions": declared + source.contract.versions})
    change = None
    if named is not None:
        change = VersionChange(LOANS, named, "1", "A trial", source.now, "p-1")
    state = replace(source.story.state, serving=change)
    other = replace(
        source,
        model=replace(source.model, contract=contract),
        story=replace(source.story, state=state),
    )
    found = newest_version(other)
    assert found is not None
    assert found.id == expected


def test_texts_of_the_contract_are_told_in_the_readers_language(carded: Valued) -> None:

    source = gather(
        carded.workspace, LOANS, translator("zh-CN"), actor=source_of(carded.workspace).actor
    )
    assert fact(limits(source), "limits").value.text == "Few loans（内）"
