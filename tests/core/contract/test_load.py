from pathlib import Path
from typing import Any

import pytest
import yaml

from core.contract import contract_from_text, load_contract
from core.errors import ContractError
from tests.core.contract.examples import SMALL, contract, document

LABEL = {"name": "defaulted", "type": "label", "positive": 1}
OUTCOME = {"columns": [LABEL], "time": "observed_at", "matures_after": "36 months"}
NUMBER = {"name": "n", "type": "numeric"}

# What is changed, the field that the error must name, and the words of its remedy.
FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "missing": ({"owner": None}, "owner", "Add the field"),
    "missing inside": ({"log": {"time": "t"}}, "log.prediction_id", "Add the field"),
    "unknown": ({"ownr": "x"}, "ownr", "mend its name or take it out"),
    "unknown inside": (
        {"log": {"prediction_id": "i", "time": "t", "scor": "s"}},
        "log.scor",
        "mend its name",
    ),
    "id": ({"id": "Small Loans"}, "id", "Write it in the form ^[a-z0-9]"),
    "currency": ({"currency": "hkd"}, "currency", "Write it in the form ^[A-Z]{3}$"),
    "task": ({"task": "ranking"}, "task", "Choose one of 'binary_classification'"),
    "empty text": ({"purpose": ""}, "purpose.en", "Fill it in"),
    "no feature": ({"features": []}, "features", "Give at least one"),
    "type": ({"owner": ["a"]}, "owner", "docs/model-contract.md"),
    "feature type": (
        {"features": [{"name": "a", "type": "float"}]},
        "features[0].type",
        "Choose one of 'numeric' or 'categorical'",
    ),
    "feature limits": (
        {"features": [{**NUMBER, "minimum": 2, "maximum": 1}]},
        "features[0]",
        "exchange them",
    ),
    "limits of words": (
        {"features": [{"name": "a", "type": "categorical", "minimum": 1}]},
        "features[0]",
        "take it out",
    ),
    "infinite": (
        {"features": [{**NUMBER, "maximum": float("inf")}]},
        "features[0].maximum",
        "docs/model-contract.md",
    ),
    "zone": ({"timezone": "Hong Kong"}, "timezone", "write an IANA name"),
    "english label": ({"name": {"zh-HK": "貸款"}}, "name.en", "Add the field"),
    "edges fall": (
        {"segments": [{"name": "s", "from": "loan amount", "edges": [2, 1]}]},
        "segments[0]",
        "write [50000, 150000]",
    ),
    "many edges": (
        {"segments": [{"name": "s", "from": "loan amount", "edges": list(range(50))}]},
        "segments[0]",
        "give fewer edges",
    ),
    "segment of nothing": ({"segments": ["region"]}, "segments", "declare it in 'columns'"),
    "edges on words": (
        {"segments": [{"name": "s", "from": "State", "edges": [1]}]},
        "segments",
        "take out 'edges'",
    ),
    "protected feature": ({"protected": ["industry"]}, "protected", "take it out of 'features'"),
    "feature twice": ({"features": [NUMBER, NUMBER]}, "features", "keep one"),
    "column twice": ({"columns": [NUMBER, NUMBER]}, "columns", "keep one"),
    "segment twice": ({"segments": ["State", "State"]}, "segments", "keep one"),
    "version twice": ({"versions": [{"id": 1}, {"id": "1"}]}, "versions", "keep one"),
    "policy twice": (
        {"policy": [{"version": "p", "from": "2006-01-01", "rule": "score > 1 -> decline"}] * 2},
        "policy",
        "keep one",
    ),
    "event twice": ({"events": [{"name": "e", "time": "t"}] * 2}, "events", "keep one"),
    "kpi twice": ({"kpis": [{"id": "k", "name": "K"}] * 2}, "kpis", "keep one"),
    "version as a fraction": ({"versions": [{"id": 1.1}]}, "versions[0].id", "in quotes"),
    "policy as a fraction": (
        {"policy": [{"version": 1.1, "from": "2006-01-01", "rule": "score > 1 -> decline"}]},
        "policy[0].version",
        "in quotes",
    ),
    "unknown policy": ({"versions": [{"id": "1", "policy": "p9"}]}, "versions", "add it there"),
    "hash": ({"versions": [{"id": "1", "sha256": "abc"}]}, "versions[0].sha256", "in the form"),
    "rule": (
        {"policy": [{"version": "p", "from": "2006-01-01", "rule": "score over 1.2.3"}]},
        "policy[0].rule",
        "write a rule as 'score >= 0.05 -> decline'",
    ),
    "rule's number": (
        {"policy": [{"version": "p", "from": "2006-01-01", "rule": "score > 1.2.3 -> decline"}]},
        "policy[0].rule",
        "write a rule as",
    ),
    "classes missing": ({"task": "multiclass_classification"}, "log.scores", "{class: column}"),
    "classes too many": (
        {"log": {"prediction_id": "i", "time": "t", "scores": {"a": "pa"}}},
        "log.scores",
        "use 'log.score'",
    ),
    "reference": (
        {"reference": {"from": "2006-06-30", "to": "2006-01-01"}},
        "reference",
        "exchange them",
    ),
    "performance reference": (
        {"performance_reference": {"dataset": "h.parquet", "from": "2006-01-01"}},
        "performance_reference",
        "give either 'dataset' or both",
    ),
    "performance period": (
        {"performance_reference": {"from": "2006-06-30", "to": "2006-01-01"}},
        "performance_reference",
        "exchange them",
    ),
    "age": ({"outcome": {**OUTCOME, "matures_after": "soon"}}, "outcome.matures_after", "36 month"),
    "age as a number": (
        {"outcome": {**OUTCOME, "matures_after": 36}},
        "outcome.matures_after",
        "write an age as",
    ),
    "amount without currency": (
        {"outcome": {**OUTCOME, "columns": [{"name": "loss", "type": "amount"}]}},
        "outcome.columns[0]",
        "needs its 'currency'",
    ),
    "outcome column twice": (
        {"outcome": {**OUTCOME, "columns": [LABEL, LABEL]}},
        "outcome",
        "keep one",
    ),
    "two labels": (
        {"outcome": {**OUTCOME, "columns": [LABEL, {**LABEL, "name": "late"}]}},
        "outcome",
        "give the others type 'value'",
    ),
    "threshold": ({"thresholds": {"psi": {"minimum_n": 0}}}, "thresholds.psi.minimum_n", "docs/"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_kind_of_fault_names_its_field_and_the_remedy(name: str) -> None:
    changes, field, remedy = FAULTS[name]
    with pytest.raises(ContractError) as caught:
        contract(**changes)
    assert caught.value.params["fields"] == (field,)
    assert str(caught.value).startswith(f"The contract has 1 fault(s): {field}: ")
    assert remedy in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ContractError) as caught:
        contract(owner=None, task="ranking", colour="red")
    assert caught.value.params["count"] == 3
    assert set(caught.value.params["fields"]) == {"owner", "task", "colour"}  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty or not a mapping. Begin with 'id: my-model'"),
        ("- a\n- b\n", "empty or not a mapping"),
        ("id: [", "not YAML.*Mend the line"),
        (SMALL + "owner: Somebody else\n", "'owner' is written twice.*line 13"),
        (SMALL.replace("2006-06-30", "2006-06-31"), "not YAML: day is out of range"),
        ("? [a]\n: 1\n", "not YAML.*unhashable"),
        ("!!python/object/apply:os.system ['true']", "not YAML.*could not determine a constructor"),
    ],
)
def test_what_is_no_document_is_refused(text: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        contract_from_text(text)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(SMALL, encoding="utf-8-sig")
    assert load_contract(path) == contract()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"model\.yaml cannot be read.*UTF-8 YAML file"):
        load_contract(tmp_path / "model.yaml")
    path = tmp_path / "big5.yaml"
    path.write_bytes("name: 貸款".encode("big5"))
    with pytest.raises(ContractError, match=r"big5\.yaml cannot be read"):
        load_contract(path)


def test_a_contract_is_the_same_after_a_round_trip() -> None:
    first = contract(versions=[{"id": 2}], outcome=OUTCOME)
    text = yaml.safe_dump(first.model_dump(mode="json", by_alias=True, exclude_none=True))
    assert contract_from_text(text) == first
    assert document()["id"] == first.id
