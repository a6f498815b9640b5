"""My account: a new password, the second factor, and what each asks for first."""

import itertools
from dataclasses import replace

import pytest

from core.auth import totp
from core.auth.passwords import verify_password
from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden, InvalidInput, Locked, StepUpNeeded
from core.services import access
from core.services.identity import accounts, people, sessions, sign_in, users
from core.services.identity.sign_in_settings import SignInSettings, change_settings
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import passwords
from core.store.identity import users as stored
from tests.support.fakes import FakeClock

PASSWORD = "seven ferries to Lamma"


@pytest.fixture
def wai(workspace: Workspace, admin: Actor) -> Actor:
    users.add_user(workspace, "wai", actor=admin, roles=[Role.business], password=PASSWORD)
    return enter(workspace)


def enter(workspace: Workspace, password: str = PASSWORD, code: str | None = None) -> Actor:
    signed = sign_in.sign_in(
        workspace, "wai", password, source="203.0.113.9", agent="tests", code=code
    )
    actor = sessions.resume(workspace, signed.session_id)
    assert actor is not None
    return actor


def test_a_new_password_ends_the_other_sessions(workspace: Workspace, wai: Actor) -> None:
    other = enter(workspace)
    accounts.change_password(workspace, "eight ferries home", actor=wai, current=PASSWORD)
    assert sessions.resume(workspace, other.session_id or "") is None
    assert sessions.resume(workspace, wai.session_id or "") is not None
    with pytest.raises(Forbidden):
        enter(workspace)
    assert enter(workspace, "eight ferries home")
    with workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="password.changed")
    assert (entry.actor, entry.body) == (wai.pseudonym, {"ended_sessions": 1})


def test_the_password_so_far_is_asked_for_and_failures_lock(
    workspace: Workspace, wai: Actor
) -> None:
    for _ in range(5):
        with pytest.raises(Forbidden, match="current password"):
            accounts.change_password(workspace, "eight ferries home", actor=wai, current="wrong")
    with pytest.raises(Locked):
        accounts.change_password(workspace, "eight ferries home", actor=wai, current=PASSWORD)


def test_the_last_eleven_passwords_are_not_taken_again(workspace: Workspace, wai: Actor) -> None:
    used = [PASSWORD, *(f"ferry to island {word}" for word in "qrstuvwxyz")]
    for before, new in itertools.pairwise(used):
        accounts.change_password(workspace, new, actor=wai, current=before)
    for each in used:
        with pytest.raises(InvalidInput, match="used before"):
            accounts.change_password(workspace, each, actor=wai, current=used[-1])
    accounts.change_password(workspace, "ferry to island k", actor=wai, current=used[-1])
    # Eleven others lie between: the first may come back.
    accounts.change_password(workspace, PASSWORD, actor=wai, current="ferry to island k")
    with workspace.store.read() as conn:
        assert len(passwords.hashes(conn, wai.user_id)) == passwords.KEPT


def test_a_name_of_the_person_is_no_password(workspace: Workspace, wai: Actor) -> None:
    with pytest.raises(InvalidInput, match="easy to guess"):
        accounts.change_password(workspace, "wai wai 12345", actor=wai, current=PASSWORD)


def test_a_one_time_password_leads_to_a_new_one_and_nowhere_else(
    workspace: Workspace, wai: Actor, admin: Actor, clock: FakeClock
) -> None:
    made = people.reset_password(workspace, wai.user_id, actor=admin)
    assert sessions.resume(workspace, wai.session_id or "") is None
    actor = enter(workspace, made)
    assert actor.duty == "password"
    with pytest.raises(Forbidden):
        access.require(actor, Permission.overview_view)
    with pytest.raises(InvalidInput, match="used before"):
        accounts.change_password(workspace, made, actor=actor)
    clock.advance(minutes=11)
    assert not accounts.just_signed_in(workspace, actor=actor)
    with pytest.raises(Forbidden, match="current password"):
        accounts.change_password(workspace, "eight ferries home", actor=actor)
    accounts.change_password(workspace, "eight ferries home", actor=actor, current=made)
    again = sessions.resume(workspace, actor.session_id or "")
    assert again is not None
    assert again.duty is None
    access.require(again, Permission.overview_view)


