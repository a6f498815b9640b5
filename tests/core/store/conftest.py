"""Databases are migrated here as the product migrates them: that is what is tested."""

import pytest

from core.store import engine, migrate


@pytest.fixture(autouse=True)
def migrated_as_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "upgrade", migrate.upgrade)
