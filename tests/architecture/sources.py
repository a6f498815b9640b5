"""What the tests of this folder read: the product's own files, parsed once.

A rule is one test that names every file against it: a test a file and rule would be ten thousand,
which takes longer to hand out than to run.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("core", "app", "pages")
CODE = (*PRODUCT, "tests", "bench", "data", "docs")


def python_files(*folders: str) -> list[Path]:
    """Return the Python files below the folders, in a fixed order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_modules(path: Path) -> Iterator[str]:
    """Return every module that a file imports, wherever in the file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def calls(path: Path) -> frozenset[str]:
    """Return the dotted name of every call in a file, such as ``duckdb.connect``."""
    nodes = ast.walk(tree_of(path))
    return frozenset(ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call))


def texts(path: Path) -> Iterator[str]:
    """Return every text constant in a file, docstrings included."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def against(rule: Callable[[Path], bool], *folders: str) -> list[str]:
    """Return the files below some folders that break a rule; there must be some that could."""
    files = python_files(*folders)
    assert files
    return [name_of(path) for path in files if rule(path)]


def name_of(path: Path) -> str:
    """Return a file's path inside the project."""
    return path.relative_to(ROOT).as_posix()
