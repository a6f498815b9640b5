from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.exports import LIFETIME, ExportFile, find, publish

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def export(folder: Path, name: str = "cohorts.csv") -> ExportFile:
    return publish(
        folder, b"a,b\n", owner="u1", name=name, media_type="text/csv", clock=lambda: NOW
    )


def test_the_owner_gets_the_file(tmp_path: Path) -> None:
    made = export(tmp_path)
    found = find(tmp_path, made.id, user_id="u1", now=NOW)
    assert found is not None
    assert found[0] == made
    assert found[1].read_bytes() == b"a,b\n"
    assert made.url == f"exports/{made.id}"


def test_nobody_else_does(tmp_path: Path) -> None:
    assert find(tmp_path, export(tmp_path).id, user_id="u2", now=NOW) is None


def test_it_expires_and_is_removed_by_the_next(tmp_path: Path) -> None:
    made = export(tmp_path)
    later = NOW + LIFETIME
    assert find(tmp_path, made.id, user_id="u1", now=later) is None
    publish(
        tmp_path, b"", owner="u1", name="x", media_type="text/csv",
        clock=lambda: later + timedelta(seconds=1),
    )  # fmt: skip
    assert not (tmp_path / f"{made.id}.bin").exists()


def test_an_id_is_never_a_path(tmp_path: Path) -> None:
    assert find(tmp_path, "../state", user_id="u1", now=NOW) is None
    assert find(tmp_path, "a" * 43, user_id="u1", now=NOW) is None


def test_names_are_made_harmless(tmp_path: Path) -> None:
    assert export(tmp_path, 'a/b"\n.csv').name == "a_b_.csv"


def test_a_damaged_description_is_no_file(tmp_path: Path) -> None:
    made = export(tmp_path)
    (tmp_path / f"{made.id}.json").write_text("{")
    assert find(tmp_path, made.id, user_id="u1", now=NOW) is None
