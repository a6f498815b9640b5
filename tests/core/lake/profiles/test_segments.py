"""Names of slice values."""

from core.lake.profiles.segments import range_labels, slice_values
from core.metrics.binning import BinSet, CategoricalBins, NumericBins
from tests.support.lake_builders import a_sliced_contract


def test_ranges_are_named_by_their_edges() -> None:
    assert range_labels((50_000.0, 150_000.0)) == ("<50000", "50000–150000", "≥150000")
    assert range_labels((-0.25, 1e21)) == (
        "<-0.25",
        "-0.25–1000000000000000000000",
        "≥1000000000000000000000",
    )


def test_only_segments_that_the_bins_know() -> None:
    bins = BinSet(
        {
            "#industry": CategoricalBins(("food",)),
            "#size": NumericBins((50.0,), (), ()),
            "#county": CategoricalBins(("x",)),
        }
    )
    found = slice_values(a_sliced_contract(), bins)
    assert [cut.name for cut in found] == ["industry", "size"]
    assert found[0].labels == ("food", "…rest", "…missing")
    assert found[1].labels == ("<50", "≥50", "…missing")
    assert [cut.missing_code for cut in found] == [2, 2]
