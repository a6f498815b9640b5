"""Which tests judge a changed module: first those that mirror it, then those around it."""

import ast
from collections.abc import Sequence, Set
from functools import cache
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

_TESTS = "tests/core"
_OTHERS = (_TESTS, "tests/docs")  # the stand-alone verifier of exports is tested with the docs
_DEEP = 3  # parts of a mirrored folder that is small enough to run whole: tests/core/metrics/drift
_MOST = 6  # files around a module


class Judges(NamedTuple):
    """Files of tests: those that mirror a module, and further ones that may notice a change."""

    mirror: tuple[str, ...]
    around: tuple[str, ...]


@cache
def judges_of(root: Path, file: str) -> Judges:
    """Return the tests that judge a module.

    Parameters
    ----------
    root : Path
        The tree.
    file : str
        The module in it, such as ``core/auth/totp.py``.

    Returns
    -------
    Judges
        Mirroring are those that bear its name in the mirrored folder, which come first, or import
        it there; around are all others of that folder, if it is deep in the tree, and whoever
        imports the module, or else a module that does; the nearest only.
    """
    module = PurePosixPath(file)
    name = (module.parent.name if module.stem == "__init__" else module.stem).lstrip("_")
    folder = "/".join((_TESTS, *module.parent.parts[1:]))
    dotted = ".".join(module.with_suffix("").parts).removesuffix(".__init__")
    here = _files(root, folder)
    importing = _importing(root, {dotted})
    named = [each for each in here if _bears(each, folder, name)]
    mirror = [*named, *(each for each in here if each in importing and each not in named)]
    deep = here if len(PurePosixPath(folder).parts) > _DEEP else []
    around = [each for each in (*deep, *importing) if each not in mirror]
    through = {dotted}
    while not mirror and not around and through:
        through = set().union(*(_users(root, each) for each in through))
        around = _importing(root, through)
    nearest = sorted(dict.fromkeys(around), key=lambda each: -_shared(each, folder))
    return Judges(tuple(mirror), tuple(nearest[:_MOST]))


def _importing(root: Path, modules: Set[str]) -> list[str]:
    every = [each for folder in _OTHERS for each in _files(root, folder)]
    return [each for each in every if modules & _imports(root / each)]


def _users(root: Path, dotted: str) -> set[str]:
    """Return the modules of the product that import a module."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for path in (root / "core").rglob("*.py")
        if dotted in _imports(path)
    }


def _shared(file: str, folder: str) -> int:
    """Return how many leading parts a file's path shares with a folder's."""
    pairs = zip(PurePosixPath(file).parts, PurePosixPath(folder).parts, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _files(root: Path, folder: str) -> Sequence[str]:
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("test_*.py"))


def _bears(file: str, folder: str, name: str) -> bool:
    """Whether a file of tests, or the folder that it lies in, has the module's name."""
    inner = PurePosixPath(file).relative_to(folder)
    stem = inner.stem.removeprefix("test_")
    return stem == name or stem.startswith(f"{name}_") or inner.parts[0] == name


@cache
def _imports(path: Path) -> frozenset[str]:
    """Return every module and name that a file imports, by its dotted name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)
