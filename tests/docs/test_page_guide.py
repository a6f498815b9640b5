"""app/README.md shows a page as it is, and names nothing that is not there."""

import importlib
import re

from app import charts, components
from app.components import desk, panels
from tests.docs.pages import blocks, text_of

PAGE = "app/README.md"


def test_the_page_that_is_shown_is_the_page() -> None:
    assert blocks(PAGE, "python") == [text_of("pages/operations.py")]


def test_every_component_and_chart_that_it_lists_is_there() -> None:
    rows = [line for line in text_of(PAGE).splitlines() if line.startswith(("| `", "- `"))]
    called = {name for row in rows for name in re.findall(r"`(?:panels\.)?(\w+)\(", row)}
    there = {*vars(components), *vars(charts), *vars(panels), *vars(desk)}
    assert len(called) > 25
    assert called - there == set()


def test_every_module_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:app|core)\.[\w.]+?)(?:\([^`]*)?`", text_of(PAGE))
    assert named
    for name in named:
        module, _, last = name.rpartition(".")
        parent = importlib.import_module(module)
        assert hasattr(parent, last) or importlib.import_module(name), name
