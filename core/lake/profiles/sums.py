"""Sums of profile cells over the days of chunks, of some versions, jurisdictions or a slice."""

from collections.abc import Sequence

import numpy as np

from core.lake.profiles.cell_table import CellTable, dense_counts
from core.lake.profiles.chunk_days import Cover
from core.lake.profiles.columns import ProfileColumn
from core.lake.row_filter import RowFilter
from core.metrics.arrays import Booleans
from core.metrics.binning import BinnedCounts


def summed(
    table: CellTable,
    columns: Sequence[ProfileColumn],
    covered: Cover,
    chunks: int,
    chosen: RowFilter,
) -> dict[str, BinnedCounts]:
    """Sum the cells of columns into chunks.

    Parameters
    ----------
    table : CellTable
        Where the cells are.
    columns : sequence of ProfileColumn
        Which columns.
    covered : Cover
        The chunk of each day; its ragged ends are not counted here.
    chunks : int
        Number of chunks.
    chosen : RowFilter
        Which versions, jurisdictions and slice count.

    Returns
    -------
    dict of str to BinnedCounts
        Arrays of shape (chunks, bins).
    """
    groups, value = _groups(table, chosen), _value(table, chosen)
    return {
        column.feature: dense_counts(
            table,
            column.feature,
            column.width,
            covered.chunk_of_day,
            covered.first_day,
            chunks,
            groups=groups,
            value=value,
            numeric=column.is_numeric,
        )
        for column in columns
    }


def _groups(table: CellTable, chosen: RowFilter) -> Booleans | None:
    if chosen.versions is None and chosen.jurisdictions is None:
        return None
    return np.asarray(
        [
            (chosen.versions is None or group.version in chosen.versions)
            and (chosen.jurisdictions is None or group.jurisdiction in chosen.jurisdictions)
            for group in table.groups
        ],
        dtype=np.bool_,
    )


def _value(table: CellTable, chosen: RowFilter) -> int | None:
    """Return the index of the slice's value; one that no cell has matches none (-1)."""
    if chosen.slice is None:
        return None
    label = chosen.slice[1]
    return table.values.index(label) if label in table.values else -1
