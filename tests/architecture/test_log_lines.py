"""Log lines read as a set: one voice, each in docs/logging.md, and no value of a log in them."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.architecture.sources import PRODUCT, name_of, python_files, tree_of
from tests.docs.pages import table_rows, text_of

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# What a line may be given: our own errors, what core.unforeseen lets through, ids of the product.
GIVEN = {"account_of(error)", "headline_of(error)", "error", "incident", "number", "job_id"}
GIVEN |= {"_address(request)", "job.id", "model_id", "page", "undone", "level"}
# Loggers of libraries: one is heard while it sends, one is kept quiet.
OTHERS = {"'apprise'", "'httpx'"}
GIVEN |= {"error if expected else account_of(error)"}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in python_files(*PRODUCT):
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") not in LEVELS:
                continue
            if ast.unparse(node.func).startswith("_LOG."):
                yield name_of(path), node


def _text(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, str)
    return node.value


@cache
def _lines() -> frozenset[tuple[str, str]]:
    """Return the text and the level of every line that the product may write."""
    found = set()
    for name, call in _calls():
        assert isinstance(call.func, ast.Attribute)
        if call.func.attr == "log":  # a helper of its module: its callers say what and how bad
            found |= _of_callers(name)
        else:
            found.add((_text(call.args[0]), call.func.attr.upper()))
    return frozenset(found)


def _of_callers(name: str) -> set[tuple[str, str]]:
    (path,) = [each for each in python_files(*PRODUCT) if name_of(each) == name]
    calls = [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_logged"
    ]
    levels = [ast.unparse(call.args[1]) if call.args[1:] else "logging.WARNING" for call in calls]
    return {
        (f"{_text(call.args[0])}: %s", level.removeprefix("logging."))
        for call, level in zip(calls, levels, strict=True)
    }


def test_every_line_is_explained_and_every_explained_one_is_written() -> None:
    rows = table_rows(text_of("docs/logging.md").split("## Every line")[1])
    assert all(all(row) for row in rows)
    assert {(row[0].strip("`"), row[1]) for row in rows} == _lines()
    assert len(_lines()) > 20


def test_a_line_says_what_was_not_done_in_one_voice() -> None:
    for text, _ in _lines():
        assert text.startswith("DuckDB") or text[0].islower(), text
        assert not text.endswith((".", "!")), text
        assert len(text) <= 60, text


def test_a_line_is_given_no_value_of_a_log() -> None:
    given = {ast.unparse(each) for _, call in _calls() for each in call.args[1:]}
    texts = {f"'{text}'" for text, _ in _lines()} | {"'%s: %s'"}
    assert given - texts <= GIVEN, given - texts - GIVEN


def test_every_module_that_logs_does_so_under_its_own_name() -> None:
    for path in python_files(*PRODUCT):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "logging.getLogger":
                asked = {ast.unparse(each) for each in node.args}
                assert asked <= {"__name__", *OTHERS}, name_of(path)
