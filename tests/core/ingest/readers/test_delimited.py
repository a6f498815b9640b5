import csv
import io
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from core.errors import UnreadableFile
from core.ingest import reasons
from core.ingest.readers import BrokenRow, Source, delimited
from core.ingest.readers.delimited import header_of, open_delimited

# 𡁻 lies outside the Basic Multilingual Plane and 嘅 is Cantonese: both are in Big5-HKSCS.
HKSCS = "𡁻嘢嘅銀行"
# 㐂 has four bytes in GB18030; 𠮷 too, and lies outside the Basic Multilingual Plane.
GB18030 = "㐂𠮷银行贷款"


class Read:
    """A file read to the end: its rows with their lines, and the lines that were no rows."""

    def __init__(self, path: Path, encoding: str = "utf-8") -> None:
        self.broken: list[BrokenRow] = []
        self.is_plain = delimited._is_plain(path)
        with duckdb.connect() as connection:
            self.source: Source = open_delimited(connection, path, encoding, self._reject)
            self.rows = connection.execute(
                f"SELECT * FROM {self.source.relation} ORDER BY _index"
            ).fetchall()

    def _reject(self, rows: Sequence[BrokenRow]) -> None:
        self.broken += rows

    @property
    def values(self) -> list[tuple[str | None, ...]]:
        return [row[:-2] for row in self.rows]

    @property
    def lines(self) -> list[int]:
        return [row[-1] for row in self.rows]


def _file(tmp_path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = tmp_path / "log.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def test_a_plain_file_goes_to_duckdb_with_its_line_numbers(tmp_path: Path) -> None:
    read = Read(_file(tmp_path, "id,city\n1,Hong Kong\n2,旺角\n3,\n"))
    assert read.is_plain
    assert read.source.names == ("id", "city")
    assert read.values == [("1", "Hong Kong"), ("2", "旺角"), ("3", None)]
    assert read.lines == [2, 3, 4]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_and_line_ends(tmp_path: Path, newline: str, separator: str) -> None:
    lines = [["id", "city"], ["1", "Hong Kong"], ["2", "Macau"]]
    text = newline.join(separator.join(row) for row in lines)
    read = Read(_file(tmp_path, text))
    assert read.values == [("1", "Hong Kong"), ("2", "Macau")]
    assert read.lines == [2, 3]


def test_quotes_line_breaks_and_blank_lines_keep_the_line_numbers(tmp_path: Path) -> None:
    text = 'id,note\r\n1,"two\r\nlines"\r\n\r\n2,"a ""quoted"", comma"\r\n3,5" pipe\r\n'
    read = Read(_file(tmp_path, text))
    assert not read.is_plain
    assert read.values == [("1", "two\r\nlines"), ("2", 'a "quoted", comma'), ("3", '5" pipe')]
    # Row 1 stands on lines 2 and 3, line 4 is blank.
    assert read.lines == [2, 5, 6]


@pytest.mark.parametrize(
    ("encoding", "codec", "word"),
    [
        ("utf-8", "utf-8", HKSCS + GB18030),
        ("utf-8", "utf-8-sig", HKSCS),
        ("utf-16", "utf-16", HKSCS + GB18030),
        ("utf-16", "utf-16-be-bom", HKSCS),
        ("big5-hkscs", "big5hkscs", HKSCS),
        ("gb18030", "gb18030", GB18030),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, codec: str, word: str) -> None:
    text = f'編號,城市\n1,{word}\n2,"{word}\n{word}"\n3,x\n'
    if encoding == "gb18030":
        text = text.replace("編號", "编号")
    data = (
        b"\xfe\xff" + text.encode("utf-16-be") if codec == "utf-16-be-bom" else text.encode(codec)
    )
    read = Read(_file(tmp_path, data), encoding)
    assert read.values == [("1", word), ("2", f"{word}\n{word}"), ("3", "x")]
    assert read.lines == [2, 3, 5]
    assert read.source.names[0] in {"編號", "编号"}


@pytest.mark.parametrize(
    ("encoding", "wrong"), [("utf-8", b"\xff"), ("big5-hkscs", b"\xff"), ("gb18030", b"\xff")]
)
def test_an_undecodable_line_is_named_and_the_others_are_read(
    tmp_path: Path, encoding: str, wrong: bytes
) -> None:
    codec = encoding.replace("-", "")
    good = "銀行".encode("big5hkscs" if encoding == "big5-hkscs" else codec)
    data = b"id,city\n1," + good + b"\n2,x" + wrong + b"\n3," + good + b"\n"
    read = Read(_file(tmp_path, data), encoding)
    assert [row[0] for row in read.values] == ["1", "3"]
    assert read.lines == [2, 4]
    assert read.broken == [BrokenRow(3, reasons.UNDECODABLE, {"encoding": encoding}, "2,x\\xff")]


def test_a_lead_byte_before_the_line_end_does_not_swallow_it(tmp_path: Path) -> None:
    data = b"id,city\n1,x\xa4\n2,y\n"
    read = Read(_file(tmp_path, data), "big5-hkscs")
    assert read.values == [("2", "y")]
    assert read.lines == [3]
    assert read.broken[0].line == 2


def test_an_odd_half_of_utf16_is_named(tmp_path: Path) -> None:
    text = "id,city\n1,ab\n2,cd\n".encode("utf-16-le")
    # A low surrogate on its own in place of "b".
    data = b"\xff\xfe" + text.replace(b"b\x00", b"\x00\xdc")
    read = Read(_file(tmp_path, data), "utf-16")
    assert read.values == [("2", "cd")]
    assert [row.line for row in read.broken] == [2]


def test_lines_of_another_width_are_named(tmp_path: Path) -> None:
    read = Read(_file(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8\n"))
    assert read.values == [("1", "2"), ("7", "8")]
    assert read.lines == [2, 5]
    assert [(row.line, row.params["found"]) for row in read.broken] == [(3, 1), (4, 3)]
    assert {row.reason for row in read.broken} == {reasons.WRONG_WIDTH}


def test_a_quote_that_is_never_closed_refuses_the_file(tmp_path: Path) -> None:
    rows = "".join(f"{number},{'x' * 100}\n" for number in range(3000))
    with pytest.raises(UnreadableFile) as caught:
        Read(_file(tmp_path, 'a,b\n1,"open\n' + rows))
    assert caught.value.params["line"] == 2


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        header_of(_file(tmp_path, "\n\n"), "utf-8")


@pytest.mark.parametrize("chunk", [3, 7, 16])
def test_plainness_does_not_depend_on_where_chunks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("core.ingest.readers.delimited._CHUNK_BYTES", chunk)
    assert Read(_file(tmp_path, "a,b\r\n1,旺角\r\n2,y\r\n")).is_plain
    assert not Read(_file(tmp_path, "a,b\n1,x\n\n2,y\n")).is_plain
    assert not Read(_file(tmp_path, 'a,b\n1,"x"\n')).is_plain


def test_both_ways_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "word"])
    writer.writerows([number, "嘅" * (number % 4)] for number in range(5000))
    path = _file(tmp_path, text.getvalue())
    quick = Read(path)
    assert quick.is_plain
    monkeypatch.setattr("core.ingest.readers.delimited._is_plain", lambda _: False)
    slow = Read(path)
    assert not slow.is_plain
    assert quick.lines == slow.lines
    # An empty field is NULL to DuckDB and an empty text to Python; both mean "missing".
    assert quick.values == [tuple(value or None for value in row) for row in slow.values]
