"""Contracts that the tests of this folder change one field at a time."""

from typing import Any

import yaml

from core.contract import ModelContract, contract_from_text

SMALL = """
id: small-loans
name: Small loans
task: binary_classification
owner: Credit risk
purpose: Scores small business loans before approval.
log: {prediction_id: loan_id, time: approved_at, score: score, amount: amount}
columns: [{name: State, type: categorical}, {name: birth, type: date, personal: true}]
features:
  - {name: loan amount, type: numeric, label: {en: Loan amount, zh-HK: 貸款額}, unit: USD}
  - {name: industry, type: categorical, personal: true}
reference: {from: 2006-01-01, to: 2006-06-30}
"""


def document(**changes: Any) -> dict[str, Any]:
    """Return the small contract as a document, some fields changed; ``None`` takes one out."""
    fields = {**yaml.safe_load(SMALL), **changes}
    return {name: value for name, value in fields.items() if value is not None}


def contract(**changes: Any) -> ModelContract:
    """Return the small contract with some fields changed, read from YAML text."""
    return contract_from_text(yaml.safe_dump(document(**changes), allow_unicode=True))
