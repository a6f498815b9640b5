"""Signing in: the one refusal, locks by name and source, the second factor, and what is kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.auth import totp
from core.config import Settings
from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden, InvalidInput, Locked, SignedOut, StepUpNeeded
from core.services import access, accounts, people, sessions, sign_in, step_up, users
from core.services.sign_in import SignIn
from core.services.sign_in_settings import SignInSettings, change_settings
from core.services.workspace import Workspace
from core.store import Store, audit
from core.store import users as stored
from tests.fakes import FakeClock, FakeIds
from tests.processes import Racers

PASSWORD = "seven ferries to Lamma"
pytestmark = pytest.mark.usefixtures("cheap_passwords")
Enter = Callable[..., SignIn]


@pytest.fixture
def shared(store: Store, tmp_path: Path, clock: FakeClock, new_id: FakeIds) -> Workspace:
    """A workspace on each of the two databases."""
    workspace = Workspace(Settings(tmp_path / "home", "unused", threads=2), store, clock, new_id)
    add(workspace, "wai", Role.business)
    return workspace


def add(workspace: Workspace, name: str, *roles: Role) -> stored.User:
    owner = Actor("u-owner", "owner", frozenset({Role.admin}), origin="cli")
    return users.add_user(workspace, name, actor=owner, roles=roles, password=PASSWORD)[0]


def enter(
    workspace: Workspace,
    name: str = "wai",
    password: str = PASSWORD,
    *,
    source: str = "203.0.113.9",
    code: str | None = None,
) -> SignIn:
    return sign_in.sign_in(workspace, name, password, source=source, agent="tests", code=code)


def fail(workspace: Workspace, times: int, name: str = "wai", **given: Any) -> list[Exception]:
    """Try a wrong password some times; return what each was told."""
    told: list[Exception] = []
    for _ in range(times):
        with pytest.raises(Forbidden) as refused:
            enter(workspace, name, "not the password", **given)
        told.append(refused.value)
    return told


def kinds(workspace: Workspace) -> list[str]:
    with workspace.store.read() as conn:
        return [each.kind for each in reversed(audit.list_newest(conn, limit=1000))]


def actor_of(workspace: Workspace, signed: SignIn) -> Actor:
    actor = sessions.resume(workspace, signed.session_id)
    assert actor is not None
    return actor


def with_factor(workspace: Workspace, clock: FakeClock, name: str = "wai") -> tuple[str, list[str]]:
    """Set an authenticator app up for somebody; return its secret and the recovery codes."""
    actor = actor_of(workspace, enter(workspace, name))
    new = accounts.begin_second_factor(workspace, actor=actor)
    code = totp.code_at(new.secret, clock())
    codes = accounts.confirm_second_factor(workspace, code, actor=actor)
    clock.advance(minutes=1)
    return new.secret, list(codes)


def test_the_right_password_begins_a_session(shared: Workspace) -> None:
    signed = enter(shared, " WAI ")
    actor = actor_of(shared, signed)
    assert (actor.username, actor.session_id) == ("wai", signed.session_id)
    assert actor.authenticated_at == shared.clock()
    assert not signed.needs_second_factor
    assert not signed.must_change_password
    assert kinds(shared)[-1] == "session.signed_in"


def test_every_refusal_reads_the_same(shared: Workspace) -> None:
    gone = add(shared, "gone", Role.business)
    with shared.store.begin() as conn:
        stored.set_disabled(conn, gone.id, True)
    told = []
    for name, password in (("wai", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("wai", "")):
        with pytest.raises(Forbidden) as refused:
            enter(shared, name, password)
        told.append(str(refused.value))
    assert len(set(told)) == 1
    assert kinds(shared).count("session.refused") == 4
    with shared.store.read() as conn:
        entries = audit.list_newest(conn, kind="session.refused")
    assert b"203.0.113" not in b"".join(entry.canonical for entry in entries)
    assert b"nobody" not in b"".join(entry.canonical for entry in entries)


@pytest.mark.parametrize("name", ["wai", "nobody", "誰"])
def test_a_name_is_locked_after_five_failures_whether_it_exists_or_not(
    shared: Workspace, clock: FakeClock, name: str
) -> None:
    told = fail(shared, 5, name)
    assert not any(isinstance(each, Locked) for each in told)
    with pytest.raises(Locked) as locked:
        enter(shared, name, source="198.51.100.7")  # another browser, and the right password
    assert locked.value.params["retry_at"] == clock() + timedelta(seconds=30)
    assert kinds(shared).count("session.locked") == 1
    # An attempt that is not heard does not make it longer.
    clock.advance(seconds=31)
    fail(shared, 1, name)
    with pytest.raises(Locked) as longer:
        enter(shared, name)
    assert longer.value.params["retry_at"] == clock() + timedelta(seconds=60)


def test_a_lock_ends_by_itself_and_success_forgets_failures(
    shared: Workspace, clock: FakeClock
) -> None:
    fail(shared, 5)
    clock.advance(seconds=31)
    assert enter(shared).session_id
    told = fail(shared, 5)
    assert not any(isinstance(each, Locked) for each in told)


def test_an_administrator_lifts_a_lock(shared: Workspace, admin: Actor) -> None:
    fail(shared, 5)
    (person,) = people.list_people(shared, actor=admin)
    assert person.locked_until is not None
    assert people.unlock(shared, person.user.id, actor=admin)
    assert not people.unlock(shared, person.user.id, actor=admin)
    assert enter(shared).session_id
    assert kinds(shared).count("user.unlocked") == 1


def test_a_source_is_locked_after_thirty_failures_whatever_the_names(
    shared: Workspace, admin: Actor, clock: FakeClock
) -> None:
    for number in range(30):
        fail(shared, 1, f"name-{number}", source="2001:db8::1")
    with pytest.raises(Locked):
        enter(shared, source="2001:db8::ffff")  # the same network
    assert enter(shared, source="203.0.113.9").session_id
    locks = people.list_locks(shared, actor=admin)
    assert locks.sources == (("2001:db8::/64", clock() + timedelta(seconds=30)),)
    assert people.unlock_source(shared, "2001:db8::/64", actor=admin)
    assert enter(shared, source="2001:db8::1").session_id


def test_a_right_password_takes_no_failure_of_a_source_back(
    shared: Workspace, clock: FakeClock
) -> None:
    """A guesser with an account of their own must not reset the count of their guesses."""
    add(shared, "eve", Role.business)
    for number in range(29):
        fail(shared, 1, f"name-{number}")
        enter(shared, "eve")
    fail(shared, 1, "name-30")
    with pytest.raises(Locked):
        enter(shared, "eve")
    clock.advance(hours=25)
    assert enter(shared, "eve").session_id


@pytest.mark.parametrize("password", ["x" * 73, "模" * 25, "a\x00b", "half \ud800"])
def test_a_password_that_cannot_be_hashed_counts_too(shared: Workspace, password: str) -> None:
    for _ in range(5):
        with pytest.raises(Forbidden):
            enter(shared, password=password)
    with pytest.raises(Locked):
        enter(shared)


def test_of_many_attempts_at_once_no_more_are_heard(shared: Workspace) -> None:
    def one(number: int) -> str:
        try:
            enter(shared, password=f"wrong {number}")
        except Locked:
            return "locked"
        except Forbidden:
            return "heard"
        return "in"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(48)))
    assert answers.count("heard") == 5
    assert answers.count("locked") == 43


def test_of_many_processes_at_once_no_more_are_heard(
    store_url: str, tmp_path: Path, racers: Racers, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = str(tmp_path / "raced")
    answers = racers.run("guess", [(home, store_url, number, 8) for number in range(4)])
    assert sum(answers) == 5


def test_the_history_tells_outcome_and_source(shared: Workspace, admin: Actor) -> None:
    fail(shared, 1, "nobody", source="198.51.100.7")
    fail(shared, 1)
    actor = actor_of(shared, enter(shared))
    mine = sign_in.history(shared, actor=actor, user_id=actor.user_id)
    assert [each.attempt.outcome for each in mine] == ["accepted", "wrong"]
    everybody = sign_in.history(shared, actor=admin)
    assert [(each.username, each.attempt.outcome) for each in everybody] == [
        ("wai", "accepted"),
        ("wai", "wrong"),
        ("", "unknown"),
    ]
    assert everybody[2].attempt.source == "198.51.100.7"
    with pytest.raises(Forbidden):
        sign_in.history(shared, actor=actor)


def test_addresses_are_forgotten_after_half_a_year(
    shared: Workspace, admin: Actor, clock: FakeClock
) -> None:
    fail(shared, 3, source="198.51.100.7")
    old = enter(shared)
    clock.advance(days=181)
    enter(shared)
    assert [each.attempt.outcome for each in sign_in.history(shared, actor=admin)] == ["accepted"]
    with shared.store.read() as conn:
        from core.store import sessions as session_rows

        assert session_rows.find(conn, old.session_id) is None


def test_a_code_of_somebody_without_second_factor_counts_for_nothing(shared: Workspace) -> None:
    actor = actor_of(shared, enter(shared, code="000000"))
    with pytest.raises(Forbidden):
        step_up.step_up(shared, actor=actor, code="000000")


def test_a_second_factor_is_asked_for_and_counts_once(shared: Workspace, clock: FakeClock) -> None:
    secret, _ = with_factor(shared, clock)
    waiting = enter(shared)
    assert waiting.needs_second_factor
    assert waiting.ticket == ""
    assert sessions.resume(shared, waiting.session_id) is None
    with pytest.raises(SignedOut):
        access.require(waiting.actor, Permission.account_manage)
    code = totp.code_at(secret, clock())
    signed = sign_in.confirm(shared, waiting.session_id, code, source="203.0.113.9")
    assert actor_of(shared, signed).username == "wai"
    assert sessions.redeem(shared, signed.ticket)
    # The same code again, in a sign-in of its own.
    with pytest.raises(Forbidden):
        sign_in.confirm(shared, enter(shared).session_id, code, source="203.0.113.9")
    with pytest.raises(Forbidden):
        enter(shared, code=code)
    clock.advance(seconds=30)
    assert not enter(shared, code=totp.code_at(secret, clock())).needs_second_factor


def test_codes_cannot_be_guessed_without_end(shared: Workspace, clock: FakeClock) -> None:
    """Who knows the password has five guesses of a code, however often it is given again."""
    with_factor(shared, clock)
    for _ in range(5):
        waiting = enter(shared)
        with pytest.raises(Forbidden) as refused:
            sign_in.confirm(shared, waiting.session_id, "000000", source="203.0.113.9")
        assert not isinstance(refused.value, Locked)
    with pytest.raises(Locked):
        enter(shared)
    with pytest.raises(Locked):
        sign_in.confirm(shared, waiting.session_id, "000000", source="203.0.113.9")


def test_a_waiting_sign_in_lasts_five_minutes(shared: Workspace, clock: FakeClock) -> None:
    secret, _ = with_factor(shared, clock)
    waiting = enter(shared)
    clock.advance(minutes=5)
    with pytest.raises(SignedOut):
        sign_in.confirm(
            shared, waiting.session_id, totp.code_at(secret, clock()), source="203.0.113.9"
        )
    with pytest.raises(SignedOut):
        sign_in.confirm(shared, "no such session", "123456", source="203.0.113.9")


def test_a_recovery_code_counts_once(shared: Workspace, clock: FakeClock) -> None:
    _, codes = with_factor(shared, clock)
    typed = codes[0].upper().replace("-", " ")
    actor = actor_of(shared, enter(shared, code=typed))
    assert accounts.account(shared, actor=actor).recovery_codes == totp.RECOVERY_CODES - 1
    assert "second_factor.code_used" in kinds(shared)
    with pytest.raises(Forbidden):
        enter(shared, code=codes[0])
    fresh = accounts.make_recovery_codes(shared, actor=actor)
    with pytest.raises(Forbidden):
        enter(shared, code=codes[1])
    assert enter(shared, code=fresh[0]).session_id


def test_the_secret_is_sealed_and_codes_are_hashed(shared: Workspace, clock: FakeClock) -> None:
    from sqlalchemy import select

    from core.store.tables import recovery_code, second_factor

    secret, codes = with_factor(shared, clock)
    with shared.store.read() as conn:
        sealed = conn.execute(select(second_factor.c.secret)).scalar_one()
        hashes = conn.execute(select(recovery_code.c.code_hash)).scalars().all()
    assert secret.encode() not in sealed
    assert not {totp.tidy(code) for code in codes} & set(hashes)


def test_a_step_up_takes_password_or_code(shared: Workspace, clock: FakeClock) -> None:
    secret, _ = with_factor(shared, clock)
    actor = actor_of(shared, enter(shared, code=totp.code_at(secret, clock())))
    clock.advance(minutes=11)
    with pytest.raises(StepUpNeeded):
        access.require_recent(shared, actor)
    with pytest.raises(Forbidden):
        step_up.step_up(shared, actor=actor, password="wrong", code="000000")
    access.require_recent(shared, step_up.step_up(shared, actor=actor, password=PASSWORD))
    access.require_recent(shared, actor_of(shared, replace_session(actor)))
    clock.advance(minutes=11)
    code = totp.code_at(secret, clock())
    access.require_recent(shared, step_up.step_up(shared, actor=actor, password=code, code=code))
    assert kinds(shared).count("session.stepped_up") == 2
    assert step_up.minutes(shared, actor=actor) == 10


def test_failed_step_ups_lock(shared: Workspace) -> None:
    actor = actor_of(shared, enter(shared))
    for _ in range(5):
        with pytest.raises(Forbidden):
            step_up.step_up(shared, actor=actor, password="wrong")
    with pytest.raises(Locked):
        step_up.step_up(shared, actor=actor, password=PASSWORD)
    with pytest.raises(SignedOut):
        step_up.step_up(shared, actor=replace(actor, session_id=None), password=PASSWORD)


def by_identity(workspace: Workspace, issued_at: datetime) -> SignIn:
    return sign_in.enter_by_identity(
        workspace,
        "https://id.example",
        "00u1",
        issued_at=issued_at,
        source="203.0.113.9",
        agent="tests",
    )


def test_an_identity_at_a_provider_opens_its_user(
    shared: Workspace, admin: Actor, clock: FakeClock
) -> None:
    with pytest.raises(Forbidden, match="no active user"):
        by_identity(shared, clock())
    wai = people.find_person(shared, "wai", actor=admin)
    people.set_identity(shared, wai.id, actor=admin, issuer="https://id.example", subject="00u1")
    issued = clock()
    clock.advance(seconds=2)
    actor = actor_of(shared, by_identity(shared, issued))
    assert actor.user_id == wai.id
    # What the browser still holds opens no second session; a new sign-in there does.
    with pytest.raises(Forbidden, match="used before"):
        by_identity(shared, issued)
    clock.advance(minutes=6)
    with pytest.raises(Forbidden, match="used before"):
        by_identity(shared, clock() - timedelta(minutes=5, seconds=1))
    assert by_identity(shared, clock()).session_id
    people.disable(shared, wai.id, actor=admin)
    clock.advance(seconds=1)
    with pytest.raises(Forbidden, match="no active user"):
        by_identity(shared, clock())


def test_a_provider_sees_to_the_second_factor(
    shared: Workspace, admin: Actor, clock: FakeClock
) -> None:
    wai = people.find_person(shared, "wai", actor=admin)
    people.set_identity(shared, wai.id, actor=admin, issuer="https://id.example", subject="00u1")
    rules = SignInSettings(second_factor_roles=frozenset({Role.business}))
    change_settings(shared, rules, actor=admin)
    assert actor_of(shared, by_identity(shared, clock())).duty is None
    assert actor_of(shared, enter(shared)).duty == "second_factor"


def test_a_weak_password_is_refused_when_a_user_is_made(workspace: Workspace, admin: Actor) -> None:
    for weak in ("password1234", "wing.wai 2026", "too short"):
        with pytest.raises(InvalidInput):
            users.add_user(workspace, "wing.wai", actor=admin, roles=[Role.business], password=weak)


def replace_session(actor: Actor) -> SignIn:
    """Return the sign-in that an actor came from, as far as it names the session."""
    return SignIn(actor, actor.session_id or "", "", False, False)
