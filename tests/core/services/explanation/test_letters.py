"""Letters leave only when they passed their checks; each is on record, and can be recognised."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import update

from core.domain.explanation import LANGUAGES
from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.i18n import translator
from core.services import exports
from core.services.explanation import letters
from core.services.explanation.checks import Check
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letter_check import check_letter
from core.services.explanation.letters import LetterRefused, MadeLetter, make_letter
from core.services.explanation.telling import told_changes, told_reasons
from core.store.audit import trail as audit
from core.store.explanations import letters as explanation_letters
from core.store.explanations import records
from core.store.tables import explanation_letter
from tests.support.demo_slices import SBA
from tests.support.letters import Lettered, a_lettered_workspace

WHY = "Enquiry 2026/17 is under way"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lettered]:
    made = a_lettered_workspace(tmp_path_factory.mktemp("letters") / "home")
    yield made
    made.world.workspace.store.close()


@pytest.fixture
def own_desk(tmp_path: Path) -> Iterator[Lettered]:
    """A workspace that a test may spoil."""
    made = a_lettered_workspace(tmp_path / "home")
    yield made
    made.world.workspace.store.close()


def make(desk: Lettered, language: str = "en", **how: str) -> MadeLetter:
    return make_letter(
        desk.world.workspace,
        SBA,
        desk.prediction_id,
        language=language,
        actor=desk.officer,
        **how,  # type: ignore[arg-type]  # texts only
    )


def content_of(desk: Lettered, made: MadeLetter) -> bytes:
    return exports.fetch(desk.world.workspace, made.export.id, actor=desk.officer)[1]


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def entries(desk: Lettered, kind: str) -> list[audit.AuditEntry]:
    with desk.world.workspace.store.read() as conn:
        return list(audit.list_newest(conn, kind=kind))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_one_page_with_the_persons_own_values(desk: Lettered, language: str) -> None:
    made = make(desk, language)
    pages = pypdf.PdfReader(io.BytesIO(content_of(desk, made))).pages
    assert len(pages) == 1
    said, t = plain(pages[0].extract_text()), translator(language)
    material = desk.material()
    reasons = told_reasons(t, material.contract, material.book, material.record, masked=False)
    assert len(reasons) == 4
    assert all(plain(each.sentence) in said for each in reasons)
    changes = told_changes(t, material.contract, material.record, masked=False)
    assert all(plain(line) in said for each in changes for line in each.changes)
    amount = t.money(float(desk.world.row(desk.prediction_id)["loan_amount"]), "USD")
    assert plain(amount) in said
    assert f"{made.letter.code[:5]}-{made.letter.code[5:]}" in said
    assert made.letter.reference in said
    assert plain(t("Our reference: {request}", request=made.letter.reference)) in said


def test_every_check_is_on_record_with_the_letter(desk: Lettered) -> None:
    made = make(desk)
    with desk.world.workspace.store.read() as conn:
        kept = explanation_letters.by_code(conn, made.letter.code)
        assert kept in explanation_letters.of_prediction(conn, SBA, desk.prediction_id)
    assert kept == made.letter
    assert [each["passed"] for each in kept.checks] == [True] * 11
    assert [each["name"] for each in kept.checks] == [each.name for each in made.checks]


def test_the_trail_tells_of_it_without_a_value(desk: Lettered) -> None:
    made = make(desk)
    entry = entries(desk, "letter.released")[0]
    assert entry.objects["letter"] == made.letter.reference
    assert entry.objects["prediction"] == desk.prediction_id
    assert entry.objects["explanation"] == made.letter.explanation_id
    assert entry.body["sha256"] == made.letter.sha256
    amount = f"{float(desk.world.row(desk.prediction_id)['loan_amount']):,.0f}"
    assert amount not in entry.canonical.decode()
    assert amount.encode() not in made.letter.sealed
    assert amount.encode() in content_of(desk, make(desk, form="text"))


@pytest.mark.parametrize(("form", "begin"), [("pdf", b"%PDF"), ("html", b"<!doctype html>")])
def test_each_format_is_known_by_its_hash(desk: Lettered, form: str, begin: bytes) -> None:
    made = make(desk, form=form)
    content = content_of(desk, made)
    assert content.startswith(begin)
    found = check_letter(
        desk.world.workspace, made.letter.code, content=content, actor=desk.officer
    )
    assert (found.form, found.is_intact, found.reference) == (form, True, made.letter.reference)
    changed = check_letter(
        desk.world.workspace, made.letter.code, content=content + b" ", actor=desk.officer
    )
    assert changed.form is None


def test_a_code_is_read_as_people_type_it(desk: Lettered) -> None:
    made = make(desk)
    code = made.letter.code
    typed = f"{code[:5]} - {code[5:]}".lower()
    found = check_letter(desk.world.workspace, typed, actor=desk.world.people[Role.auditor])
    assert (found.reference, found.prediction_id) == (made.letter.reference, desk.prediction_id)
    other = ("0" if code[0] != "0" else "1") + code[1:]
    with pytest.raises(NotFound, match="No letter has this code"):
        check_letter(desk.world.workspace, other, actor=desk.officer)


def test_two_letters_of_a_record_have_two_codes(desk: Lettered) -> None:
    first, second = make(desk).letter, make(desk).letter
    assert first.code != second.code
    assert first.reference != second.reference
    assert first.sha256 != second.sha256


def test_what_somebody_changed_in_the_database_is_found(own_desk: Lettered) -> None:
    made, workspace = make(own_desk), own_desk.world.workspace
    for column in ("sha256", "sealed"):
        other = "0" * 64 if column == "sha256" else workspace.keys.seal(letters.PURPOSE, b"{}")
        with workspace.store.begin() as conn:
            conn.execute(update(explanation_letter).values({column: other}))
        assert not check_letter(workspace, made.letter.code, actor=own_desk.officer).is_intact


def test_reasons_can_be_kept_back_for_a_reason(desk: Lettered) -> None:
    made = make(desk, form="text", withhold=WHY)
    said = content_of(desk, made).decode("utf-8")
    assert "does not give the reasons" in said
    assert "review team" in said
    material = desk.material()
    reasons = told_reasons(
        translator("en"), material.contract, material.book, material.record, masked=False
    )
    assert not any(each.sentence in said for each in reasons)
    assert WHY not in said
    assert made.letter.withheld
    entry = entries(desk, "letter.released")[0]
    assert entry.body["withheld"] is True
    assert "commitment" in entry.body
    assert WHY not in entry.canonical.decode()


def test_a_reason_to_keep_them_back_is_said_and_names_nobody(desk: Lettered) -> None:
    with pytest.raises(InvalidInput, match="shorter"):
        make(desk, withhold="crime")
    person = desk.world.row(desk.prediction_id)["subject_ref"]
    with pytest.raises(InvalidInput, match="personal value"):
        make(desk, withhold=f"Enquiry about {person}")


def test_a_failed_check_keeps_the_letter_in(
    desk: Lettered, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = (Check("score", True), Check("coded", False, "state raises"))
    monkeypatch.setattr(letters, "record_checks", lambda *_: bad)
    before = entries(desk, "letter.released")
    with pytest.raises(LetterRefused, match=r"coded.*Propose a code book") as refused:
        make(desk)
    assert refused.value.checks == bad
    entry = entries(desk, "letter.refused")[0]
    assert entry.body == {"failed": {"coded": "state raises"}}
    assert entries(desk, "letter.released") == before


def test_a_record_of_words_that_nobody_approved_makes_no_letter(own_desk: Lettered) -> None:
    workspace = own_desk.world.workspace
    with workspace.store.begin() as conn:
        conn.exec_driver_sql("UPDATE explanation SET code_book = 99")
    with pytest.raises(LetterRefused, match="coded"):
        make(own_desk)


def test_a_letter_is_of_a_kept_record(own_desk: Lettered) -> None:
    workspace, officer = own_desk.world.workspace, own_desk.officer
    with pytest.raises(Conflict, match="No such explanation was kept"):
        make_letter(workspace, SBA, own_desk.world.best(), language="en", actor=officer)
    with pytest.raises(Conflict, match="No such explanation was kept"):
        make_letter(workspace, SBA, own_desk.prediction_id, language="en", number=7, actor=officer)
    second, _ = keep_explanation(workspace, SBA, own_desk.prediction_id, actor=officer)
    made = make(own_desk)
    assert made.letter.explanation_id == second.id
    first = make_letter(
        workspace, SBA, own_desk.prediction_id, language="en", number=1, actor=officer
    )
    assert first.letter.explanation_id != second.id


def test_a_record_that_is_disposed_of_meanwhile_makes_no_letter(
    desk: Lettered, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(entries(desk, "letter.released"))
    monkeypatch.setattr(records, "is_kept", lambda *_: False)
    with pytest.raises(Conflict, match="disposed of while the letter was written"):
        make(desk)
    assert len(entries(desk, "letter.released")) == before


def test_an_approval_is_explained_without_other_results(desk: Lettered) -> None:
    workspace, officer = desk.world.workspace, desk.officer
    keep_explanation(workspace, SBA, desk.world.best(), actor=officer)
    made = make_letter(workspace, SBA, desk.world.best(), language="en", form="text", actor=officer)
    said = content_of(desk, made).decode("utf-8")
    assert "Decision: approved" in said
    assert "What counted most" in said
    assert "another result" not in said


@pytest.mark.parametrize("how", [{"language": "fr"}, {"form": "docx"}])
def test_other_languages_and_formats_are_refused(desk: Lettered, how: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="Choose from"):
        make(desk, **how)


def test_who_may_what(desk: Lettered) -> None:
    def ask(actor: Actor) -> None:
        make_letter(desk.world.workspace, SBA, desk.prediction_id, language="en", actor=actor)

    for role in (Role.auditor, Role.data_scientist, Role.admin, Role.business):
        with pytest.raises(Forbidden):
            ask(desk.world.people[role])
    long_ago = desk.world.workspace.clock() - timedelta(hours=1)
    with pytest.raises(StepUpNeeded):
        ask(replace(desk.officer, authenticated_at=long_ago))
    with pytest.raises(NotFound):
        ask(replace(desk.officer, models=frozenset({"other"})))
    code = make(desk).letter.code
    elsewhere = replace(desk.officer, models=frozenset({"other"}))
    with pytest.raises(NotFound):
        check_letter(desk.world.workspace, code, actor=elsewhere)


def test_an_erasure_takes_the_letters_of_the_person(own_desk: Lettered) -> None:
    letter = make(own_desk).letter
    gone = [(SBA, [own_desk.prediction_id])]
    with own_desk.world.workspace.store.begin() as conn:
        assert explanation_letters.forget(conn, letter.subject_id, model_id="other") == 0
        assert explanation_letters.forget(conn, "nobody", model_id=SBA) == 0
        assert explanation_letters.forget(conn, letter.subject_id, model_id=SBA) == 1
        explanation_letters.put(conn, letter)
        assert explanation_letters.forget(conn, "nobody", model_id=None, predictions=gone) == 1
        assert explanation_letters.of_prediction(conn, SBA, own_desk.prediction_id) == ()
