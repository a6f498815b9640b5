"""Sessions in a real browser: the cookie, its end everywhere, locks, and steps that ask again.

Each test that ends sessions or locks somebody has a person of its own.
"""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import Locator, expect

from core.auth import totp
from core.domain.identity import Actor, Role
from core.services.identity import accounts, people, sessions, users
from core.services.workspace import Workspace
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.support.browsing import cookies_of, sign_in
from tests.support.harbour import OWNER_LOGIN

COOKIE = "harbourlight_session"
PASSWORD = "seven ferries to Lamma"
NewReader = Callable[..., Reader]


@pytest.fixture
def owner(served: Served) -> Actor:
    return users.actor_of_os_login(served.harbour.workspace, OWNER_LOGIN)


@pytest.fixture
def person(served: Served, owner: Actor, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of somebody who is there for one test."""
    name = "p" + re.sub(r"[^a-z]", "", request.node.name)[-24:]
    user, _ = users.add_user(
        served.harbour.workspace,
        name,
        actor=owner,
        roles=[Role.data_scientist],
        password=PASSWORD,
    )
    yield name
    workspace = served.harbour.workspace
    people.unlock(workspace, user.id, actor=owner)
    people.unlock_source(workspace, "127.0.0.1", actor=owner)
    people.disable(workspace, user.id, actor=owner)


def id_of(workspace: Workspace, name: str, owner: Actor) -> str:
    return people.find_person(workspace, name, actor=owner).id


def enter(reader: Reader, name: str, password: str = PASSWORD, path: str = "overview") -> Reader:
    """Sign in, and wait until the browser has its cookie."""
    sign_in(reader, (name, password), path).settle()
    return reader


def inside(new_reader: NewReader, served: Served, name: str, path: str = "overview") -> Reader:
    """Open a page in the browser of somebody who has signed in."""
    reader = new_reader(cookies=cookies_of(served.harbour.workspace, name, served.url))
    reader.go(path)
    return reader


def cookie(reader: Reader) -> str:
    found = [each["value"] for each in reader.context.cookies() if each["name"] == COOKIE]
    return found[0] if found else ""


def sign_in_form(reader: Reader) -> Locator:
    return reader.key("hl_signin")


def test_a_browser_in_hong_kong_keeps_its_session(
    new_reader: NewReader, person: str, served: Served
) -> None:
    """The server's clock is read in UTC; a cookie with a date could die eight hours early."""
    assert os.environ.get("TZ", "UTC") in {"UTC", ""}
    reader = enter(new_reader(), person)
    zone = reader.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert zone == "Asia/Hong_Kong"
    (kept,) = [each for each in reader.context.cookies() if each["name"] == COOKIE]
    left = kept["expires"] - datetime.now(UTC).timestamp()
    assert 8 * 3600 - 120 < left <= 8 * 3600
    reader.go("overview", "Overview")
    another = Reader(reader.context, reader.context.new_page(), served.url)
    another.go("operations", "Operations")


def test_the_cookies_flags(new_reader: NewReader, person: str) -> None:
    reader = new_reader()
    reader.go("overview")
    with reader.page.expect_response("**/auth/session") as answered:
        reader.sign_in(person, PASSWORD)
    written = answered.value.all_headers()["set-cookie"]
    assert "HttpOnly" in written
    assert "SameSite=strict" in written
    assert "Max-Age=28800" in written
    assert "expires" not in written.lower()
    assert cookie(reader) not in str(reader.page.evaluate("document.cookie"))
    assert cookie(reader) not in reader.page.content()


def test_a_cookie_replayed_after_signing_out_opens_nothing(
    new_reader: NewReader, person: str
) -> None:
    reader = enter(new_reader(), person)
    stolen = reader.context.cookies()
    with reader.page.expect_response("**/auth/session"):
        reader.sign_out()
    thief = new_reader()
    thief.context.add_cookies([each for each in stolen if each["name"] == COOKIE])  # type: ignore[misc]
    thief.go("overview")
    expect(sign_in_form(thief)).to_be_visible()


def test_a_cookie_brought_along_is_replaced_at_the_sign_in(
    new_reader: NewReader, person: str
) -> None:
    """Fixation: the value that somebody planted in the browser opens nothing afterwards."""
    planted = "A" * 43
    reader = new_reader()
    reader.context.add_cookies([{"name": COOKIE, "value": planted, "url": reader.url}])
    enter(reader, person)
    assert cookie(reader) not in ("", planted)
    attacker = new_reader()
    attacker.context.add_cookies([{"name": COOKIE, "value": planted, "url": attacker.url}])
    attacker.go("overview")
    expect(sign_in_form(attacker)).to_be_visible()


def test_a_session_that_was_ended_is_over_at_the_next_click(
    new_reader: NewReader, person: str, served: Served, owner: Actor
) -> None:
    workspace = served.harbour.workspace
    reader = enter(new_reader(), person)
    sessions.end_everywhere(workspace, id_of(workspace, person, owner), actor=owner)
    reader.follow("operations")
    expect(sign_in_form(reader)).to_be_visible()
    expect(reader.page.locator(".hl-kpis")).to_have_count(0)


def test_a_callback_of_an_ended_session_does_nothing(
    new_reader: NewReader, person: str, served: Served, owner: Actor
) -> None:
    """A button's callback runs before the page does: it must not act for who is out."""
    workspace = served.harbour.workspace
    user_id = id_of(workspace, person, owner)
    reader = inside(new_reader, served, person, "account")
    expect(reader.heading()).to_have_text("My account")
    sessions.end_everywhere(workspace, user_id, actor=owner)
    reader.do(reader.key("account_add_factor").get_by_role("button").click)
    expect(reader.page.get_by_text("You have been signed out.")).to_be_visible()
    with workspace.store.read() as conn:
        from core.store.identity import second_factors

        assert second_factors.find(conn, user_id) is None


def test_a_page_that_looks_for_news_by_itself_ends_too(
    new_reader: NewReader, person: str, served: Served, owner: Actor
) -> None:
    """The list of uploads asks every two seconds, without a click."""
    workspace = served.harbour.workspace
    reader = inside(new_reader, served, person, "ingest?model=loans")
    expect(reader.heading()).to_have_text("Ingest")
    sessions.end_everywhere(workspace, id_of(workspace, person, owner), actor=owner)
    expect(reader.page.get_by_text("You have been signed out.")).to_be_visible(timeout=15_000)


def test_signing_out_everywhere(new_reader: NewReader, person: str, served: Served) -> None:
    first, second = enter(new_reader(), person), inside(new_reader, served, person, "account")
    second.do(second.key("account_everywhere").get_by_role("button").click)
    for reader in (second, first):
        reader.go("overview")
        expect(sign_in_form(reader)).to_be_visible()


def test_signing_out_ends_the_other_tab(new_reader: NewReader, person: str, served: Served) -> None:
    reader = enter(new_reader(), person)
    other = Reader(reader.context, reader.context.new_page(), served.url)
    other.go("overview", "Overview")
    with reader.page.expect_response("**/auth/session"):
        reader.sign_out()
    other.follow("operations")
    expect(sign_in_form(other)).to_be_visible()


def test_guesses_from_two_browsers_are_counted_together(new_reader: NewReader, person: str) -> None:
    browsers = [new_reader(), new_reader()]
    for reader in browsers:
        reader.go("overview")
    for turn in range(5):
        browsers[turn % 2].sign_in(person, f"not the password {turn}")
    for reader in browsers:
        reader.sign_in(person, PASSWORD)
        expect(reader.page.get_by_role("alert")).to_contain_text("Too many attempts failed.")
        expect(reader.page.get_by_role("alert")).to_contain_text("Try again in")
    assert cookie(browsers[0]) == ""


def test_an_unknown_name_is_answered_like_a_known_one(new_reader: NewReader, person: str) -> None:
    told = []
    for name in (person, "nobody-of-that-name"):
        reader = new_reader()
        reader.go("overview")
        reader.sign_in(name, "not the password")
        expect(reader.page.get_by_role("alert")).to_have_text(re.compile(r"\w"))
        told.append(reader.page.get_by_role("alert").inner_text())
    assert told[0] == told[1]


def test_a_forwarded_header_changes_neither_source_nor_cookie(served: Served) -> None:
    """No proxy is named: what a client says about itself is not believed."""
    headers = {
        "X-Harbourlight-Ticket": _ticket(served),
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "198.51.100.7",
    }
    answer = httpx.post(f"{served.url}/auth/session", headers=headers)
    assert answer.status_code == 204
    # Secure would mean that the scheme was taken from the header.
    assert "Secure" not in answer.headers["Set-Cookie"]
    # The ticket is used up.
    assert httpx.post(f"{served.url}/auth/session", headers=headers).status_code == 403


def _ticket(served: Served) -> str:
    workspace = served.harbour.workspace
    actor = served.harbour[Role.business]
    from core.store.identity import users as stored

    with workspace.store.begin() as conn:
        user = stored.get(conn, actor.user_id)
        return sessions.begin(
            workspace, conn, user, method="password", source="127.0.0.1", agent="tests"
        )[1]


def test_a_second_factor_in_the_browser(
    new_reader: NewReader, person: str, served: Served, owner: Actor
) -> None:
    reader = inside(new_reader, served, person, "account")
    reader.do(reader.key("account_add_factor").get_by_role("button").click)
    expect(reader.page.get_by_alt_text("Picture for the authenticator app")).to_be_visible()
    shown = reader.page.locator(".hl-factor code")
    expect(shown).to_have_text(re.compile(r"^[A-Z2-7 ]{16,}$"))
    secret = shown.inner_text().replace(" ", "")
    reader.key("account_code").locator("input").fill(totp.code_at(secret, datetime.now(UTC)))
    reader.do(reader.page.get_by_role("button", name="Continue").click)
    codes = reader.code(reader.page.locator("body")).split()
    assert len(codes) == totp.RECOVERY_CODES
    with reader.page.expect_response("**/auth/session"):
        reader.sign_out()

    again = new_reader()
    again.go("overview")
    again.sign_in(person, PASSWORD)
    expect(again.page.get_by_text("One more step.")).to_be_visible()
    assert cookie(again) == ""
    again.key("hl_code").locator("input").fill(codes[0])
    with again.page.expect_response("**/auth/session"):
        again.do(again.page.get_by_role("button", name="Continue").click)
    expect(again.heading()).to_have_text("Overview")
    workspace = served.harbour.workspace
    actor = accounts.account(
        workspace, actor=users.actor_for(workspace, id_of(workspace, person, owner))
    )
    assert actor.recovery_codes == totp.RECOVERY_CODES - 1


def test_administration_asks_for_the_password_again_and_then_does_it(
    new_reader: NewReader, person: str, served: Served, owner: Actor
) -> None:
    workspace = served.harbour.workspace
    people.set_roles(workspace, id_of(workspace, person, owner), [Role.admin], actor=owner)
    victim, _ = users.add_user(
        workspace, "zz-victim", actor=owner, roles=[Role.business], password=PASSWORD
    )
    reader = inside(new_reader, served, person, "people")
    _let_time_pass(workspace, id_of(workspace, person, owner))
    reader.key("people_add_name").locator("input").fill("zz-new")
    reader.do(reader.page.get_by_role("button", name="Add the person").click)
    dialog = reader.page.get_by_role("dialog")
    expect(dialog.get_by_text("Is it you?")).to_be_visible()
    dialog.locator("input[type=password]").fill("not the password")
    reader.do(dialog.get_by_role("button", name="Continue").click)
    expect(dialog.get_by_role("alert")).to_contain_text("That is not right.")
    dialog.locator("input[type=password]").fill(PASSWORD)
    reader.do(dialog.get_by_role("button", name="Continue").click)
    expect(reader.page.get_by_text("Password of zz-new for one sign-in")).to_be_visible()
    assert people.find_person(workspace, "zz-new", actor=owner).must_change_password
    people.disable(workspace, victim.id, actor=owner)


def _let_time_pass(workspace: Workspace, user_id: str) -> None:
    """Make the last proof of a person's session older than it may be."""
    from datetime import timedelta

    from sqlalchemy import update

    from core.store.tables import session

    with workspace.store.begin() as conn:
        conn.execute(
            update(session)
            .where(session.c.user_id == user_id)
            .values(authenticated_at=datetime.now(UTC) - timedelta(hours=1))
        )
