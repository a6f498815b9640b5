"""What comes from files and people stays text: in HTML, in Markdown, in SQL and in CSV.

A few modules are trusted to write HTML; each puts every value through ``escape``. Everything else
goes through them, or through ``plain`` where Streamlit reads Markdown.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import (
    PRODUCT,
    ROOT,
    against,
    calls,
    imported_modules,
    name_of,
    python_files,
    tree_of,
)

CSV_WRITER = "core/services/safe_csv.py"
SCRIPTS = "app/scripts.py"
# They may write HTML, and are read by whoever changes them with that in mind.
TRUSTED = {
    "app/components/cards.py",
    "app/components/chart_files.py",
    "app/components/download.py",
    "app/components/facts.py",
    "app/components/footer.py",
    "app/components/header.py",
    "app/components/kpi.py",
    "app/components/kpi_card.py",
    "app/components/panels.py",
    "app/components/saved_views.py",
    "app/components/saying.py",
    "app/components/sheet.py",
    "app/components/states.py",
    "app/components/status.py",
    "app/components/table.py",
    "app/scripts.py",
    "app/shell.py",
    "app/signin.py",
    "app/theme.py",
    "app/banner.py",
    "app/components/step_up.py",
    "app/duties.py",
    "app/screens/people/account.py",
    "app/screens/audit/jobs.py",
}
# Attributes that hold HTML or numbers of ours.
OWN_PARTS: set[str] = set()
# Streamlit reads the first argument of these, or the named ones, as Markdown.
MARKDOWN = {
    "markdown", "write", "caption", "title", "header", "subheader", "text", "success",
    "info", "warning", "error", "button", "form_submit_button", "checkbox", "toggle", "radio",
    "selectbox", "multiselect", "text_input", "text_area", "number_input", "date_input", "slider",
    "file_uploader", "expander", "popover", "metric", "link_button",
    "segmented_control", "pills", "tabs", "download_button", "status", "spinner", "dialog",
}  # fmt: skip
NAMED = {"help", "text", "label", "body", "placeholder"}
# Names of the query's parameters, and labels that every caller has translated.
OWN_WORDS = {
    ("app/carriers.py", "name"),
    ("app/chips.py", "label"),
    ("app/screens/people/page.py", "label"),
}


def _html_calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "html":
            yield node


def _holes(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what is put into the f-strings of an expression."""
    for part in ast.walk(node):
        if isinstance(part, ast.FormattedValue):
            yield part.value


def test_html_is_never_let_through_markdown() -> None:
    for path in python_files(*PRODUCT):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html":
                pytest.fail(f"{name_of(path)}:{node.value.lineno} lets HTML through Markdown")
            if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_javascript":
                assert name_of(path) == SCRIPTS, f"{name_of(path)} runs JavaScript"


def test_there_is_no_other_way_to_write_html() -> None:
    assert against(lambda path: bool(_ends(path) & {"iframe", "declare_component"}), *PRODUCT) == []
    assert against(lambda p: any("components.v1" in n for n in imported_modules(p)), *PRODUCT) == []


def test_html_is_written_in_trusted_modules_only() -> None:
    found = against(lambda path: any(True for _ in _html_calls(path)), "app", "pages")
    assert set(found) - TRUSTED == set(), "they write HTML: use app/components"


def _ends(path: Path) -> set[str]:
    """Return the last parts of the names of a file's calls."""
    return {name.split(".")[-1] for name in calls(path)}


@pytest.mark.parametrize("name", sorted(TRUSTED))
def test_every_value_in_html_is_escaped(name: str) -> None:
    """A hole in a text with tags holds ``escape(…)`` or a part that the module itself made.

    What comes from outside is read from an object, a row or a message: an attribute, an item or a
    translation must therefore never stand in a hole by itself.
    """
    path = ROOT / name
    for text in ast.walk(tree_of(path)):
        if isinstance(text, ast.JoinedStr) and "<" in ast.unparse(text):
            for hole in _holes(text):
                assert not _is_from_outside(hole), (
                    f"{name}:{text.lineno} puts {ast.unparse(hole)} into HTML as it is"
                )


def _is_from_outside(hole: ast.expr) -> bool:
    if isinstance(hole, ast.Attribute):
        return ast.unparse(hole) not in OWN_PARTS
    if isinstance(hole, ast.Subscript):
        return True
    return isinstance(hole, ast.Call) and ast.unparse(hole.func) in {"t", "t.n", "str", "t.items"}


