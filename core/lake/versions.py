"""Which model versions occur in a log, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files

_SPANS = "SELECT coalesce(version, ''), epoch_us(min(time)), epoch_us(max(time)), count(*) FROM "
_ALIAS = " AS r WHERE "
_GROUPED = " GROUP BY 1 ORDER BY 2, 1"


@dataclass(frozen=True, slots=True)
class VersionSpan:
    """A version, the instants of its first and last prediction (UTC), and their number."""

    version: str
    first: datetime
    last: datetime
    rows: int


def version_spans(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    jurisdictions: Sequence[str] | None = None,
    *,
    span: tuple[datetime, datetime] | None = None,
) -> tuple[VersionSpan, ...]:
    """Return the versions in prediction files, perhaps of some jurisdictions, by first prediction.

    With ``span`` only predictions of a half-open interval count.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths:
        return ()
    query = _SPANS + parquet_relation(paths)  # which quotes the paths of our own manifest
    if jurisdictions is not None or span is not None:
        places = None if jurisdictions is None else tuple(jurisdictions)
        times = [] if span is None else [span]
        query += _ALIAS + RowFilter(jurisdictions=places).condition(times, text=True)
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query + _GROUPED).fetchall()
    return tuple(
        VersionSpan(
            str(version),
            datetime.fromtimestamp(first / 1e6, UTC),
            datetime.fromtimestamp(last / 1e6, UTC),
            int(rows),
        )
        for version, first, last, rows in found
    )
