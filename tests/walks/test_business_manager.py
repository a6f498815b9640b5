"""The walk of the business manager: one minute on a phone, in Chinese, and the board pack."""

import re
from collections.abc import Callable

import pypdf
import pytest
from playwright.sync_api import Locator, expect

from core.domain.identity import Role
from core.i18n import translator
from tests.e2e.driver import Reader
from tests.walks.conftest import Demo
from tests.walks.walk import Walk

PHONE = {"width": 390, "height": 844}
HK = translator("zh-HK")
WANTS = (
    "Ben Cheung has a minute between two meetings and a phone, 390 pixels wide, in Chinese. What "
    "changed, how much money is it, why, and are the targets met? Then he takes the board pack "
    "along."
)
_SCREENS = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  return main.scrollHeight / main.clientHeight;
}"""


@pytest.mark.slow
def test_one_minute_on_a_phone(
    new_reader: Callable[..., Reader], new_walk: Callable[..., Walk], demo: Demo
) -> None:
    walk = new_walk("business-manager", "Walk of the business manager", WANTS)
    reader = new_reader(
        viewport=PHONE, locale="zh-HK", has_touch=True, is_mobile=True, device_scale_factor=2
    )
    name, password = demo.log_ins[Role.business]
    reader.go("")
    with walk.step(
        "Opens the address on the phone, types user name and password, presses 登入.",
        sees="業務成果: what is missed, what the decisions earned, what changed and why, in one "
        "sentence; below it the targets, the missed one first.",
        by=reader,
        picture="The first screen: on target or not, how much money, what changed and why",
    ):
        reader.sign_in(name, password)
        expect(reader.heading()).to_have_text("業務成果")
        expect(reader.sentence()).to_be_visible()
    first_screen_answers(reader)
    walk.note(f"The page is {reader.page.evaluate(_SCREENS):.1f} screens long; the first answers.")
    with walk.step(
        "Taps the card of the missed target: 為何變動.",
        sees="The page tells of it: what each cause added, with how far it may be off.",
        by=reader,
    ):
        card = reader.page.locator("[class*=st-key-hl_kpicard_]").first
        reader.press(card.get_by_role("button"))
    with walk.step(
        "Taps 模型組合.",
        sees="All models in Hong Kong dollars: what they earned, what was lost, targets, alerts.",
        by=reader,
        picture="All models: the sentence, four figures, the board pack",
    ):
        reader.follow("portfolio")
        expect(reader.heading()).to_have_text(HK("Portfolio"))
    prepare = reader.page.get_by_role("button", name=HK("Prepare the board pack (PDF)"))
    assert is_on_the_first_screen(prepare)
    with walk.step(
        "Taps 準備董事會簡報（PDF）.",
        sees="A link to the file, beside it the proof that it is this one.",
        by=reader,
    ):
        prepare.click()
        take = reader.page.get_by_role("link", name=HK("Download the board pack (PDF)"))
        expect(take).to_be_visible()
    with walk.step(
        "Taps 下載董事會簡報（PDF）.",
        sees="The file: the same figures as on the page, in Chinese.",
    ):
        with reader.page.expect_download() as taken:
            take.click()
        pages = pypdf.PdfReader(taken.value.path()).pages
    text = "".join(page.extract_text() for page in pages)
    shown = reader.page.locator(".hl-kpi-value").first.inner_text()
    assert squeezed(shown) in squeezed(text)
    assert reader.errors == []


def first_screen_answers(reader: Reader) -> None:
    """Expect the four answers within the first 844 pixels, nothing scrolled."""
    said = reader.sentence().inner_text()
    assert re.search("項未達標|項有風險", said), said  # on target or not
    assert re.search("[多少]賺 .*(英鎊|港元|美元)", said), said  # money
    assert "個百分點" in said, said  # what changed
    assert "來自" in said, said  # why
    assert is_on_the_first_screen(reader.sentence())
    assert is_on_the_first_screen(reader.page.locator(".hl-kpi-card .hl-status").first)
    width = reader.page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"]


def is_on_the_first_screen(part: Locator) -> bool:
    box = part.bounding_box()
    return box is not None and box["y"] + box["height"] <= PHONE["height"]


def squeezed(text: str) -> str:
    return "".join(text.split())
