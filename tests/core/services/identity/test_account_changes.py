"""Helping somebody back in who decides about others: two people, as long as there are two."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.auth import totp
from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, StepUpNeeded
from core.services.approvals import deciders
from core.services.approvals import four_eyes as approvals
from core.services.identity import account_changes, accounts, people, sign_in, users
from core.services.workspace import Workspace
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.identity import second_factors
from core.store.identity import users as stored
from tests.support.fakes import FakeClock

PASSWORD = "seven ferries to Lamma"
IDENTITY = {"issuer": "https://id.example", "subject": "00u1"}


def add(workspace: Workspace, admin: Actor, name: str, *roles: Role) -> Actor:
    made = users.add_user(workspace, name, actor=admin, roles=roles, password=PASSWORD)[0]
    return made.actor("cli")


@pytest.fixture
def ada(workspace: Workspace, admin: Actor) -> Actor:
    return add(workspace, admin, "ada", Role.admin)


@pytest.fixture
def lead(workspace: Workspace, admin: Actor) -> Actor:
    return add(workspace, admin, "lydia", Role.compliance_lead)


@pytest.fixture
def second(workspace: Workspace, admin: Actor) -> Actor:
    return add(workspace, admin, "leo", Role.compliance_lead)


DIRECT: dict[str, Callable[[Workspace, str, Actor], object]] = {
    "password": lambda w, u, a: people.reset_password(w, u, actor=a),
    "second factor": lambda w, u, a: people.reset_second_factor(w, u, actor=a),
    "identity": lambda w, u, a: people.set_identity(w, u, actor=a, **IDENTITY),
}
REASON = "She called from her desk."
PROPOSED: dict[str, Callable[[Workspace, str, Actor, str], object]] = {
    "password": lambda w, u, a, r: account_changes.propose_password(w, u, actor=a, reason=r),
    "second factor": lambda w, u, a, r: account_changes.propose_second_factor(
        w, u, actor=a, reason=r
    ),
    "identity": lambda w, u, a, r: account_changes.propose_identity(
        w, u, actor=a, reason=r, **IDENTITY
    ),
}


def enter(workspace: Workspace, password: str = PASSWORD) -> sign_in.SignIn:
    return sign_in.sign_in(workspace, "lydia", password, source="203.0.113.9", agent="tests")


@pytest.mark.parametrize("step", DIRECT)
def test_an_administrator_alone_does_not_become_a_lead(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor, step: str
) -> None:
    with pytest.raises(Conflict, match="second person"):
        DIRECT[step](workspace, lead.user_id, ada)
    assert enter(workspace).actor.user_id == lead.user_id
    with pytest.raises(InvalidInput, match="reason"):
        PROPOSED[step](workspace, lead.user_id, ada, " ")


@pytest.mark.parametrize("step", DIRECT)
def test_who_decides_about_nobody_is_helped_by_one(
    workspace: Workspace, admin: Actor, ada: Actor, second: Actor, step: str
) -> None:
    ben = add(workspace, admin, "ben", Role.business)
    assert not account_changes.takes_two(workspace, ben.user_id, actor=ada)
    DIRECT[step](workspace, ben.user_id, ada)


def test_a_password_opens_nothing_before_somebody_else_confirmed(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor
) -> None:
    asked, made = account_changes.propose_password(
        workspace, lead.user_id, actor=ada, reason=REASON
    )
    with pytest.raises(Forbidden):
        enter(workspace, made)
    with pytest.raises(Forbidden, match="proposed"):
        approvals.approve(workspace, asked.id, actor=ada)
    kept = canonical_bytes(approvals.get_approval(workspace, asked.id, actor=second).command)
    assert made.encode() not in kept
    assert b"$2b$" not in kept
    approvals.approve(workspace, asked.id, actor=second)
    assert enter(workspace, made).must_change_password
    with pytest.raises(Forbidden):
        enter(workspace)
    with workspace.store.read() as conn:
        entry = next(e for e in audit.list_newest(conn) if e.kind == "password.reset")
    assert entry.body["approval"] == asked.id
    assert entry.actor == second.audit_name


def test_a_rejected_password_stays_shut(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor
) -> None:
    asked, made = account_changes.propose_password(
        workspace, lead.user_id, actor=ada, reason=REASON
    )
    approvals.reject(workspace, asked.id, actor=second, reason="She did not ask.")
    with pytest.raises(Forbidden):
        enter(workspace, made)
    assert not enter(workspace).must_change_password


def test_a_second_factor_and_an_identity_wait_likewise(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor, clock: FakeClock
) -> None:
    new = accounts.begin_second_factor(workspace, actor=lead)
    accounts.confirm_second_factor(workspace, totp.code_at(new.secret, clock()), actor=lead)

    def found() -> tuple[bool, str | None]:
        with workspace.store.read() as conn:
            has = lead.user_id in second_factors.confirmed_users(conn)
            return has, stored.get(conn, lead.user_id).oidc_subject

    asked = [
        account_changes.propose_second_factor(workspace, lead.user_id, actor=ada, reason=REASON),
        account_changes.propose_identity(
            workspace, lead.user_id, actor=ada, reason=REASON, **IDENTITY
        ),
    ]
    assert asked[0].before == {"user.second_factor": "set up"}
    assert asked[1].after == {"user.identity": "https://id.example: 00u1"}
    assert found() == (True, None)
    for each in asked:
        approvals.approve(workspace, each.id, actor=second)
    assert found() == (False, "00u1")
    # Ending a mapping opens nothing: one person does it.
    people.set_identity(workspace, lead.user_id, actor=ada, issuer=None, subject=None)
    assert found() == (False, None)


def test_without_a_second_person_one_helps_alone(
    workspace: Workspace, ada: Actor, lead: Actor, admin: Actor
) -> None:
    # ada and lydia are all there are: the actor of the fixture is no user of the workspace.
    assert not account_changes.takes_two(workspace, lead.user_id, actor=ada)
    made = people.reset_password(workspace, lead.user_id, actor=ada)
    assert enter(workspace, made).must_change_password


def test_the_own_account_takes_one(workspace: Workspace, ada: Actor, lead: Actor) -> None:
    assert not account_changes.takes_two(workspace, ada.user_id, actor=ada)


def test_taking_the_second_person_away_first_does_not_help(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor, clock: FakeClock
) -> None:
    people.disable(workspace, second.user_id, actor=ada)
    with pytest.raises(Conflict):
        people.reset_password(workspace, lead.user_id, actor=ada)
    clock.advance(hours=7 * 24)
    people.reset_password(workspace, lead.user_id, actor=ada)


def test_taking_the_role_away_first_does_not_help(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor, clock: FakeClock
) -> None:
    people.set_roles(workspace, lead.user_id, [Role.business], actor=ada)
    people.set_roles(workspace, second.user_id, [], actor=ada)
    for _ in range(2):
        with pytest.raises(Conflict):
            people.reset_password(workspace, lead.user_id, actor=ada)
        people.set_roles(workspace, lead.user_id, [Role.compliance_lead], actor=ada)
    clock.advance(hours=7 * 24)
    people.reset_password(workspace, lead.user_id, actor=ada)


def test_roles_that_decide() -> None:
    deciding = {role for role in Role if deciders.decides([role])}
    assert deciding == set(Role) - {Role.business}
    assert not deciders.decides([])


def test_it_asks_who_one_is_and_what_one_may(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor, clock: FakeClock
) -> None:
    web = replace(ada, origin="web", authenticated_at=clock())
    clock.advance(minutes=11)
    for step in PROPOSED.values():
        with pytest.raises(StepUpNeeded):
            step(workspace, lead.user_id, web, REASON)
        with pytest.raises(Forbidden):
            step(workspace, lead.user_id, second, REASON)


def test_the_person_is_told_for_a_month(
    workspace: Workspace, ada: Actor, lead: Actor, second: Actor, clock: FakeClock
) -> None:
    assert account_changes.told(workspace, actor=lead) == ()
    accounts.change_password(workspace, "eight ferries home", actor=lead, current=PASSWORD)
    assert account_changes.told(workspace, actor=lead) == ()
    asked: Approval = account_changes.propose_password(
        workspace, lead.user_id, actor=ada, reason=REASON
    )[0]
    approvals.approve(workspace, asked.id, actor=second)
    (told,) = account_changes.told(workspace, actor=lead)
    assert (told.kind, told.at) == ("password.reset", clock())
    assert account_changes.told(workspace, actor=second) == ()
    clock.advance(hours=31 * 24)
    assert account_changes.told(workspace, actor=lead) == ()
