"""KPIs in a contract: what is refused, with the place, and what a set makes with the contract."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.contract import ModelContract
from core.contract.kpi_definitions import kpi_definitions, kpi_parameters, kpi_schema, merged_kpis
from core.contract.kpi_names import kpi_names, money_names
from core.contract.kpi_sets import KpiSet, kpi_set, kpi_set_names
from core.errors import ContractError
from tests.support.builders import a_contract

LOSS_RATE = {
    "id": "loss_rate",
    "name": {"en": "Loss rate", "zh-HK": "損失率", "zh-CN": "损失率"},
    "definition": "sum(loss where approved) / sum(amount where approved)",
    "unit": "share",
    "direction": "lower_is_better",
    "target": {"value": 0.03, "set_on": "2024-12-15", "set_by": "Credit committee"},
    "watch": 0.04,
    "act": 0.06,
    "maturity": "outcome",
    "owner": "Credit risk",
}
APPROVED = {"approved": 'final_decision = "approve"'}


def with_kpi(**changes: Any) -> ModelContract:
    kpi = {name: value for name, value in {**LOSS_RATE, **changes}.items() if value is not None}
    return a_contract(kpis=[kpi], definitions=APPROVED)


def test_a_kpi_in_ten_lines() -> None:
    contract = with_kpi()
    (found,) = kpi_definitions(contract, datetime(2025, 1, 1, tzinfo=UTC))
    assert found.expression is not None
    assert found.expression.columns == {"loss", "amount", "final_decision"}
    assert found.unavailable is None
    assert found.name.get("zh-HK") == "損失率"
    assert found.meaning.en == "Loss rate"
    assert (found.unit, found.currency, found.from_set) == ("share", None, None)
    (target,) = found.targets
    assert (target.value, target.set_by) == (0.03, "Credit committee")
    assert not found.set_after_go_live


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"definition": "sum(los)"}, "kpis[0].definition", "Did you mean loss"),
        ({"definition": "sum(loss) / amount"}, "kpis[0].definition", "amount"),
        ({"definition": "sum(loss"}, "kpis[0].definition", "^"),
        ({"definition": "share(sex = 'f')"}, "kpis[0].definition", "is protected"),
        ({"definition": None}, "kpis[0].definition", "none of a set's KPIs"),
        ({"name": None}, "kpis[0].name", "needs a name"),
        ({"unit": "percent"}, "kpis[0].unit", "choose one of share"),
        ({"maturity": "soon"}, "kpis[0].maturity", "'90 days'"),
        ({"id": "Loss rate"}, "kpis[0].id", "loss_rate"),
        ({"direction": "neutral"}, "kpis[0].direction", "which way is better"),
        ({"direction": "higher_is_better"}, "kpis[0]", "exchange them"),
        ({"act": 0.025, "watch": None}, "kpis[0]", "reaches its target"),
        ({"targets": []}, "kpis[0]", "either 'target' or 'targets'"),
        ({"colour": "red"}, "kpis[0].colour", "mend its name"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(
    changes: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(ContractError) as caught:
        with_kpi(**changes)
    assert caught.value.params["fields"] == (field,)
    assert says in str(caught.value)


def test_an_error_points_at_the_column() -> None:
    with pytest.raises(ContractError) as caught:
        with_kpi(definition="sum(los where approved)")
    text, marks = str(caught.value).splitlines()[-2:]
    assert text[marks.index("^") : marks.rindex("^") + 1] == "los"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"definitions": {"good": "not bad", "bad": "not good"}}, "definitions.good"),
        ({"definitions": {"good": "labl = 0"}}, "definitions.good"),
        ({"kpi_set": "no_such_set"}, "kpi_set.name"),
        ({"value": {"flagged": 0, "not_flagged": "amount * margn"}}, "value.not_flagged"),
        ({"value": {"flagged": "decision", "not_flagged": 0}}, "value.flagged"),
        ({"value": {"flagged": 0, "not_flagged": 0, "hold_out": "amount"}}, "value.hold_out"),
    ],
)
def test_what_else_is_written_in_the_language_is_checked_too(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ContractError) as caught:
        a_contract(**changes)
    assert caught.value.params["fields"][0] == field  # type: ignore[index]


def test_a_target_set_after_the_first_prediction_is_marked() -> None:
    targets = [
        {"value": 0.02, "set_on": "2025-03-01", "set_by": "Board"},
        {"value": 0.03, "set_on": "2024-12-15", "set_by": "Board"},
    ]
    contract = with_kpi(target=None, targets=targets)
    live = datetime(2025, 1, 1, tzinfo=UTC)
    (found,) = kpi_definitions(contract, live)
    assert found.set_after_go_live
    assert [each.value for each in found.targets] == [0.03, 0.02]  # the earliest first
    on = {day: found.target_on(date.fromisoformat(day)) for day in ("2024-12-01", "2025-02-28")}
    assert on["2024-12-01"] is None
    assert on["2025-02-28"] is not None
    assert on["2025-02-28"].value == 0.03


def test_limits_are_checked_with_what_the_set_says() -> None:
    """The direction is the set's alone: 70 % would be missed before 60 % is watched."""
    mine = {"id": "approval_rate", "watch": 0.6, "act": 0.7}
    with pytest.raises(ContractError, match="exchange them") as caught:
        a_contract(kpi_set="bank_credit", kpis=[mine])
    assert caught.value.params["fields"] == ("kpis[0]",)


