"""Every use case that acts for somebody asks whether that somebody may."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import python_files, tree_of

Function = ast.FunctionDef


def _use_cases() -> Iterator[tuple[str, Function]]:
    for path in python_files("core/services"):
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                if "actor" in {argument.arg for argument in arguments}:
                    yield f"{path.stem}.{node.name}", node


def _statements(function: Function) -> list[ast.stmt]:
    """Return the body without its docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


def _asks(node: ast.AST) -> bool:
    """Whether a call asks for a permission, or hands the actor on to one that does."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            if ast.unparse(call.func) in {"require", "access.require"}:
                return True
            if any(word.arg == "actor" for word in call.keywords):
                return True
    return False


USE_CASES = dict(_use_cases())


@pytest.mark.parametrize("name", [name for name in USE_CASES if name != "access.require"])
def test_the_first_line_asks_for_the_permission(name: str) -> None:
    assert _asks(_statements(USE_CASES[name])[0]), f"{name} begins without access.require"


@pytest.mark.parametrize("name", USE_CASES)
def test_the_actor_is_named_not_placed(name: str) -> None:
    if name != "access.require":
        assert "actor" in {argument.arg for argument in USE_CASES[name].args.kwonlyargs}
