import pandas as pd

from core.metrics.binning import CategoricalBins, NumericBins
from core.services.personal_names import MASK, mask_categories, masked_bins
from tests.builders import a_contract

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
    mask_categories(a_contract(features=FEATURES), before, after)
    assert before["industry"].dropna().tolist() == [f"{MASK} 1", f"{MASK} 3"]
    assert after["industry"].tolist() == [f"{MASK} 3", f"{MASK} 2"]
    assert before["industry"].isna().tolist() == [False, True, False]
    assert before["loan amount"].tolist() == [1.0, 2.0, 3.0]
