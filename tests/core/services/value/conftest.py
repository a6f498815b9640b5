"""Loans whose decisions have a price, once a module."""

from collections.abc import Iterator

import pytest

from tests.support.valued import VALUE, Valued, build_valued


@pytest.fixture(scope="session")
def valued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    """The loans as a back-test: what became of declined ones is known."""
    home = tmp_path_factory.mktemp("valued") / "home"
    home.mkdir()
    found = build_valued(home, value={**VALUE, "hold_out": 'branch = "hold-out"'})
    yield found
    found.workspace.store.close()


@pytest.fixture(scope="session")
def lending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    """The same loans as a bank knows them: a declined loan was never made."""
    home = tmp_path_factory.mktemp("lending") / "home"
    home.mkdir()
    found = build_valued(home, declined_known=False, reviews=False)
    yield found
    found.workspace.store.close()
