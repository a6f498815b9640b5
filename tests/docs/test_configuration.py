"""docs/configuration.md is the one list of what can be set: nothing is read that it lacks."""

import ast
import re
import tomllib
from dataclasses import fields
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from core.config import Settings
from core.services.audit import checkpoints
from core.services.checks import schedule as checks
from core.services.identity.sign_in_settings import _LIMITS, SignInSettings
from core.services.monthly import schedule as monthly
from core.services.rights import sender
from tests.architecture.sources import PRODUCT, ROOT, name_of, python_files, tree_of
from tests.docs.pages import table_rows, text_of

PAGE = "docs/configuration.md"
VARIABLE = re.compile(r"HARBOURLIGHT_[A-Z_]+")
UPPER = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|PATH|LANG|PYTHON[A-Z]+")
# Looks like a variable: facts of the operating system, folders of catalogues, encodings of Parquet.
NO_VARIABLES = {"SC_PAGE_SIZE", "SC_PHYS_PAGES", "LC_MESSAGES"}
NO_VARIABLES |= {"BYTE_STREAM_SPLIT", "DELTA_BYTE_ARRAY", "DELTA_BINARY_PACKED"}
# Given to programs of hooks; said below the table.
FOR_HOOKS = {"PATH", "LANG"}
OWN_NOTES = {"audit_origin", "rates_digest", "deciders.left", "demo"}


def _section(title: str) -> str:
    return text_of(PAGE).split(f"\n## {title}\n")[1].split("\n## ")[0]


def _tables(text: str) -> list[list[list[str]]]:
    return [table_rows(part) for part in re.findall(r"(?:^\|.*\n)+", text, re.M)]


def _names(rows: list[list[str]]) -> list[str]:
    return [row[0].split("`")[1] for row in rows]


def _text(node: ast.AST | None) -> set[str]:
    texts = (
        {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()
    )
    return {text for text in texts if UPPER.fullmatch(text)}


@cache
def _read_by_the_code() -> frozenset[str]:
    """Return what looks like a variable and is looked up, handed over, or given a name."""
    found: set[str] = set()
    for path in python_files("core", "app", "pages"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                words = [each.value for each in node.keywords]
                found |= {text for each in [*node.args, *words] for text in _text(each)}
            elif isinstance(node, ast.Dict):
                found |= {text for each in node.keys for text in _text(each)}
            elif isinstance(node, ast.Subscript):
                found |= _text(node.slice)
            elif isinstance(node, ast.Assign):
                found |= _text(node.value)
    return frozenset(found - NO_VARIABLES)


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    ours, for_children = _tables(_section("Environment variables"))
    assert sorted(set(_names(ours) + _names(for_children)) | FOR_HOOKS) == sorted(
        _read_by_the_code()
    )
    for name, default, meaning, example in ours:
        assert all((default, meaning, example)), f"{name} is not explained"
    assert all(all(row) for row in for_children)


def test_no_page_names_a_variable_that_nothing_reads() -> None:
    known = {name for name in _read_by_the_code() if VARIABLE.fullmatch(name)}
    for page in ("README.md", "docs/quickstart.md", "docs/guides/admin.md"):
        assert set(VARIABLE.findall(text_of(page))) <= known


def test_variables_of_tests_and_benchmarks_are_listed() -> None:
    (rows,) = _tables(_section("For tests and benchmarks"))
    ours = {name for name in _names(rows) if VARIABLE.fullmatch(name)}
    texts = [path.read_text(encoding="utf-8") for path in python_files("tests", "bench")]
    quoted = {name for text in texts for name in re.findall(r'"(HARBOURLIGHT_[A-Z_]*[A-Z])"', text)}
    assert ours == quoted - _read_by_the_code()
    assert {"CHROMIUM_PATH", "PYTHON", "TMPDIR"} == set(_names(rows)) - ours
    assert all(all(row) for row in rows)


@pytest.mark.parametrize("folder", PRODUCT)
def test_the_environment_is_read_in_one_place_or_for_a_reason(folder: str) -> None:
    """Beside core/config.py a comment on the line, or just above, says why."""
    bare = []
    for path in python_files(folder):
        lines = ["", *path.read_text(encoding="utf-8").splitlines()]
        if name_of(path) == "core/config.py":
            continue
        for before, line in pairwise(lines):
            if "os.environ" in line and "# " not in line and not before.strip().startswith("# "):
                bare.append(f"{name_of(path)}: {line.strip()}")
    assert not bare


def _kept() -> set[str]:
    """Return the names under which the state database keeps settings, as the code gives them."""
    found: set[str] = set(_LIMITS) | {"second_factor_roles"}
    for path in python_files("core/services"):
        tree = tree_of(path)
        constants = dict(_constants(tree))
        for node in ast.walk(tree):
            asked = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and asked in ("settings.get", "settings.put"):
                key = node.args[1]
                name = key.value if isinstance(key, ast.Constant) else constants.get(str(_id(key)))
                found |= {name} if isinstance(name, str) else set()
    return found


def _id(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _constants(tree: ast.Module) -> list[tuple[str, object]]:
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += zip(target.elts, value.elts, strict=True)
            else:
                pairs.append((target, value))
    return [
        (name.id, value.value)
        for name, value in pairs
        if isinstance(name, ast.Name) and isinstance(value, ast.Constant)
    ]


def test_every_rule_of_the_state_database_is_listed() -> None:
    section = _section("Rules kept in the state database")
    (rows,) = _tables(section)
    assert set(_names(rows)) | OWN_NOTES == _kept()
    assert all(f"`{name}`" in section for name in OWN_NOTES)
    assert all(all(row) for row in rows)


def test_defaults_and_limits_of_the_rules_are_those_of_the_code() -> None:
    (rows,) = _tables(_section("Rules kept in the state database"))
    said = {name: (row[1], row[2]) for name, row in zip(_names(rows), rows, strict=True)}
    usual = SignInSettings()
    for name, (lowest, highest) in _LIMITS.items():
        assert said[name] == (str(getattr(usual, name)), f"{lowest} to {highest}")
    assert said["check_hours"] == (
        str(checks.EVERY_HOURS),
        f"1 to {checks._MOST_HOURS}, or 0 for never",
    )
    assert said["audit_checkpoint_minutes"] == (str(checkpoints.EVERY_MINUTES), "1 or more")
    assert f"day 1 to {monthly._LATEST_DAY} " in said["monthly_reports"][1]
    assert said["rights_sender"][1] == (
        f"{sender._MOST_LINES} lines of {sender._LONGEST_LINE} characters"
    )


def test_the_settings_of_the_app_are_those_of_its_file() -> None:
    text = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    (rows,) = _tables(_section("The app's own settings"))
    said = {name: row[1].strip("`") for name, row in zip(_names(rows), rows, strict=True)}
    document = tomllib.loads(text)
    assert set(document) == {name.partition(".")[0] for name in said} | {"theme"}
    assert said == {
        f"{part}.{name}": str(value).lower() if isinstance(value, bool) else str(value)
        for part, values in document.items()
        for name, value in values.items()
        if part != "theme"
    }


def test_every_folder_of_the_workspace_is_listed() -> None:
    rows = _names(_tables(_section("The workspace"))[0])
    settings = Settings(home=Path("/w"), state_url="sqlite://")
    named = [name for name in vars(Settings) if name.endswith("_dir")]
    assert len(named) > 4
    folders = {getattr(settings, name).relative_to("/w").as_posix() + "/" for name in named}
    assert folders <= set(rows)
    assert "home" in {each.name for each in fields(Settings)}
