"""Names of categories of personal columns, which no chart, table or report shows by default.

A name is replaced by a mark and a number that is the same on both sides of a comparison: shares
and distances stay as they are, and nobody reads what the value was. The number is the category's
place in the reference by frequency, so the same value has the same number as a category of a
chart, as a slice and in a report, until the reference is made again.
"""

from typing import TYPE_CHECKING

from core.contract import ModelContract
from core.errors import NotFound
from core.lake.profiles.segments import SliceValues
from core.metrics.binning import BinSet, CategoricalBins, FeatureBins

if TYPE_CHECKING:
    import pandas as pd

MASK = "•••"


def masked_bins(contract: ModelContract, column: str, bins: FeatureBins) -> FeatureBins:
    """Return the bins of a column to show; of a personal one with numbered names."""
    if not contract.is_personal(column) or not isinstance(bins, CategoricalBins):
        return bins
    return CategoricalBins(_numbered(len(bins.values)), (MASK,) * len(bins.rest), bins.complete)


def shown_labels(contract: ModelContract, cut: SliceValues) -> tuple[str, ...]:
    """Return the labels of a segment as readers see them, in the order of its own.

    Values of a personal column are numbered. Ranges are not: the contract wrote them.
    """
    if cut.edges or not contract.is_personal(contract.segment(cut.name).source):
        return cut.labels
    return (*_numbered(len(cut.values)), *cut.labels[len(cut.values) :])


def lake_label(contract: ModelContract, cut: SliceValues, shown: str) -> str:
    """Return the label in the lake of one that a reader chose.

    The value itself is refused where readers see a number: who could ask for it by name would
    learn which number it has.

    Raises
    ------
    NotFound
        If readers see no such label.
    """
    labels = shown_labels(contract, cut)
    if shown not in labels:
        raise NotFound(
            "The slice {slice} has no value {value}.",
            remedy="Choose from: {values}.",
            slice=cut.name,
            value=shown,
            values=", ".join(labels),
        )
    return cut.labels[labels.index(shown)]


def mask_categories(contract: ModelContract, bins: BinSet | None, *frames: "pd.DataFrame") -> None:
    """Replace the texts of personal categorical features in frames that are compared, in place.

    What the reference's bins do not know is numbered after what they know.
    """
    for feature in contract.features:
        if feature.type != "categorical" or not contract.is_personal(feature.name):
            continue
        entry = bins.features.get(feature.name) if bins is not None else None
        known = list(entry.values) if isinstance(entry, CategoricalBins) else []
        found = {str(v) for frame in frames for v in frame[feature.name].dropna()}
        every = [*known, *sorted(found.difference(known))]
        numbered = dict(zip(every, _numbered(len(every)), strict=True))
        for frame in frames:
            values = frame[feature.name]
            frame[feature.name] = values.astype(object).where(
                values.isna(), values.astype(str).map(numbered)
            )


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"{MASK} {place}" for place in range(1, count + 1))
