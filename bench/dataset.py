"""The generated log: a year of predictions in time order, the same for the same seed.

``python -m bench.dataset ROWS SEED FOLDER`` writes it; the bench runs that as a child so that
its own process stays small.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import pyarrow

TIMEZONE = "Asia/Hong_Kong"
START = datetime(2025, 1, 1, tzinfo=ZoneInfo(TIMEZONE))
DAYS = 365
REFERENCE_DAYS = 60
SEGMENT_COLUMNS = ("region", "industry")  # fifty values each
ROWS_PER_FILE = 1_000_000
SEED = 20250101
_BLOCK = 250_000
_MICROSECONDS = DAYS * 86_400 * 1_000_000
_FORMAT = 1  # raise it when the columns change: cached logs are made anew


@dataclass(frozen=True, slots=True)
class Dataset:
    """A generated log on disk.

    Parameters
    ----------
    rows : int
        Number of predictions.
    files : tuple of Path
        Parquet files in time order, at most a million rows each.
    numeric, categorical : tuple of str
        The 22 columns that every row of the table works on.
    """

    rows: int
    files: tuple[Path, ...]
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All feature columns, numeric ones first."""
        return (*self.numeric, *self.categorical)


def reference_until() -> datetime:
    """Return the first instant after the reference days."""
    return START + timedelta(days=REFERENCE_DAYS)


def folder_name(rows: int, seed: int) -> str:
    """Return the name of the folder that holds this log below the cache."""
    return f"log-{_FORMAT}-{rows}-{seed}"


def read_dataset(folder: Path) -> Dataset | None:
    """Return the log of a folder, or None if it was not written to its end."""
    index = folder / "index.json"
    if not index.is_file():
        return None
    written = json.loads(index.read_text(encoding="utf-8"))
    return Dataset(
        rows=written["rows"],
        files=tuple(folder / name for name in written["files"]),
        numeric=tuple(written["numeric"]),
        categorical=tuple(written["categorical"]),
    )


def write_dataset(rows: int, seed: int, folder: Path) -> None:
    """Write the log's Parquet files, and last the index that makes them count."""
    import pyarrow.parquet as pq

    from bench.shapes import CATEGORICAL, NUMERIC

    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number, first in enumerate(range(0, rows, ROWS_PER_FILE)):
        name = f"log-{number:03d}.parquet"
        names.append(name)
        writer = None
        for table in _blocks(rows, seed, first, min(first + ROWS_PER_FILE, rows)):
            writer = writer or pq.ParquetWriter(folder / name, table.schema, compression="zstd")
            writer.write_table(table)
        if writer is not None:
            writer.close()
    index = {
        "rows": rows,
        "files": names,
        "numeric": [shape.name for shape in NUMERIC],
        "categorical": [shape.name for shape in CATEGORICAL],
    }
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")


def _blocks(rows: int, seed: int, first: int, end: int) -> Iterator["pyarrow.Table"]:
    for start in range(first, end, _BLOCK):
        yield _block(rows, seed, start, min(start + _BLOCK, end))


def _block(rows: int, seed: int, start: int, end: int) -> "pyarrow.Table":
    """Draw one block from a generator of its own, so that the seed alone decides its rows."""
    import numpy as np
    import pyarrow as pa

    from bench.shapes import CATEGORICAL, NUMERIC, draw_categorical, draw_numeric

    random = np.random.default_rng([seed, start])
    position = np.arange(start, end)
    year = (position + random.random(position.size)) / rows
    base = int(START.astimezone(UTC).timestamp()) * 1_000_000
    columns = {
        "prediction_id": pa.array([f"p{number:010d}" for number in position]),
        "made_at": pa.array(
            base + (year * _MICROSECONDS).astype(np.int64), pa.timestamp("us", tz="UTC")
        ),
        "model_version": pa.array(np.where(year < 0.5, "1", "2")),
        "score": pa.array(random.beta(2.0 + year, 8.0)),
    }
    for numeric in NUMERIC:
        values, is_null = draw_numeric(numeric, random, year)
        columns[numeric.name] = pa.array(values, mask=is_null, from_pandas=False)
    for categorical in CATEGORICAL:
        codes, is_null, names = draw_categorical(categorical, random, year)
        coded = pa.DictionaryArray.from_arrays(pa.array(codes, mask=is_null), pa.array(names))
        columns[categorical.name] = coded.cast(pa.string())
    return pa.table(columns)


if __name__ == "__main__":
    write_dataset(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
