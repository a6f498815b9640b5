"""What no file of the product does."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import (
    CODE,
    PRODUCT,
    calls,
    imported_modules,
    name_of,
    python_files,
    texts,
)

# Reading any of these from outside runs what is in it.
UNSAFE = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
SCREEN = {"streamlit", "streamlit_authenticator", "plotly"}
DUCKDB_FACTORY = "core/lake/duck.py"
LINES = 400
# An outsider is handed one file and reads it before trusting it.
IN_ONE_FILE = {"docs/verify/verify.py"}
SQL = re.compile(r"\b(?:SELECT|INSERT INTO|DELETE FROM|CREATE (?:TABLE|VIEW)|UPDATE \w+ SET)\b")

product = pytest.mark.parametrize("path", python_files(*PRODUCT), ids=name_of)
core = pytest.mark.parametrize("path", python_files("core"), ids=name_of)


@core
def test_the_core_prints_nothing(path: Path) -> None:
    assert "print" not in set(calls(path))


@core
def test_the_core_has_no_screen(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported_modules(path)} & SCREEN


@product
def test_nothing_runs_what_it_reads(path: Path) -> None:
    assert not {name.split(".")[0] for name in imported_modules(path)} & UNSAFE
    assert not {"eval", "exec", "compile", "pd.read_pickle", "yaml.unsafe_load"} & set(calls(path))


@product
def test_duckdb_connections_come_from_one_factory(path: Path) -> None:
    if name_of(path) != DUCKDB_FACTORY:
        assert "duckdb.connect" not in set(calls(path)) | set(imported_modules(path))


def test_the_one_factory_is_there() -> None:
    assert DUCKDB_FACTORY in {
        name_of(path) for path in python_files("core") if "duckdb.connect" in set(calls(path))
    }


@product
def test_sql_lives_in_store_lake_and_ingest(path: Path) -> None:
    if not name_of(path).startswith(("core/store/", "core/lake/", "core/ingest/")):
        assert not [text for text in texts(path) if SQL.search(text)]


def test_the_pattern_for_sql_finds_it() -> None:
    assert any(SQL.search(text) for path in python_files("core/lake") for text in texts(path))


# A migration is the schema of one day; it is never split, and never changed again.
SPLITTABLE = [
    path
    for path in python_files(*CODE)
    if path.parts[-2] != "versions" and name_of(path) not in IN_ONE_FILE
]


@pytest.mark.parametrize("path", SPLITTABLE, ids=name_of)
def test_a_file_holds_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES, f"{lines} lines: split it"
