"""A workspace with a few loans to be explained, a fresh one for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.demo_slices import sba_log
from tests.support.explained import Explained, an_explained_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600))
    yield made
    made.workspace.store.close()
