"""Complete files or none, and errors of the file system as ours."""

import errno
import hashlib
from pathlib import Path

import pytest

from core.errors import DiskFull, StorageError
from core.lake.files import finished_file, sha256_of, storage_errors


def test_a_file_appears_complete(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b.parquet"
    with finished_file(target) as partial:
        partial.write_bytes(b"rows")
        assert not target.exists()
    assert target.read_bytes() == b"rows"
    assert list(target.parent.iterdir()) == [target]


def _fail_half_way(target: Path, error: Exception) -> None:
    with finished_file(target) as partial:
        partial.write_bytes(b"half")
        raise error


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "b.parquet"
    target.write_bytes(b"old")
    with pytest.raises(RuntimeError):
        _fail_half_way(target, RuntimeError())
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_has_its_own_error(tmp_path: Path, code: int) -> None:
    with pytest.raises(DiskFull, match="Free some space"):
        _fail_half_way(tmp_path / "x", OSError(code, "full"))
    assert not list(tmp_path.iterdir())


def test_other_faults_name_their_reason() -> None:
    with pytest.raises(StorageError, match="Permission denied"), storage_errors():
        raise PermissionError(errno.EACCES, "Permission denied")


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256_of(tmp_path / "x") == hashlib.sha256(b"abc").hexdigest()
