"""Every use case that acts for somebody asks whether that somebody may, before anything else.

Each public function of ``core.services`` that takes an actor is read (its first statement asks)
and called, as each role: with a workspace that cannot be touched, and stopped where the first
permission is granted. So a new function that forgets to ask fails here, whatever it does.
"""

import ast
import inspect
from importlib import import_module
from typing import Any

import pytest

from core.auth.policy import POLICY
from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden
from core.services import access
from tests.architecture.use_cases import USE_CASES, Untouchable, arguments_of, statements


def _asks(node: ast.AST) -> bool:
    """Whether a call asks for a permission, or hands the actor on to one that does."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            if ast.unparse(call.func) == "access.require":
                return True
            if any(word.arg == "actor" for word in call.keywords):
                return True
    return False


class Granted(Exception):
    """The permission that a function asks for first was granted."""


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
    values = arguments_of(function)
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


def test_the_first_line_asks_for_the_permission() -> None:
    assert USE_CASES
    assert [name for name, each in USE_CASES.items() if not _asks(statements(each)[0])] == []


def test_the_actor_is_named_not_placed() -> None:
    named = {name for name, each in USE_CASES.items() if "actor" in _named_only(each)}
    assert set(USE_CASES) - named == set()


def _named_only(function: ast.FunctionDef) -> set[str]:
    return {argument.arg for argument in function.args.kwonlyargs}


@pytest.mark.parametrize("name", USE_CASES)
def test_a_role_without_the_permission_is_refused_before_anything_happens(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in Role:
        with monkeypatch.context() as patch:
            ended, asked = _outcome(name, frozenset({role}), patch)
        assert len(asked) == 1, f"{name} declares no permission"
        may = Permission(asked[0]) in POLICY[role]
        assert ended == ("granted" if may else "forbidden"), role


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
