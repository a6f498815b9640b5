"""The fixed words of letters: shipped, changed by two people, and never too hard or too long."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from sqlalchemy.exc import IntegrityError

from core.domain.explanation import LANGUAGES
from core.domain.identity import Actor
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.approvals import four_eyes as approvals
from core.services.explanation.letter_words import TEMPLATE_FAULTS
from core.services.explanation.templates import (
    check_template,
    preview_template,
    propose_template,
    show_template,
)
from core.store.audit import trail as audit
from core.store.explanations import letter_templates
from tests.support.serving import Serving, a_serving_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=4)
    yield made
    made.workspace.store.close()


def shipped(world: Serving, **parts: str) -> dict[str, Any]:
    """Return the shipped words with other English parts."""
    document: dict[str, Any] = show_template(
        world.workspace, 0, actor=world["auditor"]
    ).template.document()
    return document | {"en": {**document["en"], **parts}}


def recently(world: Serving, name: str) -> Actor:
    return replace(world[name], authenticated_at=world.workspace.clock())


def put_in_force(world: Serving, document: object) -> None:
    asked = propose_template(
        world.workspace, document, reason="Our own words", actor=world["compliance"]
    )
    approvals.approve(world.workspace, asked.id, actor=recently(world, "compliance_lead"))


def test_the_shipped_words_are_in_force_and_good(world: Serving) -> None:
    found = show_template(world.workspace, actor=world["auditor"])
    assert (found.number, found.record) == (0, None)
    assert check_template(world.workspace, shipped(world), actor=world["compliance"]) == ()


def test_other_words_are_in_force_once_another_person_approved_them(world: Serving) -> None:
    document = shipped(world, greeting="Good day,")
    asked = propose_template(
        world.workspace, document, reason="Our own words", actor=world["compliance"]
    )
    changed = {key: value for key, value in asked.after.items() if asked.before[key] != value}
    assert changed == {"en greeting": "Good day,"}
    assert show_template(world.workspace, actor=world["auditor"]).number == 0

    approvals.approve(world.workspace, asked.id, actor=recently(world, "compliance_lead"))

    found = show_template(world.workspace, actor=world["auditor"])
    assert (found.number, found.template.document()) == (1, document)
    assert found.record is not None
    assert found.record.approval_id == asked.id
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="letter_template.approved")
    assert entry.body == {"number": 1, "sha256": found.record.sha256}


def test_old_versions_stay_readable(world: Serving) -> None:
    first, second = shipped(world, greeting="Good day,"), shipped(world, greeting="Hello,")
    put_in_force(world, first)
    put_in_force(world, second)
    numbers = [
        show_template(world.workspace, each, actor=world["auditor"]).template.document()
        for each in (0, 1, 2, None)
    ]
    assert numbers == [shipped(world), first, second, second]
    with pytest.raises(NotFound, match="version 3"):
        show_template(world.workspace, 3, actor=world["auditor"])


def test_who_proposed_them_does_not_approve_them(world: Serving) -> None:
    asked = propose_template(
        world.workspace,
        shipped(world, greeting="Good day,"),
        reason="Mine",
        actor=world["compliance_lead"],
    )
    with pytest.raises(Forbidden, match="proposed"):
        approvals.approve(world.workspace, asked.id, actor=recently(world, "compliance_lead"))


def test_the_database_refuses_one_pair_of_eyes(world: Serving) -> None:
    put_in_force(world, shipped(world, greeting="Good day,"))
    record = show_template(world.workspace, actor=world["auditor"]).record
    assert record is not None
    alone = replace(record, number=2, approved_by=record.proposed_by)
    with pytest.raises(IntegrityError), world.workspace.store.begin() as conn:
        letter_templates.put(conn, alone)


def test_the_same_words_are_not_proposed_again(world: Serving) -> None:
    with pytest.raises(Conflict, match="in force already"):
        put_in_force(world, shipped(world))


@pytest.mark.parametrize(
    ("part", "text", "kind"),
    [
        ("review", "", "lacking"),
        ("opening", "No name.", "unnamed"),
        ("data", "Notwithstanding multitudinous incompatibilities, " * 12, "too_hard"),
    ],
)
def test_wrong_words_are_refused_with_the_first_fault(
    world: Serving, part: str, text: str, kind: str
) -> None:
    document = shipped(world, **{part: text})
    faults = check_template(world.workspace, document, actor=world["compliance"])
    assert kind in {each.kind for each in faults}
    with pytest.raises(InvalidInput, match="Faults in all"):
        put_in_force(world, document)


def test_words_that_fill_a_second_page_are_refused(world: Serving) -> None:
    parts = ("opening", "data", "review", "complain", "withheld")
    long = dict.fromkeys(parts, "We say a lot. " * 41)
    long["opening"] += "{model}."
    document = shipped(world, **long)
    document["zh-HK"] = {
        **document["zh-HK"],
        **{part: "我們說很多。" * 98 for part in parts if part != "opening"},
    }
    faults = check_template(world.workspace, document, actor=world["compliance"])
    assert ("zh-HK", "too_many_pages") in {(each.place, each.kind) for each in faults}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("withheld", [False, True])
def test_an_example_letter_can_be_looked_at(world: Serving, language: str, withheld: bool) -> None:
    made = preview_template(
        world.workspace,
        shipped(world, closing="Sincerely ours"),
        language,
        withheld=withheld,
        actor=world["compliance"],
    )
    (page,) = pypdf.PdfReader(io.BytesIO(made)).pages
    assert ("Sincerely ours" in page.extract_text()) == (language == "en")


def test_an_example_is_in_a_language_of_letters(world: Serving) -> None:
    with pytest.raises(InvalidInput, match="Choose from"):
        preview_template(world.workspace, shipped(world), "fr", actor=world["compliance"])


@pytest.mark.parametrize("kind", sorted(TEMPLATE_FAULTS))
def test_every_fault_can_be_said(kind: str) -> None:
    said = TEMPLATE_FAULTS[kind].format(place="en.opening", found="model")
    assert "en.opening" in said
    assert "{{" not in said


def test_who_may_what(world: Serving) -> None:
    for name in ("business", "auditor", "data_scientist"):
        with pytest.raises(Forbidden):
            check_template(world.workspace, {}, actor=world[name])
    for name in ("business", "admin"):
        with pytest.raises(Forbidden):
            show_template(world.workspace, actor=world[name])
