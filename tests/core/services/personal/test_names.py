import pandas as pd
import pytest

from core.errors import NotFound
from core.lake.profiles.segments import MISSING, REST, SliceValues
from core.metrics.binning import BinSet, CategoricalBins, NumericBins
from core.services.personal.names import (
    MASK,
    lake_label,
    mask_categories,
    masked_bins,
    shown_labels,
)
from tests.support.builders import a_contract

FEATURES = [
    {"name": "loan amount", "type": "numeric", "personal": True},
    {"name": "industry", "type": "categorical", "personal": True},
]
BINS = CategoricalBins(("retail", "food"), ("gold",), complete=True)


def test_names_of_personal_categories_become_numbers() -> None:
    contract = a_contract(features=FEATURES)
    shown = masked_bins(contract, "industry", BINS)
    assert shown == CategoricalBins((f"{MASK} 1", f"{MASK} 2"), (MASK,), complete=True)
    numbers = NumericBins((0.0, 1.0), (), ())
    assert masked_bins(contract, "loan amount", numbers) is numbers
    assert masked_bins(a_contract(), "industry", BINS) is BINS


def test_both_sides_of_a_report_are_masked_alike() -> None:
    before = pd.DataFrame({"industry": ["food", None, "retail"], "loan amount": [1.0, 2.0, 3.0]})
    after = pd.DataFrame({"industry": ["retail", "gold"], "loan amount": [4.0, 5.0]})
    mask_categories(a_contract(features=FEATURES), None, before, after)
    assert before["industry"].dropna().tolist() == [f"{MASK} 1", f"{MASK} 3"]
    assert after["industry"].tolist() == [f"{MASK} 3", f"{MASK} 2"]
    assert before["industry"].isna().tolist() == [False, True, False]
    assert before["loan amount"].tolist() == [1.0, 2.0, 3.0]


def test_a_report_has_the_numbers_of_the_reference() -> None:
    frame = pd.DataFrame({"industry": ["food", "gold", "retail"], "loan amount": [1.0, 2.0, 3.0]})
    mask_categories(a_contract(features=FEATURES), BinSet({"industry": BINS}), frame)
    # Retail is first in the reference; gold comes after all that it has a number for.
    assert frame["industry"].tolist() == [f"{MASK} 2", f"{MASK} 3", f"{MASK} 1"]


@pytest.mark.parametrize("source", ["sex", "branch", "decision"])
def test_a_value_of_a_personal_segment_is_known_by_its_number_only(source: str) -> None:
    columns = [
        {"name": name, "type": "categorical", "personal": True} for name in ("sex", "branch")
    ]
    columns.append({"name": "decision", "type": "text", "personal": True})
    contract = a_contract(columns=columns, segments=[{"name": "cut", "from": source}])
    cut = SliceValues("cut", contract.alias(source), ("f", "m"))
    assert shown_labels(contract, cut) == (f"{MASK} 1", f"{MASK} 2", REST, MISSING)
    assert lake_label(contract, cut, f"{MASK} 2") == "m"
    assert lake_label(contract, cut, MISSING) == MISSING
    with pytest.raises(NotFound) as refused:
        lake_label(contract, cut, "m")
    assert "f, m" not in str(refused.value)


def test_ranges_and_values_of_other_columns_keep_their_names() -> None:
    contract = a_contract(
        features=FEATURES,
        columns=[{"name": "branch", "type": "categorical"}],
        protected=[],
        segments=[{"name": "size", "from": "loan amount", "edges": [5.0]}, "branch"],
    )
    size = SliceValues("size", contract.alias("loan amount"), ("<5", "≥5"), (5.0,))
    assert shown_labels(contract, size) == size.labels
    branch = SliceValues("branch", contract.alias("branch"), ("Central",))
    assert shown_labels(contract, branch) == ("Central", REST, MISSING)
    assert lake_label(contract, branch, "Central") == "Central"
    with pytest.raises(NotFound):
        lake_label(contract, branch, "Wan Chai")


def test_the_subject_is_personal_under_both_its_names() -> None:
    log = {"prediction_id": "loan_id", "time": "approved_at", "subject": "customer"}
    contract = a_contract(log=log, columns=[], segments=["subject"], protected=[])
    assert contract.is_personal("subject")
    assert contract.is_personal("customer")
    assert not contract.is_personal("loan_id")
