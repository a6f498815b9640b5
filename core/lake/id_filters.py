"""Which files of the lake may hold an id, and where in them: answered from memory.

A file of the lake never changes, so what is known of its ids stays true for as long as it is in
force. For every block of rows a Bloom filter is kept: it never denies an id that is there, and
takes a strange one for known about once in seven hundred blocks. It is only ever a reason not to
look; what a file holds is always read from the file. Filters are made when a file is first asked
about, and dropped when a generation no longer has it; nothing of them is written to the disk, so
an erasure, a backup or a copy of the lake has nothing to follow.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Lock

import duckdb
import numpy as np
from numpy.typing import NDArray

from core.lake.paths import parquet_relation
from core.lake.rows import stale_files

BLOCK_ROWS = 122_880
"""Rows that one filter speaks for: DuckDB's row group."""

MOST_BYTES = 128 * 1024**2
"""What all filters may take: enough for 64 million predictions."""

_BITS_PER_ROW = 16
_PROBES = 5
_LOW = 0xFFFF_FFFF
_READ_AT_ONCE = 256 * 1024**2
_FILES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a file that may hold an id, both ends included; a filter-less file is one whole."""

    path: str
    first_row: int
    last_row: int | None


@dataclass(frozen=True, slots=True)
class WantedId:
    """An id, by the halves of its hash: what a filter is asked for."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class _Block:
    """A Bloom filter over the ids of some consecutive rows."""

    number: int
    bits: bytes

    def may_hold(self, wanted: WantedId) -> bool:
        size = 8 * len(self.bits)
        for probe in range(_PROBES):
            place = (wanted.low + wanted.high * probe) % size
            if not self.bits[place >> 3] & (128 >> (place & 7)):
                return False
        return True


class IdFilters:
    """What a process remembers of the ids in data files; threads share it.

    Parameters
    ----------
    most_bytes : int
        What all filters together may take; files beyond it are read at every question.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._known: dict[str, dict[str, tuple[_Block, ...] | None]] = {}
        self._lock = Lock()

    def keep_only(self, model_id: str, paths: Iterable[str]) -> None:
        """Forget the files of a model that its generation no longer has."""
        in_force = set(paths)
        with self._lock:
            known = self._known.get(model_id, {})
            self._known[model_id] = {p: known[p] for p in known.keys() & in_force}

    def pieces(
        self,
        connection: duckdb.DuckDBPyConnection,
        model_id: str,
        paths: Sequence[str],
        wanted: WantedId,
    ) -> tuple[Piece, ...]:
        """Return where an id may be; empty if no file holds it.

        Parameters
        ----------
        connection : DuckDBPyConnection
            From :mod:`core.lake.duck`; cursors of its own are used.
        model_id : str
            Whose files.
        paths : sequence of str
            Data files with a ``prediction_id``.
        wanted : WantedId
            From :func:`wanted_id`.

        Raises
        ------
        StaleGeneration
            If a file is gone that was not asked about before.
        """
        known = self._with(connection, model_id, paths)
        return tuple(piece for path in paths for piece in _pieces_of(path, known[path], wanted))

    def known_files(self, model_id: str) -> frozenset[str]:
        """Return the files of a model that have been asked about and are not forgotten."""
        return frozenset(self._known.get(model_id, {}))

    def size_bytes(self) -> int:
        """Return how much all filters take."""
        return sum(
            len(block.bits)
            for files in self._known.values()
            for blocks in files.values()
            for block in blocks or ()
        )

    def _with(
        self, connection: duckdb.DuckDBPyConnection, model_id: str, paths: Sequence[str]
    ) -> dict[str, tuple[_Block, ...] | None]:
        """Return the model's filters, those of the paths among them; one thread makes them."""
        known = self._known.get(model_id, {})
        if all(path in known for path in paths):
            return known
        with self._lock:
            known = dict(self._known.get(model_id, {}))
            left = self._most_bytes - self.size_bytes()
            for some in _at_once([path for path in paths if path not in known]):
                for path, blocks in _read(connection, some).items():
                    size = sum(len(block.bits) for block in blocks)
                    known[path] = blocks if size <= left else None
                    left -= size if size <= left else 0
            self._known[model_id] = known
        return known


def wanted_id(connection: duckdb.DuckDBPyConnection, prediction_id: str) -> WantedId:
    """Return an id as filters know it: the same DuckDB hashes it that hashed the files' ids."""
    with connection.cursor() as cursor:
        row = cursor.execute("SELECT hash($id::VARCHAR)", {"id": prediction_id}).fetchall()[0]
    return WantedId(int(row[0]) & _LOW, int(row[0]) >> 32)


def _pieces_of(path: str, blocks: tuple[_Block, ...] | None, wanted: WantedId) -> Iterator[Piece]:
    if blocks is None:
        yield Piece(path, 0, None)
        return
    for block in blocks:
        if block.may_hold(wanted):
            first = block.number * BLOCK_ROWS
            yield Piece(path, first, first + BLOCK_ROWS - 1)


def _read(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str]
) -> dict[str, tuple[_Block, ...]]:
    """Make the filters of some files from their column of ids, read once."""
    query = (
        "SELECT file_index, file_row_number, hash(r.prediction_id) AS hash"  # noqa: S608
        f" FROM {parquet_relation(paths)} AS r"
    )
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query).fetchnumpy()
    files = np.asarray(found["file_index"], np.int64)
    numbers = np.asarray(found["file_row_number"], np.int64) // BLOCK_ROWS
    hashes = np.asarray(found["hash"], np.uint64)
    keys = files * (int(numbers.max(initial=0)) + 1) + numbers
    if (np.diff(keys) < 0).any():  # DuckDB mostly gives rows in the order of the files
        order = np.argsort(keys, kind="stable")
        files, numbers, hashes, keys = files[order], numbers[order], hashes[order], keys[order]
    starts = np.flatnonzero(np.diff(keys, prepend=-1)).tolist()
    made: dict[str, list[_Block]] = {path: [] for path in paths}
    for start, end in pairwise([*starts, len(keys)]):
        made[paths[int(files[start])]].append(_Block(int(numbers[start]), _bits(hashes[start:end])))
    return {path: tuple(blocks) for path, blocks in made.items()}


def _bits(hashes: NDArray[np.uint64]) -> bytes:
    flags = np.zeros(_BITS_PER_ROW * len(hashes), np.bool_)
    low = hashes & np.uint64(_LOW)
    high = hashes >> np.uint64(32)
    for probe in range(_PROBES):
        flags[(low + high * np.uint64(probe)) % np.uint64(len(flags))] = True
    return np.packbits(flags).tobytes()


def _at_once(paths: Sequence[str]) -> Iterator[list[str]]:
    """Cut a list of files into parts that are read by one query each."""
    part: list[str] = []
    size = 0
    for path in paths:
        with stale_files():
            size += Path(path).stat().st_size
        part.append(path)
        if size >= _READ_AT_ONCE or len(part) >= _FILES_AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part
