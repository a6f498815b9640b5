from datetime import timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.store import Store, batches, manifest, models, references
from core.store.manifest import NewFile, StreamTotal
from tests.support.fakes import START

DAY = timedelta(days=1)


@pytest.fixture
def with_model(store: Store) -> Store:
    with store.begin() as conn:
        models.register(conn, model_id="m", spec_text="", actor="t", at=START)
        batches.open_batch(
            conn, batch_id="b1", model_id="m", stream="predictions", actor="t", at=START
        )
        references.put_building(
            conn,
            model_id="m",
            bins_id="r1",
            bins_json="{}",
            window_from=START,
            window_to=START + DAY,
            rows=1,
            actor="t",
            at=START,
        )
    return store


def data(path: str, first_day: int = 0, last_day: int = 0, stream: str = "predictions") -> NewFile:
    return NewFile(
        "data",
        path,
        "f" * 64,
        bytes=100,
        rows=10,
        stream=stream,
        month="2026-01",
        first_time=START + first_day * DAY,
        last_time=START + last_day * DAY,
    )


def profile(path: str, kind: str = "features", bins_id: str | None = "r1") -> NewFile:
    return NewFile("profile", path, "e" * 64, bytes=5, rows=2, profile_kind=kind, bins_id=bins_id)


def paths(conn: Connection, generation: int, **conditions: object) -> list[str]:
    files = manifest.files_at(conn, "m", generation, **conditions)  # type: ignore[arg-type]
    return [file.path for file in files]


def test_publishing_raises_the_generation_and_moves_the_newest_event(with_model: Store) -> None:
    with with_model.begin() as conn:
        assert manifest.generation(conn, "m") == 0
        files = [data("a"), profile("p")]
        generation = manifest.publish(
            conn, "m", 0, files=files, at=START, newest_event=START + 3 * DAY
        )
        assert generation == 1 == manifest.generation(conn, "m")
        assert models.get(conn, "m").newest_event == START + 3 * DAY
        manifest.publish(conn, "m", 1, files=[], at=START, newest_event=START)
        assert models.get(conn, "m").newest_event == START + 3 * DAY
        stored = manifest.files_at(conn, "m", 2, kinds=["data"])
    assert stored[0] == manifest.ManifestFile(
        id=stored[0].id,
        model_id="m",
        kind="data",
        stream="predictions",
        profile_kind=None,
        bins_id=None,
        path="a",
        sha256="f" * 64,
        bytes=100,
        rows=10,
        month="2026-01",
        first_time=START,
        last_time=START,
        batch_id=None,
        added_generation=1,
        added_at=START,
        removed_generation=None,
        removed_at=None,
        purged_at=None,
    )


def test_the_loser_of_a_race_publishes_nothing(with_model: Store) -> None:
    with with_model.begin() as conn:
        manifest.publish(conn, "m", 0, files=[data("winner")], at=START)
    with pytest.raises(Conflict, match="at generation 1, not 0"), with_model.begin() as conn:
        manifest.publish(conn, "m", 0, files=[data("loser")], at=START)
    with with_model.read() as conn:
        assert paths(conn, 99) == ["winner"]
        assert [file.path for file in manifest.added_since(conn, "m", 0)] == ["winner"]
        assert manifest.added_since(conn, "m", 0, stream="outcomes") == ()
        assert manifest.added_since(conn, "m", 1) == ()


def test_a_model_nobody_registered(with_model: Store) -> None:
    with with_model.begin() as conn, pytest.raises(NotFound):
        manifest.publish(conn, "ghost", 0, files=[], at=START)
    with with_model.read() as conn, pytest.raises(NotFound):
        manifest.generation(conn, "ghost")


def test_a_reader_sees_its_generation_whatever_is_swapped(with_model: Store) -> None:
    with with_model.begin() as conn:
        manifest.publish(conn, "m", 0, files=[data("a"), data("b")], at=START)
        old = manifest.files_at(conn, "m", 1)
        ids = [file.id for file in old]
        assert manifest.swap(conn, "m", 1, add=[data("ab")], remove=ids, at=START + DAY) == 2
        assert paths(conn, 0) == []
        assert paths(conn, 1) == ["a", "b"]
        assert paths(conn, 2) == ["ab"]
        assert [file.path for file in manifest.added_since(conn, "m", 0)] == ["ab"]


def test_a_file_is_replaced_once(with_model: Store) -> None:
    with with_model.begin() as conn:
        manifest.publish(conn, "m", 0, files=[data("a")], at=START)
        (old,) = manifest.files_at(conn, "m", 1)
        manifest.swap(conn, "m", 1, add=[data("a2")], remove=[old.id], at=START)
    with pytest.raises(Conflict, match="gone already"), with_model.begin() as conn:
        manifest.swap(conn, "m", 2, add=[data("a3")], remove=[old.id], at=START)
    with with_model.read() as conn:
        assert manifest.generation(conn, "m") == 2
        assert paths(conn, 2) == ["a2"]


