"""What tests of signing in do again and again."""

from typing import Any

import pytest

from core.auth import totp
from core.domain.identity import Actor, Role
from core.errors import Forbidden
from core.services.identity import accounts, sessions, sign_in, users
from core.services.identity.sign_in import SignIn
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users as stored
from tests.support.fakes import FakeClock

PASSWORD = "seven ferries to Lamma"


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
