"""What the left side of a case tells of the model's result, and what it masks."""

from types import SimpleNamespace
from typing import cast

import pytest

from app.screens.case.facts import amount_words, score_words
from core.i18n import translator
from core.services.review.case_view import CaseView
from tests.support.builders import a_contract

MASKED = [
    {"name": "score", "type": "numeric", "personal": True},
    {"name": "amount", "type": "numeric", "personal": True},
]


@pytest.mark.parametrize(
    ("columns", "score", "amount"), [([], "0.2500", "HK$5,000"), (MASKED, "•••", "•••")]
)
def test_a_personal_score_and_amount_are_masked(
    columns: list[dict[str, object]], score: str, amount: str
) -> None:
    case = SimpleNamespace(score=0.25, amount=5000.0, score_hidden=False)
    contract = a_contract(columns=columns, segments=None)
    view = cast("CaseView", SimpleNamespace(case=case, contract=contract))
    t = translator("en")
    assert score_words(t, view) == score
    assert amount_words(t, view) == amount
