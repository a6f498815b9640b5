"""A workspace whose model serves, with eight predictions; a fresh one for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.serving import Serving, a_serving_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()
