"""A full disk gives a clear error, leaves nothing half done, and the workspace goes on after it.

As root the test mounts a small tmpfs; elsewhere DuckDB's own write is made to fail as it fails on
a full disk. The test says which of the two ran (``-rP`` shows it).
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from core.errors import DiskFull
from core.ingest.output import Output
from core.services import doctor
from core.store import batches
from tests.core.ingest.lake import stored, take
from tests.support.builders import ADMIN, a_log, a_workspace, write_parquet


def _mounted(folder: Path) -> bool:
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[tuple[Path, bool]]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = _mounted(folder)
    yield folder, mounted
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_survived(
    tmp_path: Path,
    small_disk: tuple[Path, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, mounted = small_disk
    site = a_workspace(folder / "home")
    take(site, write_parquet(tmp_path / "a.parquet", a_log(50)))
    log = write_parquet(tmp_path / "b.parquet", a_log(3950, 50))
    ballast = folder / "ballast"
    with monkeypatch.context() as patch:
        if mounted:
            _fill(ballast)
        else:
            patch.setattr(Output, "_copy", _no_space)
        with pytest.raises(DiskFull) as caught:
            take(site, log)
    assert "space" in str(caught.value)
    ballast.unlink(missing_ok=True)
    assert stored(site, "SELECT count(*) FROM {rows}") == [(50,)]
    take(site, log)
    assert stored(site, "SELECT count(*) FROM {rows}") == [(4000,)]
    with site.store.read() as conn:
        assert batches.count_by_state(conn)["published"] == 2
    assert not doctor.examine(site, actor=ADMIN).at("error")
    site.store.close()
    way = "a tmpfs of 12 MB" if mounted else "a writer that fails with ENOSPC"
    sys.stdout.write(f"full disk by {way}\n")


def _fill(path: Path) -> None:
    """Fill the disk but for some pages, so that the state can still say that a batch failed."""
    free = os.statvfs(path.parent)
    keep = 200 * 1024
    with path.open("wb") as file:
        file.write(b"\0" * max(free.f_bavail * free.f_frsize - keep, 0))


def _no_space(*_: object) -> None:
    raise duckdb.IOException('IO Error: Could not write file "x": No space left on device')
