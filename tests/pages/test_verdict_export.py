"""Taking verdicts away, and saying that those of the demo are simulated."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.domain.review import Verdict
from core.services.demo import build as demo
from core.services.review import claims, verdicts
from core.store import settings
from tests.pages.conftest import Open
from tests.pages.reading import html_of
from tests.support.harbour import Harbour
from tests.support.review_pages import MODEL, ReviewRoom, a_review_room

SAID = "Demo: verdicts of people marked (simulated) were drawn by chance; nobody gave them."


@pytest.fixture
def room(harbour: Harbour, tmp_path: Path) -> Iterator[ReviewRoom]:
    made = a_review_room(harbour, tmp_path / "home", cases=2)
    yield made
    made.workspace.store.close()


def prepared(open_page: Open, room: ReviewRoom) -> AppTest:
    test = open_page(room.workspace, room[Role.compliance_lead], "oversight", model=MODEL)
    button = next(each for each in test.button if each.key == "verdicts_prepare")
    return button.click().run()


def test_a_lead_takes_the_verdicts_away_once_there_are_some(
    open_page: Open, room: ReviewRoom
) -> None:
    test = prepared(open_page, room)
    assert "No verdict is final yet." in html_of(test)
    actor = room[Role.compliance]
    case = claims.claim_next(room.workspace, actor=actor)
    assert case is not None
    upheld = verdicts.Proposal(Verdict.uphold, case.decision, "policy_applied")
    verdicts.propose(room.workspace, case.id, upheld, actor=actor, revision=case.revision)
    test = prepared(open_page, room)
    assert "Download the verdicts: 1, 0 of them overturned (CSV)" in html_of(test)
    assert "exports/" in html_of(test)


def test_who_may_not_export_sees_no_button(open_page: Open, room: ReviewRoom) -> None:
    test = open_page(room.workspace, room[Role.compliance], "oversight", model=MODEL)
    assert "verdicts_prepare" not in {each.key for each in test.button}


@pytest.mark.parametrize("page", ["review", "oversight_quality"])
def test_the_demo_says_that_its_past_is_simulated(
    open_page: Open, room: ReviewRoom, page: str
) -> None:
    lead = room[Role.compliance_lead]
    assert SAID not in html_of(open_page(room.workspace, lead, page, model=MODEL))
    with room.workspace.store.begin() as conn:
        settings.put(conn, demo._DONE, {"made_at": "2026-01-05"})
    assert SAID in html_of(open_page(room.workspace, lead, page, model=MODEL))
