"""What a column of the outcomes and its codes mean, in the words of the contract."""

import pytest

from core.i18n import translator
from core.services.rights.column_words import code_meaning, column_meaning
from tests.support.builders import a_contract, contract_document

LABEL = {"en": "Charged off", "zh-HK": "已撇帳"}


@pytest.mark.parametrize(
    ("locale", "meaning", "yes"),
    [("en", "Charged off", "Charged off: yes"), ("zh-HK", "已撇帳", "已撇帳：是")],
)
def test_an_outcome_column_is_told_by_its_label(locale: str, meaning: str, yes: str) -> None:
    outcome = contract_document()["outcome"]
    outcome["columns"][0]["label"] = LABEL
    contract, t = a_contract(outcome=outcome), translator(locale)
    assert column_meaning(t, contract, "outcomes", "o_charged_off") == meaning
    assert code_meaning(t, contract, "o_charged_off", "1") == yes
    assert column_meaning(t, contract, "outcomes", "o_loss") == "loss"  # it has none