def a_set(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    document = {
        "id": "lending",
        "name": "Lending",
        "definitions": {"approved": 'final_decision = "approve"', "lost": "written_off"},
        "parameters": {"margin": 0.04},
        "needs": {"written_off": "money that was not paid back", "fee": "what an approval costs"},
        "kpis": [
            {"id": "approval_rate", "name": "Approval rate", "definition": "share(approved)"},
            {"id": "losses", "name": "Losses", "definition": "sum(lost)", "unit": "money"},
            {"id": "fees", "name": "Fees", "definition": "sum(fee)", "unit": "money"},
            {"id": "sizes", "name": "Sizes", "definition": "mean(squares)"},
        ],
        **changes,
    }
    found = KpiSet.model_validate(document)
    for module in ("kpi_definitions", "kpi_checks"):
        monkeypatch.setattr(f"core.contract.{module}.kpi_set", lambda _: found)
    monkeypatch.setattr("core.contract.kpi_checks.kpi_set_names", lambda: ("lending",))


def test_what_a_set_needs_and_a_log_lacks_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    a_set(monkeypatch)
    found = {each.id: each for each in kpi_definitions(a_contract(kpi_set="lending"))}
    assert found["approval_rate"].expression is not None
    assert found["approval_rate"].from_set == "lending"
    losses = found["losses"].unavailable
    assert losses is not None
    assert losses.params["name"] == "written_off"
    assert str(losses.params["need"].en) == "money that was not paid back"  # type: ignore[attr-defined]
    sizes = found["sizes"].unavailable
    assert sizes is not None
    assert sizes.params == {"name": "squares"}


def test_what_a_contract_says_wins_over_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    a_set(monkeypatch)
    contract = a_contract(
        kpi_set={"name": "lending", "leave_out": ["sizes"], "definitions": {"lost": "loss"}},
        parameters={"margin": {"value": 0.05, "simulated": True}, "fee": 12},
        kpis=[
            {"id": "approval_rate", "direction": "higher_is_better", "watch": 0.6, "owner": "Ada"},
            {**LOSS_RATE, "definition": "sum(loss)"},
        ],
    )
    found = {each.id: each for each in kpi_definitions(contract)}
    assert list(found) == ["approval_rate", "losses", "fees", "loss_rate"]
    rate = found["approval_rate"]
    assert (rate.text, rate.watch, rate.owner) == ("share(approved)", 0.6, "Ada")
    assert found["losses"].expression is not None
    assert (found["losses"].unit, found["losses"].currency) == ("money", "HKD")
    assert found["losses"].owner == contract.owner
    assert kpi_schema(contract).parameters == {"margin": 0.05, "fee": 12}
    assert kpi_parameters(contract)["margin"].simulated
    assert dict(merged_kpis(contract))[contract.kpis[1]] is None


def test_only_kpis_of_the_set_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    a_set(monkeypatch)
    with pytest.raises(ContractError) as caught:
        a_contract(kpi_set={"name": "lending", "leave_out": ["los"]})
    assert "approval_rate" in str(caught.value)


def test_a_kpi_that_waits_for_outcomes_needs_some(monkeypatch: pytest.MonkeyPatch) -> None:
    kpi = {"id": "n", "name": "N", "definition": "count()", "maturity": "outcome"}
    a_set(monkeypatch, kpis=[kpi])
    (found,) = kpi_definitions(a_contract(kpi_set="lending", outcome=None))
    assert found.expression is None
    assert found.unavailable is not None
    with pytest.raises(ContractError, match="maturity"):
        a_contract(outcome=None, kpis=[kpi])


def test_every_set_can_be_read() -> None:
    for name in kpi_set_names():
        found = kpi_set(name)
        assert found.id == name
        assert len({kpi.id for kpi in found.kpis}) == len(found.kpis)


def test_no_other_set_is_there() -> None:
    with pytest.raises(KeyError):
        kpi_set("../kpis")


def test_names_by_what_they_stand_for() -> None:
    names = kpi_names(a_contract(events=[{"name": "call", "time": "at", "amount": "fee"}]))
    assert names["loan amount"] == "number"
    assert names["branch"] == "text"
    assert names["opened"] == "instant"
    assert names["charged_off"] == names["outcome.charged_off"] == names["label"] == "number"
    assert names["event.call"] == "boolean"
    assert names["event.call.amount"] == "number"
    assert names["final_decision"] == "text"
    assert not {"sex", "subject", "released_at", "jurisdiction"} & set(names)


def test_a_label_in_words_reads_as_text() -> None:
    outcome = {
        "columns": [{"name": "status", "type": "label", "positive": "default"}],
        "time": "seen",
        "matures_after": "3 months",
    }
    names = kpi_names(a_contract(outcome=outcome))
    assert names["outcome.status"] == "text"
    assert "status" in names  # the log's own, which is text as well
    assert names["label"] == "number"


def test_money_by_the_currency_it_is_logged_in() -> None:
    contract = a_contract(
        currency="USD",
        events=[{"name": "recovery", "time": "at", "amount": "got", "currency": "GBP"}],
    )
    assert money_names(contract) == {
        "amount": "USD",
        "loss": "HKD",
        "outcome.loss": "HKD",
        "event.recovery.amount": "GBP",
    }
