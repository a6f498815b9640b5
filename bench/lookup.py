"""``python -m bench.lookup``: what it takes to find one prediction by its id among many.

The generated log, with ids that no order helps to find (MD5 of a number), in a workspace of its own
that is removed afterwards. Times are those of the processor, in milliseconds, and the median; the
last column divides by one scan of the column of ids, which is what finding takes without help.
"""

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from bench.contract import MODEL, contract_document
from bench.dataset import SEED, read_dataset, write_dataset
from core.bootstrap import create_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.lake.paths import parquet_relation, quoted
from core.services import ingest
from core.services.serving import releases
from core.services.workspace import Workspace
from core.store import manifest, models

_ACTOR = Actor("u1", "bench", frozenset({Role.admin}), pseudonym="p-1", origin="cli")
_QUESTIONS = 50


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.lookup", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        workspace = _workspace(Path(scratch), options.rows)
        _measure(workspace, options.rows)
        workspace.store.close()
    return 0


def _workspace(folder: Path, rows: int) -> Workspace:
    print(f"Generating and ingesting {rows:,} rows …", file=sys.stderr)
    write_dataset(rows, SEED, folder / "log")
    dataset = read_dataset(folder / "log")
    if dataset is None:
        raise RuntimeError("The log was not written.")
    files = []
    with duckdb.connect() as connection:
        for file in dataset.files:
            files.append(folder / file.name)
            connection.execute(
                "COPY (SELECT * REPLACE (md5(prediction_id) AS prediction_id) FROM"
                f" {parquet_relation([file])}) TO {quoted(files[-1])} (FORMAT parquet)"
            )
    home = folder / "home"
    workspace = create_workspace(Settings(home, f"sqlite:///{home / 'state.db'}"))
    text = json.dumps(contract_document(MODEL, dataset, ()))
    with workspace.store.begin() as conn:
        models.register(conn, model_id=MODEL, spec_text=text, actor="bench", at=workspace.clock())
    ingest.ingest_files(workspace, MODEL, files, actor=_ACTOR)
    return workspace


def _measure(workspace: Workspace, rows: int) -> None:
    with workspace.store.read() as conn:
        newest = manifest.generation(conn, MODEL)
        files = manifest.files_at(conn, MODEL, newest, kinds=["data"], streams=["predictions"])
    relation = parquet_relation(workspace.lake_paths(files))

    def scan(_: int) -> None:
        with workspace.duck.cursor() as cursor:
            query = f"SELECT count(*) FROM {relation} WHERE suffix(prediction_id, $end)"
            cursor.execute(query, {"end": "no such end"}).fetchall()

    def ask(number: int) -> None:
        wanted = hashlib.md5(f"p{number:010d}".encode(), usedforsecurity=False).hexdigest()
        releases.read_release(workspace, MODEL, wanted)

    plain = _cpu_ms(scan, [0] * 11)
    _tell("one scan of the ids", plain, plain)
    _tell("unknown, first question of a process", _cpu_ms(ask, [rows]), plain)
    for name, first in (
        ("unknown", rows + 1),
        ("known, the newest", rows - _QUESTIONS),
        ("known, in the middle", rows // 2),
        ("known, the oldest", 0),
    ):
        _tell(name, _cpu_ms(ask, range(first, first + _QUESTIONS)), plain)
    print(f"memory of the filters: {workspace.id_filters.size_bytes() / 1e6:.1f} MB")


def _cpu_ms(question: Callable[[int], object], numbers: Sequence[int]) -> float:
    times = []
    for number in numbers:
        started = time.process_time()
        question(number)
        times.append(1000 * (time.process_time() - started))
    return statistics.median(times)


def _tell(name: str, milliseconds: float, plain: float) -> None:
    print(f"{name:<38} {milliseconds:>8.1f} ms {milliseconds / plain:>7.2f} ×")


if __name__ == "__main__":
    raise SystemExit(main())
