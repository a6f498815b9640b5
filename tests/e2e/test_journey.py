"""The main way through the product, in one browser, from the sign-in to the signed-out page."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from core.domain.identity import Role
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader


def test_from_the_sign_in_to_a_drifting_input_and_out_again(
    new_reader: Callable[..., Reader], served: Served
) -> None:
    reader = new_reader()
    reader.go("overview")
    with reader.page.expect_response("**/auth/session") as exchanged:
        reader.sign_in(*served.log_ins[Role.data_scientist])
    assert exchanged.value.status == 204

    expect(reader.heading()).to_have_text("Overview")
    expect(reader.sentence()).to_contain_text("1 of 4 models")
    expect(reader.key("hl_card_loans")).to_contain_text("Small loans")
    reader.do(reader.key("hl_go_loans_drift").get_by_role("link").click)

    expect(reader.heading()).to_have_text("Drift")
    assert reader.path() == "drift"
    expect(reader.sentence()).to_contain_text("Income")
    section = reader.page.locator(".hl-section h2").nth(1)
    expect(section).to_have_text("Income")

    _select_row(reader, 1)
    expect(section).not_to_have_text("Income")
    expect(reader.key("drift_trend").locator(".js-plotly-plot").first).to_be_visible()

    reader.choose(reader.key("drift_method").get_by_role("combobox"), "Hellinger distance")
    expect(reader.key("drift_trend").locator(".ytitle").first).to_contain_text("Hellinger")

    reader.open_chip("hl_chip_period")
    reader.do(reader.page.get_by_role("radio", name="12 months").click)
    reader.page.keyboard.press("Escape")
    reader.expect_query({"range": "12m"})

    reader.choose_language("繁體中文")
    expect(reader.heading()).to_have_text("漂移")
    expect(reader.page.locator("html")).to_have_attribute("lang", "zh-HK")
    reader.expect_query({"range": "12m", "lang": "zh-HK"})

    reader.sign_out()
    expect(reader.key("hl_signin")).to_be_visible()
    reader.page.reload()
    reader.settle()
    expect(reader.key("hl_signin")).to_be_visible()
    expect(reader.page.get_by_text("收入")).to_have_count(0)
    assert reader.errors == []


def test_another_figure_and_another_period_of_performance(visit: Callable[..., Reader]) -> None:
    reader = visit(Role.business)
    reader.go("performance?model=loans&range=12m", "Performance")
    expect(reader.sentence()).to_contain_text("Area under the ROC curve")
    reader.choose(reader.key("performance_metric").get_by_role("combobox"), "Brier score")
    expect(reader.sentence()).to_contain_text("Brier score")
    course = reader.key("performance_course")
    expect(course.locator(".ytitle").first).to_contain_text("Brier score")

    reader.choose(reader.key("performance_period").get_by_role("combobox"))
    for place in range(3):
        expect(reader.key(f"performance_{place}").locator(".js-plotly-plot")).to_be_visible()
    table = reader.key("performance_course_table")
    reader.do(table.get_by_text("View as table").click)
    expect(table.get_by_role("columnheader", name="Realised")).to_be_visible()
    files = reader.key("performance_course_files")
    _expect_a_picture_with_words(reader, files)
    reader.do(reader.key("performance_course_csv").get_by_role("button").click)
    with reader.page.expect_download() as taken:
        files.get_by_role("link", name="Download the table").click()
    lines = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert "# Chart,Brier score" in lines
    assert any(line.startswith("# Link,http") for line in lines)
    assert next(line for line in lines if line[0] != "#").startswith("Period,Realised,Low,High")
    assert reader.errors == []


def test_filters_survive_the_menu_a_reload_and_the_way_back(visit: Callable[..., Reader]) -> None:
    reader = visit(Role.data_scientist)
    reader.go("drift?model=loans&range=custom&from=2024-06-01&to=2024-12-31&version=2", "Drift")
    asked = reader.query()
    chips = reader.key("hl_chips")
    expect(chips).to_contain_text("1 Jun")

    reader.follow("data_quality")
    expect(reader.heading()).to_have_text("Data quality")
    reader.expect_query(asked)
    expect(chips).to_contain_text("1 Jun")
    reader.page.reload()
    reader.settle()
    reader.expect_query(asked)
    expect(chips).to_contain_text("1 Jun")
    # Until the carriers stand in the document, Streamlit takes a step back for a page without them.
    expect(reader.key("from").locator("input")).to_have_value(asked["from"])

    reader.page.go_back()
    reader.settle()
    expect(reader.heading()).to_have_text("Drift")
    reader.expect_query(asked)
    expect(chips).to_contain_text("1 Jun")


def test_a_link_shows_somebody_else_the_same_view(visit: Callable[..., Reader]) -> None:
    sender = visit(Role.data_scientist)
    sender.go("drift?model=loans&slice=sector&value=零售&as_of=2024-11-30", "Drift")
    expect(sender.sentence()).to_have_text(re.compile(r"\w"))
    said = sender.sentence().text_content() or ""
    sender.do(sender.page.get_by_text("Link to this view").click)
    link = sender.code(sender.key("hl_footer"))
    assert link.startswith(f"{sender.url}/drift?model=loans")

    other = visit(Role.compliance)
    other.go(link.removeprefix(f"{other.url}/"), "Drift")
    expect(other.sentence()).to_have_text(said)
    expect(other.key("hl_chips")).to_contain_text("Sector: 零售")


def test_a_link_survives_the_sign_in(new_reader: Callable[..., Reader], served: Served) -> None:
    reader = new_reader()
    reader.go("operations?model=tenants&range=30d")
    reader.sign_in(*served.log_ins[Role.auditor])
    expect(reader.heading()).to_have_text("Operations")
    assert reader.path() == "operations"
    reader.expect_query({"model": "tenants", "range": "30d"})


@pytest.mark.parametrize("name", ["dara", "nobody"])
def test_a_wrong_password_is_refused_in_words(new_reader: Callable[..., Reader], name: str) -> None:
    reader = new_reader()
    reader.go("")
    reader.sign_in(name, "not the password")
    expect(reader.page.get_by_role("alert").filter(has_text="do not belong")).to_be_visible()
    expect(reader.key("hl_signin")).to_be_visible()


def _select_row(reader: Reader, row: int) -> None:
    """Click a row's first text cell; the grid is drawn on a canvas, so by its place."""
    grid = reader.key("drift_rank").locator(".dvn-scroller").first
    reader.rest(grid)
    reader.do(lambda: grid.click(position={"x": 12, "y": 38 + 35 * row + 17}))


def _expect_a_picture_with_words(reader: Reader, files: Locator) -> None:
    """Take the picture: it is larger than the chart by the words above it, written in ink."""
    chart = reader.key("performance_course").locator(".main-svg").first.bounding_box()
    assert chart is not None
    with reader.page.expect_download() as taken:
        files.get_by_role("button", name="Picture (PNG)").click()
    picture = Image.open(taken.value.path()).convert("L")
    height = picture.height - 2 * chart["height"]
    assert picture.width > 2 * chart["width"]
    assert height > 2 * 4 * 17  # a title, what was asked, the link, and when it was made
    words = np.asarray(picture)[: int(height) - 64]
    drawn = np.asarray(picture)[int(height) :]
    assert all((part < 110).sum() > 1_000 for part in (words, drawn))
