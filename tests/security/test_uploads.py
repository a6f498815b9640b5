"""Files that are too large, malformed, or not what they claim to be."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as pq

from core.config import Settings
from core.errors import Forbidden, HarbourlightError, InvalidInput
from core.ingest.readers import open_source
from core.lake.duck import Duck, open_duck
from core.services import ingest
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, VIEWER, a_log, a_workspace, write_csv, write_parquet

SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = a_workspace(tmp_path_factory.mktemp("uploads") / "home")
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sound file of each format, to be damaged."""
    folder = tmp_path_factory.mktemp("seeds")
    rows = a_log(20)
    csv = write_csv(folder / "log.csv", rows).read_bytes()
    lines = "\n".join(json.dumps(row, default=str) for row in rows).encode()
    return {
        ".parquet": write_parquet(folder / "log.parquet", rows).read_bytes(),
        ".csv": csv,
        ".tsv": csv.replace(b",", b"\t"),
        ".jsonl": lines,
    }


@dataclass
class Reading:
    """Reads one file after the other as an ingest does, through one connection."""

    folder: Path
    duck: Duck

    def read(self, suffix: str, content: bytes) -> bool:
        """Return whether it was read; only errors of ours, or of damaged rows, may come of it."""
        path = self.folder / f"file{suffix}"
        path.write_bytes(content)
        try:
            source = open_source(self.duck, path, lambda _rows: None)
            self.duck.execute(f"SELECT count(*) FROM {source.relation}").fetchall()
        except HarbourlightError:
            return False
        except duckdb.Error as error:
            # Rows are read after the header: the ingest turns this into a failed batch.
            if isinstance(error, duckdb.InternalException | duckdb.FatalException):
                raise
            return False
        return True


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    folder = tmp_path_factory.mktemp("reading")
    files = [folder / f"file{suffix}" for suffix in SUFFIXES]
    settings = Settings(folder, "sqlite://", threads=1)
    with open_duck(settings, "ingest", files=files) as duck:
        yield Reading(folder, duck)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
@given(content=st.binary(max_size=2000))
def test_any_bytes_at_all(reading: Reading, suffix: str, content: bytes) -> None:
    """Random bytes as CSV, TSV and JSON lines (hypothesis).

    Each is read, or refused with an error that says why; nothing else is raised.
    """
    reading.read(suffix, content)


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(draw=st.randoms(use_true_random=False))
def test_sound_files_that_were_damaged(
    reading: Reading, seeds: dict[str, bytes], suffix: str, draw: Random
) -> None:
    """A sound file of each format with bytes flipped, cut out, doubled and cut short.

    Refused when it is opened, or the damage is found when its rows are read.
    """
    content = bytearray(seeds[suffix])
    for _ in range(draw.randint(1, 8)):
        place = draw.randrange(len(content))
        kind = draw.randrange(4)
        if kind == 0:
            content[place] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del content[place : place + draw.randint(1, 40)]
        elif kind == 2:
            content[place:place] = content[place : place + draw.randint(1, 40)]
        else:
            del content[max(place, 20) :]
    reading.read(suffix, bytes(content))


@pytest.mark.parametrize("name", ["x.parquet", "x.csv", "x.jsonl", "../../x.csv", "x\0.csv", "."])
def test_what_is_no_log_is_refused(workspace: Workspace, name: str) -> None:
    """A program, a picture, nothing at all, and names that climb, sent as an upload.

    Refused; no file stays, none is written outside the uploads folder.
    """
    for content in (b"", b"MZ\x90\0" + b"\0" * 100, b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"PAR1PAR1"):
        with pytest.raises(InvalidInput):
            ingest.upload(workspace, "loans", name, content, actor=ADMIN)
    uploads = workspace.settings.home / "uploads"
    assert not [path for path in uploads.rglob("*") if path.is_file()]
    assert not (workspace.settings.home / "x.csv").exists()


def test_a_file_beyond_the_limit(workspace: Workspace) -> None:
    """A file of 25 MB and one byte, past the browser's own limit.

    Refused by the service as well.
    """
    with pytest.raises(InvalidInput, match="larger than 25 MB"):
        ingest.upload(workspace, "loans", "x.csv", bytes(25 * 1024**2 + 1), actor=ADMIN)


def test_a_parquet_bomb(workspace: Workspace, tmp_path: Path) -> None:
    """A Parquet file of 280 kB that claims 100 million cells.

    Refused by its footer, before a row is read.
    """
    rows = 20_000_000
    codes = pa.repeat(pa.scalar(0, pa.int8()), rows)
    column = pa.DictionaryArray.from_arrays(codes, pa.array(["x"]))
    path = tmp_path / "bomb.parquet"
    names = ["loan_id", "approved_at", "score", "loan amount", "industry"]
    pq.write_table(pa.table(dict.fromkeys(names, column)), path, compression="zstd")
    assert path.stat().st_size < 500_000
    with pytest.raises(InvalidInput):
        ingest.upload(workspace, "loans", "bomb.parquet", path.read_bytes(), actor=ADMIN)


def test_an_upload_is_the_uploaders(workspace: Workspace) -> None:
    """An upload by somebody who may not ingest.

    Refused by the service, and nothing is entered in the audit trail as done.
    """
    with workspace.store.read() as conn:
        before = audit.size(conn)
    with pytest.raises(Forbidden):
        ingest.upload(workspace, "loans", "x.csv", b"a,b\n1,2\n", actor=VIEWER)
    with workspace.store.read() as conn:
        assert audit.size(conn) == before