@pytest.mark.parametrize("folder", ["app", "pages"])
def test_data_is_not_read_as_markdown(folder: str) -> None:
    """Labels and texts are constants, translated without values, or pass through ``plain``."""
    for path in python_files(folder):
        _assert_plain(path)


def _assert_plain(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in MARKDOWN or not _is_streamlit(node.func.value):
            continue
        given = [*node.args[:1], *(k.value for k in node.keywords if k.arg in NAMED)]
        for argument in given:
            if (name_of(path), ast.unparse(argument)) in OWN_WORDS:
                continue
            assert _harmless(argument, tree_of(path)), (
                f"{name_of(path)}:{node.lineno} shows {ast.unparse(argument)} as Markdown: "
                "put it through plain()"
            )


def _is_streamlit(value: ast.expr) -> bool:
    """Whether a method is one of ``st`` or of a column or container called by a place."""
    places = {"st", "left", "middle", "right", "box", "column"}
    return isinstance(value, ast.Name) and value.id in places


def _harmless(argument: ast.expr, tree: ast.Module) -> bool:
    if isinstance(argument, ast.Constant | ast.Lambda):
        return True
    if isinstance(argument, ast.IfExp):
        return _harmless(argument.body, tree) and _harmless(argument.orelse, tree)
    if isinstance(argument, ast.BoolOp):
        return all(_harmless(value, tree) for value in argument.values)
    if isinstance(argument, ast.ListComp):
        return _harmless(argument.elt, tree)
    if isinstance(argument, ast.Call):
        name = ast.unparse(argument.func)
        if name.split(".")[-1] in {"plain", "escape"}:
            return True
        if name.split(".")[-1] in {"t", "n"}:
            return all(_is_number_or_own(k.value) for k in argument.keywords)
        return name.split(".")[-1] == "_title" or name in {"label_of", "N_"}
    if isinstance(argument, ast.Name):
        made = _assignments(argument.id, tree)
        return bool(made) and all(_harmless(value, tree) for value in made)
    return False


def _is_number_or_own(value: ast.expr) -> bool:
    """Whether a value of a translated text is a number, an instant or a word of ours."""
    text = ast.unparse(value)
    return isinstance(value, ast.Constant) or bool(
        re.match(
            r"(?:t\.\w+\(|len\(|int\(|reports\.SAMPLE_ROWS|minutes|days|n\b|limit|MOST|_[A-Z_]+$"
            r"|[A-Z_]+$|count)",
            text,
        )
    )


def _assignments(name: str, tree: ast.Module) -> list[ast.expr]:
    """Return what a name is set to anywhere in the file; a parameter is set nowhere."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    found.append(node.value)
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    found += [
                        value
                        for each, value in zip(target.elts, node.value.elts, strict=True)
                        if isinstance(each, ast.Name) and each.id == name
                    ]
    return found


def test_csv_is_written_in_one_place() -> None:
    writes = {"to_csv", "DictWriter", "to_excel", "write_csv"}
    found = against(lambda p: bool(writes & _ends(p)) or "csv.writer" in calls(p), *PRODUCT)
    assert set(found) <= {CSV_WRITER}


@pytest.mark.parametrize(
    ("code", "outside"),
    [
        ("row.name", True),
        ("row['name']", True),
        ("t('Hello {name}', name=row.name)", True),
        ("escape(row.name)", False),
        ("body", False),
    ],
)
def test_the_rule_for_html_finds_what_it_is_for(code: str, outside: bool) -> None:
    assert _is_from_outside(ast.parse(code, mode="eval").body) is outside


@pytest.mark.parametrize(
    ("code", "harmless"),
    [
        ("'Constant'", True),
        ("plain(row.name)", True),
        ("t('Rows')", True),
        ("t('{n} rows', n=len(rows))", True),
        ("t('Hello {name}', name=row.name)", False),
        ("row.name", False),
        ("f'**{row.name}**'", False),
        ("given", False),
    ],
)
def test_the_rule_for_markdown_finds_what_it_is_for(code: str, harmless: bool) -> None:
    assert _harmless(ast.parse(code, mode="eval").body, ast.parse("")) is harmless
