"""What no file of the product does."""

import re
from pathlib import Path

from tests.architecture.sources import (
    CODE,
    PRODUCT,
    against,
    calls,
    imported_modules,
    name_of,
    texts,
)

# Reading any of these from outside runs what is in it.
UNSAFE = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
RUNS = {"eval", "exec", "compile", "pd.read_pickle", "yaml.unsafe_load"}
SCREEN = {"streamlit", "streamlit_authenticator", "plotly"}
DUCKDB_FACTORY = "core/lake/duck.py"
LINES = 400
# An outsider is handed one file and reads it before trusting it.
IN_ONE_FILE = {"docs/verify/verify.py"}
SQL = re.compile(r"\b(?:SELECT|INSERT INTO|DELETE FROM|CREATE (?:TABLE|VIEW)|UPDATE \w+ SET)\b")


def test_the_core_prints_nothing() -> None:
    assert against(lambda path: "print" in calls(path), "core") == []


def test_the_core_has_no_screen() -> None:
    assert against(lambda path: bool(_packages(path) & SCREEN), "core") == []


def test_nothing_runs_what_it_reads() -> None:
    assert against(lambda path: bool(_packages(path) & UNSAFE), *PRODUCT) == []
    assert against(lambda path: bool(calls(path) & RUNS), *PRODUCT) == []


def test_duckdb_connections_come_from_one_factory() -> None:
    found = against(
        lambda path: "duckdb.connect" in calls(path) | set(imported_modules(path)), *PRODUCT
    )
    assert found == [DUCKDB_FACTORY]


def test_sql_lives_in_store_lake_and_ingest() -> None:
    found = against(lambda path: any(map(SQL.search, texts(path))), *PRODUCT)
    own = ("core/store/", "core/lake/", "core/ingest/")
    assert [name for name in found if not name.startswith(own)] == []
    assert any(name.startswith("core/lake/") for name in found)  # the pattern finds it


def test_a_file_holds_one_idea() -> None:
    """A migration is the schema of one day; it is never split, and never changed again."""
    assert against(_is_long, *CODE) == []


def _is_long(path: Path) -> bool:
    if path.parts[-2] == "versions" or name_of(path) in IN_ONE_FILE:
        return False
    return len(path.read_text(encoding="utf-8").splitlines()) > LINES


def _packages(path: Path) -> set[str]:
    """Return the packages that a file imports from."""
    return {name.split(".")[0] for name in imported_modules(path)}
