"""No chart without its n, period, table, picture and file, and no time axis without its marks.

Charts come from the builders of ``app.charts`` and reach a page through one component, which adds
the table and the files; these tests walk every place where that could be passed by.
"""

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.sources import ROOT, name_of, python_files, tree_of

SHOWS = "app/components/chart.py"
# How Streamlit draws; a sparkline of a card or a table is no chart of its own.
DRAWING = {
    "plotly_chart", "line_chart", "bar_chart", "area_chart", "scatter_chart", "map", "pyplot",
    "altair_chart", "vega_lite_chart", "echarts_chart", "pydeck_chart", "graphviz_chart",
    "bokeh_chart",
}  # fmt: skip


@cache
def functions(folder: str) -> tuple[ast.FunctionDef, ...]:
    """Return every function at the top of the modules below a folder."""
    return tuple(
        node
        for path in python_files(folder)
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef)
    )


def parameters(function: ast.FunctionDef) -> list[str]:
    return [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]


def called(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield the last part of the name of every call in a tree, and the call."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield ast.unparse(part.func).split(".")[-1], part


def builders() -> list[ast.FunctionDef]:
    """Return the functions of ``app.charts`` that draw."""
    return [
        each
        for each in functions("app/charts")
        if each.returns is not None and ast.unparse(each.returns) == "Chart"
    ]


def gives(call: ast.Call, function: ast.FunctionDef, name: str) -> bool:
    """Whether a call gives a parameter a value, by its name or its place."""
    if any(each.arg == name for each in call.keywords):
        return True
    positional = [each.arg for each in function.args.args]
    return name in positional and len(call.args) > positional.index(name)


def test_one_component_draws() -> None:
    drawn = {
        (name_of(path), name)
        for path in python_files("app", "pages")
        for name, call in called(tree_of(path))
        if name in DRAWING and ast.unparse(call.func).startswith("st.")
    }
    assert drawn == {(SHOWS, "plotly_chart")}


def test_the_component_offers_table_picture_and_file() -> None:
    component = {name for name, _ in called(tree_of(ROOT / SHOWS))}
    assert {"plotly_chart", "show_files", "static_table"} <= component
    files = ast.unparse(tree_of(ROOT / "app/components/chart_files.py"))
    assert "data-hl-picture" in files
    assert "csv_bytes" in files


@pytest.mark.parametrize("builder", builders(), ids=lambda each: each.name)
def test_every_chart_is_drawn_with_its_words(builder: ast.FunctionDef) -> None:
    """``Labels`` hold title, axes, unit, n and period; a new figure writes n and period."""
    assert parameters(builder)[:2] == ["look", "labels"]
    made = [call for name, call in called(builder) if name == "Chart"]
    assert made
    assert all("labels" in {ast.unparse(each) for each in call.args} for call in made)
    assert "new_figure" in {name for name, _ in called(builder)}


def test_there_are_builders() -> None:
    assert len(builders()) > 10


@pytest.mark.parametrize("builder", builders(), ids=lambda each: each.name)
def test_every_time_axis_can_show_what_happened(builder: ast.FunctionDef) -> None:
    if "at" in parameters(builder) and "use_time_axis" in {n for n, _ in called(builder)}:
        assert "marks" in parameters(builder)
    if "marks" in parameters(builder):
        assert {"add_marks", "_add_marks"} & {name for name, _ in called(builder)}


@pytest.mark.parametrize("folder", ["app/screens", "pages"])
def test_every_time_axis_shows_what_happened(folder: str) -> None:
    """Whoever draws over time says what happened: screens to builders, pages to screens."""
    able: dict[str, list[ast.FunctionDef]] = {}  # screens have functions of the same name
    for each in (*builders(), *functions("app/screens")):
        if "marks" in parameters(each):
            able.setdefault(each.name, []).append(each)
    assert {"trend", "lines", "course", "volume", "heat_map"} <= set(able)
    found = [
        (path, name, call)
        for path in python_files(folder)
        for name, call in called(tree_of(path))
        if name in able
    ]
    assert found
    for path, name, call in found:
        assert any(gives(call, each, "marks") for each in able[name]), (
            f"{name_of(path)}:{call.lineno} draws {name} over time without marks"
        )
