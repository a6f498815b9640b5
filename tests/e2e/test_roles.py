"""What a role may not open: neither in the menu nor by its address."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.nav import visible_entries
from app.shell import ACCOUNT
from core.domain.identity import Actor, Role
from tests.e2e.driver import Reader


def menu_of(role: Role) -> list[str]:
    """Return the titles in a role's menu; tests/app/test_nav.py says which pages these are.

    The account is under the reader's own name.
    """
    entries = visible_entries(Actor("1", "somebody", frozenset({role})))
    return [each.title for each in entries if not each.under and each.key != ACCOUNT]


def test_a_manager_has_no_drift_in_the_menu_and_none_by_its_address(
    visit: Callable[..., Reader],
) -> None:
    reader = visit(Role.business)
    reader.go("overview", "Overview")
    expect(reader.menu_links()).to_have_text(menu_of(Role.business))
    expect(reader.key("hl_go_loans_operations")).to_be_visible()
    expect(reader.key("hl_go_loans_drift")).to_have_count(0)
    reader.go("drift?model=loans")
    reader.expect_state("You cannot open this page")
    expect(reader.heading()).to_have_count(0)
    expect(reader.page.get_by_text("Income")).to_have_count(0)


@pytest.mark.parametrize("path", ["", "home", "overview"])
def test_the_bare_address_is_the_overview(visit: Callable[..., Reader], path: str) -> None:
    reader = visit(Role.data_scientist)
    reader.go(path, "Overview")
    expect(reader.menu_links()).to_have_text(menu_of(Role.data_scientist))


@pytest.mark.parametrize("path", ["", "home", "review"])
def test_for_who_decides_cases_it_is_the_queue(visit: Callable[..., Reader], path: str) -> None:
    reader = visit(Role.compliance)
    reader.go(path, "Human review")
    assert "Human review" in reader.menu()
    assert "Case" not in reader.menu()


def test_a_signed_out_browser_fetches_no_export(new_reader: Callable[..., Reader]) -> None:
    reader = new_reader()
    answer = reader.context.request.get(f"{reader.url}/exports/{'A' * 43}")
    assert answer.status == 404
