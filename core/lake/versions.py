"""Which model versions occur in a log, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from core.lake.paths import parquet_relation
from core.lake.rows import stale_files

_SPANS = "SELECT coalesce(version, ''), epoch_us(min(time)), epoch_us(max(time)), count(*) FROM "
_GROUPED = " GROUP BY 1 ORDER BY 2, 1"


@dataclass(frozen=True, slots=True)
class VersionSpan:
    """A version, the instants of its first and last prediction (UTC), and their number."""

    version: str
    first: datetime
    last: datetime
    rows: int


def version_spans(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str]
) -> tuple[VersionSpan, ...]:
    """Return the versions in prediction files, by their first prediction.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths:
        return ()
    with connection.cursor() as cursor, stale_files():
        # parquet_relation quotes the paths, which come from our own manifest.
        found = cursor.execute(_SPANS + parquet_relation(paths) + _GROUPED).fetchall()
    return tuple(
        VersionSpan(
            str(version),
            datetime.fromtimestamp(first / 1e6, UTC),
            datetime.fromtimestamp(last / 1e6, UTC),
            int(rows),
        )
        for version, first, last, rows in found
    )
