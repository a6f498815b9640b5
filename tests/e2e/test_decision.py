"""On the telephone with a customer: a decision is found, explained, and tried with other values."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.domain.identity import Role
from core.services.identity import users
from tests.e2e.driver import Reader
from tests.e2e.test_every_page import serious
from tests.support.app_process import running_app
from tests.support.browsing import WIDE, sign_in
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import an_explained_workspace, put_code_book
from tests.support.harbour import OWNER_LOGIN


@pytest.fixture
def officer(browser: Browser, tmp_path: Path) -> Iterator[tuple[Reader, str]]:
    """A compliance officer at the app, and the id of a declined loan."""
    home = tmp_path / "home"
    world = an_explained_workspace(home, log=sba_log(every=600))
    put_code_book(world)
    owner = users.actor_of_os_login(world.workspace, OWNER_LOGIN)
    people = {each.role: each for each in users.make_demo_users(world.workspace, actor=owner)}
    prediction = world.worst()
    world.workspace.store.close()
    with running_app(home) as app:
        context = browser.new_context(locale="en-GB", viewport=WIDE)
        reader = Reader(context, context.new_page(), app.url)
        person = people[Role.compliance]
        sign_in(reader, (person.username, person.password))
        yield reader, prediction
        context.close()


@pytest.mark.timeout(300)
def test_a_decision_is_found_explained_and_tried_otherwise(officer: tuple[Reader, str]) -> None:
    reader, prediction = officer
    reader.go(f"decision?model={SBA}", "Decision")
    field = reader.page.get_by_label("Id of the prediction")
    field.fill(prediction)
    reader.do(reader.page.get_by_role("button", name="Explain this decision").click)
    expect(reader.sentence()).to_contain_text("decline")
    assert f"prediction={prediction}" in reader.page.url
    expect(reader.key("decision_sums").locator(".xtitle")).to_have_text("Log odds")
    expect(reader.page.locator(".hl-panel-table").first).to_contain_text("loan_amount: ")
    assert serious(reader) == []

    reader.do(reader.page.get_by_role("tab", name="What if").click)
    score = reader.page.locator(".hl-kpi-value").first
    before = score.inner_text()
    thumb = reader.page.get_by_role("slider", name="Loan amount")
    thumb.focus()
    for _ in range(8):
        thumb.press("ArrowLeft")
    expect(score).not_to_have_text(before)
    reader.do(reader.page.get_by_role("button", name="Back to the logged values").click)
    expect(score).to_have_text(before)
    reader.page.set_viewport_size({"width": 390, "height": 844})
    reader.settle()
    main = reader.page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert reader.errors == []
