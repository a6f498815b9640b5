"""Kept explanations, letters and templates on both databases; races for numbers and codes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.store import Store, approvals, models
from core.store.audit import trail as audit
from core.store.explanations import letter_templates
from core.store.explanations import letters as explanation_letters
from core.store.explanations import records as explanations
from core.store.explanations.letter_templates import TemplateRecord
from core.store.identity import users
from tests.core.store.test_approvals import proposed
from tests.support.builders import contract_text
from tests.support.fakes import START
from tests.support.kept_explanations import AT, EXPLANATION, LETTER, put_next, released
from tests.support.processes import Racers

WRITERS = 4


@pytest.fixture
def kept(store: Store) -> Store:
    """Return a store with a model."""
    with store.begin() as conn:
        models.register(conn, model_id="loans", spec_text=contract_text(), actor="a", at=START)
    return store


def test_a_record_comes_back_as_it_was_kept_and_the_newest_is_first(kept: Store) -> None:
    second = replace(EXPLANATION, id="e-2", number=2, source="none", why="No file.", agrees=None)
    with kept.begin() as conn:
        explanations.put(conn, EXPLANATION)
        explanations.put(conn, second)
    with kept.read() as conn:
        assert explanations.get(conn, "e-1") == EXPLANATION
        assert explanations.of_prediction(conn, "loans", "L000005") == (second, EXPLANATION)
        assert explanations.of_prediction(conn, "loans", "L000006") == ()
        assert explanations.newest_of(conn, "s-1", "loans") == AT
        assert explanations.newest_of(conn, "s-2", "loans") is None
        assert explanations.explained_ids(conn, "loans") == {"L000005"}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "e-2"},
        {"id": "e-2", "number": 2, "stability": 1.1},
        {"id": "e-2", "number": 2, "source": "guess"},
        {"id": "e-2", "number": 2, "why": "No file."},
        {"id": "e-2", "number": 2, "model_id": "nobody's"},
    ],
)
def test_what_no_record_can_be_is_refused(kept: Store, changes: dict[str, object]) -> None:
    with kept.begin() as conn:
        explanations.put(conn, EXPLANATION)
    with pytest.raises(IntegrityError), kept.begin() as conn:
        explanations.put(conn, replace(EXPLANATION, **changes))  # type: ignore[arg-type]


def test_a_letter_is_found_by_its_code_and_by_its_decision(kept: Store) -> None:
    later = replace(LETTER, reference="LT-2", code="CCCCCDDDDD", made_at=AT + timedelta(days=1))
    with kept.begin() as conn:
        explanations.put(conn, EXPLANATION)
        explanation_letters.put(conn, LETTER)
        explanation_letters.put(conn, later)
    with kept.read() as conn:
        assert explanation_letters.by_code(conn, LETTER.code) == LETTER
        assert explanation_letters.by_code(conn, "EEEEEFFFFF") is None
        assert explanation_letters.of_prediction(conn, "loans", "L000005") == (later, LETTER)


@pytest.mark.parametrize(
    "changes",
    [{"code": "CCCCCDDDDD"}, {"reference": "LT-2"}, {"explanation_id": "e-9"}],
    ids=["the same reference", "the same code", "of no record"],
)
def test_codes_and_references_are_given_once_and_a_letter_has_its_record(
    kept: Store, changes: dict[str, str]
) -> None:
    with kept.begin() as conn:
        explanations.put(conn, EXPLANATION)
        explanation_letters.put(conn, LETTER)
    if "explanation_id" in changes:
        changes = {**changes, "reference": "LT-2", "code": "CCCCCDDDDD"}
    with pytest.raises(IntegrityError), kept.begin() as conn:
        explanation_letters.put(conn, replace(LETTER, **changes))  # type: ignore[arg-type]


def test_a_record_stays_while_a_letter_was_written_from_it(kept: Store) -> None:
    with kept.begin() as conn:
        explanations.put(conn, EXPLANATION)
        explanation_letters.put(conn, LETTER)
    with pytest.raises(IntegrityError), kept.begin() as conn:
        explanations.forget(conn, "s-1", model_id=None)
    gone = [("loans", ["L000005"])]
    with kept.begin() as conn:
        assert explanation_letters.forget(conn, "s-9", model_id=None, predictions=gone) == 1
        assert explanations.forget(conn, "s-9", model_id=None, predictions=gone) == 1


def test_records_of_one_decision_that_are_kept_at_once_have_numbers_of_their_own(
    kept: Store, store_url: str, racers: Racers
) -> None:
    numbers = racers.run("explain", [(store_url, f"e-{writer}") for writer in range(WRITERS)])
    assert sorted(numbers) == [1, 2, 3, 4]
    assert put_next(kept, "e-5") == 5


def test_of_letters_released_at_once_with_one_code_a_single_one_is_kept(
    kept: Store, store_url: str, racers: Racers
) -> None:
    with kept.begin() as conn:
        explanations.put(conn, EXPLANATION)
    same = [(store_url, f"LT-{writer}", "AAAAABBBBB") for writer in range(WRITERS)]
    assert sorted(racers.run("release_letter", same)) == [False, False, False, True]
    own = [(store_url, f"LT-1{writer}", f"CCCCCDDDD{writer}") for writer in range(WRITERS)]
    assert racers.run("release_letter", own) == [True] * WRITERS
    with kept.read() as conn:
        letters = explanation_letters.of_prediction(conn, "loans", "L000005")
        told = audit.list_newest(conn, kind="letter.released")
    assert {each.reference for each in letters} == {each.objects["letter"] for each in told}
    assert len(letters) == 1 + WRITERS
    assert not released(kept, "LT-9", "AAAAABBBBB")


def test_templates_are_numbered_and_approved_by_another_than_who_proposed_them(
    kept: Store,
) -> None:
    with kept.begin() as conn:
        users.create(conn, user_id="u1", username="u1", display_name="u1", at=START)
        approvals.add(conn, proposed())
    first = TemplateRecord(1, {"en": {"greeting": "Dear"}}, "ab" * 32, "a1", "p-1", "p-2", AT)
    with kept.begin() as conn:
        assert letter_templates.in_force(conn) is None
        letter_templates.put(conn, first)
        letter_templates.put(conn, replace(first, number=2))
    with kept.read() as conn:
        assert letter_templates.in_force(conn) == replace(first, number=2)
        assert letter_templates.list_all(conn)[-1] == first
    for changes in ({"number": 2}, {"number": 0}, {"number": 3, "approved_by": "p-1"}):
        with pytest.raises(IntegrityError), kept.begin() as conn:
            letter_templates.put(conn, replace(first, **changes))
