"""Erasure on both databases: what counts is the same, and what cannot be reached is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services import audit_verify, doctor
from core.services.workspace import Workspace
from core.store import text_search
from tests.builders import ADMIN
from tests.core.services.test_erasure import hits
from tests.erasing import PERSON, SECRET, a_peopled_workspace, erase, people


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in", store_url)
    yield opened
    opened.store.close()


def test_the_person_is_in_no_store(site: Workspace) -> None:
    _, report = erase(site, people(site))
    assert report["database"]["database"] == site.store.dialect
    assert report["database"]["log_cut"] is (site.store.dialect == "sqlite")
    assert hits(site.settings.home) == []
    with site.store.read() as conn:
        assert text_search.find(conn, PERSON) == {}
        assert text_search.find(conn, SECRET) == {}
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
    assert audit_verify.verify(site, actor=ADMIN).passed
