"""JSON lines: one object a line; an object inside it gives columns ``outer.inner``."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from core.ingest import reasons
from core.ingest.readers.source import BrokenRow, Reject, Source, SourceColumn, quoted
from core.ingest.readers.text import is_marked, open_text, readable

_BLOCK_LINES = 50_000
_TABLE = "json_lines"


def open_json_lines(
    connection: duckdb.DuckDBPyConnection, path: Path, encoding: str, reject: Reject
) -> Source:
    """Return a file of JSON objects as numbered text columns, one for every key that occurs.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Where the lines are put.
    path : Path
        The file.
    encoding : str
        Its encoding.
    reject : callable
        Takes the lines that are no JSON objects.
    """
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_TABLE} (document VARCHAR, _index BIGINT, _line BIGINT)"
    )
    index = 0
    for texts, lines in _blocks(path, encoding, reject):
        block = pa.table(
            {
                "document": pa.array(texts, pa.string()),
                "_index": pa.array(range(index, index + len(texts)), pa.int64()),
                "_line": pa.array(lines, pa.int64()),
            }
        )
        connection.register("json_block", block)
        connection.execute(f"INSERT INTO {_TABLE} FROM json_block")
        connection.unregister("json_block")
        index += len(texts)
    _reject_other_documents(connection, reject)
    paths = _paths(connection)
    columns = tuple(SourceColumn(name, "VARCHAR") for name, _ in paths)
    return Source(path, "jsonl", encoding, columns, _relation(paths), (_TABLE,))


def _relation(paths: list[tuple[str, str]]) -> str:
    if not paths:
        return f"(SELECT _index, _line FROM {_TABLE})"
    wanted = ", ".join(quoted(path) for _, path in paths)
    columns = ", ".join(f"fields[{index + 1}] AS c{index}" for index in range(len(paths)))
    return (
        f"(SELECT {columns}, _index, _line FROM (SELECT json_extract_string(document, [{wanted}])"
        f" AS fields, _index, _line FROM {_TABLE}))"
    )


def _paths(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return every column with its JSON pointer: keys, and keys of objects one level down."""
    keys = connection.execute(
        f"""
        SELECT key, bool_or(json_type(document, pointer) = 'OBJECT'),
               bool_or(json_type(document, pointer) <> 'OBJECT')
        FROM (SELECT document, key, '/' || replace(replace(key, '~', '~0'), '/', '~1') AS pointer
              FROM (SELECT document, unnest(json_keys(document)) AS key FROM {_TABLE}))
        GROUP BY key ORDER BY key
        """
    ).fetchall()
    paths: list[tuple[str, str]] = []
    for key, is_object, is_value in keys:
        if is_value or not is_object:
            paths.append((key, _pointer(key)))
        if is_object:
            inner = connection.execute(
                f"SELECT DISTINCT unnest(json_keys(document, ?)) AS key FROM {_TABLE} ORDER BY key",
                [_pointer(key)],
            ).fetchall()
            paths += [(f"{key}.{name}", _pointer(key, name)) for (name,) in inner]
    return paths


def _pointer(*keys: str) -> str:
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def _reject_other_documents(connection: duckdb.DuckDBPyConnection, reject: Reject) -> None:
    other = "NOT json_valid(document) OR json_type(document) <> 'OBJECT'"
    while rows := connection.execute(
        f"SELECT _line, document FROM {_TABLE} WHERE {other} ORDER BY _line LIMIT {_BLOCK_LINES}"
    ).fetchall():
        reject([BrokenRow(line, reasons.NOT_JSON, {}, document) for line, document in rows])
        connection.execute(f"DELETE FROM {_TABLE} WHERE ({other}) AND _line <= ?", [rows[-1][0]])


def _blocks(path: Path, encoding: str, reject: Reject) -> Iterator[tuple[list[str], list[int]]]:
    texts: list[str] = []
    lines: list[int] = []
    broken: list[BrokenRow] = []
    with open_text(path, encoding) as file:
        for number, line in enumerate(file, start=1):
            text = line.strip()
            if not text:
                continue
            if is_marked(text):
                params: dict[str, object] = {"encoding": encoding}
                broken.append(BrokenRow(number, reasons.UNDECODABLE, params, readable(text)))
            else:
                texts.append(text)
                lines.append(number)
            if len(texts) >= _BLOCK_LINES or len(broken) >= _BLOCK_LINES:
                reject(broken)
                if texts:
                    yield texts, lines
                texts, lines, broken = [], [], []
    reject(broken)
    if texts:
        yield texts, lines
