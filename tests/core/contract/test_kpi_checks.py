"""How a contract's mistakes in expressions are told to whoever wrote it."""

import pytest

from core.contract import contract_from_text
from core.errors import ContractError
from tests.support.builders import contract_text

KPI = {"id": "approval_rate", "name": "Approval rate", "definition": "share(approved)"}


def test_each_mistake_has_lines_of_its_own_with_the_place_under_it() -> None:
    loss = {**KPI, "id": "loss", "definition": "sum(los where amount > 0)"}
    text = contract_text(kpis=[KPI, loss], definitions={"approved": "decison = 'approve'"})
    with pytest.raises(ContractError) as caught:
        contract_from_text(text)
    assert str(caught.value).splitlines() == [
        "The contract has 2 fault(s): definitions.approved: There is no column or definition "
        "decison. Did you mean decision, human_decision, final_decision?",
        "  approved: decison = 'approve'",
        "            ^^^^^^^",
        "kpis[1].definition: There is no column or definition los. "
        "Did you mean loss, outcome.loss?",
        "  sum(los where amount > 0)",
        "      ^^^",
    ]
    assert caught.value.params["fields"] == ("definitions.approved", "kpis[1].definition")


@pytest.mark.parametrize(
    ("definitions", "fields"),
    [
        ({"approved": "decision = 1"}, ("definitions.approved",)),
        ({"approved": "small", "small": "amont < 3"}, ("definitions.small",)),
        (
            {"approved": "other", "other": "approved"},  # a circle is either's fault
            ("definitions.approved", "definitions.other"),
        ),
    ],
)
def test_a_mistake_in_a_definition_is_told_once(
    definitions: dict[str, str], fields: tuple[str, ...]
) -> None:
    again = {**KPI, "id": "again", "definition": "count(approved)"}
    with pytest.raises(ContractError) as caught:
        contract_from_text(contract_text(kpis=[KPI, again], definitions=definitions))
    assert caught.value.params["fields"] == fields


def test_the_same_mistake_in_two_kpis_is_told_of_both() -> None:
    kpis = [{**KPI, "id": each, "definition": "sum(los)"} for each in ("one", "two")]
    with pytest.raises(ContractError) as caught:
        contract_from_text(contract_text(kpis=kpis))
    assert caught.value.params["fields"] == ("kpis[0].definition", "kpis[1].definition")
