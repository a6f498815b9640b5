"""Thresholds and the rate of alarms in the contract: what is taken, and what is refused."""

from typing import Any

import pytest

from core.contract import contract_from_text
from core.errors import ContractError
from tests.support.builders import contract_text


def test_a_contract_without_them_has_the_defaults() -> None:
    found = contract_from_text(contract_text())
    assert found.thresholds == {}
    assert found.alarms.rate == 0.01


def test_a_column_has_its_own_or_the_metrics() -> None:
    own = {"psi": {"act": 0.3, "columns": {"@score": {"deviations": 2}}}}
    found = contract_from_text(contract_text(thresholds=own, alarms={"rate": 0.005}))
    assert found.thresholds["psi"].of_column("@score").deviations == 2
    assert found.thresholds["psi"].of_column("@decision").act == 0.3
    assert found.alarms.rate == 0.005


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"thresholds": {"psi": {"deviations": 3, "act": 0.2}}}, "take out"),
        ({"thresholds": {"psi": {"deviations": 0}}}, "deviations"),
        ({"thresholds": {"psi": {"columns": {"nobody": {"act": 1}}}}}, "nobody"),
        ({"thresholds": {"psi": {"columns": {"@score": {"act": 1, "deviations": 1}}}}}, "take out"),
        ({"alarms": {"rate": 0}}, "rate"),
        ({"alarms": {"rate": 0.5}}, "rate"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        contract_from_text(contract_text(**change))
