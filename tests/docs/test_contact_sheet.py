"""The contact sheet leaves nothing out, and finds what it says it finds."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from app.nav import ENTRIES
from core.auth.policy import POLICY
from core.domain.identity import Role
from core.i18n import LOCALES
from docs.contact_sheet.sheets import put_together, table
from docs.contact_sheet.shots import FAULTS, Shot
from docs.contact_sheet.views import THEMES, USUAL_WIDTHS, Variant, chosen, page_views
from docs.contact_sheet.words import half_width_marks, strange_words
from tests.e2e.driver import Reader

NARROW = Variant("dark", "zh-HK", "narrow")
FAULTY = """
<main data-testid="stMain" style="width:300px;overflow-x:auto">
  <p style="width:60px;overflow:hidden;white-space:nowrap">A text that its box cuts off</p>
  <p style="width:60px;overflow:auto;white-space:nowrap">A text that can be scrolled to</p>
  <p style="width:1px;overflow:hidden;white-space:nowrap">A text for screen readers</p>
  <div style="width:900px">A wide part</div>
  <div class="hl-state hl-wrong"><h2>Could not be read</h2></div>
  <div class="js-plotly-plot" style="width:280px;height:60px"><svg width="280" height="60">
    <text x="10" y="20">first label</text><text x="40" y="22">second label</text>
    <text x="250" y="50">beyond the edge</text>
  </svg></div>
</main>
"""


def test_every_page_is_seen_by_somebody_who_may() -> None:
    views = {view.name: view for view in page_views(case=7)}
    for entry in ENTRIES:
        reader = views[entry.key.replace("_", "-")].reader
        assert reader is not None
        assert entry.permission in POLICY[reader]
    assert views["case"].address == "case?model=sba-loan-default&case=7"
    assert views["sign-in"].reader is None


def test_each_picture_is_asked_for_once() -> None:
    views = page_views(case=7)
    pictures = [
        (view.name, Variant(theme, language, width))
        for _, theme, language, mine, widths in chosen(views, ())
        for view in mine
        for width in widths
    ]
    assert len(set(pictures)) == len(pictures)
    assert len(pictures) == len(views) * len(THEMES) * len(LOCALES) * len(USUAL_WIDTHS)


def test_a_part_can_be_asked_for() -> None:
    ((reader, theme, language, views, widths),) = chosen(
        page_views(case=7), ["people"], ["dark"], ["zh-HK"], ["narrow"]
    )
    assert (reader, theme, language, widths) == (Role.admin, "dark", "zh-HK", ["narrow"])
    assert [view.name for view in views] == ["people"]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("批核 Approve 已完成", "zh-HK", ["Approve"]),
        ("sba-loan-default、v2.1、term_months、SBA、harbourlight.ini", "zh-CN", []),
        ("Harbourlight 的 Excel 檔案，由 Lydia Kwok 下載", "zh-HK", []),
        ("繁體中文", "en", []),
        ("Lydia 莉迪亞", "en", ["莉迪亞"]),
    ],
)
def test_words_of_another_language_are_found(text: str, language: str, found: list[str]) -> None:
    assert strange_words([text, text], language) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("原因: 不明", ["原因:"]),
        ("接近分界 (distance <= 0.002)", ["接近分界 ("]),
        ("接近分界（distance <= 0.002），3,000 行；12:30 HKT", []),
        ("harbourlight:模型", []),
    ],
)
def test_marks_of_half_width_after_chinese_are_found(text: str, found: list[str]) -> None:
    assert half_width_marks([text, text]) == found


def test_sheets_show_each_picture_once_a_variant_and_once_a_page(tmp_path: Path) -> None:
    shots = [Shot("drift", NARROW, [("cut", "Loan am")]), Shot("people", NARROW)]
    for shot, colour in zip(shots, ("red", "blue"), strict=True):
        Image.new("RGB", (390, 900), colour).save(tmp_path / shot.file)
    sheets = put_together(tmp_path, shots)
    assert [each.stem for each in sheets] == [
        "sheet-narrow-dark-zh-HK",
        "sheet-drift",
        "sheet-people",
    ]
    with Image.open(sheets[0]) as board:
        red, _, blue = (band.point(lambda level: 255 * (level > 240)) for band in board.split())
        assert ImageChops.subtract(red, blue).getbbox()
        assert ImageChops.subtract(blue, red).getbbox()
    assert "Loan am" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "1        Loan am  [narrow-dark-zh-HK]" in table(shots)
    assert table(shots[1:]) == "Nothing was found."


@pytest.mark.e2e
def test_faults_of_a_page_are_found_in_the_browser(windows: Any) -> None:
    reader: Reader = windows.take("about:blank", locale="en")
    reader.page.set_content(FAULTY)
    seen = reader.page.evaluate(FAULTS)
    assert sorted(map(tuple, seen["found"])) == [
        ("cut", "A text that its box cuts off"),
        ("error", "Could not be read"),
        ("outside chart", "beyond the edge"),
        ("overlap", "first label / second label"),
        ("sideways", "900 > 300"),
    ]
    assert "A wide part" in seen["words"]
    assert "A text for screen readers" not in seen["words"]
    windows.give_back(reader, None)
