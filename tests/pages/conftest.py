"""Pages without a browser: the whole app on a workspace, signed in as whoever is asked for."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app import recency, session, shell
from core.domain.identity import Actor, Role
from core.services.workspace import Workspace
from tests.support.builders import open_session
from tests.support.harbour import Harbour, add_people, build_empty_harbour

MAIN = Path(shell.__file__).with_name("main.py")
Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def empty_harbour(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Workspace, dict[Role, Actor]]]:
    """A workspace without models, and one person a role."""
    workspace = build_empty_harbour(tmp_path_factory.mktemp("empty") / "home")
    yield workspace, add_people(workspace)
    workspace.store.close()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, one_scan: None) -> Open:
    """Open a page as somebody: ``open_page(workspace, actor, "drift", lang="en", model=…)``."""

    def visit(workspace: Workspace, actor: Actor, address: str, **parameters: str) -> AppTest:
        monkeypatch.setattr(session, "workspace", lambda: workspace)
        # The harbour's records are of 2024; tests/app/test_recency.py tells what becomes of that.
        monkeypatch.setattr(recency, "OLD", timedelta.max)
        signed_in = open_session(workspace, actor.user_id)
        test = AppTest.from_file(str(MAIN), default_timeout=60)
        test.session_state["_hl_session"] = signed_in
        test.context = {
            "url": f"http://localhost/{address}",
            "timezone": "Asia/Hong_Kong",
            "theme": "light",
        }
        for name, value in parameters.items():
            test.query_params[name] = value
        # switch_page knows only files; forbidden pages are functions with the same address.
        test._page_hash = calc_hash(address)
        return test.run()

    return visit


@pytest.fixture
def open_loans(open_page: Open, harbour: Harbour) -> Open:
    """Open a page of the model with a year of history."""

    def visit(role: Role, address: str, **parameters: str) -> AppTest:
        given = {"model": "loans", "lang": "en", **parameters}
        return open_page(harbour.workspace, harbour[role], address, **given)

    return visit
