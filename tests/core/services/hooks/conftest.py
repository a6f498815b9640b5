"""A workspace with a model, a receiver on this machine, and a folder of programs that may run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.services.workspace import Workspace
from tests.support.checking import a_fed_workspace
from tests.support.fakes import FakeClock
from tests.support.receiving import Receiver, served


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with served(Receiver()) as made:
        made.said = b"thank you"
        yield made


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir(mode=0o755)
    return folder


def _site(tmp_path: Path, programs: Path, clock: FakeClock, url: str | None) -> Workspace:
    opened = a_fed_workspace(
        tmp_path / "home", state_url=url, versions=[{"id": "1"}, {"id": "2"}, {"id": "3"}]
    )
    settings = replace(opened.settings, hook_commands=(programs,))
    return replace(opened, clock=clock, settings=settings)


@pytest.fixture
def site(tmp_path: Path, programs: Path, clock: FakeClock) -> Iterator[Workspace]:
    opened = _site(tmp_path, programs, clock, None)
    yield opened
    opened.store.close()


@pytest.fixture
def either(tmp_path: Path, programs: Path, clock: FakeClock, store_url: str) -> Iterator[Workspace]:
    """The same on SQLite and on PostgreSQL."""
    opened = _site(tmp_path, programs, clock, store_url)
    yield opened
    opened.store.close()
