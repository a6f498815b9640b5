"""``__all__`` of each package is sorted, and is exactly what the package gives out."""

import ast
import importlib
from pathlib import Path

import pytest

from tests.architecture.sources import PRODUCT, name_of, python_files, tree_of

PACKAGES = [path for path in python_files(*PRODUCT) if path.name == "__init__.py"]


def _public_names(path: Path) -> set[str]:
    names: set[str] = set()
    for node in tree_of(path).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PRODUCT:
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_a_package_gives_out_what_it_lists(path: Path) -> None:
    public = _public_names(path)
    module = importlib.import_module(name_of(path.parent).replace("/", "."))
    listed = list(getattr(module, "__all__", ()))
    assert set(listed) == public
    assert listed == sorted(listed, key=_as_ruff_sorts)
    assert all(hasattr(module, name) for name in listed)
