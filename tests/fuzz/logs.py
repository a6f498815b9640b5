"""Logs of every format, from the bytes of a file to staged and refused rows, as an ingest reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from core.config import Settings
from core.errors import HarbourlightError
from core.ingest.quarantine import Quarantine
from core.ingest.readers import open_source
from core.ingest.readers.statistics import statistics_ignored
from core.ingest.stage import Stage
from core.ingest.streams import shapes_of
from core.ingest.validate import applies, check_columns, read_as
from core.lake.duck import Duck, open_duck
from tests.fuzz.target import Target
from tests.support.builders import a_contract, a_log, write_csv, write_parquet

LATEST = datetime(2030, 1, 1, tzinfo=UTC)
_CONTRACT = a_contract()


def _read(duck: Duck, path: Path) -> None:
    """Read a file to its last row; what a damaged row may do to DuckDB fails the batch, no more."""
    shapes = shapes_of(_CONTRACT, "predictions")
    quarantine = Quarantine(duck)
    stage = Stage(duck, shapes, quarantine)
    try:
        with statistics_ignored(duck):
            source = open_source(duck, path, lambda rows: quarantine.add_lines(0, path.name, rows))
            if not any(applies(shape, source.names) for shape in shapes):
                check_columns(path.name, source.names, shapes)
            readings = [
                read_as(source, shape, timezone=_CONTRACT.timezone, latest=LATEST)
                for shape in shapes
            ]
            stage.load(0, source, readings)
            for table in source.tables:
                duck.execute(f"DROP TABLE IF EXISTS {table}")
    except HarbourlightError as error:
        str(error)
    except duckdb.Error as error:
        if isinstance(error, duckdb.InternalException | duckdb.FatalException):
            raise


@contextmanager
def log_target(suffix: str, folder: Path) -> Iterator[Target]:
    """Give the reader of a format: ``.csv``, ``.jsonl`` or ``.parquet``."""
    path = folder / f"log{suffix}"
    settings = Settings(folder, "sqlite://", threads=1)
    with open_duck(settings, "ingest", files=[path], locked=False) as duck:

        def run(data: bytes) -> None:
            path.write_bytes(data)
            _read(duck, path)

        yield Target(run, _seeds(suffix, folder))


def _seeds(suffix: str, folder: Path) -> tuple[bytes, ...]:
    rows = a_log(6)
    if suffix == ".parquet":
        return (write_parquet(folder / "seed.parquet", rows).read_bytes(),)
    if suffix == ".csv":
        text = write_csv(folder / "seed.csv", rows).read_text(encoding="utf-8")
        quoted = text.replace("retail", '"re""tail,\n零售"')
        return (
            text.encode(),
            quoted.encode("utf-16"),
            quoted.encode("big5-hkscs"),
            quoted.replace(",", "\t").encode("gb18030"),
            b"\xef\xbb\xbf" + text.replace(",", ";").encode(),
        )
    lines = "\n".join(json.dumps(row, default=str) for row in rows)
    nested = lines.replace('"score": ', '"x": {"y": [1, {"z": null}]}, "score": ')
    return lines.encode(), nested.encode(), f"[{lines}]".encode()
