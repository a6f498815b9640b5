"""Separated values: any of the encodings, with quotes, line breaks in fields and line numbers.

DuckDB reads neither Big5 nor GB18030 and loses line numbers, so the file is decoded and split in
Python and handed over in blocks. A plain UTF-8 file without quotes and blank lines, the usual
export of a program, is left to DuckDB's parallel reader: there the row number gives the line.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import UnreadableFile
from core.ingest import reasons
from core.ingest.readers.detect import separator_of, unreadable
from core.ingest.readers.source import (
    BrokenRow,
    Reject,
    Source,
    SourceColumn,
    path_literal,
    quoted,
)
from core.ingest.readers.text import is_marked, open_text, readable

_SAMPLE_CHARACTERS = 256 * 1024
_BLOCK_ROWS = 20_000
_CHUNK_BYTES = 1 << 22
_FIELD_CHARACTERS = 131_072
_TABLE = "delimited_rows"


def header_of(path: Path, encoding: str) -> tuple[str, tuple[str, ...], int]:
    """Return the separator, the column names and the line the header ends on.

    Raises
    ------
    UnreadableFile
        If the file has no header that can be read.
    """
    with open_text(path, encoding) as file:
        sample = file.read(_SAMPLE_CHARACTERS)
    separator = separator_of(sample)
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=separator)
    try:
        for row in reader:
            if row:
                return separator, tuple(readable(name).strip() for name in row), reader.line_num
    except csv.Error as error:
        raise unreadable(path, str(error)) from error
    raise unreadable(path, "it has no header")


def open_delimited(
    connection: duckdb.DuckDBPyConnection, path: Path, encoding: str, reject: Reject
) -> Source:
    """Return a CSV file as numbered text columns.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Where rows that Python splits are put.
    path : Path
        The file.
    encoding : str
        Its encoding.
    reject : callable
        Takes the lines that are no rows.

    Raises
    ------
    UnreadableFile
        If there is no header, or a quote is opened and never closed.
    """
    separator, names, header_line = header_of(path, encoding)
    columns = tuple(SourceColumn(name, "VARCHAR") for name in names)
    if encoding == "utf-8" and header_line == 1 and _is_plain(path):
        is_taken = _take_whole(connection, path, separator, len(names))
    else:
        is_taken = False
    if not is_taken:
        _split_in_python(connection, path, encoding, separator, len(names), reject)
    return Source(path, "csv", encoding, columns, _TABLE, (_TABLE,))


def _is_plain(path: Path) -> bool:
    """Whether lines are rows: UTF-8 throughout, no quotes, no blank lines, one kind of line end."""
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            whole, newline, rest = (rest + chunk).rpartition(b"\n")
            if newline and not _plain_lines(b"\n" + whole + newline):
                return False
    return _plain_lines(rest)


def _plain_lines(chunk: bytes) -> bool:
    if b'"' in chunk or b"\n\n" in chunk or b"\n\r\n" in chunk or b"\0" in chunk:
        return False
    if chunk.count(b"\r") != chunk.count(b"\r\n"):
        return False
    if chunk.isascii():
        return True
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _take_whole(
    connection: duckdb.DuckDBPyConnection, path: Path, separator: str, width: int
) -> bool:
    """Let DuckDB read a plain file; ``False`` if a line has not the width of the header."""
    types = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS"
            " SELECT *, row_number() OVER () - 1 AS _index, row_number() OVER () + 1 AS _line"
            f" FROM read_csv({path_literal(path)}, columns = {{{types}}}, header = true,"
            f" delim = {quoted(separator)}, quote = '', escape = '', auto_detect = false,"
            " nullstr = '', strict_mode = true)"
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return False
    return True


def _split_in_python(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    encoding: str,
    separator: str,
    width: int,
    reject: Reject,
) -> None:
    names = [f"c{index}" for index in range(width)]
    columns = "".join(f"{name} VARCHAR, " for name in names)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_TABLE} ({columns}_index BIGINT, _line BIGINT)"
    )
    index = 0
    for rows, lines in _blocks(path, encoding, separator, width, reject):
        data = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        data += [pa.array(range(index, index + len(rows)), pa.int64()), pa.array(lines, pa.int64())]
        block = pa.Table.from_arrays(data, [*names, "_index", "_line"])
        connection.register("delimited_block", block)
        connection.execute(f"INSERT INTO {_TABLE} FROM delimited_block")
        connection.unregister("delimited_block")
        index += len(rows)


def _blocks(
    path: Path, encoding: str, separator: str, width: int, reject: Reject
) -> Iterator[tuple[list[list[str]], list[int]]]:
    with open_text(path, encoding) as file:
        reader = csv.reader(file, delimiter=separator)
        try:
            next(row for row in reader if row)
            rows: list[list[str]] = []
            lines: list[int] = []
            broken: list[BrokenRow] = []
            first = reader.line_num + 1
            for row in reader:
                line = first
                if not row:
                    first = reader.line_num + 1
                    continue
                if reader.line_num > line and max(map(len, row)) > _FIELD_CHARACTERS:
                    raise csv.Error("a field has more than 131,072 characters")
                fault = _fault(row, width, encoding, line)
                if fault is None:
                    rows.append(row)
                    lines.append(line)
                else:
                    broken.append(fault)
                first = reader.line_num + 1
                if len(rows) >= _BLOCK_ROWS or len(broken) >= _BLOCK_ROWS:
                    reject(broken)
                    if rows:
                        yield rows, lines
                    rows, lines, broken = [], [], []
            reject(broken)
            if rows:
                yield rows, lines
        except csv.Error as error:
            raise _never_closed(path, first, error) from error


def _fault(row: list[str], width: int, encoding: str, line: int) -> BrokenRow | None:
    if len(row) != width:
        params: dict[str, object] = {"found": len(row), "expected": width}
        return BrokenRow(line, reasons.WRONG_WIDTH, params, readable(",".join(row)))
    if is_marked("".join(row)):
        return BrokenRow(line, reasons.UNDECODABLE, {"encoding": encoding}, readable(",".join(row)))
    return None


def _never_closed(path: Path, line: int, error: csv.Error) -> UnreadableFile:
    return UnreadableFile(
        "{file} cannot be read from line {line} on: {reason}.",
        remedy="A quote is probably opened there and never closed.",
        file=path.name,
        line=line,
        reason=str(error),
    )