def test_a_text_that_looks_like_a_hash_is_never_taken_for_one(
    workspace: Workspace, wai: Actor
) -> None:
    with workspace.store.read() as conn:
        kept = stored.get(conn, wai.user_id).password_hash
    assert kept is not None
    with pytest.raises(InvalidInput):
        accounts.change_password(workspace, kept, actor=wai, current=PASSWORD)
    with pytest.raises(Forbidden):
        enter(workspace, kept)
    assert verify_password(PASSWORD, kept)


def test_a_second_factor_counts_after_its_first_code(
    workspace: Workspace, wai: Actor, clock: FakeClock
) -> None:
    with pytest.raises(Forbidden):
        accounts.confirm_second_factor(workspace, "123456", actor=wai)
    new = accounts.begin_second_factor(workspace, actor=wai)
    assert new.secret in new.uri
    with pytest.raises(Forbidden):
        accounts.confirm_second_factor(workspace, "123456", actor=wai)
    assert not accounts.account(workspace, actor=wai).has_second_factor
    assert enter(workspace)  # not asked for yet
    code = totp.code_at(new.secret, clock())
    codes = accounts.confirm_second_factor(workspace, code, actor=wai)
    assert len(codes) == totp.RECOVERY_CODES
    mine = accounts.account(workspace, actor=wai)
    assert (mine.has_second_factor, mine.recovery_codes) == (True, len(codes))
    assert mine.has_password
    with pytest.raises(Forbidden, match="already"):
        accounts.begin_second_factor(workspace, actor=wai)
    accounts.remove_second_factor(workspace, actor=wai)
    accounts.remove_second_factor(workspace, actor=wai)
    assert not accounts.account(workspace, actor=wai).has_second_factor
    with workspace.store.read() as conn:
        kinds = {each.kind for each in audit.list_newest(conn)}
    assert {"second_factor.added", "second_factor.removed"} <= kinds
    with pytest.raises(Forbidden, match="no second factor yet"):
        accounts.make_recovery_codes(workspace, actor=wai)


def test_a_role_may_ask_for_a_second_factor(
    workspace: Workspace, wai: Actor, admin: Actor, clock: FakeClock
) -> None:
    rules = SignInSettings(second_factor_roles=frozenset({Role.business}))
    change_settings(workspace, rules, actor=admin)
    actor = enter(workspace)
    assert actor.duty == "second_factor"
    new = accounts.begin_second_factor(workspace, actor=actor)
    accounts.confirm_second_factor(workspace, totp.code_at(new.secret, clock()), actor=actor)
    again = sessions.resume(workspace, actor.session_id or "")
    assert again is not None
    assert again.duty is None
    with pytest.raises(Forbidden, match="role needs"):
        accounts.remove_second_factor(workspace, actor=again)
    assert people.reset_second_factor(workspace, wai.user_id, actor=admin)
    assert not people.reset_second_factor(workspace, wai.user_id, actor=admin)
    assert sessions.resume(workspace, actor.session_id or "") is None
    assert enter(workspace).duty == "second_factor"


def test_what_opens_the_account_asks_again(
    workspace: Workspace, wai: Actor, clock: FakeClock
) -> None:
    clock.advance(minutes=11)
    late = replace(wai, check_session=None)
    for step in (
        accounts.begin_second_factor,
        accounts.remove_second_factor,
        accounts.make_recovery_codes,
    ):
        with pytest.raises(StepUpNeeded):
            step(workspace, actor=late)


def test_the_language_is_one_of_the_apps(workspace: Workspace, wai: Actor) -> None:
    for language in ("zh-HK", ""):
        accounts.choose_language(workspace, language, actor=wai)
        assert accounts.account(workspace, actor=wai).user.language == language
        assert accounts.own_language(workspace, actor=wai) == language
    with pytest.raises(InvalidInput):
        accounts.choose_language(workspace, "fr", actor=wai)
