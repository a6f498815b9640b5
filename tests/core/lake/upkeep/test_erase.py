"""Finding and taking out one subject's rows, by reference and by pseudonym alone."""

import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from core.lake.upkeep import erase
from core.lake.upkeep.erase import Wanted
from core.lake.upkeep.erase_artefacts import holds_subject
from core.lake.upkeep.erase_quarantine import mark_refused_rows, write_emptied
from core.lake.upkeep.keyed_hash import KeyedHash
from tests.support.builders import write_parquet

KEY = KeyedHash(b"k" * 32)
WHO = "客-7"
MAC = hmac.new(KEY.key, WHO.encode(), "sha256").hexdigest()
KNOWN = Wanted("subject", MAC, KEY, WHO)
BY_MAC = Wanted("subject", MAC, KEY)
either = pytest.mark.parametrize("wanted", [KNOWN, BY_MAC], ids=["reference", "pseudonym"])


def row(number: int, subject: str | None) -> dict[str, object]:
    return {
        "prediction_id": f"P{number}",
        "time": datetime(2025, 1, 1, number, tzinfo=UTC),
        "subject": subject,
        "_batch": f"b{number % 2}",
        "_row": number,
    }


@pytest.fixture
def log(tmp_path: Path) -> list[str]:
    mine = write_parquet(
        tmp_path / "a.parquet", [row(n, WHO if n in {2, 5} else "x") for n in range(6)]
    )
    other = write_parquet(tmp_path / "b.parquet", [row(n, None) for n in range(6, 9)])
    return [str(mine), str(other)]


@either
def test_rows_are_found_and_left_out(log: list[str], tmp_path: Path, wanted: Wanted) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        assert erase.find_predictions(connection, log, wanted) == 2
        assert erase.found_ids(connection) == ("P2", "P5")
        assert erase.found_references(connection, log, wanted) == (WHO,)
        assert erase.rows_by_file(connection, log) == {log[0]: 2}
        assert erase.batches_found(connection, log) == {"b0", "b1"}
        newest = erase.newest_row(connection, log, "predictions")
        assert newest == datetime(2025, 1, 1, 5, tzinfo=UTC)
        target = tmp_path / "new.parquet"
        done = erase.write_without(connection, Path(log[0]), "predictions", target)
    assert (done.rows, done.last) == (4, datetime(2025, 1, 1, 4, tzinfo=UTC))
    left = pq.read_table(target).to_pylist()
    assert [each["prediction_id"] for each in left] == ["P0", "P1", "P3", "P4"]
    assert WHO.encode() not in target.read_bytes()


def test_a_log_without_the_column_names_nobody(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", [{"prediction_id": "P1"}])
    with duckdb.connect() as connection:
        assert erase.find_predictions(connection, [str(path)], KNOWN) == 0
        assert erase.found_references(connection, [str(path)], KNOWN) == ()
        assert erase.find_predictions(connection, [], KNOWN) == 0


def refused(number: int, raw: object) -> dict[str, object]:
    return {
        "_source": 0,
        "file": "log.csv",
        "line": number,
        "column": "score",
        "reason": "{column} is not a number: {value}.",
        "params": json.dumps({"column": "score", "value": "much"}),
        "raw": json.dumps(raw, ensure_ascii=False),
    }


@either
def test_refused_rows_are_emptied(log: list[str], tmp_path: Path, wanted: Wanted) -> None:
    source = write_parquet(
        tmp_path / "q.parquet",
        [
            refused(1, {"customer": WHO, "name": "A"}),
            refused(2, {"customer": "x", "name": "B"}),
            refused(3, f"P9,{WHO},Chan"),
            refused(4, f"P9,{WHO}8,not this one"),
            refused(5, {"customer": None, "loan": "P5"}),
            refused(6, "P2;unreadable"),
            refused(7, ["not", "an object"]),
        ],
    )
    target = tmp_path / "emptied.parquet"
    with duckdb.connect() as connection:
        erase.find_predictions(connection, log, wanted)
        assert mark_refused_rows(connection, source, wanted, ("customer", "loan")) == 4
        assert write_emptied(connection, source, target).rows == 7
    rows = {each["line"]: each for each in pq.read_table(target).to_pylist()}
    assert [line for line, each in rows.items() if each["raw"] == "{}"] == [1, 3, 5, 6]
    assert rows[1]["column"] is None
    assert rows[1]["params"] == "{}"
    assert rows[2]["params"] == json.dumps({"column": "score", "value": "much"})


@either
def test_data_sets_tell_whether_they_hold_somebody(tmp_path: Path, wanted: Wanted) -> None:
    named = write_parquet(tmp_path / "n.parquet", [{"a": 1, "who": "x"}, {"a": 2, "who": WHO}])
    by_id = write_parquet(tmp_path / "i.parquet", [{"ref": "P77"}])
    free = write_parquet(tmp_path / "f.parquet", [{"a": 1, "who": "x"}])
    numbers = write_parquet(tmp_path / "m.parquet", [{"a": 1}])
    broken = tmp_path / "broken.parquet"
    broken.write_text("no Parquet")
    with duckdb.connect() as connection:
        erase.set_ids(connection, ["P77"])
        found = [
            holds_subject(connection, path, wanted)
            for path in (named, by_id, free, numbers, broken)
        ]
    assert found == [True, True, False, False, None]


def test_a_reference_counts_as_a_word_of_its_own() -> None:
    assert erase.names("x,C-7,y", "C-7")
    assert not erase.names("x,C-77,y", "C-7")
    assert not erase.names("AC-7", "C-7")
    assert "C-7" in set(erase.tokens('L1,"C-7",Chan'))
    assert erase.erased_lines([(3, "a;b"), (4, "c;d")], lambda token: token == "d") == (4,)
