from datetime import UTC, datetime, timedelta

from app.session_store import IDLE, LONGEST, TICKET_LIFE, SessionStore, session_store


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_ticket_opens_the_session_once() -> None:
    store = SessionStore(Clock())
    record, ticket = store.open("u1")
    session_id = store.redeem(ticket)
    assert session_id is not None
    assert store.find(session_id) == record
    assert store.redeem(ticket) is None


def test_a_ticket_lives_thirty_seconds() -> None:
    clock = Clock()
    store = SessionStore(clock)
    _, ticket = store.open("u1")
    clock.now += TICKET_LIFE + timedelta(seconds=1)
    assert store.redeem(ticket) is None


def test_an_ended_session_is_gone_for_cookie_tab_and_ticket() -> None:
    store = SessionStore(Clock())
    record, ticket = store.open("u1")
    store.end(record.handle)
    assert store.touch(record.handle) is None
    assert store.redeem(ticket) is None


def test_ending_by_the_cookie() -> None:
    store = SessionStore(Clock())
    record, ticket = store.open("u1")
    session_id = store.redeem(ticket)
    assert session_id is not None
    store.end_by_id(session_id)
    assert store.touch(record.handle) is None


def test_an_idle_session_ends_and_a_used_one_lasts_eight_hours() -> None:
    clock = Clock()
    store = SessionStore(clock)
    idle, _ = store.open("u1")
    used, _ = store.open("u2")
    while clock.now < datetime(2026, 1, 1, tzinfo=UTC) + LONGEST:
        clock.now += IDLE - timedelta(minutes=1)
        alive = store.touch(used.handle)
    assert store.touch(idle.handle) is None
    assert alive is None


def test_the_random_id_is_not_kept() -> None:
    store = SessionStore(Clock())
    record, ticket = store.open("u1")
    session_id = store.redeem(ticket)
    assert session_id not in (None, record.handle)
    assert store.find("something else") is None


def test_opening_forgets_what_has_expired() -> None:
    clock = Clock()
    store = SessionStore(clock)
    old, _ = store.open("u1")
    clock.now += LONGEST + timedelta(seconds=1)
    store.open("u2")
    assert store.touch(old.handle) is None


def test_the_process_has_one_store() -> None:
    assert session_store() is session_store()
