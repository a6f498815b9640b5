"""What comes from outside is text in a PDF: nothing of it is read as a program of Typst."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pypdf

from core.reports.monthly import printed
from core.reports.typeset import families
from tests.support.reporting import HOSTILE, a_report

AT = datetime(2011, 2, 1, 9, 30, 1, 234567, tzinfo=UTC)
REPORTS = Path(__file__).parents[3] / "core" / "reports"


def test_texts_of_templates_are_never_evaluated() -> None:
    templates = sorted(REPORTS.rglob("*.typ"))
    assert len(templates) >= 2
    for template in templates:
        text = template.read_text(encoding="utf-8")
        for word in ("eval(", "#import", "#include", "read(", "plugin("):
            assert word not in text, f"{template.name}: {word}"


def test_the_machine_lends_no_font() -> None:
    assert {"Inter", "Noto Sans HK", "Noto Sans SC", "DejaVu Sans Mono"} <= set(families())
    assert not {"Arial", "Liberation Sans", "DejaVu Sans"} & set(families())


def test_a_text_that_looks_like_a_program_is_printed_as_it_is() -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed(a_report("en"), at=AT)))
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert "".join(HOSTILE.split()) in text
    assert reader.metadata is not None
    assert reader.metadata.title == "Small business loans · December 2010"
    assert "root:" not in text


def test_the_same_report_is_the_same_file() -> None:
    assert printed(a_report("zh-HK"), at=AT) == printed(a_report("zh-HK"), at=AT)
