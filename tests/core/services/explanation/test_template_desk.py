"""The desk of the letters' fixed words: versions with names, what waits, examples of a draft."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from core.errors import Forbidden, InvalidInput
from core.services import exports
from core.services.approvals import four_eyes as approvals
from core.services.explanation.template_desk import (
    example_letter,
    export_example,
    faults_while_writing,
    template_history,
    template_names,
    waiting_template,
)
from core.services.explanation.templates import propose_template, show_template
from tests.support.serving import Serving, a_serving_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=4)
    yield made
    made.workspace.store.close()


def draft(world: Serving, **parts: str) -> dict[str, Any]:
    """Return the shipped words with other English parts."""
    document: dict[str, Any] = show_template(
        world.workspace, 0, actor=world["auditor"]
    ).template.document()
    return document | {"en": {**document["en"], **parts}}


def test_a_proposal_waits_and_then_is_a_version_with_the_names_of_two(world: Serving) -> None:
    site, reader = world.workspace, world["auditor"]
    assert template_history(site, actor=reader) == ()
    assert waiting_template(site, actor=reader) is None
    asked = propose_template(
        site, draft(world, closing="Yours"), reason="Shorter", actor=world["compliance"]
    )
    waits = waiting_template(site, actor=reader)
    assert waits is not None
    assert waits.id == asked.id
    assert waits.before == {"en closing": "Yours faithfully"}
    assert waits.after == {"en closing": "Yours"}

    lead = replace(world["compliance_lead"], authenticated_at=site.clock())
    approvals.approve(site, asked.id, actor=lead)
    assert waiting_template(site, actor=reader) is None
    (version,) = template_history(site, actor=reader)
    names = template_names(site, actor=reader)
    assert names[version.proposed_by] == world["compliance"].username
    assert names[version.approved_by] == lead.username


def test_faults_are_told_while_writing(world: Serving) -> None:
    found = faults_while_writing(draft(world, opening="", data="{x}"), actor=world["compliance"])
    assert [(each.place, each.kind) for each in found] == [
        ("en.opening", "lacking"),
        ("en.data", "odd_hole"),
    ]


@pytest.mark.parametrize("withheld", [False, True])
def test_the_example_is_the_letter_that_is_taken_away(world: Serving, withheld: bool) -> None:
    site, officer = world.workspace, world["compliance"]
    words = draft(world, closing="Sincerely ours", withheld="Write to the review team.")
    shown = example_letter(site, words, "en", withheld=withheld, actor=officer)
    assert shown is not None
    assert shown.closing == "Sincerely ours"
    assert ("Write to the review team." in shown.sentences()) == withheld
    made = export_example(site, words, "en", withheld=withheld, actor=officer)
    record, content = exports.fetch(site, made.id, actor=officer)
    (page,) = pypdf.PdfReader(io.BytesIO(content)).pages
    assert "Sincerely ours" in page.extract_text()
    assert (record.media_type, record.permission) == ("application/pdf", "template.propose")


def test_there_is_no_example_of_a_draft_with_faults(world: Serving) -> None:
    officer = world["compliance"]
    assert example_letter(world.workspace, {}, "en", actor=officer) is None
    with pytest.raises(InvalidInput, match="Choose from"):
        example_letter(world.workspace, draft(world), "fr", actor=officer)
    with pytest.raises(InvalidInput, match="Faults in all"):
        export_example(world.workspace, draft(world, data=""), "en", actor=officer)


def test_who_may_what(world: Serving) -> None:
    site = world.workspace
    for name in ("auditor", "data_scientist", "business"):
        with pytest.raises(Forbidden):
            example_letter(site, draft(world), "en", actor=world[name])
        with pytest.raises(Forbidden):
            export_example(site, draft(world), "en", actor=world[name])
        with pytest.raises(Forbidden):
            faults_while_writing({}, actor=world[name])
    for name in ("business", "admin"):
        for ask in (template_history, template_names, waiting_template):
            with pytest.raises(Forbidden):
                ask(site, actor=world[name])
