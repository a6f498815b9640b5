import hashlib
from pathlib import Path

from core.lake.upkeep.doctor import DamagedFile, Expected, damaged_files, unknown_files, writer_of


def test_damage_is_named(tmp_path: Path) -> None:
    content = b"rows"
    good = hashlib.sha256(content).hexdigest()
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(content)
    files = [
        Expected("a", 4, good),
        Expected("b", 5, good),
        Expected("c", 4, "0" * 64),
        Expected("d", 4, good),
    ]
    assert damaged_files(tmp_path, files) == (
        DamagedFile("b", "size"),
        DamagedFile("c", "content"),
        DamagedFile("d", "missing"),
    )
    assert len(damaged_files(tmp_path, files, with_hashes=False)) == 2


def test_unknown_files_are_found_in_every_folder(tmp_path: Path) -> None:
    (tmp_path / "m" / "s").mkdir(parents=True)
    (tmp_path / "m" / "s" / ".x.part").write_bytes(b"")
    (tmp_path / "m" / "known").write_bytes(b"")
    assert unknown_files(tmp_path, {"m/known"}) == ("m/s/.x.part",)


def test_the_writer_is_read_off_the_name() -> None:
    writers = {"b1": 0, "b12": 0}
    assert writer_of("m/predictions/b1-00.parquet", writers) == "b1"
    assert writer_of("m/profile/operations/.b12.parquet.part", writers) == "b12"
    assert writer_of("m/quarantine/b13.parquet", writers) is None
