"""Compaction: many small files of a month, or many profiles, become one.

Only the files' number changes: rows keep ``_batch`` and ``_row``, counts add up. Quarantine and
reference files are left as they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

import duckdb

from core.lake.paths import parquet_relation, quoted
from core.lake.profiles.view import LakeFile as ListedFile
from core.lake.profiles.write import PROFILE_SCHEMA

SMALL_BYTES = 64 * 1024**2
TARGET_BYTES = 256 * 1024**2
TIMES = {"predictions": "time", "decisions": "time", "outcomes": "observed_at", "resolved": "time"}
_KEYS = "version, jurisdiction, day, slice, slice_value, feature, bin"
_PROFILE_ORDER = "slice, feature, version, jurisdiction, day, slice_value, bin"


class LakeFile(ListedFile, Protocol):
    """What compaction needs to know of a file in the manifest besides; data and profiles only."""

    @property
    def id(self) -> int:
        """Its number in the manifest."""

    @property
    def month(self) -> str | None:
        """Month of a data file."""

    @property
    def bytes(self) -> int:
        """Its size."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Files that become one: all of one stream and month, or of one kind of profile."""

    files: tuple[LakeFile, ...]

    @property
    def first(self) -> LakeFile:
        """The file whose stream, month, kind and bins stand for all."""
        return self.files[0]


def plan_merges(
    files: Iterable[LakeFile],
    *,
    small_bytes: int = SMALL_BYTES,
    target_bytes: int = TARGET_BYTES,
) -> tuple[Merge, ...]:
    """Return which files to merge: those below 64 MB, up to 256 MB together, never one alone.

    Parameters
    ----------
    files : iterable of LakeFile
        Files of one model in one generation.
    small_bytes, target_bytes : int
        What is small, and how large a merged file may become (as the sum of its parts).
    """
    small = [
        file for file in files if file.kind in {"data", "profile"} and file.bytes < small_bytes
    ]
    merges: list[Merge] = []
    for _, alike in groupby(sorted(small, key=_sort_key), key=_group_key):
        together: list[LakeFile] = []
        size = 0
        for file in alike:
            if together and size + file.bytes > target_bytes:
                merges.append(Merge(tuple(together)))
                together, size = [], 0
            together.append(file)
            size += file.bytes
        merges.append(Merge(tuple(together)))
    return tuple(merge for merge in merges if len(merge.files) > 1)


def write_merged(
    connection: duckdb.DuckDBPyConnection, merge: Merge, lake: Path, target: Path
) -> int:
    """Write the merged file and return its rows.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`.
    merge : Merge
        What to merge.
    lake : Path
        The lake's folder.
    target : Path
        The file to write; not synced here.
    """
    relation = parquet_relation([lake / file.path for file in merge.files])
    if merge.first.kind == "data":
        time = TIMES[merge.first.stream or ""]
        query = f"FROM {relation} ORDER BY {time}, _batch, _row"
        compression = "lz4_raw"
    else:
        query = _profile_query(relation)
        compression = "zstd"
    options = f"FORMAT parquet, COMPRESSION {compression}"
    connection.execute(f"COPY ({query}) TO {quoted(target)} ({options})")
    rows = connection.execute(f"SELECT count(*) FROM {parquet_relation([target])}").fetchall()  # noqa: S608
    return int(rows[0][0])


def _profile_query(relation: str) -> str:
    names = [name for name in PROFILE_SCHEMA.names if name not in {"n", "total", "low", "high"}]
    if ", ".join(names) != _KEYS:
        raise ValueError("The profile's keys changed; merge them by the new ones.")
    return (
        f"SELECT {_KEYS}, sum(n)::BIGINT AS n, sum(total) AS total, min(low) AS low,"  # noqa: S608
        f" max(high) AS high FROM {relation} GROUP BY {_KEYS} ORDER BY {_PROFILE_ORDER}"
    )


def _group_key(file: LakeFile) -> tuple[str, str, str, str, str]:
    return (
        file.kind,
        file.stream or "",
        file.month or "",
        file.profile_kind or "",
        file.bins_id or "",
    )


def _sort_key(file: LakeFile) -> tuple[tuple[str, str, str, str, str], int]:
    return _group_key(file), file.id
