import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import InvalidInput, MissingColumn, UnreadableFile
from core.ingest.batch import InputFile
from core.ingest.groups import BATCH_BYTES, BATCH_FILES, find_files, groups
from core.ingest.headers import check_header, parquet_shape
from core.ingest.streams import shapes_of
from core.ingest.watch import SETTLE, seen_until, settled_files
from tests.support.builders import a_contract, a_log, write_csv, write_parquet


def test_paths_folders_and_patterns_name_files_once(tmp_path: Path) -> None:
    names = ["b.csv", "a.parquet", "note.docx", "odd[1].csv"]
    for name in names:
        (tmp_path / name).write_text("x")
    found = find_files([tmp_path / "b.csv", str(tmp_path / "*.csv"), tmp_path])
    assert [path.name for path in found] == ["b.csv", "odd[1].csv", "a.parquet"]
    assert find_files([tmp_path / "odd[1].csv"])[0].name == "odd[1].csv"


def test_a_pattern_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No file matches"):
        find_files([tmp_path / "*.csv"])


def test_small_files_go_together_and_large_ones_alone(tmp_path: Path) -> None:
    def sizes(*given: int) -> list[list[int]]:
        files = [InputFile(tmp_path / str(i), str(i), size) for i, size in enumerate(given)]
        return [[file.bytes for file in group] for group in groups(files)]

    large = BATCH_BYTES + 1
    assert sizes(1, 2, large, 3, 4) == [[1, 2], [large], [3, 4]]
    assert sizes(BATCH_BYTES - 1, 1, 1) == [[BATCH_BYTES - 1, 1], [1]]
    assert [len(group) for group in sizes(*[1] * (BATCH_FILES + 5))] == [BATCH_FILES, 5]
    assert sizes() == []


def test_headers_are_checked_before_a_batch_is_opened(tmp_path: Path) -> None:
    shapes = shapes_of(a_contract(), "predictions")
    check_header(write_csv(tmp_path / "a.csv", a_log(1)), shapes, None, None)
    good = write_parquet(tmp_path / "a.parquet", a_log(3))
    check_header(good, shapes, None, None)
    assert parquet_shape(good)[0] == 3
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    with pytest.raises(MissingColumn):
        check_header(tmp_path / "b.csv", shapes, None, None)
    (tmp_path / "c.csv").write_text("loan_id,loan_id,approved_at,score\n")
    with pytest.raises(InvalidInput, match="twice"):
        check_header(tmp_path / "c.csv", shapes, None, None)
    (tmp_path / "d.parquet").write_bytes(b"PAR1")
    with pytest.raises(UnreadableFile):
        check_header(tmp_path / "d.parquet", shapes, None, None)


def test_a_look_takes_what_settled_since_the_last(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / ".b.csv").write_text("x")
    (tmp_path / "c.txt").write_text("x")
    changed = datetime.fromtimestamp((tmp_path / "a.csv").stat().st_ctime, UTC)
    # Moved here from elsewhere: its own date is old, its change time is new.
    os.utime(tmp_path / "a.csv", (0, 0))

    def look(since: datetime | None, after: timedelta) -> list[str]:
        now = changed + after
        return [p.name for p in settled_files(tmp_path, "*.csv", since=since, now=now)]

    assert look(None, timedelta(seconds=1)) == []
    assert look(None, SETTLE + timedelta(seconds=1)) == ["a.csv"]
    seen = seen_until(changed + SETTLE + timedelta(seconds=1))
    assert look(seen, SETTLE + timedelta(seconds=9)) == []
    assert settled_files(tmp_path / "none", "*", since=None, now=changed) == ()
