"""Refused letters and dossiers: open until one is given out, by check, in the reader's scope."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from core.domain.identity import Actor, Role
from core.errors import Forbidden
from core.i18n import translator
from core.services.explanation.dossier import make_dossier
from core.services.explanation.dossier_checks import DossierRefused
from core.services.explanation.failed_checks import FailedChecks, Paper, Refusal, failed_checks
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letters import LetterRefused, make_letter
from core.services.personal.names import MASK
from core.store.explanations import records as explanations
from core.store.tables import explanation
from tests.support.demo_slices import SBA
from tests.support.dossiers import ORDER
from tests.support.fakes import FakeClock
from tests.support.letters import WITH_OTHER_RESULT, Lettered, a_lettered_workspace


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lettered]:
    made = a_lettered_workspace(tmp_path_factory.mktemp("failed") / "home")
    yield made
    made.world.workspace.store.close()


def keep(desk: Lettered, place: int) -> str:
    """Keep a record of a declined loan that names a code book that nobody approved."""
    prediction_id = desk.world.worst(place)
    kept, _ = keep_explanation(desk.world.workspace, SBA, prediction_id, actor=desk.officer)
    with desk.world.workspace.store.begin() as conn:
        spoilt = update(explanation).where(explanation.c.id == kept.id).values(code_book=99)
        conn.execute(spoilt)
    return prediction_id


def make(desk: Lettered, prediction_id: str) -> None:
    workspace = desk.world.workspace
    officer = replace(desk.officer, authenticated_at=workspace.clock())
    make_letter(workspace, SBA, prediction_id, language="en", actor=officer)


def refuse(desk: Lettered, prediction_id: str) -> None:
    with pytest.raises(LetterRefused):
        make(desk, prediction_id)


def listed(desk: Lettered, actor: Actor | None = None) -> FailedChecks:
    reader = desk.world.people[Role.auditor] if actor is None else actor
    return failed_checks(desk.world.workspace, SBA, actor=reader)


def row(desk: Lettered, prediction_id: str, paper: Paper = "letter") -> Refusal | None:
    wanted = paper, prediction_id
    found = listed(desk).rows
    return next((each for each in found if (each.paper, each.prediction_id) == wanted), None)


def test_a_refusal_is_open_until_a_letter_is_released(desk: Lettered) -> None:
    assert listed(desk).rows == ()
    first, second = keep(desk, 2), keep(desk, 3)
    refuse(desk, first)
    refuse(desk, first)
    refuse(desk, second)

    found = listed(desk)
    assert {(each.prediction_id, each.times, each.is_open) for each in found.rows} == {
        (first, 2, True),
        (second, 1, True),
    }
    assert (found.counts["coded"], found.open) == (2, 2)
    told = row(desk, first)
    assert told is not None
    assert "raises" in told.failed["coded"]
    assert told.by == desk.officer.username

    keep_explanation(desk.world.workspace, SBA, first, actor=desk.officer)  # of the book in force
    make(desk, first)
    found = listed(desk)
    assert [(each.prediction_id, each.is_open) for each in found.rows] == [
        (second, True),
        (first, False),
    ]
    assert found.counts["coded"] == 1


def test_a_letter_of_before_does_not_settle_a_refusal(desk: Lettered) -> None:
    make(desk, desk.prediction_id)
    assert isinstance(desk.world.workspace.clock, FakeClock)
    desk.world.workspace.clock.advance(minutes=1)
    keep(desk, WITH_OTHER_RESULT)
    refuse(desk, desk.prediction_id)
    told = row(desk, desk.prediction_id)
    assert told is not None
    assert told.is_open


def ask_for_dossier(desk: Lettered, prediction_id: str, *, despite: bool = False) -> None:
    lead = desk.world.people[Role.compliance_lead]
    order = replace(ORDER, despite=despite)
    make_dossier(desk.world.workspace, SBA, prediction_id, order, t=translator("en"), actor=lead)


def test_a_refused_dossier_is_listed_until_one_is_given(desk: Lettered) -> None:
    prediction_id = keep(desk, 6)
    with pytest.raises(DossierRefused):
        ask_for_dossier(desk, prediction_id)
    told = row(desk, prediction_id, "dossier")
    assert told is not None
    assert (told.is_open, told.times, list(told.failed)) == (True, 1, ["coded"])
    assert row(desk, prediction_id) is None  # nobody asked for a letter
    before = listed(desk).counts["coded"]

    refuse(desk, prediction_id)  # a letter is another paper, and settles nothing
    assert listed(desk).counts["coded"] == before + 1
    ask_for_dossier(desk, prediction_id, despite=True)
    told, letter = row(desk, prediction_id, "dossier"), row(desk, prediction_id)
    assert told is not None
    assert letter is not None
    assert (told.is_open, letter.is_open) == (False, True)


def test_it_is_told_in_scope_and_not_once_the_record_is_gone(desk: Lettered) -> None:
    prediction_id = keep(desk, 4)
    refuse(desk, prediction_id)
    auditor = desk.world.people[Role.auditor]
    abroad = replace(auditor, jurisdictions=frozenset({"nowhere"}))
    assert listed(desk, abroad).rows == ()
    assert row(desk, prediction_id) is not None

    with desk.world.workspace.store.begin() as conn:
        (kept,) = explanations.of_prediction(conn, SBA, prediction_id)
        explanations.forget(conn, kept.subject_id, model_id=SBA)
    assert row(desk, prediction_id) is None


def test_who_may_not_see_explanations_may_not_see_what_failed(desk: Lettered) -> None:
    with pytest.raises(Forbidden):
        listed(desk, desk.world.people[Role.business])


def test_personal_ids_are_masked(desk: Lettered, monkeypatch: pytest.MonkeyPatch) -> None:
    prediction_id = keep(desk, 5)
    refuse(desk, prediction_id)
    monkeypatch.setattr(
        "core.contract.ModelContract.is_personal", lambda _, name: name == "@prediction_id"
    )
    with pytest.raises(DossierRefused):  # whose entry in the trail names no id
        ask_for_dossier(desk, prediction_id)
    found = listed(desk).rows
    assert {each.prediction_id for each in found} == {MASK}
    assert sum(each.is_open for each in found if each.paper == "dossier") == 1
