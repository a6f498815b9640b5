"""docs/architecture.md tells the truth about folders, layers and the way of one figure."""

import ast
import re

from docs.folders import product_folders
from tests.architecture.sources import ROOT, tree_of
from tests.docs.pages import table_rows, text_of

PAGE = "docs/architecture.md"


def _steps() -> list[list[str]]:
    section = text_of(PAGE).split("## From a page to SQL")[1].split("\n## ")[0]
    table = "".join(re.findall(r"^\|.*\n", section, re.M))
    return [[cell.strip("`") for cell in row] for row in table_rows(table)]


def _modules_of(path: str, name: str) -> list[str]:
    """Return where a file has a function from: a name it imports, a module's, or its own."""
    tree = tree_of(ROOT / path)
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    owners = [each.split(".")[0] for each in called if each.endswith(f".{name}")]
    found = [".".join(imported[owner]) for owner in owners if owner in imported]
    found += [imported[name][0]] if name in imported else []
    defined = any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)
    return found + ([path.removesuffix(".py").replace("/", ".")] if defined else [])


def _is_called(path: str, name: str) -> bool:
    calls = (node for node in ast.walk(tree_of(ROOT / path)) if isinstance(node, ast.Call))
    return any(ast.unparse(call.func).split(".")[-1] == name for call in calls)


def test_the_way_from_a_page_to_sql_is_the_way_of_the_code() -> None:
    steps = _steps()
    assert len(steps) > 8
    named = {path for _, path, _, _ in steps}
    for number, (place, path, function, told) in enumerate(steps, start=1):
        assert (place, bool(told)) == (str(number), True)
        assert _is_called(path, function), f"{path} does not call {function}"
        assert _modules_of(path, function), f"{path} does not import {function}"
    assert {path.split("/")[0] for path in named} == {"pages", "core"}
    assert any(path.startswith("core/lake/") for path in named)


def test_each_file_of_the_way_is_reached_from_one_before() -> None:
    steps = _steps()
    reached = {steps[0][1]}
    for _, path, function, _ in steps:
        assert path in reached, f"nothing named before leads to {path}"
        for module in _modules_of(path, function):
            reached.add(module.replace(".", "/") + ".py")
            reached |= _names_of_package(module, function)


def _names_of_package(module: str, name: str) -> set[str]:
    """Return the file that a package takes a name from."""
    init = ROOT / module.replace(".", "/") / "__init__.py"
    if not init.is_file():
        return set()
    found = _modules_of(init.relative_to(ROOT).as_posix(), name)
    return {each.replace(".", "/") + ".py" for each in found}


def test_every_folder_says_what_is_in_it() -> None:
    folders = dict(product_folders())
    text = text_of(PAGE)
    assert len(folders) > 60
    for name, told in folders.items():
        assert told.endswith("."), f"{name} does not say what is in it"
        assert len(told) <= 110, f"{name} says too much at once"
        assert f"| `{name}` | {told} |" in text, f"{name} is not on the page: run 'make docs'"


def test_no_two_folders_say_the_same() -> None:
    told = [text for name, text in product_folders() if name != "core/metrics/alarms"]
    assert sorted(told) == sorted(set(told))


def test_every_file_that_the_page_names_is_there() -> None:
    named = re.findall(r"`((?:core|app|pages|tests)/[\w/]+\.py)`", text_of(PAGE))
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
