"""The documentation as the tests read it: pages, links, tables and code blocks."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.M | re.S)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def text_of(page: str) -> str:
    """Return the text of a page, named by its path in the project."""
    return (ROOT / page).read_text(encoding="utf-8")


def all_pages() -> list[str]:
    """Return every page of the documentation."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page in one language."""
    return [code for name, code in _FENCE.findall(text_of(page)) if name == language]


def links(page: str) -> list[str]:
    """Return the targets of a page's links, without those in code."""
    return _LINK.findall(re.sub(r"`[^`]*`", "", _FENCE.sub("", text_of(page))))


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as Markdown viewers make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text_of(page)), re.M)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in words}


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of a Markdown table's rows, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]
