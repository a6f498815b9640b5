"""Signing in: the one refusal, locks by name and source, and what is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, Locked
from core.services.identity import people, sessions, sign_in, users
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users as stored
from tests.core.services.signing_in import PASSWORD, actor_of, add, enter, fail, kinds
from tests.support.fakes import FakeClock
from tests.support.processes import Racers


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


@pytest.mark.parametrize("name", ["wai", "nobody", "誰", "a\x00b", "half \ud800", "x" * 100_000])
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


def test_what_is_tried_during_a_lock_is_told_once_a_lock_and_source(
    shared: Workspace, clock: FakeClock, admin: Actor
) -> None:
    fail(shared, 5)
    before = len(kinds(shared))
    for source in ("203.0.113.9", "198.51.100.7", "2001:db8::1", "2001:db8::2") * 3:
        with pytest.raises(Locked):
            enter(shared, source=source)
    assert kinds(shared)[before:] == ["session.refused"] * 3  # two addresses, one network
    with shared.store.read() as conn:
        (entry, *_) = audit.list_newest(conn, limit=1)
        user = stored.find_by_username(conn, "wai")
    assert user is not None
    assert (entry.actor, dict(entry.body)) == (user.pseudonym, {"reason": "locked"})
    assert people.list_locks(shared, actor=admin).sources == ()
    clock.advance(seconds=31)
    fail(shared, 1)  # the next lock, which is longer
    before = len(kinds(shared))
    for _ in range(5):
        with pytest.raises(Locked):
            enter(shared, "wai")
    assert kinds(shared)[before:] == ["session.refused"]


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


def test_what_a_browser_calls_itself_may_be_anything(shared: Workspace, admin: Actor) -> None:
    signed = sign_in.sign_in(
        shared, "wai", PASSWORD, source="a\x00socket", agent="\x00\ud800" + "x" * 1000
    )
    (view,) = sessions.list_sessions(shared, actor=admin)
    assert view.session.id == signed.session_id
    assert len(view.session.agent) == 200
    assert "\x00" not in view.session.agent + view.session.source


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
        from core.store.identity import sessions as session_rows

        assert session_rows.find(conn, old.session_id) is None


def test_a_weak_password_is_refused_when_a_user_is_made(workspace: Workspace, admin: Actor) -> None:
    for weak in ("password1234", "wing.wai 2026", "too short"):
        with pytest.raises(InvalidInput):
            users.add_user(workspace, "wing.wai", actor=admin, roles=[Role.business], password=weak)
