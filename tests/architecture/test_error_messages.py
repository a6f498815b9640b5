"""Errors read as a set: each says what happened and what to do, all in one voice."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from core import errors
from core.errors import HarbourlightError
from tests.architecture.sources import PRODUCT, name_of, python_files, tree_of
from tests.docs.pages import table_rows, text_of

KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, HarbourlightError)
}
# What reaches these was checked before: only a fault in a program raises their errors.
PURE = ("core/metrics/", "core/domain/")
# Its message lists the faults of a contract, each with its own way out.
WITH_WAYS_OUT = {"The contract has {count} fault(s): {problems}"}
LONGEST = 160
WORDS_OF_PROGRAMS = re.compile(
    r"\b(invalid|illegal|failed to|failure|exception|oops|sorry|please|unable|unsupported|null|bad"
    r"|nonexistent|unexpected)\b|!(?!r)",
    re.I,
)
# One thing has one wording: what is not said, and what is said for it.
INSTEAD = {
    r"\bChoose one of:? \{": "Choose from: …",
    r"^See 'harbourlight": "Run 'harbourlight …'",
    r"^\{[^}]+\} is no (?!longer)": "… is not a …",
    r"\b(was|were) (?!used)\w+ed before\.$": "… already.",
    r"\bis there already\b": "… exists already",
    r"\bHand (in|over) the\b": "Give …",
    r"\bdoes not exist already\b": "There is no …",
    r"\bcan not\b": "cannot",
}


@dataclass(frozen=True)
class Raised:
    """One error as the code raises it; a text put together elsewhere is ``None``."""

    place: str
    kind: str
    template: str | None
    remedy: str | None
    has_remedy: bool


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_":
        node = node.args[0]
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _constants(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, {})
            if text is not None:
                found[node.targets[0].id] = text
    return found


def _errors_of(tree: ast.Module, name: str) -> Iterator[Raised]:
    constants = _constants(tree)
    for node in ast.walk(tree):
        kind = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and kind in KINDS and node.args:
            way_out = [word.value for word in node.keywords if word.arg == "remedy"]
            remedy = _text(way_out[0], constants) if way_out else None
            template = _text(node.args[0], constants)
            yield Raised(f"{name}:{node.lineno}", kind, template, remedy, bool(way_out))


@cache
def _raised() -> tuple[Raised, ...]:
    files = python_files(*PRODUCT)
    return tuple(each for path in files for each in _errors_of(tree_of(path), name_of(path)))


def _said() -> Iterator[tuple[str, str]]:
    for each in _raised():
        for text in (each.template, each.remedy):
            if text:
                yield each.place, text


def test_every_error_says_what_to_do() -> None:
    """But for a figure that cannot be computed: the reason stands in its place."""
    assert len(_raised()) > 500
    silent = [
        each
        for each in _raised()
        if not each.has_remedy
        and not each.place.startswith(PURE)
        and not issubclass(KINDS[each.kind], errors.NotComputable)
        and each.template not in WITH_WAYS_OUT
        and each.kind != "MissingColumn"
    ]
    assert not silent


def test_messages_are_whole_sentences_in_one_voice() -> None:
    for place, text in _said():
        assert text.endswith((".", "}", ":", "?")), f"{place}: {text}"
        assert text[0].isupper() or text.startswith("{"), f"{place}: {text}"
        assert len(text) <= LONGEST, f"{place}: {text}"
        assert not WORDS_OF_PROGRAMS.search(text), f"{place}: {text}"


@pytest.mark.parametrize("wording", INSTEAD)
def test_one_thing_has_one_wording(wording: str) -> None:
    found = [f"{place}: {text}" for place, text in _said() if re.search(wording, text)]
    assert not found, f"say {INSTEAD[wording]}"


def test_every_kind_is_explained() -> None:
    rows = table_rows(text_of("docs/errors.md").split("## The kinds")[1].split("\n## ")[0])
    assert [row[0].strip("`") for row in rows] == [
        name for name in KINDS if name != "HarbourlightError"
    ]
