"""Finds every message that the code shows, by reading its syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

from core import errors

ROOT = Path(__file__).resolve().parents[3]
_FOLDERS = ("core", "app", "pages")
_ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.HarbourlightError)
}


def messages_in_code() -> dict[str, str]:
    """Return message id → where it stands first."""
    found: dict[str, str] = {}
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for message, line in _messages(tree):
                found.setdefault(message, f"{path.relative_to(ROOT)}:{line}")
    return found


def _messages(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        texts: list[ast.expr] = []
        if name in ("t", "N_") or _is_plural(node.func):
            texts = node.args[:1]
        elif name == "self" or name in _ERRORS:
            texts = node.args[:1]
            texts += [keyword.value for keyword in node.keywords if keyword.arg == "remedy"]
        for text in texts:
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                yield text.value, node.lineno


def _is_plural(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "n" and _name(node.value) == "t"


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
