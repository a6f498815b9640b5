"""The formats of a card say the same: each is read back with a library that did not write it."""

import io
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pypdf
import pytest
from markdown_it import MarkdownIt

from core.domain.status import Status
from core.i18n.locales import LOCALES, Locale
from core.reports.model_card import (
    CardFact,
    CardSection,
    CardTable,
    ModelCard,
    Value,
    markdown,
    page,
    printed,
)
from core.reports.model_card.markdown import escaped
from tests.support.reporting import HOSTILE, NAMES

AT = datetime(2011, 2, 1, 9, 30, tzinfo=UTC)
DIGEST = "0f" * 32
# Whatever begins a tag, an entity, a link or another line.
WORSE = f"{HOSTILE} https://evil.example www.evil.example ![x](y) \n# head \u202e |a|"


def a_card(language: Locale) -> ModelCard:
    known = CardFact("limits", "限制 Limits", Value("x", HOSTILE), "Source: 合約 contract")
    missing = CardFact(
        "due", "到期 Due", Value(None, "未有記錄"), "Source: 合約 contract", "missing"
    )
    rows = (
        (Value("a", HOSTILE), Value(0.5, "50.0%"), Value("act", "須處理 Act")),
        (Value("b", NAMES[language]), Value(None, "–"), Value("none", "不作判斷")),
    )
    table = CardTable(
        "kpis", "目標 Targets", ("指標 KPI", "值 Value", "狀態 Status"), rows, "Source: 紀錄 log",
        (Status.act, Status.not_enough_data),
    )  # fmt: skip
    sections = (
        CardSection("limits", "已知限制", (known, missing), notes=(HOSTILE,)),
        CardSection("outcomes", "成效 Outcomes", tables=(table,), status=Status.act),
        CardSection("trail", "審計紀錄", notes=("已略去",), is_left_out=True),
    )
    words = {
        "card": "模型卡 Model card",
        "as_of": "所知截至",
        "made": "製作",
        "made_for": "致",
        "hash": "SHA-256",
        "contents": "目錄",
    }
    return ModelCard(
        language, words, "loans", NAMES[language], HOSTILE, Status.act, sections,
        "31 Dec 2010", "1 Feb 2011", HOSTILE, DIGEST,
    )  # fmt: skip


def squeezed(text: str) -> str:
    return "".join(text.split())


def shown(card: ModelCard) -> list[str]:
    """Return every text that stands in each format."""
    found = [card.name, card.sentence, card.as_of, card.made_at, card.made_for, card.sha256]
    for section in card.sections:
        found += [section.heading, *section.notes]
        for fact in section.facts:
            found += [fact.name, fact.value.text, fact.source]
        for table in section.tables:
            found += [table.caption, table.source, *table.heads]
            found += [value.text for row in table.rows for value in row]
    return found


class Page(HTMLParser):
    """Collects texts, tags and what attributes say."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.said: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.said += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def as_html(card: ModelCard) -> Page:
    parser = Page()
    parser.feed(page(card).decode("utf-8"))
    return parser


def as_pdf(card: ModelCard) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(printed(card, at=AT)))


@pytest.mark.parametrize("language", LOCALES)
def test_each_format_shows_every_text(language: Locale) -> None:
    card = a_card(language)
    on_paper = squeezed("".join(each.extract_text() for each in as_pdf(card).pages))
    on_page = squeezed("".join(as_html(card).texts))
    in_markdown = squeezed(rendered(markdown(card).decode("utf-8")))
    for text in map(squeezed, shown(card)):
        assert text in on_paper
        assert text in on_page
        assert text in in_markdown


def fonts_of(page: Any) -> Any:
    return page["/Resources"]["/Font"]


def descriptor_of(font: Any) -> Any:
    (descendant,) = font.get_object()["/DescendantFonts"]
    return descendant.get_object()["/FontDescriptor"].get_object()


def test_the_pdf_is_tagged_dated_and_holds_its_fonts() -> None:
    reader = as_pdf(a_card("zh-HK"))
    assert reader.root_object.get("/MarkInfo") == {"/Marked": True, "/Suspects": False}
    assert reader.metadata is not None
    assert reader.metadata.creation_date == AT
    fonts = [descriptor_of(font) for each in reader.pages for font in fonts_of(each).values()]
    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(each) for each in fonts)
    assert any("NotoSansHK" in str(each["/FontName"]).replace(" ", "") for each in fonts)


def test_each_page_of_the_pdf_has_number_moment_and_hash() -> None:
    many = tuple(
        CardSection(f"s{number}", f"第 {number} 節", notes=("字",) * 20) for number in range(12)
    )
    card = a_card("zh-CN")
    long = ModelCard(card.language, card.words, "loans", card.name, "x", card.status, many,
                     card.as_of, card.made_at, "me", DIGEST)  # fmt: skip
    pages = as_pdf(long).pages
    assert len(pages) > 1
    for number, each in enumerate(pages, start=1):
        text = squeezed(each.extract_text())
        assert f"{number}/{len(pages)}" in text
        assert squeezed(f"所知截至 31 Dec 2010 · SHA-256 {DIGEST[:16]}…") in text


def test_the_page_runs_nothing_and_asks_nobody() -> None:
    content = page(a_card("en")).decode("utf-8")
    found = as_html(a_card("en"))
    assert not {"script", "img", "iframe", "link", "form", "label"} & set(found.tags)
    assert "script-src 'none'" in content
    addresses = [value for name, value in found.said if name in {"href", "src"}]
    assert addresses == ["#limits", "#outcomes", "#trail"]
    assert {("id", key) for key in ("limits", "outcomes", "trail")} <= set(found.said)
    assert ("lang", "en") in found.said
    assert not [name for name, _ in found.said if name.startswith("on")]


def test_a_judged_row_has_its_shape_and_one_that_is_not_has_none() -> None:
    content = page(a_card("en")).decode("utf-8")
    judged, other = content.split("須處理 Act")[0][-400:], content.split("不作判斷")[0][-20:]
    assert "<svg" in judged
    assert "svg" not in other


def rendered(text: str) -> str:
    """Return the text of a Markdown document as CommonMark with tables shows it."""
    parser = Page()
    parser.feed(MarkdownIt("commonmark").enable("table").render(text))
    return "".join(parser.texts)


def test_markdown_is_headings_lists_and_tables_and_nothing_else() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(a_card("en")).decode("utf-8"))
    kinds = {each.type for each in tokens}
    kinds |= {child.type for each in tokens for child in each.children or ()}
    assert {"table_open", "heading_open", "bullet_list_open"} <= kinds
    assert not kinds & {
        "html_block",
        "html_inline",
        "link_open",
        "image",
        "fence",
        "blockquote_open",
    }
    assert sum(each.type == "table_open" for each in tokens) == 1
    assert sum(each.type == "heading_open" for each in tokens) == 5


@pytest.mark.parametrize("text", [HOSTILE, WORSE, "<b>", "a | b", "`x`", "\\", "&lt;", "1. a"])
def test_markdown_of_a_text_is_the_text(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(f"- **x**: {escaped(text)}")
    inline = [child for each in tokens for child in each.children or ()]
    shown_text = "".join(child.content for child in inline)
    plain = "".join(" " if letter in "\n\u202e" else letter for letter in text)
    assert squeezed(shown_text) == squeezed(f"x: {plain}")
    assert {child.type for child in inline} <= {
        "text",
        "strong_open",
        "strong_close",
        "text_special",
    }
