"""Texts of business figures: told what is wrong with them, or read, written again and run."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from core.domain.expression import (
    ExpressionError,
    KpiExpression,
    Node,
    RowExpression,
    Schema,
    kpi_expression,
    parse,
    row_expression,
    written,
)
from core.i18n import translator
from core.lake.kpis.expression_sql import row_sql
from tests.fuzz.target import Target, expect

SCHEMA = Schema(
    {
        "amount": "number",
        "outcome.loss": "number",
        "decision": "text",
        'odd "name"; --': "text",
        "reviewed": "boolean",
        "time": "instant",
        "decided_at": "instant",
    },
    {"margin": 0.04},
    {"approved": "decision = 'approve'", "loss": "coalesce(outcome.loss, 0)", "ring": "ring"},
)
_COLUMNS = {name: f"t.c{place}" for place, name in enumerate(SCHEMA.columns)}
_ROWS = """
    CREATE TABLE t AS SELECT * FROM (VALUES
        (1000.0::DOUBLE, 0.5::DOUBLE, 'approve', 'it''s', TRUE,
         make_timestamptz(0), make_timestamptz(90000000)),
        (NULL, 'NaN'::DOUBLE, NULL, '', NULL, NULL, NULL)
    ) AS t(c0, c1, c2, c3, c4, c5, c6)
"""


@contextmanager
def expression_target(folder: Path) -> Iterator[Target]:
    """Give the reader of expressions: the first byte says whether of one row or of many."""
    del folder
    with duckdb.connect() as connection:
        connection.execute(_ROWS)
        yield Target(
            partial(_read, connection),
            (
                b"ksum(loss where approved) / sum(amount where amount is not missing) - 5%",
                b"kquantile(days_between(time, decided_at), 0.9) + share(not reviewed) * margin",
                b"rif(`odd \"name\"; --` in ('it''s', \"x\"), -amount, least(1_000, loss))",
                b'rlower(decision) = "\'; DROP TABLE t; --" or amount >= 1e3 and true',
                "r大 = 1".encode(),
            ),
        )


def _read(connection: duckdb.DuckDBPyConnection, data: bytes) -> None:
    text = data[1:].decode("utf-8", "surrogateescape")  # what is no UTF-8 is half a character
    try:
        found: KpiExpression | RowExpression = (
            kpi_expression(text, SCHEMA) if data[:1] == b"k" else row_expression(text, SCHEMA)
        )
    except ExpressionError as error:
        translator("zh-HK")(error.template, **error.params)
        expect(0 <= error.position <= error.end <= len(error.source), "a place outside the text")
        expect(error.place in str(error), "an error without its place")
        return
    tree = parse(text)
    expect(parse(written(tree)) == tree, "another expression once it is written")
    for node in _nodes(found):
        connection.execute(f"SELECT {row_sql(node, _COLUMNS)} IS NULL FROM t").fetchall()
    if isinstance(found, KpiExpression):
        value = found.value([0.0] * len(found.atoms))
        expect(math.isnan(value) or math.isfinite(value), "an infinite figure")
    rows = connection.execute("SELECT count(*) FROM t").fetchall()
    expect(rows == [(2,)], "the table was changed")


def _nodes(found: KpiExpression | RowExpression) -> list[Node]:
    if isinstance(found, RowExpression):
        return [found.node]
    return [node for atom in found.atoms for node in (atom.value, atom.where) if node is not None]
