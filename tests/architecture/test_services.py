"""Every use case that acts for somebody asks whether that somebody may, before anything else.

Each public function of ``core.services`` that takes an actor is read (its first statement asks)
and called, as each role: with a workspace that cannot be touched, and stopped where the first
permission is granted. So a new function that forgets to ask fails here, whatever it does.
"""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from typing import Any, NoReturn
from unittest.mock import MagicMock

import pytest

from core.auth.policy import POLICY
from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden
from core.services import access
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


def _statements(function: Function) -> list[ast.stmt]:
    """Return the body without its docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


def _asks(node: ast.AST) -> bool:
    """Whether a call asks for a permission, or hands the actor on to one that does."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            if ast.unparse(call.func) == "access.require":
                return True
            if any(word.arg == "actor" for word in call.keywords):
                return True
    return False


USE_CASES = {name: node for name, node in _use_cases() if name not in _BOUNDARY}


class Granted(Exception):
    """The permission that a function asks for first was granted."""


class Untouchable:
    """Stands for the workspace; a function that reaches for it has not asked first."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"The workspace's {name} is touched before a permission is asked.")


def _arguments(function: Any) -> dict[str, Any]:
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


def _outcome(
    name: str, roles: frozenset[Role], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, list[str]]:
    """Call a use case in some roles; return how it ended, and what it asked for."""
    module, _, attribute = name.rpartition(".")
    function = getattr(import_module(module), attribute)
    asked: list[str] = []
    real = access.require

    def require(actor: Actor, permission: Permission, *, model: Any = None) -> None:
        asked.append(permission)
        real(actor, permission)
        raise Granted

    monkeypatch.setattr(access, "require", require)
    actor = Actor("u-probe", "probe", roles)
    values = _arguments(function)
    if "workspace" in inspect.signature(function).parameters:
        values["workspace"] = Untouchable()
    try:
        result = function(**values, actor=actor)
        if inspect.isgenerator(result):
            next(result)
    except Granted:
        return "granted", asked
    except Forbidden:
        return "forbidden", asked
    return "not asked", asked


@pytest.mark.parametrize("name", USE_CASES)
def test_the_first_line_asks_for_the_permission(name: str) -> None:
    assert _asks(_statements(USE_CASES[name])[0]), f"{name} begins without access.require"


@pytest.mark.parametrize("name", USE_CASES)
def test_the_actor_is_named_not_placed(name: str) -> None:
    assert "actor" in {argument.arg for argument in USE_CASES[name].args.kwonlyargs}


@pytest.mark.parametrize(
    ("name", "role"),
    [pytest.param(*case, id="-".join(case)) for case in product(USE_CASES, Role)],
)
def test_a_role_without_the_permission_is_refused_before_anything_happens(
    name: str, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, asked = _outcome(name, frozenset({role}), monkeypatch)
    assert len(asked) == 1, f"{name} declares no permission"
    assert ended == ("granted" if Permission(asked[0]) in POLICY[role] else "forbidden")


@pytest.mark.parametrize("name", USE_CASES)
def test_nobody_without_a_role_gets_anywhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, asked = _outcome(name, frozenset(), monkeypatch)
    assert (ended, len(asked)) == ("forbidden", 1)


def test_the_walk_finds_a_use_case_that_forgets_to_ask() -> None:
    forgetful = ast.parse("def f(workspace, *, actor):\n    workspace.store.begin()\n").body[0]
    assert isinstance(forgetful, ast.FunctionDef)
    assert not _asks(forgetful.body[0])
    with pytest.raises(AssertionError, match="touched before a permission"):
        Untouchable().store  # noqa: B018 - reaching for it is the test
