import pytest

from app import nav
from core.domain.identity import Actor, Permission, Role

READING = {
    "outcomes",
    "value",
    "portfolio",
    "overview",
    "model",
    "model_card",
    "operations",
    "performance",
    "alerts",
    "segments",
    "account",
}
INSPECTING = READING | {"drift", "data_quality", "fairness", "approvals", "serving"}
EXPLAINED = {"decision", "explanations"}
GOVERNING = {"audit_trail", "personal_data"}
REVIEWING = {"review", "case", "oversight", "requests"}
# The role × page table; the services refuse the same again.
OPEN = {
    Role.business: READING,
    Role.compliance: INSPECTING | GOVERNING | REVIEWING | EXPLAINED,
    Role.compliance_lead: INSPECTING
    | GOVERNING
    | REVIEWING
    | EXPLAINED
    | {"people", "review_team", "oversight_quality", "examiner"},
    Role.auditor: INSPECTING | GOVERNING | REVIEWING | EXPLAINED | {"people", "examiner"},
    Role.data_scientist: INSPECTING | EXPLAINED | {"ingest"},
    Role.admin: INSPECTING | GOVERNING | {"ingest", "people"},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_its_pages(role: Role) -> None:
    actor = Actor("1", "someone", frozenset({role}))
    assert {entry.key for entry in nav.visible_entries(actor)} == OPEN[role]


def test_no_role_sees_nothing() -> None:
    assert nav.visible_entries(Actor("1", "nobody", frozenset())) == ()


def test_every_page_has_its_file_and_every_file_its_page() -> None:
    files = {path.stem for path in nav.PAGES_FOLDER.glob("*.py")} - {"__init__"}
    assert {entry.key for entry in nav.ENTRIES} == files
    assert all(entry.path.is_file() for entry in nav.ENTRIES)


def test_keys_are_unique() -> None:
    keys = [entry.key for entry in nav.ENTRIES]
    assert len(keys) == len(set(keys))


def test_a_page_whose_figures_follow_the_as_of_shows_it() -> None:
    dated = {entry.key for entry in nav.ENTRIES if "as_of" in entry.chips}
    assert dated == {
        "outcomes", "value", "overview", "model", "operations", "drift", "data_quality",
        "performance", "segments", "fairness",
    }  # fmt: skip


def test_only_a_manager_begins_with_the_business() -> None:
    earned = nav.Entry("outcomes", "Outcomes", Permission.kpi_view, nav.BUSINESS)
    kept = nav.Entry("overview", "Overview", Permission.overview_view, "Models")
    entries = (earned, kept)
    manager = Actor("1", "manager", frozenset({Role.business}))
    both = Actor("2", "both", frozenset({Role.business, Role.compliance}))
    assert nav.home_entry(manager, entries) == earned
    assert nav.home_entry(both, entries) == kept
    assert nav.home_entry(None, entries) == kept
    assert nav.home_entry(both, (earned,)) == earned
    assert nav.home_entry(manager, ()) is None


def test_who_decides_cases_begins_with_the_queue() -> None:
    kept = nav.Entry("overview", "Overview", Permission.overview_view, "Models")
    queue = nav.Entry("review", "Human review", Permission.review_view, nav.REVIEW)
    case = nav.Entry("case", "Case", Permission.review_view, nav.REVIEW, under="review")
    both = frozenset({Role.compliance, Role.compliance_lead})
    for roles in ({Role.compliance}, {Role.compliance_lead}, both):
        worker = Actor("1", "worker", frozenset(roles))
        assert nav.home_entry(worker, (kept, case, queue)) == queue
        assert nav.home_entry(worker, (case, kept)) == kept
    auditor = Actor("2", "auditor", frozenset({Role.auditor}))
    mixed = Actor("3", "mixed", frozenset({Role.auditor, Role.compliance}))
    for other in (auditor, mixed, None):
        assert nav.home_entry(other, (kept, case, queue)) == kept


def test_a_case_is_no_entry_of_the_menu() -> None:
    hidden = {entry.key for entry in nav.ENTRIES if entry.under}
    assert "case" in hidden
    assert "review" not in hidden
