"""Samples of the inputs that a model logged: of its reference, and of chunks.

Which rows are drawn is told by a fixed seed and the prediction ids, so the same log gives the same
sample whatever files it lies in. No more than the sample is held in memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.contract import ModelContract
from core.domain.windows import Chunk
from core.lake.labels.chunk_samples import chunk_sample
from core.lake.labels.rows import LabelledRows
from core.metrics.arrays import AnyArray, Floats, Integers
from core.services.questions import View
from core.services.reference.counts import row_filter
from core.services.workspace import Workspace

SEED = 20_240_229
"""Of every draw; it is said beside the figures."""


@dataclass(frozen=True, slots=True, eq=False)
class InputSample:
    """Rows drawn from chunks, with their inputs.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (n,)
        Feature → its values: numbers, NaN where missing, or texts, None where missing.
    at : ndarray, shape (n,)
        Instants of the rows in seconds.
    period : ndarray of int64, shape (n,)
        Place of the row's chunk.
    population : ndarray of int64, shape (chunks,)
        Rows that each chunk's were drawn from.
    """

    columns: Mapping[str, AnyArray]
    at: Floats
    period: Integers
    population: Integers

    @property
    def n(self) -> int:
        """Number of rows drawn."""
        return self.at.size


def reference_inputs(workspace: Workspace, view: View, size: int) -> InputSample:
    """Draw rows of the reference period, of every version, in the view's slice and scope.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    return _drawn(workspace, view, (_reference(view),), size, of_reference=True)


def chunk_inputs(
    workspace: Workspace, view: View, chunks: Sequence[Chunk], size: int
) -> InputSample:
    """Draw at most ``size`` rows of each chunk.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    return _drawn(workspace, view, chunks, size, of_reference=False)


def both_sides(
    workspace: Workspace, view: View, chunk: Chunk, size: int, *, fewest: int
) -> tuple[InputSample, InputSample]:
    """Draw at most ``size`` rows of the reference and of a chunk, no row on both sides.

    Where they overlap in time, the rows are the chunk's; or the reference's, where fewer than
    ``fewest`` rows of it would be left.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    whole = _reference(view)
    rest = _outside(whole, chunk)
    reference = _together(_drawn(workspace, view, rest, size, of_reference=True), size)
    if reference.n >= fewest:
        return reference, _drawn(workspace, view, (chunk,), size, of_reference=False)
    current = _drawn(workspace, view, _outside(chunk, whole), size, of_reference=False)
    return reference_inputs(workspace, view, size), _together(current, size)


def _reference(view: View) -> Chunk:
    window = view.reference_window
    return Chunk(0, "reference", window.start, window.end)


def _outside(chunk: Chunk, other: Chunk) -> tuple[Chunk, ...]:
    """Return what of a chunk lies before and after another one."""
    spans = (
        (chunk.start, min(chunk.end, other.start)),
        (max(chunk.start, other.end), chunk.end),
    )
    parts = [span for span in spans if span[0] < span[1]]
    return tuple(Chunk(place, chunk.key, *span) for place, span in enumerate(parts))


def _together(sample: InputSample, size: int) -> InputSample:
    """Return one sample of several periods: of each as large a share as it has of the rows."""
    total = max(int(sample.population.sum()), 1)
    wanted = np.ceil(size * sample.population / total)
    # Rows come period by period, each in the order of the draw.
    first = np.searchsorted(sample.period, np.arange(len(sample.population)))
    kept = np.arange(sample.n) - first[sample.period] < wanted[sample.period]
    return InputSample(
        {name: column[kept] for name, column in sample.columns.items()},
        sample.at[kept],
        np.zeros(int(kept.sum()), dtype=np.int64),
        sample.population.sum(keepdims=True),
    )


def _drawn(
    workspace: Workspace, view: View, chunks: Sequence[Chunk], size: int, *, of_reference: bool
) -> InputSample:
    contract = view.contract
    wanted = LabelledRows(
        contract=contract,
        resolved=(),  # no outcome is looked at
        chunks=tuple(chunks),
        rows=row_filter(workspace, view, of_reference=of_reference),
        as_of=view.as_of,
        matured_before=view.as_of,
    )
    aliases = [contract.alias(feature.name) for feature in contract.features]
    drawn = chunk_sample(
        workspace.duck,
        wanted,
        workspace.lake_paths(view.data_files("predictions")),
        ["time", *aliases],
        numbers=(),
        size=size,
        seed=SEED,
    )
    return InputSample(
        _columns(contract, drawn.rows), _seconds(drawn.rows), drawn.period, drawn.population
    )


def _columns(contract: ModelContract, rows: pa.Table) -> dict[str, AnyArray]:
    return {
        feature.name: _values(
            rows.column(contract.alias(feature.name)), is_number=feature.type == "numeric"
        )
        for feature in contract.features
    }


def _values(column: pa.ChunkedArray, *, is_number: bool) -> AnyArray:
    if is_number:
        return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    words: AnyArray = np.empty(len(column), dtype=object)
    words[:] = column.to_pylist()
    return words


def _seconds(rows: pa.Table) -> Floats:
    at = rows.column("time")
    if not len(at):
        return np.empty(0)
    return np.asarray(at.cast(pa.int64()).to_numpy(), dtype=np.float64) / 1e6
