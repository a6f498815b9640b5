"""Erasing a person takes two: one asks, another approves, the worker does it, a hold forbids it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from core.domain.identity import Role
from core.domain.retention import RECORD_CLASSES
from core.services.erasure import asking as erasure
from core.services.identity import users
from core.services.workspace import Workspace
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.e2e.test_every_page import serious

PERSON, HELD = "H007", "H008"
BASIS = "PDPO s.26, request 7"
Visit = Callable[..., Reader]


@pytest.fixture
def workspace(served: Served) -> Workspace:
    return served.harbour.workspace


def rows_of(workspace: Workspace, reference: str) -> int:
    """Return how many rows of all logs and of the quarantine name a person."""
    asker = users.actor_of_os_login(workspace, f"login-{Role.compliance}")
    return erasure.preview(workspace, reference, actor=asker).total


def asked_for(workspace: Workspace) -> int:
    """Return how many erasures were ever asked for."""
    reader = users.actor_of_os_login(workspace, f"login-{Role.auditor}")
    return len(erasure.list_erasures(workspace, actor=reader))


def fill_in(reader: Reader, reference: str, button: str) -> None:
    """Name a person in the form of erasures and press one of its buttons."""
    form = reader.page.get_by_test_id("stForm").filter(has=reader.key("personal_reference"))
    reader.key("personal_reference").locator("input").fill(reference)
    reader.key("personal_basis").locator("input").fill(BASIS)
    reader.press(form.get_by_role("button", name=button))


def table(reader: Reader, caption: str) -> Locator:
    return reader.page.get_by_role("table").filter(has_text=caption)


def test_one_asks_another_approves_and_the_person_is_gone(
    visit: Visit, workspace: Workspace
) -> None:
    assert rows_of(workspace, PERSON) == 5  # four of the tenants, one of the young model
    asker = visit(Role.compliance)
    asker.go("personal-data", "Personal data")
    fill_in(asker, PERSON, "Preview the erasure")
    expect(table(asker, "Rows that an erasure would touch")).to_contain_text("Tenants")
    fill_in(asker, PERSON, "Ask for the erasure")
    expect(asker.page.get_by_text("Asked for. Somebody else approves it")).to_be_visible()
    assert rows_of(workspace, PERSON) == 5
    asker.go("approvals", "Approvals")
    expect(asker.page.get_by_text(f"Reason given: {BASIS}")).to_be_visible()
    expect(asker.page.get_by_role("button", name="Approve and carry out")).to_have_count(0)

    lead = visit(Role.compliance_lead)
    lead.go("approvals", "Approvals")
    expect(lead.page.get_by_text(f"Reason given: {BASIS}")).to_be_visible()
    change = table(lead, "What the approval would change")
    expect(change).to_contain_text("Tenants: Prediction log")
    lead.press(lead.page.get_by_role("button", name="Approve and carry out"))
    expect(lead.page.get_by_text("Approved, and carried out.")).to_be_visible()

    report = table(asker, "What the erasure of")
    for _ in range(30):
        asker.go("personal-data", "Personal data")
        if report.count():
            break
        asker.page.wait_for_timeout(1_000)
    expect(report).to_contain_text("Tenants")
    expect(asker.page.get_by_text("Tombstones refuse one person")).to_be_visible()
    fill_in(asker, PERSON, "Preview the erasure")
    expect(asker.page.get_by_text("No row of any log names this person.")).to_be_visible()
    expect(asker.page.get_by_text("This person was erased before")).to_be_visible()
    assert rows_of(workspace, PERSON) == 0
    expect(asker.page.locator(".hl-table").first).not_to_contain_text(PERSON)


def test_a_legal_hold_forbids_it_until_it_is_lifted(visit: Visit, workspace: Workspace) -> None:
    lead = visit(Role.compliance_lead)
    lead.go("personal-data", "Personal data")
    lead.press(lead.page.get_by_text("Place a legal hold"))
    lead.page.get_by_label("Reference of a person", exact=True).fill(HELD)
    lead.page.get_by_label("Reason: a case or a request, never a person").fill("HCA 8/2026")
    lead.press(lead.page.get_by_role("button", name="Place the hold"))
    expect(table(lead, "Legal holds in force")).to_contain_text("HCA 8/2026")

    asker = visit(Role.compliance)
    asker.go("personal-data", "Personal data")
    fill_in(asker, HELD, "Preview the erasure")
    stands = asker.page.get_by_test_id("stAlert").filter(has_text="hold")
    expect(stands).to_be_visible()
    before = asked_for(workspace)
    fill_in(asker, HELD, "Ask for the erasure")
    expect(asker.page.locator(".hl-said[role=alert]").filter(has_text="hold")).to_be_visible()
    assert serious(asker) == []
    assert asked_for(workspace) == before

    lead.press(lead.page.get_by_text("Lift a legal hold"))
    form = lead.page.get_by_test_id("stForm").filter(has_text="Why it is lifted")
    lead.choose(form.get_by_role("combobox"), "HCA 8/2026")
    form.get_by_label("Why it is lifted").fill("The case is closed")
    lead.press(form.get_by_role("button", name="Lift the hold"))
    expect(table(lead, "Legal holds in force")).not_to_contain_text("HCA 8/2026")
    fill_in(asker, HELD, "Preview the erasure")
    expect(table(asker, "Rows that an erasure would touch")).to_be_visible()
    expect(stands).to_have_count(0)


def test_how_long_records_are_kept(visit: Visit) -> None:
    auditor = visit(Role.auditor)
    auditor.go("personal-data", "Personal data")
    rules = table(auditor, "How long records are kept")
    for record_class in RECORD_CLASSES.values():
        expect(rules).to_contain_text(record_class.label)
    refused = rules.locator("tr").filter(has_text="PDPO section 27: at least four years.")
    expect(refused).to_contain_text("1,460 days")
    undecided = rules.locator("tr").filter(has_text="Personal data in prediction logs")
    expect(undecided).to_contain_text("a maximum must be set")
    expect(auditor.page.get_by_text("Set a retention rule")).to_have_count(0)
    expect(auditor.page.get_by_text("Your roles do not include asking")).to_be_visible()
