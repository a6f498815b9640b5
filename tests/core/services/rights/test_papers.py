"""Letters and the copy: every language, nothing masked, nobody else, only what happened."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from core.errors import Conflict, Forbidden, InvalidInput
from core.i18n import translator
from core.services import exports
from core.services.approvals import four_eyes as approvals
from core.services.exports import MadeExport
from core.services.personal.names import MASK
from core.services.rights import (
    answers,
    copies,
    disclosures,
    disputes,
    letters,
    opt_outs,
    refusals,
    sender,
    sent,
    snapshots,
)
from core.services.rights import desk as reading
from core.services.rights.letter_texts import TITLES
from core.store.rights import requests
from tests.support.desk import MODEL, Desk
from tests.support.erasing import PERSON, SECRET

NOTE = "I paid on the first of March."


def text_of(desk: Desk, made: MadeExport, reader: str = "connie") -> str:
    """Return what a PDF says, line breaks out."""
    _, content = exports.fetch(desk.workspace, made.id, actor=desk[reader])
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return re.sub(r"\s+", "", "".join(pages))


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def every_letter(desk: Desk, language: str) -> dict[str, tuple[int, str]]:
    """Take each step that a letter tells of; return template → request and further text."""
    workspace, connie = desk.workspace, desk["connie"]
    asked = desk.ask("access", language=language)
    access = desk.ask_identified("access", language=language)
    snapshots.freeze(workspace, access.id, actor=connie)
    copies.make_copy(workspace, access.id, actor=desk["lydia"])
    answers.late_notice(workspace, access.id, "The archive is moved.", partly=True, actor=connie)
    explained = desk.ask_about_prediction("explanation", language=language)
    correction = desk.ask_about_prediction("correction", language=language)
    disclosures.record_correction(
        workspace, correction.id, ["amount"], source="Core ledger", actor=connie
    )
    disputes.attach_note(workspace, correction.id, NOTE, actor=connie)
    opted = desk.ask_identified("opt_out", language=language, model=MODEL)
    opt_outs.enter(workspace, opted.id, actor=connie)
    refused = desk.ask("access", language=language)
    proposed = refusals.propose_refusal(
        workspace, refused.id, ground="other_data_user", reasons_text="The bureau holds them.",
        other_data_user="Bureau Z", actor=connie,
    )  # fmt: skip
    approvals.approve(workspace, proposed.id, actor=desk["lydia"])
    return {
        "acknowledgement": (asked.id, ""),
        "identity_needed": (asked.id, ""),
        "explanation": (explained.id, ""),
        "access_cover": (access.id, ""),
        "late_notice": (access.id, "The archive is moved."),
        "refusal": (refused.id, ""),
        "correction_done": (correction.id, ""),
        "dispute_note": (correction.id, ""),
        "opt_out": (opted.id, ""),
    }


@pytest.mark.parametrize(
    ("language", "others"),
    [
        pytest.param("en", ["zh-HK"], marks=pytest.mark.slow),
        ("zh-HK", ["en"]),
        pytest.param("zh-CN", ["en"], marks=pytest.mark.slow),
    ],
)
def test_each_letter_in_the_customers_language_and_the_other(
    desk: Desk, language: str, others: list[str]
) -> None:
    papers = every_letter(desk, language)
    assert set(papers) | {"review_answer"} == set(TITLES)
    for template, (number, text) in papers.items():
        made = letters.make_letter(
            desk.workspace, number, template, text=text, actor=desk["connie"]
        )
        said = text_of(desk, made)
        places = [said.index(plain(translator(e)(TITLES[template]))) for e in (language, *others)]
        assert places == sorted(places)
        assert f"RQ-{number:06d}" in said
        for hidden in (MASK, PERSON, SECRET, "{", "None"):
            assert plain(hidden) not in said, template
    told = text_of(
        desk,
        letters.make_letter(
            desk.workspace, papers["dispute_note"][0], "dispute_note", actor=desk["connie"]
        ),
    )
    assert told.count(plain(NOTE)) == 2


def test_a_letter_is_noted_as_sent_once_and_leaves_the_clock_alone(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_identified("opt_out")
    opt_outs.enter(workspace, made.id, actor=connie)
    with pytest.raises(Conflict, match="No such letter"):
        sent.note_letter_sent(workspace, made.id, "opt_out", actor=connie)
    answered = answers.answer(workspace, made.id, "opted_out", actor=connie)
    for template in ("acknowledgement", "opt_out"):
        letters.make_letter(workspace, made.id, template, actor=connie)
    waiting = sent.unsent_letters(workspace, made.id, actor=desk["audrey"])
    assert waiting == ("acknowledgement", "opt_out")
    late = answered.due_on + timedelta(days=1)
    with pytest.raises(Forbidden):
        sent.note_letter_sent(workspace, made.id, "opt_out", actor=desk["audrey"])
    sent.note_letter_sent(workspace, made.id, "opt_out", actor=connie, on=late)
    assert sent.unsent_letters(workspace, made.id, actor=connie) == ("acknowledgement",)
    with pytest.raises(Conflict):
        sent.note_letter_sent(workspace, made.id, "opt_out", actor=connie)
    *_, last = reading.list_steps(workspace, made.id, actor=connie)
    assert (last.action, last.body) == (
        "letter_sent",
        {"template": "opt_out", "sent_on": late.isoformat(), "in_time": False},
    )
    after = reading.read_request(workspace, made.id, actor=connie)
    assert (after.closed_at, after.clock) == (answered.closed_at, answered.clock)
    letters.make_letter(workspace, made.id, "opt_out", actor=connie)  # again, to be sent again
    assert "opt_out" in sent.unsent_letters(workspace, made.id, actor=connie)


def test_a_letter_says_only_what_happened(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_about_prediction("correction")
    assert set(letters.possible_letters(workspace, made.id, actor=desk["audrey"])) == {
        "acknowledgement"
    }
    for template in ("correction_done", "dispute_note", "opt_out", "refusal", "late_notice"):
        with pytest.raises(Conflict, match="has not happened"):
            letters.make_letter(workspace, made.id, template, text="x", actor=connie)
    with pytest.raises(InvalidInput):
        letters.make_letter(workspace, made.id, "poem", actor=connie)
    with pytest.raises(Forbidden):
        letters.make_letter(workspace, made.id, "acknowledgement", actor=desk["audrey"])


def test_the_head_of_letters_is_set_by_who_answers_for_them(desk: Desk) -> None:
    lines = ["Harbour Bank", "1 Pier Road"]
    with pytest.raises(Forbidden):
        sender.set_sender(desk.workspace, lines, actor=desk["connie"])
    sender.set_sender(desk.workspace, lines, actor=desk["lydia"])
    made = desk.ask()
    letter = letters.make_letter(desk.workspace, made.id, "acknowledgement", actor=desk["connie"])
    said = text_of(desk, letter)
    assert said.count("HarbourBank") >= 2
    with pytest.raises(InvalidInput):
        sender.set_sender(desk.workspace, ["x" * 200], actor=desk["lydia"])


def test_the_copy_explains_every_column_in_both_languages(desk: Desk) -> None:
    workspace = desk.workspace
    made = desk.ask_identified("access")
    snapshots.freeze(workspace, made.id, actor=desk["connie"])
    copy = copies.make_copy(
        workspace, made.id, meanings={"industry=food": "Food trade 食品業"}, actor=desk["lydia"]
    )
    said = text_of(desk, copy.export, "lydia")
    hk = translator("zh-HK")
    for message in ("Copy of the data we hold", "Code book", "What was decided", "Amount at stake"):
        assert plain(message) in said
        assert plain(hk(message)) in said
    assert plain(SECRET) in said  # it is the customer's own
    assert plain(PERSON) in said
    assert plain("food (Food trade 食品業)") in said
    assert MASK not in said
    assert "industry=food" not in copy.unexplained
    assert "industry=transport" in copy.unexplained
    assert copy.export.record.personal


def test_other_people_are_left_out_of_the_copy(desk: Desk) -> None:
    workspace = desk.workspace
    made = desk.ask_identified("access")
    snapshots.freeze(workspace, made.id, actor=desk["connie"])
    copy = copies.make_copy(workspace, made.id, withheld=["branch"], actor=desk["lydia"])
    said = text_of(desk, copy.export, "lydia")
    # The branch of four predictions, and who noted each of the four decisions.
    assert said.count(plain("left out: it would tell who somebody else is")) == 8
    assert "ShaTin" not in said


def test_free_text_loses_names_of_ours_and_references_of_others(desk: Desk) -> None:
    made = desk.ask_identified("access")
    desk.ask("access", reference="CUST-0042")
    with desk.workspace.store.read() as conn:
        clean = copies._OtherPeople(desk.workspace, conn, requests.get(conn, made.id))
        assert clean(f"Lydia agreed; see CUST-0042 and {PERSON}") == (
            f"… agreed; see … and {PERSON}", True,
        )  # fmt: skip
        assert clean("usual") == ("usual", False)


def test_the_copy_takes_who_may_take_personal_data_away(desk: Desk) -> None:
    made = desk.ask_identified("access")
    snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    for name in ("connie", "audrey", "ada"):
        with pytest.raises(Forbidden):
            copies.make_copy(desk.workspace, made.id, actor=desk[name])


def test_simplified_chinese_joins_for_the_mainland(desk: Desk) -> None:
    found = letters._is_of_the_mainland
    rows = [{"jurisdiction": "HK"}, {"jurisdiction": "CN"}]
    assert found({"models": [{"streams": {"predictions": rows}}]})
    assert not found({"models": [{"streams": {"predictions": rows[:1]}}]})
    assert not found({"models": []})
