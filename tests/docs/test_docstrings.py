"""What is public says what it is, takes and raises; examples are run, so that they are right."""

import ast
import doctest
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import errors
from tests.architecture.sources import name_of, python_files, tree_of

WITH_EXAMPLES = [path for path in python_files("core", "app") if ">>> " in path.read_text("utf-8")]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name_of)
def test_examples_give_what_they_show(path: Path) -> None:
    name = name_of(path.with_suffix("")).replace("/", ".").removesuffix(".__init__")
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    result = doctest.testmod(importlib.import_module(name), optionflags=flags)
    assert result.attempted > 0
    assert result.failed == 0


# Help texts of commands, and programs that go along with exports: they read by themselves.
APART = ("core/cli/", "core/store/migrations/", "core/reports/dossier")
MANY = 6
OWN_ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
SAYS_SO = re.compile(r"Raises\n------|\b[Rr]aises?\b|\b[Rr]efuse\b|see :func:|Do what :func:")


def _public() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the public functions of the core, and public methods of its public classes."""
    for path in python_files("core"):
        if name_of(path).startswith(APART):
            continue
        for node in tree_of(path).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            inside: list[ast.stmt] = node.body if isinstance(node, ast.ClassDef) else [node]
            for each in inside:
                if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
                    yield f"{name_of(path)}: {each.name}", each


def _arguments(function: ast.FunctionDef) -> list[str]:
    found = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [each.arg for each in found if each.arg not in ("self", "cls")]


def _section(text: str, title: str) -> str:
    """Return a section of a numpydoc docstring; empty if there is none."""
    found = re.search(rf"^{title}\n-+\n(.*?)(?=^[A-Z]\w+\n-+\n|\Z)", text, re.M | re.S)
    return found[1] if found else ""


def _named(section: str) -> list[str]:
    heads = re.findall(r"^(\S[^:\n]*)(?: : .*)?$", section, re.M)
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def test_whatever_is_public_says_what_it_is() -> None:
    functions = list(_public())
    assert len(functions) > 2000
    assert [name for name, each in functions if not ast.get_docstring(each)] == []


def test_a_function_of_many_parameters_names_them_all() -> None:
    bare = [
        name
        for name, each in _public()
        if len(_arguments(each)) >= MANY
        and not _section(ast.get_docstring(each) or "", "Parameters")
        and each.col_offset == 0
    ]
    assert bare == []


def test_named_parameters_are_those_of_the_function() -> None:
    wrong = {}
    for name, each in _public():
        section = _section(ast.get_docstring(each) or "", "Parameters")
        taken = set(_arguments(each)) | {
            extra.arg for extra in (each.args.vararg, each.args.kwarg) if extra
        }
        if section and set(_named(section)) != taken:
            wrong[name] = set(_named(section)) ^ taken
    assert wrong == {}


def test_an_error_that_is_raised_is_told() -> None:
    silent = [
        name
        for name, each in _public()
        if _raised(each) & OWN_ERRORS and not SAYS_SO.search(ast.get_docstring(each) or "")
    ]
    assert silent == []


def _raised(function: ast.FunctionDef) -> set[str]:
    calls = (node.exc for node in ast.walk(function) if isinstance(node, ast.Raise))
    return {ast.unparse(call.func) for call in calls if isinstance(call, ast.Call)}
