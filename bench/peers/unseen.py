"""Places of the code whose change nobody can see, so that no test is asked to notice it."""

import ast
from collections.abc import Iterator

Place = tuple[int, int]

_CACHES = {"cache", "lru_cache"}
# Constants that say how much is read, computed or halved before the next look; by our names.
_PORTIONS = {"_AT_ONCE", "_CELLS", "_CHUNK", "_HALVINGS", "_PAGE", "CHUNK"}
_OPTIONS = {"compresslevel", "yield_per"}


def unseen(source: str) -> list[tuple[Place, Place]]:
    """Return where code stands that computes nothing: line and column, in characters.

    Annotations, what classes are decorated with (``slots``, ``frozen``), caches of functions, which
    return what the function would, imports for the type checker only, and how large the portions
    are in which something is read, computed or packed. A decorator begins at its ``@``.
    """
    lines = source.splitlines()

    def place(line: int, offset: int) -> Place:
        return line, len(lines[line - 1].encode()[:offset].decode())

    return [
        (
            place(each.lineno, each.col_offset - sign),
            place(each.end_lineno, each.end_col_offset),
        )
        for node in ast.walk(ast.parse(source))
        for sign, each in _unseen_of(node)
        if each.end_lineno is not None and each.end_col_offset is not None
    ]


def _unseen_of(node: ast.AST) -> Iterator[tuple[int, ast.expr]]:
    """Yield what computes nothing, and how many letters before it belong to it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from ((1, each) for each in node.decorator_list if _name_of(each) in _CACHES)
        if node.returns is not None:
            yield 0, node.returns
    elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
        yield 0, node.annotation
    elif isinstance(node, ast.ClassDef):
        yield from ((1, each) for each in node.decorator_list)
    elif isinstance(node, ast.If) and _name_of(node.test) == "TYPE_CHECKING":
        yield 0, node.test
    else:
        yield from ((0, each) for each in _portions_of(node))


def _portions_of(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        if any(_name_of(each) in _PORTIONS for each in node.targets):
            yield node.value
    elif isinstance(node, ast.keyword):
        if node.arg in _OPTIONS:
            yield node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in _OPTIONS:
                yield value


def _name_of(node: ast.expr) -> str:
    """Return the last part of what is named or called."""
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""
