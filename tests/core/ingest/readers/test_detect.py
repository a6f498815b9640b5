from pathlib import Path

import pytest

from core.errors import InvalidInput, UnreadableFile
from core.ingest.readers.detect import encoding_of, format_of, separator_of
from tests.support.builders import a_log, write_parquet

TRADITIONAL = "貸款編號,申請日期,行業\n甲一,二零二五年一月,零售業務及運輸\n" * 5
SIMPLIFIED = "贷款编号,申请日期,行业\n甲一,二零二五年一月,零售业务及运输\n" * 5


def _file(tmp_path: Path, data: bytes, name: str = "log") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("text", "codec", "expected"),
    [
        (TRADITIONAL, "utf-8", "utf-8"),
        (TRADITIONAL, "utf-8-sig", "utf-8"),
        (TRADITIONAL, "utf-16", "utf-16"),
        ("id,city\n1,x\n" * 9, "utf-16-le", "utf-16-le"),
        ("id,city\n1,x\n" * 9, "utf-16-be", "utf-16-be"),
        (TRADITIONAL, "big5hkscs", "big5-hkscs"),
        (TRADITIONAL + "嘅𡁻\n", "big5hkscs", "big5-hkscs"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED + "㐂\n", "gb18030", "gb18030"),
        ("id,city\n1,x\n", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, text: str, codec: str, expected: str) -> None:
    assert encoding_of(_file(tmp_path, text.encode(codec))) == expected


def test_the_sample_starts_where_the_file_stops_being_ascii(tmp_path: Path) -> None:
    ascii_rows = b"1,aaaaaaaaaaaaaaaa\n" * 80_000
    data = ascii_rows + TRADITIONAL.encode("big5hkscs")
    assert encoding_of(_file(tmp_path, data)) == "big5-hkscs"


def test_a_few_wrong_bytes_do_not_make_utf8_something_else(tmp_path: Path) -> None:
    data = TRADITIONAL.encode() + b"\xff\n" + TRADITIONAL.encode()
    assert encoding_of(_file(tmp_path, data)) == "utf-8"


@pytest.mark.parametrize(
    ("said", "meant"), [("UTF8", "utf-8"), ("Big5", "big5-hkscs"), ("GBK", "gb18030")]
)
def test_what_is_said_wins(tmp_path: Path, said: str, meant: str) -> None:
    assert encoding_of(_file(tmp_path, b"x"), said) == meant


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="shift-jis"):
        encoding_of(_file(tmp_path, b"x"), "shift-jis")


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"a,b\n", "csv"), (b'{"a": 1}\n', "jsonl"), (b'\xef\xbb\xbf {"a": 1}\n', "jsonl")],
)
def test_the_format_is_found(tmp_path: Path, data: bytes, expected: str) -> None:
    assert format_of(_file(tmp_path, data)) == expected


def test_parquet_is_found_whatever_its_name(tmp_path: Path) -> None:
    assert format_of(write_parquet(tmp_path / "log.csv", a_log(1))) == "parquet"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04zip", b"\x1f\x8bgz", b"%PDF-1.7"])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        format_of(_file(tmp_path, data))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        format_of(tmp_path / "nothing.csv")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="xlsx"):
        format_of(_file(tmp_path, b"x"), "xlsx")


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("a;b\n1,5;2\n1,6;3\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ("a\n1\n", ","),
        ('"a,b";c\n"1,2";3\n', ";"),
    ],
)
def test_the_separator_is_found(sample: str, expected: str) -> None:
    assert separator_of(sample) == expected
