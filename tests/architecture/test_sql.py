"""SQL is put together from our own words alone; what comes from outside is a value of the query.

Every text that is run, by DuckDB or through ``text()``, is followed back through names, calls and
fields. It may end in constants, numbers, and the answers of the helpers named here, which quote
what they are given; anything else fails. Statements that SQLAlchemy builds quote for themselves.
"""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.aliases import aliases
from core.ingest.readers.source import path_literal
from core.lake.paths import quoted
from core.lake.row_filter import literal
from tests.architecture.sources import PRODUCT, name_of, python_files, tree_of
from tests.architecture.sql_examples import OURS, PLANTED
from tests.architecture.sql_flow import Program
from tests.architecture.values import Values

# They double every quote inside the quotes that they set, or answer with a name or number of ours.
TRUSTED = frozenset(
    {"quoted", "literal", "parquet_relation", "alias", "instant_literal", "to_microseconds"}
)
# Lake columns by the log's columns: the values are made of [a-z0-9_] alone.
# SQL by the names of expressions: tests/core/lake/kpis/test_columns.py and test_routing_names.py
# hold it to be our own.
TRUSTED_FIELDS = frozenset(
    {
        ("LoggedNames", "columns"),
        ("ModelContract", "stored_columns"),
        ("Outcome", "stored_columns"),
        ("Relation", "columns"),
        ("RoutingColumns", "columns"),
    }
)
# Read by a person: module, expression → why it is ours.
REVIEWED = {
    ("core.contract.columns", "type(self).model_fields"): "names of fields in our own code",
    ("core.services.erasure.asking", "column"): "what core.lake.streams.identity_column answers",
    ("core.services.approvals.four_eyes", "workspace"): "runs an approved step, and no SQL",
    ("core.store.rows", "statement"): "SQLAlchemy's INSERT of either database",
    ("core.store.snapshot", "table.delete()"): "SQLAlchemy's DELETE of a table of ours",
}


@cache
def the_product() -> Values:
    paths = python_files(*PRODUCT)
    names = [name_of(path)[:-3].replace("/", ".").removesuffix(".__init__") for path in paths]
    return Values(dict(zip(names, map(tree_of, paths), strict=True)))


@pytest.fixture(autouse=True)
def _room_to_follow() -> Iterator[None]:
    """A text comes a long way: each step takes some frames."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


def test_every_text_that_is_run_is_our_own() -> None:
    program = Program(the_product(), TRUSTED, TRUSTED_FIELDS, frozenset(REVIEWED))
    assert sum(1 for _ in program.sinks()) > 300  # it looks at something
    assert program.strangers() == []
    assert program.used == set(REVIEWED), "take out what nothing needs any more"


def test_a_stranger_planted_in_the_product_is_found() -> None:
    product = the_product()
    module = "core.lake.decisions.one_prediction"
    path = next(
        each for each in python_files("core") if name_of(each).endswith("one_prediction.py")
    )
    text = path.read_text(encoding="utf-8")
    planted = text.replace("r.prediction_id = $wanted", "r.prediction_id = '{prediction_id}'")
    assert planted != text
    trees = {**product.trees, module: ast.parse(planted)}
    found = Program(Values(trees), TRUSTED, TRUSTED_FIELDS, frozenset(REVIEWED)).strangers()
    assert [each.split(":")[0] for each in found] == [module]


def test_the_trusted_helpers_are_there() -> None:
    assert not TRUSTED - set(the_product().functions)


def strangers(**modules: str) -> list[str]:
    """Return what is found in some modules, written here as a person might."""
    trees = {f"core.lake.{name}": ast.parse(text) for name, text in modules.items()}
    return Program(Values(trees), TRUSTED, TRUSTED_FIELDS).strangers()


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_a_stranger_in_sql_is_found(text: str) -> None:
    assert strangers(planted=text)


@pytest.mark.parametrize("text", OURS.values(), ids=OURS)
def test_what_is_ours_is_let_through(text: str) -> None:
    assert strangers(planted=text) == []


def test_a_stranger_is_found_across_modules_and_named() -> None:
    (found,) = strangers(
        planted="def f(c, name):\n    c.execute(f'SELECT {name}')",
        caller="from core.lake.planted import f\ndef g(c, row):\n    f(c, row.name)",
    )
    assert found == "core.lake.planted:2 runs what core.lake.caller:3 row.name puts in"


def test_lake_columns_of_a_log_are_not_ours_by_their_own_names() -> None:
    assert strangers(
        planted="def f(c, contract: ModelContract):\n"
        "    for name, alias in contract.stored_columns.items():\n        c.execute(name)"
    )


@given(names=st.lists(st.text(max_size=30), unique=True, max_size=8))
def test_lake_columns_are_plain_identifiers(names: list[str]) -> None:
    made = aliases(names, prefix="c_")
    assert all(re.fullmatch(r"c_[a-z0-9_]*", alias) for alias in made.values())
    assert len(set(made.values())) == len(names)


@given(text=st.text(max_size=40))
def test_quoting_leaves_no_way_out(text: str) -> None:
    for made in (quoted(text), literal(text)):
        assert re.fullmatch(r"'(?:[^']|'')*'", made, re.DOTALL)
        assert made[1:-1].replace("''", "'") == text


def test_paths_are_quoted_too() -> None:
    assert path_literal(Path("/a/it's [1]*.csv")) == "'/a/it''s [[]1][*].csv'"
