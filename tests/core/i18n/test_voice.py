"""Every English text speaks in one voice: plain, without shouting, and buttons say what they do."""

import ast
import re
from functools import cache

import pytest

from core.i18n.catalogue import catalogue_files, read_entries
from tests.core.i18n.messages import ROOT

BUTTONS = frozenset({"button", "form_submit_button", "download_button", "_button", "FileOffer"})
LETTERS = {"rights", "letters_decision"}
"""Areas in which a reader is a customer, who may be asked with a please."""


@cache
def spoken() -> tuple[tuple[str, str], ...]:
    """Return each text without its placeholders, with its area; every text has its Chinese."""
    return tuple(
        (re.sub(r"{[^{}]*}", "", text), path.stem)
        for path in catalogue_files("zh-HK")
        for singular, plural, _ in read_entries(path)
        for text in (singular, plural)
    )


def button_labels() -> set[str]:
    """Return the texts that buttons of the app carry."""
    found: set[str] = set()
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and _name(node.func) in BUTTONS and node.args:
                found |= _texts(node.args[0])
    return found


def _texts(label: ast.expr) -> set[str]:
    return {
        str(node.args[0].value)
        for node in ast.walk(label)
        if isinstance(node, ast.Call)
        and _name(node.func) == "t"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_nothing_is_shouted() -> None:
    assert [text for text, _ in spoken() if re.search(r"!(?!=)", text)] == []


def test_please_is_for_letters() -> None:
    asked = [
        text
        for text, area in spoken()
        if re.search(r"\bplease\b", text, re.IGNORECASE) and area not in LETTERS
    ]
    assert asked == []


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"\d %", "95%"),
        (r"\.\.\.", "…"),
        (r"\b(oops|sorry|invalid|illegal|forgot|your fault)\b", "what is so, and what to do"),
        (
            r"\b(color|behavior|organization|analyze|artifact|labeled|favorite)\b",
            "British spelling",
        ),
        (r"\b(don't|won't|isn't|doesn't|cannot be found)\b", "written out"),
        (r"\brejected AI\b", "Overturned"),
    ],
)
def test_one_spelling_and_no_blame(pattern: str, instead: str) -> None:
    found = [text for text, _ in spoken() if re.search(pattern, text, re.IGNORECASE)]
    assert found == [], instead


def test_buttons_name_what_they_do() -> None:
    labels = button_labels()
    assert len(labels) > 100
    vague = r"^(OK|Submit|Cancel|Yes|No|Go|Start|End|Keep)$|\b(it|them|these|those|there)$"
    own_word = "I have "  # what the reader says of a secret that is shown once
    found = {label for label in labels if re.search(vague, label)}
    assert {label for label in found if not label.startswith(own_word)} == set()


def test_the_search_for_labels_sees_a_vague_one() -> None:
    assert _texts(ast.parse('plain(t("Attach it"))', mode="eval").body) == {"Attach it"}


def joined_by_hand(source: str) -> list[int]:
    """Return the lines on which a colon stands between two values of an f-string."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.JoinedStr)
        for left, mark, right in zip(node.values, node.values[1:], node.values[2:], strict=False)
        if isinstance(mark, ast.Constant)
        and re.fullmatch(r"[:;] ", str(mark.value))
        and isinstance(left, ast.FormattedValue)
        and isinstance(right, ast.FormattedValue)
    ]


def test_pages_leave_the_mark_between_a_name_and_a_text_to_the_language() -> None:
    """English has a colon and a space there, Chinese a full-width colon alone."""
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("app", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for line in joined_by_hand(path.read_text(encoding="utf-8"))
    }
    assert joined_by_hand('f"{name}: {text}"') == [1]
    assert found == set()


def test_lists_on_pages_have_the_mark_of_the_language_between_their_words() -> None:
    """``t.items`` writes a comma in English and 、 in Chinese; a star or names are for machines."""
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("app/screens", "app/components", "app/charts", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r'"[,;] "\.join', line)
    }
    form_of_a_limit = 'return "*" if limit is None else ", ".join(sorted(limit))'
    assert found == {f"app/screens/people/page.py: {form_of_a_limit}"}
