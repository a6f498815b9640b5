"""The second factor at the sign-in, proving again in a session, and identities at a provider."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.auth import totp
from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden, Locked, SignedOut, StepUpNeeded
from core.services import access
from core.services.identity import accounts, people, sessions, sign_in, step_up
from core.services.identity.sign_in import SignIn
from core.services.identity.sign_in_settings import SignInSettings, change_settings
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.core.services.signing_in import PASSWORD, actor_of, enter, kinds, with_factor
from tests.support.fakes import FakeClock


def test_a_code_of_somebody_without_second_factor_counts_for_nothing(shared: Workspace) -> None:
    actor = actor_of(shared, enter(shared, code="000000"))
    with pytest.raises(Forbidden):
        step_up.step_up(shared, actor=actor, code="000000")


def test_a_second_factor_is_asked_for_and_counts_once(shared: Workspace, clock: FakeClock) -> None:
    secret, _ = with_factor(shared, clock)
    waiting = enter(shared)
    assert waiting.needs_second_factor
    assert waiting.ticket == ""
    begun = ["second_factor.begun", "second_factor.added"]
    assert [kind for kind in kinds(shared) if kind.startswith("second_factor")] == begun
    assert kinds(shared)[-1] == "session.second_factor_asked"
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


@pytest.mark.parametrize("subject", [None, "00u2"], ids=["removed", "changed"])
def test_a_session_ends_with_the_identity_that_opened_it(
    shared: Workspace, admin: Actor, clock: FakeClock, subject: str | None
) -> None:
    wai = people.find_person(shared, "wai", actor=admin)
    issuer = "https://id.example"
    people.set_identity(shared, wai.id, actor=admin, issuer=issuer, subject="00u1")
    outside = by_identity(shared, clock())
    inside = enter(shared)
    acting = actor_of(shared, outside)
    people.set_identity(
        shared, wai.id, actor=admin, issuer=issuer if subject else None, subject=subject
    )
    assert sessions.resume(shared, outside.session_id) is None
    assert sessions.redeem(shared, outside.ticket) is None
    with pytest.raises(SignedOut):
        access.require(acting, Permission.model_view)
    assert actor_of(shared, inside).user_id == wai.id
    with shared.store.read() as conn:
        entry = audit.list_newest(conn, limit=1)[0]
    assert entry.kind == "user.identity_changed"
    assert entry.body == {"mapped": subject is not None, "ended_sessions": 1}


def replace_session(actor: Actor) -> SignIn:
    """Return the sign-in that an actor came from, as far as it names the session."""
    return SignIn(actor, actor.session_id or "", "", False, False)
