"""The use cases of the services: each public function that takes an actor, and how to call it."""

import ast
import inspect
from collections.abc import Iterator
from typing import Any, NoReturn
from unittest.mock import MagicMock

from core.domain.identity import Permission
from core.services.questions import Question
from tests.architecture.sources import ROOT, python_files, tree_of

Function = ast.FunctionDef
# The boundary itself.
_BOUNDARY = {
    f"core.services.access.{name}"
    for name in ("require", "require_every_jurisdiction", "require_recent", "require_session")
}


def _use_cases() -> Iterator[tuple[str, Function]]:
    for path in python_files("core/services"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                if "actor" in {argument.arg for argument in arguments}:
                    yield f"{module}.{node.name}", node


def statements(function: Function) -> list[ast.stmt]:
    """Return the body without its docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


USE_CASES = {name: node for name, node in _use_cases() if name not in _BOUNDARY}


class Untouchable:
    """Stands for the workspace; a function that reaches for it has not asked first."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"The workspace's {name} is touched before a permission is asked.")


def arguments_of(function: Any) -> dict[str, Any]:
    """Return a value for each required parameter, enough to reach the first permission."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in {"workspace", "actor"} or parameter.default is not inspect.Parameter.empty:
            continue
        if name == "permission" or parameter.annotation in (Permission, "Permission"):
            given[name] = Permission.drift_view
        elif name == "kind_name":
            given[name] = "model.resume"
        elif parameter.annotation in (str, "str"):
            given[name] = "somebody"
        elif parameter.annotation in (Question, "Question"):
            given[name] = Question("loans")
        else:
            given[name] = MagicMock(name=name)
    return given
