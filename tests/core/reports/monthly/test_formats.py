"""The three formats say the same: each is read back with a library that did not write it."""

import io
from datetime import UTC, datetime
from html.parser import HTMLParser

import openpyxl
import pypdf
import pytest

from core.i18n import translator
from core.i18n.locales import LOCALES, Locale
from core.reports.monthly import MonthlyReport, book, page, printed
from core.reports.number import Number
from tests.support.reporting import HOSTILE, a_report, empty_report

AT = datetime(2011, 2, 1, 9, 30, tzinfo=UTC)


class Texts(HTMLParser):
    """Collects the texts of a page, and the names of its tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def squeezed(text: str) -> str:
    """Return a text without its white space: a PDF knows lines, not blanks."""
    return "".join(text.split())


def pdf_text(report: MonthlyReport) -> str:
    reader = pypdf.PdfReader(io.BytesIO(printed(report, at=AT)))
    return squeezed("".join(each.extract_text() for each in reader.pages))


def html(report: MonthlyReport) -> Texts:
    parser = Texts()
    parser.feed(page(report).decode("utf-8"))
    return parser


def shown(report: MonthlyReport) -> list[str]:
    """Return every text that stands in the page and in the PDF."""
    found = [report.model, report.month, report.sentence]
    for kpi in report.kpis:
        found += [kpi.name, kpi.meaning, kpi.value.text, kpi.interval, kpi.n.text, kpi.word]
        found += [kpi.target_note, kpi.maturity, kpi.previous.text, kpi.change, *kpi.remarks]
        found += [kpi.target.text] if kpi.target else []
    for change in report.changes:
        found += [change.name, change.sentence, change.before.text, change.after.text]
        found += [text for each in change.causes for text in (each.name, each.value.text)]
    for alert in report.alerts:
        found += [alert.opened, alert.what, alert.severity, alert.state]
    for each in report.definitions:
        found += [each.name, each.formula, each.maturity, each.owner]
    found += [text for fact in report.facts for text in fact]
    return [*found, *report.notes.values()]


@pytest.mark.parametrize("language", LOCALES)
def test_page_and_pdf_show_every_text(language: Locale) -> None:
    report = a_report(language)
    on_page, on_paper = squeezed("".join(html(report).texts)), pdf_text(report)
    for text in filter(None, map(squeezed, shown(report))):
        assert text in on_page
        assert text in on_paper


@pytest.mark.parametrize("language", LOCALES)
def test_the_workbook_has_the_numbers_that_the_others_show(language: Locale) -> None:
    report, t = a_report(language), translator(language)
    written = openpyxl.load_workbook(io.BytesIO(book(report, at=AT)))
    assert written.sheetnames[0] == report.words["kpis"]
    rows = [[cell.value for cell in row] for row in written.worksheets[0].iter_rows(min_row=5)]
    on_paper = pdf_text(report)
    assert len(rows) == len(report.kpis)

    def text_of(value: object, number: Number) -> str:
        if value is None:
            return "–"
        assert isinstance(value, int | float)
        if number.kind == "share":
            return t.percent(float(value))
        if number.kind == "money":
            return t.money(float(value), number.currency)
        return t.number(value)

    for row, kpi in zip(rows, report.kpis, strict=True):
        assert row[0] == kpi.name
        numbers = [kpi.value, kpi.low, kpi.high, kpi.n, kpi.target]
        for value, number in zip(row[1:6], numbers, strict=True):
            if number is not None:
                assert text_of(value, number) == number.text
                assert number.text == "–" or squeezed(number.text) in on_paper
        assert row[6] == kpi.word
    causes = [[cell.value for cell in row] for row in written.worksheets[2].iter_rows(min_row=4)]
    assert [row[2] for row in causes] == [each.value.value for each in report.changes[0].causes]


def test_the_page_is_closed() -> None:
    found = html(a_report("en"))
    assert not {"script", "link", "iframe", "object", "form", "base"} & found.tags
    assert not {"src", "href", "onclick", "onload"} & found.attributes.keys()
    assert found.attributes["lang"] == {"en"}
    policy = next(each for each in found.attributes["content"] if "default-src" in each)
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert any(HOSTILE in text for text in found.texts)


@pytest.mark.parametrize("language", LOCALES)
def test_a_month_without_anything_is_still_a_report(language: Locale) -> None:
    report = empty_report(language)
    assert squeezed(report.sentence) in pdf_text(report)
    assert squeezed(report.sentence) in squeezed("".join(html(report).texts))
    written = openpyxl.load_workbook(io.BytesIO(book(report, at=AT)))
    assert len(written.sheetnames) == 6
