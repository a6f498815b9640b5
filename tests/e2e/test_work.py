"""What the worker does for the app: an uploaded log, and Evidently's report."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.domain.identity import Role
from core.services import ingest
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.support.harbour import tenant_log


def test_an_uploaded_file_ends_in_stored_rows(
    visit: Callable[..., Reader], served: Served, tmp_path: Path
) -> None:
    rows = tenant_log().tail(20)
    path = tmp_path / "租客.csv"
    rows.assign(tenant=[f"N{number}" for number in range(20)]).to_csv(path, index=False)
    reader = visit(Role.data_scientist)
    reader.go("ingest?model=tenants", "Ingest")
    form = reader.key("ingest_file")
    form.locator("input[type=file]").set_input_files(path)
    expect(form.get_by_text("租客.csv")).to_be_visible()
    reader.do(reader.page.get_by_role("button", name="Ingest the file").click)
    expect(reader.page.get_by_text("租客.csv: 20 rows stored")).to_be_visible(timeout=60_000)
    workspace, actor = served.harbour.workspace, served.harbour[Role.admin]
    newest = ingest.batches(workspace, "tenants", actor=actor)[0].batch
    assert (newest.actor, newest.rows_stored, newest.state) == ("dara", 20, "published")


def test_a_file_that_is_no_log_is_refused_in_words(
    visit: Callable[..., Reader], tmp_path: Path
) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n1,2\n")
    reader = visit(Role.data_scientist)
    reader.go("ingest?model=tenants", "Ingest")
    reader.key("ingest_file").locator("input[type=file]").set_input_files(path)
    expect(reader.key("ingest_file").get_by_text("notes.csv")).to_be_visible()
    reader.do(reader.page.get_by_role("button", name="Ingest the file").click)
    expect(reader.page.get_by_test_id("stAlert").filter(has_text="notes.csv")).to_be_visible()


@pytest.mark.timeout(240)
def test_evidentlys_report_is_ordered_followed_and_fetched(
    visit: Callable[..., Reader], tmp_path: Path
) -> None:
    reader = visit(Role.compliance_lead)
    reader.go("drift?model=loans&range=30d", "Drift")
    reader.do(reader.key("drift_report").get_by_role("button").click)
    link = reader.page.locator("a.hl-export").first
    expect(link).to_be_visible(timeout=180_000)
    with reader.page.expect_download() as started:
        link.click()
    path = tmp_path / "report.html"
    started.value.save_as(path)
    text = path.read_text(encoding="utf-8", errors="replace")
    assert "<html" in text[:2_000].lower()
    assert "income" in text
    # Somebody else's cookie does not fetch it.
    other = visit(Role.auditor)
    address = link.get_attribute("href") or ""
    assert other.context.request.get(f"{other.url}/{address.lstrip('/')}").status == 404
