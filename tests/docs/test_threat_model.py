"""docs/threat-model.md: each defence is shown by a test or a module that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "threat-model.md"
# A defence that is not ours to give: what remains is said beside it.
WITHOUT = {"an answer changed on the way", "–"}
ROW = re.compile(r"^\| [STRIDE–] \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))
CITED = sorted({each for row in ROWS for each in re.findall(r"`([^`]+)`", row[2])})


def test_every_row_is_read() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(ROWS) == len(re.findall(r"^\| [STRIDE–] \|", page, re.M)) > 40


def test_every_defence_is_shown_by_something() -> None:
    assert {threat for threat, _, shown, _ in ROWS if shown == "–"} == WITHOUT


@pytest.mark.parametrize("cited", CITED)
def test_what_shows_a_defence_is_there(cited: str) -> None:
    file, _, name = cited.partition("::")
    path = ROOT / file
    assert path.is_file()
    if name:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
