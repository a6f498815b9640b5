"""The customers' rights desk, a fresh one for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, a_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path / "home", tmp_path / "in")
    yield made
    made.workspace.store.close()
