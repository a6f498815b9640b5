from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from core.contract import (
    LocalisedText,
    LogColumns,
    Outcome,
    OutcomeColumn,
    PolicyVersion,
    Segment,
)
from tests.core.contract.examples import contract


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en", "Loans"), ("zh-HK", "貸款"), ("zh-CN", "Loans"), ("fr", "Loans")],
)
def test_a_text_that_is_missing_is_given_in_english(locale: str, expected: str) -> None:
    text = LocalisedText.model_validate({"en": "Loans", "zh-HK": "貸款"})
    assert text.get(locale) == expected


def test_a_plain_text_stands_for_all_languages() -> None:
    name = contract().name
    assert {name.get(locale) for locale in ("en", "zh-HK", "zh-CN")} == {"Small loans"}


def test_labels_fall_back_to_names() -> None:
    small = contract(
        segments=["State", {"name": "by size", "from": "amount", "label": {"en": "Size"}}]
    )
    assert small.feature("loan amount").label_in("zh-HK") == "貸款額"
    assert small.feature("industry").label_in("zh-HK") == "industry"
    assert small.feature("loan amount").unit_in("zh-HK") == "USD"
    assert small.feature("industry").unit_in("en") == ""
    assert [segment.label_in("en") for segment in small.segments] == ["State", "Size"]


def test_the_mapping_holds_what_the_log_has() -> None:
    log = LogColumns(prediction_id="id", time="t", score="s")
    assert log.mapping() == {"prediction_id": "id", "time": "t", "score": "s"}


def test_classes_are_numbered_in_their_order() -> None:
    log = {"prediction_id": "id", "time": "t", "scores": {"0": "p_a", "b": "p_b"}}
    model = contract(task="multiclass_classification", log=log)
    assert model.log.mapping() == {
        "prediction_id": "id",
        "time": "t",
        "score_0": "p_a",
        "score_1": "p_b",
    }


@pytest.mark.parametrize(
    ("written", "name", "source"),
    [
        ("State", "State", "State"),
        ({"name": "State"}, "State", "State"),
        ({"name": "region", "from": "State"}, "region", "State"),
        ({"name": "region", "source": "State"}, "region", "State"),
    ],
)
def test_a_segment_is_written_short_or_long(written: Any, name: str, source: str) -> None:
    segment = Segment.model_validate(written)
    assert (segment.name, segment.source) == (name, source)


def test_a_segment_is_a_name_or_a_mapping() -> None:
    with pytest.raises(ValidationError):
        Segment.model_validate(["State"])


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("score >= 0.05 -> decline", ("score", ">=", 0.05, "decline")),
        ("score<1e-3->approve", ("score", "<", 0.001, "approve")),
        ("amount > -.5 -> refer", ("amount", ">", -0.5, "refer")),
        ("amount <= +50000. -> approve", ("amount", "<=", 50000.0, "approve")),
    ],
)
def test_a_rule_is_read_into_its_parts(rule: str, parts: tuple[str, str, float, str]) -> None:
    policy = PolicyVersion.model_validate({"version": 1, "from": "2006-01-01", "rule": rule})
    assert policy.parts() == parts
    assert policy.version == "1"


def test_a_rule_that_nobody_validated_is_still_not_guessed_at() -> None:
    policy = PolicyVersion.model_construct(version="p", start=date(2006, 1, 1), rule="whatever")
    with pytest.raises(ValueError, match="whatever"):
        policy.parts()


def test_the_label_is_the_label_column() -> None:
    loss = OutcomeColumn(name="loss", type="amount", currency="USD")
    label = OutcomeColumn(name="defaulted", type="label", positive=1)
    fields: dict[str, Any] = {"time": "t", "matures_after": "1 year"}
    assert Outcome(columns=(loss, label), **fields).label is label
    assert Outcome(columns=(loss,), **fields).label is None


def test_an_outcome_column_is_called_by_its_label_or_its_name() -> None:
    label = OutcomeColumn.model_validate(
        {"name": "charged_off", "type": "label", "label": {"en": "Charged off", "zh-HK": "已撇帳"}}
    )
    loss = OutcomeColumn(name="loss", type="amount", currency="USD")
    outcome = Outcome(columns=(label, loss), time="t", matures_after="1 year")
    assert outcome.labels_in("zh-HK") == {"charged_off": "已撇帳", "loss": "loss"}
    assert outcome.labels_in("en")["charged_off"] == "Charged off"


def test_outcome_columns_have_lake_names_of_their_own() -> None:
    columns = [
        OutcomeColumn(name=name, type="value") for name in ("Loss (HKD)", "loss hkd", "損失")
    ]
    outcome = Outcome(columns=tuple(columns), time="t", matures_after="1 year")
    assert list(outcome.stored_columns.values()) == ["o_loss_hkd", "o_loss_hkd_2", "o_column"]


@pytest.mark.parametrize("positive", [1, True, "Y"])
def test_the_positive_value_keeps_its_type(positive: str | int | bool) -> None:
    column = OutcomeColumn(name="d", type="label", positive=positive)
    assert type(column.positive) is type(positive)


def test_a_contract_cannot_be_changed_in_place() -> None:
    small = contract()
    with pytest.raises(ValidationError, match="frozen"):
        small.owner = "Somebody else"  # type: ignore[misc]
