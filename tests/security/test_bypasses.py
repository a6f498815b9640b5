"""Ways round the guard of a page: callbacks, fragments and addresses, in Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.nav import ENTRIES, Entry
from core.auth.policy import POLICY
from core.domain.identity import Role
from core.services import ingest
from core.services.identity import people, sessions, users
from core.services.serving import tokens
from core.store.identity import users as stored
from tests.security.conftest import Site, Watched
from tests.security.hostile import MODEL
from tests.support.harbour import OWNER_LOGIN

pytestmark = pytest.mark.e2e
THERE = [entry for entry in ENTRIES if entry.path.is_file()]
# One guard stands before every page, and without a browser it is asked at each, as every role, by
# tests/pages/test_every_page.py. So a few are enough at once; `make check` takes them all.
A_FEW = ("drift", "people", "ingest")
few_and_all = pytest.mark.parametrize(
    "entries",
    [
        pytest.param([entry for entry in THERE if entry.key in A_FEW], id="a-few"),
        pytest.param(THERE, id="all", marks=pytest.mark.slow),
    ],
)


def _user_id(site: Site, role: Role) -> str:
    with site.hostile.workspace.store.read() as conn:
        found = stored.find_by_username(conn, site.hostile.log_ins[role][0])
    assert found is not None
    return found.id


def _names(site: Site) -> list[str]:
    """Return what people are called; the log-in that runs the tests may be any word."""
    with site.hostile.workspace.store.read() as conn:
        people = [each for each in stored.list_users(conn) if not each.os_login]
    return [name for each in people for name in (each.username, each.display_name) if " " in name]


def _token(site: Site) -> str:
    owner = users.actor_of_os_login(site.hostile.workspace, OWNER_LOGIN)
    return tokens.make_token(site.hostile.workspace, "Target", actor=owner).token.id


def _stands(site: Site, token_id: str) -> bool:
    owner = users.actor_of_os_login(site.hostile.workspace, OWNER_LOGIN)
    found = tokens.list_tokens(site.hostile.workspace, actor=owner)
    return next(token.revoked_at for token in found if token.id == token_id) is None


def test_a_callback_before_the_guard_of_a_revoked_session(
    signed_in_anew: Callable[[Role], Watched], site: Site
) -> None:
    """A button of a page that is still open, pressed after the session was ended by others.

    Streamlit runs the callback before the page: the service refuses, nothing is changed, and the
    page says that the session has ended.
    """
    token_id = _token(site)
    tab = signed_in_anew(Role.admin)
    tab.reader.go("serving", "Serving systems")
    button = tab.reader.page.get_by_role("button", name="Revoke the token")
    expect(button).to_be_visible()
    owner = users.actor_of_os_login(site.hostile.workspace, OWNER_LOGIN)
    sessions.end_everywhere(site.hostile.workspace, _user_id(site, Role.admin), actor=owner)
    tab.reader.do(button.click)
    expect(tab.reader.page.locator(".hl-state h2")).to_have_text("You have been signed out.")
    assert _stands(site, token_id)


def test_a_callback_after_the_role_was_taken(
    signed_in_anew: Callable[[Role], Watched], site: Site
) -> None:
    """The same button, pressed after the administrator's role was taken away.

    Roles are read afresh at each step: the service refuses, nothing is changed.
    """
    token_id = _token(site)
    tab = signed_in_anew(Role.admin)
    tab.reader.go("serving", "Serving systems")
    button = tab.reader.page.get_by_role("button", name="Revoke the token")
    expect(button).to_be_visible()
    workspace = site.hostile.workspace
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    user = _user_id(site, Role.admin)
    people.set_roles(workspace, user, [Role.business], actor=owner)
    try:
        tab.reader.do(button.click)
        assert _stands(site, token_id)
        expect(tab.reader.page.get_by_role("button", name="Revoke the token")).to_have_count(0)
    finally:
        people.set_roles(workspace, user, [Role.admin], actor=owner)


def test_a_fragment_after_the_session_was_revoked(
    signed_in_anew: Callable[[Role], Watched], site: Site
) -> None:
    """A part of a page that renews itself every two seconds, after the session was ended.

    What happens afterwards does not reach the browser, neither on the screen nor over the wire.
    """
    tab = signed_in_anew(Role.data_scientist)
    tab.reader.go(f"ingest?model={MODEL}", "Ingest")
    workspace = site.hostile.workspace
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    person = users.actor_for(workspace, _user_id(site, Role.data_scientist))
    sessions.end_everywhere(workspace, person.user_id, actor=owner)
    tab.reader.page.wait_for_timeout(500)
    tab.frames.clear()
    content = b'{"loan_id": "1", "approved_at": "2025-01-01T00:00:00Z", "score": 0.5}\n'
    ingest.upload(workspace, MODEL, "after-the-end.jsonl", content, actor=person)
    tab.reader.page.wait_for_timeout(5_000)
    assert "after-the-end" not in tab.reader.page.content()
    assert not any("after-the-end" in frame for frame in tab.frames)


@few_and_all
@pytest.mark.parametrize("role", [Role.business, Role.compliance, Role.data_scientist])
def test_the_address_of_a_forbidden_page(
    visit: Callable[..., Watched], role: Role, entries: list[Entry]
) -> None:
    """The address of each page that a role may not open, typed in.

    The page says that it cannot be opened; none of its contents is sent to the browser.
    """
    tab = visit(role)
    assert any(entry.permission not in POLICY[role] for entry in entries)
    for entry in entries:
        if entry.permission not in POLICY[role]:
            tab.reader.go(f"{entry.key.replace('_', '-')}?model={MODEL}")
            refused = tab.reader.page.locator(".hl-state h2")
            expect(refused).to_have_text("You cannot open this page")
            expect(tab.reader.heading()).to_have_count(0)
            expect(tab.reader.page.locator(".hl-sentence, .hl-table, canvas")).to_have_count(0)


@few_and_all
def test_pages_without_signing_in(
    new_tab: Callable[..., Watched], site: Site, entries: list[Entry]
) -> None:
    """The address of every page in a browser that never signed in.

    The sign-in form is all there is; no name of a model or person is sent.
    """
    tab = new_tab()
    for entry in entries:
        tab.reader.go(f"{entry.key.replace('_', '-')}?model={MODEL}")
        expect(tab.reader.key("hl_signin")).to_be_visible()
        expect(tab.reader.page.locator(".hl-sentence, .hl-table, canvas")).to_have_count(0)
    sent = "".join(tab.frames)
    assert "Credit risk" not in sent
    assert not [each for each in _names(site) if each in sent]
