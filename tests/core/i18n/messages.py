"""Finds every message that the code shows, by reading its syntax tree.

Messages are the texts of ``t("…")``, ``t.n("…", …)`` and ``N_("…")``, and what errors are raised
with: the template and the remedy of every class derived from ``HarbourlightError``, wherever it
is defined. A template that is a parameter of a function is looked up where that is called.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_FOLDERS = ("core", "app", "pages")
_BASE = "HarbourlightError"
_TEXTS = ("template", "remedy")
Calls = list[tuple[str, list[ast.Call]]]  # of each module, by its name


@dataclass
class Found:
    """Message id → where it stands first; and what is shown but cannot be read from the code."""

    messages: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def messages_in_code() -> dict[str, str]:
    """Return message id → where it stands first."""
    return _found_in_code().messages


def unreadable_errors() -> list[str]:
    """Return the errors whose text is put together where nobody can collect it."""
    return _found_in_code().unreadable


@cache  # the code stays as it is while its tests run
def _found_in_code() -> Found:
    return find(_trees())


def find(trees: Iterable[tuple[str, ast.Module]]) -> Found:
    """Collect the messages of some modules, each given with its name."""
    modules = list(trees)
    kinds = _error_classes(tree for _, tree in modules)
    calls = [(name, _calls(tree)) for name, tree in modules]
    found = Found()
    for (name, tree), (_, inside) in zip(modules, calls, strict=True):
        for message, line in _marked(inside):
            found.messages.setdefault(message, f"{name}:{line}")
        for call, around in _raised(tree, kinds):
            for text in _error_texts(call):
                _collect(found, text, call, around, name, calls)
    return found


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def _error_classes(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of the base class and of everything derived from it."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    kinds, grown = {_BASE}, True
    while grown:
        more = {name for name, above in bases.items() if above & kinds} - kinds
        kinds |= more
        grown = bool(more)
    return kinds


def _calls(tree: ast.Module) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _marked(calls: Iterable[ast.Call]) -> Iterator[tuple[str, int]]:
    """Yield the texts of ``t``, ``t.n``, ``N_`` and of a translator that calls itself."""
    for call in calls:
        if not call.args:
            continue
        if _name(call.func) in ("t", "N_", "self") or _is_plural(call.func):
            for text in _branches(call.args[0]):
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                    yield text.value, call.lineno


def _raised(tree: ast.Module, kinds: set[str]) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
    """Yield each construction of an error with the function that it stands in."""
    pending: list[tuple[ast.AST, ast.FunctionDef | None]] = [(tree, None)]
    while pending:
        node, around = pending.pop()
        if isinstance(node, ast.Call) and _name(node.func) in kinds:
            yield node, around
        inside = node if isinstance(node, ast.FunctionDef) else around
        pending += [(child, inside) for child in ast.iter_child_nodes(node)]


def _error_texts(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the expressions that give an error its template and its remedy."""
    given = call.args[:1]
    given += [item.value for item in call.keywords if item.arg in _TEXTS]
    for text in given:
        yield from _branches(text)


def _collect(
    found: Found,
    text: ast.expr,
    call: ast.Call,
    around: ast.FunctionDef | None,
    name: str,
    calls: Calls,
) -> None:
    place = f"{name}:{call.lineno}"
    if isinstance(text, ast.Constant):
        if isinstance(text.value, str) and text.value:
            found.messages.setdefault(text.value, place)
    elif isinstance(text, ast.Call) and _name(text.func) in ("N_", "str"):
        pass  # N_ marks it; str() reads back a text that an earlier error was raised with
    elif isinstance(text, ast.Name) and text.id.isupper():
        pass  # a constant of a module, which is marked with N_ where it is defined
    elif (
        isinstance(text, ast.Subscript)
        and isinstance(text.value, ast.Name)
        and text.value.id.isupper()
    ):
        pass  # one of such a table's, marked likewise
    elif isinstance(text, ast.Name) and around is not None and text.id in _parameters(around):
        for caller, passed in _passed(calls, around, text.id):
            _collect(found, passed, call, None, caller, calls)
    else:
        found.unreadable.append(f"{place}: {ast.unparse(text)}")


def _passed(
    calls: Calls, function: ast.FunctionDef, parameter: str
) -> Iterator[tuple[str, ast.expr]]:
    """Yield what the callers of a function hand in for a parameter, and where."""
    place = _parameters(function).index(parameter)
    for name, inside in calls:
        for node in inside:
            if _name(node.func) != function.name:
                continue
            given = node.args[place : place + 1]
            given += [item.value for item in node.keywords if item.arg == parameter]
            for text in given:
                for branch in _branches(text):
                    yield f"{name}:{node.lineno}", branch


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [item.arg for item in (*function.args.args, *function.args.kwonlyargs)]


def _branches(text: ast.expr) -> Iterator[ast.expr]:
    """Yield both sides of ``a if condition else b`` and of ``a or b``."""
    if isinstance(text, ast.IfExp):
        yield from _branches(text.body)
        yield from _branches(text.orelse)
    elif isinstance(text, ast.BoolOp):
        for value in text.values:
            yield from _branches(value)
    else:
        yield text


def _is_plural(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "n" and _name(node.value) == "t"


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
