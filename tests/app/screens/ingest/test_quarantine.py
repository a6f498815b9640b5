"""The download of refused rows says how many there are, in its name and in its link."""

import pytest
from sqlalchemy import select

from app.screens.ingest import quarantine
from core.domain.identity import Role
from core.store.tables import export_file
from tests.pages.conftest import Open, open_loans, open_page
from tests.pages.reading import html_of
from tests.support.harbour import Harbour

__all__ = ["open_loans", "open_page"]


def test_the_link_and_the_file_name_say_how_many_of_all(
    open_loans: Open, harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST_ROWS", 2)
    test = open_loans(Role.admin, "data-quality")
    test.button(key="quarantine_prepare").click().run()
    assert "Download 2 of 3 refused rows (CSV)" in html_of(test)
    with harbour.workspace.store.read() as conn:
        names = conn.execute(select(export_file.c.name)).scalars().all()
    assert "quarantine-loans-2-of-3-rows.csv" in names
