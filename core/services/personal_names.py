"""Names of categories of personal columns, which no chart, table or report shows by default.

A name is replaced by a mark and a number that is the same on both sides of a comparison: shares
and distances stay as they are, and nobody reads what the value was.
"""

from typing import TYPE_CHECKING

from core.contract import ModelContract
from core.metrics.binning import CategoricalBins, FeatureBins

if TYPE_CHECKING:
    import pandas as pd

MASK = "•••"


def masked_bins(contract: ModelContract, column: str, bins: FeatureBins) -> FeatureBins:
    """Return the bins of a column to show; of a personal one with numbered names."""
    if column not in contract.personal_log_columns or not isinstance(bins, CategoricalBins):
        return bins
    numbered = tuple(f"{MASK} {place}" for place in range(1, len(bins.values) + 1))
    return CategoricalBins(numbered, (MASK,) * len(bins.rest), bins.complete)


def mask_categories(contract: ModelContract, *frames: "pd.DataFrame") -> None:
    """Replace the texts of personal categorical features in frames that are compared, in place."""
    for feature in contract.features:
        if feature.type != "categorical" or feature.name not in contract.personal_log_columns:
            continue
        known = sorted({str(v) for frame in frames for v in frame[feature.name].dropna()})
        numbered = {value: f"{MASK} {place}" for place, value in enumerate(known, start=1)}
        for frame in frames:
            values = frame[feature.name]
            frame[feature.name] = values.astype(object).where(
                values.isna(), values.astype(str).map(numbered)
            )
