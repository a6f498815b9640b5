"""The rows behind the session's workspace, read with pandas: the second route to every figure."""

import numpy as np
import pandas as pd

from core.domain.windows import Chunk
from core.metrics.binning import BinnedCounts, BinSet, FeatureBins, NumericBins, count_rows
from core.services.workspace import Workspace
from core.store import references
from tests.support.harbour import ZONE, Harbour, loan_log

COLUMNS = {"@score": "score", "@decision": "decision"}


def logged_loans(harbour: Harbour) -> pd.DataFrame:
    """Return the stored loans, the one good row of the late file last, with local month and day."""
    late = loan_log().tail(4).head(1).assign(loan_id="L90001")
    frame = pd.concat([harbour.loans, late], ignore_index=True).drop(columns="likely")
    local = frame["scored_at"].dt.tz_convert(ZONE)
    return frame.assign(month=local.dt.strftime("%Y-%m"), day=local.dt.strftime("%Y-%m-%d"))


def in_reference(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the reference period: the first quarter."""
    return rows[rows["month"] <= "2024-03"]


def live_bins(workspace: Workspace, model: str) -> BinSet:
    """Return the bins in force."""
    with workspace.store.read() as conn:
        live = references.live(conn, model)
    assert live is not None
    return BinSet.from_json(live.bins_json)


def counted(bins: FeatureBins, rows: pd.DataFrame, column: str) -> BinnedCounts:
    """Count one column of raw rows."""
    values = rows[COLUMNS.get(column, column)]
    raw = values.to_numpy(float if isinstance(bins, NumericBins) else object)
    return count_rows(bins, raw, null=values.isna().to_numpy())


def counted_chunks(
    bins: FeatureBins, rows: pd.DataFrame, column: str, chunks: tuple[Chunk, ...]
) -> BinnedCounts:
    """Count one column chunk by chunk; the chunks' bounds are half-open."""
    time = rows["scored_at"]
    parts = [
        counted(bins, rows[(time >= chunk.start) & (time < chunk.end)], column) for chunk in chunks
    ]
    total = low = high = None
    if isinstance(bins, NumericBins):
        total, low, high = (
            np.stack([np.asarray(getattr(part, name)) for part in parts])
            for name in ("total", "low", "high")
        )
    return BinnedCounts(np.stack([part.n for part in parts]), total, low, high)
