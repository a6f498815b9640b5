"""A letter about a decision says the same in every format, and each is closed."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pypdf
import pytest

from core.reports.decision_letter import (
    DecisionLetter,
    Section,
    as_page,
    as_text,
    pages_of,
    printed,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)
LETTER = DecisionLetter(
    language="zh-HK",
    sender=("Harbour <Bank>", "1 Example Road"),
    date="2026年3月2日",
    reference="本機構檔號：LT-00000-00000",
    title="作出此決定的原因",
    greeting="先生／女士：",
    opening="以下決定曾使用電腦模型。",
    facts=(("決定", "已拒絕"),),
    sections=(
        Section("最主要的理由", ("貸款額：HK$1", "<script>alert(1)</script>"), ("來自模型。",)),
        Section("閣下可以怎樣做", paragraphs=("請來函。",)),
    ),
    closing="此致",
    foot="可索取英文版本。",
    check="核對碼：ABCDE-12345。",
)


def text_of(pdf: bytes) -> str:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return re.sub(r"\s+", "", "".join(pages))


def every_text(letter: DecisionLetter) -> list[str]:
    found = [*letter.sender, letter.reference, letter.title, letter.greeting, letter.closing]
    found += [*letter.sentences(), letter.check]
    return [*found, *(part.heading for part in letter.sections)]


def test_the_pdf_is_one_tagged_page_with_everything_on_it() -> None:
    made = printed(LETTER, at=AT)
    reader = pypdf.PdfReader(io.BytesIO(made))
    assert len(reader.pages) == pages_of(LETTER) == 1
    assert reader.root_object.get("/MarkInfo") == {"/Marked": True, "/Suspects": False}
    assert reader.root_object.get("/Lang") == "zh-HK"
    for each in every_text(LETTER):
        assert re.sub(r"\s+", "", each) in text_of(made)


@pytest.mark.parametrize(("lines", "pages"), [(30, 1), (60, 2), (120, 3)])
def test_its_pages_are_counted_as_the_pdf_has_them(lines: int, pages: int) -> None:
    long = replace(LETTER, sections=(Section("理由", ("一",) * lines),))
    reader = pypdf.PdfReader(io.BytesIO(printed(long, at=AT)))
    assert pages_of(long) == len(reader.pages) == pages


def test_the_plain_text_has_everything() -> None:
    said = as_text(LETTER).decode("utf-8")
    assert "決定：已拒絕\n" in said
    assert "\n- 貸款額：HK$1\n" in said
    assert all(each in said for each in every_text(LETTER))


def test_the_page_asks_nobody_and_takes_no_text_for_markup() -> None:
    page = as_page(LETTER).decode("utf-8")
    assert "default-src 'none'" in page
    assert "script-src 'none'" in page
    assert "<script" not in page
    assert "Harbour &lt;Bank&gt;" in page
    assert 'lang="zh-HK"' in page
    assert re.findall(r'(?:src|href)="', page) == []
    assert all(each in page for each in every_text(LETTER) if "<" not in each)