def test_swapping_more_files_than_a_statement_has_parameters(with_model: Store) -> None:
    count = 1203
    with with_model.begin() as conn:
        files = [data(f"f{number:04d}") for number in range(count)]
        manifest.publish(conn, "m", 0, files=files, at=START)
        ids = [file.id for file in manifest.files_at(conn, "m", 1)]
        assert len(ids) == count
        manifest.swap(conn, "m", 1, add=[data("all")], remove=ids, at=START)
        assert paths(conn, 2) == ["all"]


def test_files_are_narrowed_by_kind_stream_reference_and_time(with_model: Store) -> None:
    with with_model.begin() as conn:
        files = [
            data("day0", 0, 0),
            data("day1-3", 1, 3),
            data("outcomes", 2, 2, "outcomes"),
            profile("p-features"),
            profile("p-operations", "operations", None),
        ]
        manifest.publish(conn, "m", 0, files=files, at=START)

        def data_between(start: int, end: int) -> list[str]:
            window = (START + start * DAY, START + end * DAY)
            return paths(conn, 1, kinds=["data"], overlapping=window)

        assert paths(conn, 1) == ["p-features", "p-operations", "day0", "day1-3", "outcomes"]
        assert paths(conn, 1, kinds=["data"]) == ["day0", "day1-3", "outcomes"]
        assert paths(conn, 1, streams=["predictions"]) == ["day0", "day1-3"]
        assert paths(conn, 1, profile_kind="operations") == ["p-operations"]
        assert paths(conn, 1, bins_id="r1") == ["p-features"]
        # [start, end): the last instant of the window is out, of the file in.
        assert data_between(0, 1) == ["day0"]
        assert data_between(3, 9) == ["day1-3"]
        assert data_between(2, 3) == ["day1-3", "outcomes"]
        assert data_between(4, 9) == []
        # Files that do not say their times are always kept.
        far = (START + 90 * DAY, START + 91 * DAY)
        assert paths(conn, 1, overlapping=far) == ["p-features", "p-operations"]


def test_removed_files_are_purged_after_a_while_and_remembered(with_model: Store) -> None:
    with with_model.begin() as conn:
        manifest.publish(conn, "m", 0, files=[data("a"), data("b")], at=START)
        (first, second) = manifest.files_at(conn, "m", 1)
        manifest.swap(conn, "m", 1, add=[], remove=[first.id], at=START + DAY)
        assert manifest.removable(conn, removed_before=START + DAY) == ()
        (due,) = manifest.removable(conn, removed_before=START + 2 * DAY)
        assert due.path == "a"
        assert [file.path for file in manifest.kept_files(conn)] == ["a", "b"]
        manifest.mark_purged(conn, [first.id, second.id], at=START + 3 * DAY)
        assert [file.path for file in manifest.kept_files(conn, "m")] == ["b"]
        assert manifest.kept_files(conn, "other") == ()
        assert manifest.removable(conn, removed_before=START + 9 * DAY) == ()
        assert manifest.files_at(conn, "m", 1)[0].purged_at == START + 3 * DAY


def test_totals_count_what_a_generation_sees(with_model: Store) -> None:
    with with_model.begin() as conn:
        files = [data("a"), data("b"), data("o", stream="outcomes"), profile("p")]
        manifest.publish(conn, "m", 0, files=files, at=START)
        (old, *_) = manifest.files_at(conn, "m", 1, kinds=["data"])
        manifest.swap(conn, "m", 1, add=[], remove=[old.id], at=START)
        assert manifest.totals(conn, "m", 0) == ()
        assert list(manifest.totals(conn, "m", 1)) == [
            StreamTotal("data", "outcomes", 1, 10, 100),
            StreamTotal("data", "predictions", 2, 20, 200),
            StreamTotal("profile", None, 1, 2, 5),
        ]
        assert StreamTotal("data", "predictions", 1, 10, 100) in manifest.totals(conn, "m", 2)


def test_a_batch_knows_its_files(with_model: Store) -> None:
    file = NewFile("quarantine", "q", "0", bytes=1, rows=1, batch_id="b1")
    with with_model.begin() as conn:
        manifest.publish(conn, "m", 0, files=[file, data("a")], at=START)
        assert [each.path for each in manifest.of_batch(conn, "b1")] == ["q"]


@pytest.mark.parametrize(
    "file",
    [
        NewFile("data", "no-stream", "0", bytes=1, rows=1),
        NewFile("profile", "no-kind", "0", bytes=1, rows=1),
        NewFile("rumour", "no-such-kind", "0", bytes=1, rows=1),
        NewFile("data", "minus", "0", bytes=1, rows=-1, stream="outcomes"),
        profile("unknown-bins", bins_id="ghost"),
        NewFile("quarantine", "unknown-batch", "0", bytes=1, rows=1, batch_id="ghost"),
        data("taken"),
    ],
    ids=lambda file: file.path,
)
def test_the_database_refuses_rows_that_make_no_sense(with_model: Store, file: NewFile) -> None:
    with with_model.begin() as conn:
        manifest.publish(conn, "m", 0, files=[data("taken")], at=START)
    with pytest.raises(IntegrityError), with_model.begin() as conn:
        manifest.publish(conn, "m", 1, files=[file], at=START)
    with with_model.read() as conn:
        assert manifest.generation(conn, "m") == 1
