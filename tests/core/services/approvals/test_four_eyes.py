import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import MappingProxyType

import pytest
from sqlalchemy import Connection

from core.config import Settings
from core.domain.identity import Actor, Permission, Role
from core.errors import Conflict, Forbidden, HarbourlightError, InvalidInput, NotFound, StepUpNeeded
from core.i18n import translator
from core.services import access_explain
from core.services.approvals import four_eyes as approvals
from core.services.approvals import kinds as approval_kinds
from core.services.approvals.four_eyes import ApprovalKind
from core.services.registry import assignments
from core.services.workspace import Workspace
from core.store import Store, models, settings
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.identity import users
from tests.support.builders import contract_text
from tests.support.fakes import FakeClock, FakeIds

MODEL = "loans"


def carry_out(
    _workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    if approval.command.get("fail"):
        settings.put(conn, "half", True)
        raise Conflict("It changed meanwhile.")
    settings.put(conn, "done by", actor.username)
    return {"answer": 42}


KIND = ApprovalKind(
    "model.resume", "Resume", Permission.model_suspend, Permission.model_resume, carry_out
)


class World:
    """A workspace with a model, and people."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.people: dict[str, Actor] = {}
        with workspace.store.begin() as conn:
            models.register(
                conn, model_id=MODEL, spec_text=contract_text(), actor="x", at=workspace.clock()
            )
            for name, role in (
                ("lead", Role.compliance_lead),
                ("second", Role.compliance_lead),
                ("dev", Role.data_scientist),
                ("ada", Role.admin),
                ("ben", Role.business),
                ("aud", Role.auditor),
            ):
                user = users.create(
                    conn,
                    user_id=f"u-{name}",
                    username=name,
                    display_name=name,
                    at=workspace.clock(),
                    roles=[role],
                )
                self.people[name] = user.actor("cli")

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]

    def propose(self, by: str = "lead", **command: object) -> Approval:
        return approvals.propose(
            self.workspace,
            KIND.name,
            actor=self[by],
            reason="It is mended.",
            object_kind="model",
            object_id=MODEL,
            model=MODEL,
            before={"state": "suspended"},
            after={"state": "production"},
            command=command,
        )

    def setting(self, key: str) -> object:
        with self.workspace.store.read() as conn:
            return settings.get(conn, key)

    def trail(self) -> list[str]:
        with self.workspace.store.read() as conn:
            return [entry.kind for entry in audit.read(conn)]


@pytest.fixture
def world(
    tmp_path: Path,
    store: Store,
    clock: FakeClock,
    new_id: FakeIds,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    monkeypatch.setattr(approval_kinds, "KINDS", MappingProxyType({KIND.name: KIND}))
    monkeypatch.setattr(access_explain, "KINDS", MappingProxyType({KIND.name: KIND}))
    home = Settings(home=tmp_path / "home", state_url="unused", threads=2)
    home.home.mkdir()
    return World(Workspace(home, store, clock, new_id))


def test_one_proposes_and_another_approves(world: World) -> None:
    asked = world.propose()
    assert asked.state == "pending"
    done = approvals.approve(world.workspace, asked.id, actor=world["second"], reason="Agreed")
    assert (done.state, done.decided_by, done.result) == ("approved", "u-second", {"answer": 42})
    assert world.setting("done by") == "second"
    assert world.trail() == ["approval.proposed", "approval.approved"]
    with world.workspace.store.read() as conn:
        first, last = audit.read(conn)
    assert first.body["content"] == last.body["content"]
    assert (first.actor, first.objects["model"]) == (world["lead"].pseudonym, MODEL)
    assert "mended" not in first.canonical.decode()


@pytest.mark.parametrize("origin", ["web", "cli", "worker"])
def test_who_proposed_cannot_decide_through_any_door(world: World, origin: str) -> None:
    asked = world.propose()
    now = world.workspace.clock()
    again = replace(world["lead"], origin=origin, authenticated_at=now)  # type: ignore[arg-type]
    for decide in (approvals.approve, approvals.reject):
        with pytest.raises(Forbidden, match="Who proposed this cannot decide it"):
            decide(world.workspace, asked.id, actor=again, reason="because")
    assert world.trail() == ["approval.proposed"]


def test_a_developer_of_the_model_cannot_decide(world: World) -> None:
    asked = world.propose()
    assert approvals.obstacle(world.workspace, asked.id, actor=world["dev"]) is None
    assignments.assign(world.workspace, "dev", MODEL, "developer", actor=world["ada"])
    with pytest.raises(Forbidden, match="developer of the model loans cannot decide"):
        approvals.approve(world.workspace, asked.id, actor=world["dev"])
    assert isinstance(approvals.obstacle(world.workspace, asked.id, actor=world["dev"]), Forbidden)
    assignments.unassign(world.workspace, "dev", MODEL, "developer", actor=world["ada"])
    approvals.approve(world.workspace, asked.id, actor=world["dev"])


def test_who_lacks_the_permission_of_the_kind_cannot_decide(world: World) -> None:
    asked = world.propose()
    with pytest.raises(Forbidden, match=r"model\.resume"):
        approvals.approve(world.workspace, asked.id, actor=world["aud"])
    with pytest.raises(Forbidden, match=r"approval\.view"):
        approvals.approve(world.workspace, asked.id, actor=world["ben"])
    with pytest.raises(Forbidden):
        world.propose(by="ben")


def test_a_browser_has_to_say_who_it_is_again(world: World) -> None:
    asked = world.propose()
    now = world.workspace.clock()
    stale = replace(world["second"], origin="web", authenticated_at=now - timedelta(hours=1))
    with pytest.raises(StepUpNeeded):
        approvals.approve(world.workspace, asked.id, actor=stale)
    fresh = replace(stale, authenticated_at=now)
    assert approvals.approve(world.workspace, asked.id, actor=fresh).state == "approved"


def test_what_fails_stays_proposed_and_leaves_nothing(world: World) -> None:
    asked = world.propose(fail=True)
    with pytest.raises(Conflict, match="changed meanwhile"):
        approvals.approve(world.workspace, asked.id, actor=world["second"])
    assert world.setting("half") is None
    assert world.trail() == ["approval.proposed"]
    (found,) = approvals.list_approvals(world.workspace, actor=world["aud"], state="pending")
    assert found == asked


def test_a_rejection_has_a_reason_and_does_nothing(world: World) -> None:
    asked = world.propose()
    with pytest.raises(InvalidInput):
        approvals.reject(world.workspace, asked.id, actor=world["second"], reason=" ")
    done = approvals.reject(world.workspace, asked.id, actor=world["second"], reason="Not yet")
    assert (done.state, done.decision_reason) == ("rejected", "Not yet")
    assert world.setting("done by") is None
    with pytest.raises(Conflict):
        approvals.approve(world.workspace, asked.id, actor=world["ada"])
    assert world.trail()[-1] == "approval.rejected"


def test_only_who_proposed_withdraws(world: World) -> None:
    asked = world.propose()
    with pytest.raises(Forbidden):
        approvals.withdraw(world.workspace, asked.id, actor=world["second"])
    done = approvals.withdraw(world.workspace, asked.id, actor=world["lead"])
    assert (done.state, done.decided_by) == ("withdrawn", None)
    assert world.trail()[-1] == "approval.withdrawn"
    world.propose()


def test_it_runs_out(world: World, clock: FakeClock) -> None:
    asked = world.propose()
    with pytest.raises(Conflict, match="proposed already"):
        world.propose(by="second")
    clock.advance(days=7)
    found = approvals.get_approval(world.workspace, asked.id, actor=world["aud"])
    assert found.state == "expired"
    with pytest.raises(Conflict):
        approvals.approve(world.workspace, asked.id, actor=world["second"])
    assert world.trail()[-1] == "approval.expired"
    assert approvals.expire_due(world.workspace) == 0
    world.propose(by="second")


def test_of_two_who_decide_at_once_one_wins(world: World) -> None:
    asked = world.propose()
    line = Barrier(2)

    def decide(name: str) -> str:
        line.wait()
        try:
            return approvals.approve(world.workspace, asked.id, actor=world[name]).state
        except HarbourlightError as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, ["second", "ada"])) == ["Conflict", "approved"]
    assert world.trail().count("approval.approved") == 1


def test_what_is_of_all_models_is_hidden_from_a_scope_of_some(world: World) -> None:
    asked = approvals.propose(
        world.workspace,
        KIND.name,
        actor=world["lead"],
        reason="A person asked to be forgotten.",
        object_kind="erasure",
        object_id="e-1",
    )
    limited = replace(world["second"], models=frozenset({MODEL}))
    assert approvals.list_approvals(world.workspace, actor=limited) == ()
    for look in (approvals.get_approval, approvals.approve):
        with pytest.raises(NotFound):
            look(world.workspace, asked.id, actor=limited)
    found = approvals.list_approvals(world.workspace, actor=world["second"])
    assert [each.id for each in found] == [asked.id]


def test_a_model_outside_the_scope_hides_its_approvals(world: World) -> None:
    asked = world.propose()
    limited = replace(world["second"], models=frozenset({"cards"}))
    assert approvals.list_approvals(world.workspace, actor=limited) == ()
    for call in (approvals.get_approval, approvals.approve, approvals.withdraw):
        with pytest.raises(NotFound):
            call(world.workspace, asked.id, actor=limited)


def test_a_proposal_has_a_known_kind_and_a_reason(world: World) -> None:
    with pytest.raises(NotFound, match="no kind of approval magic"):
        approvals.propose(
            world.workspace,
            "magic",
            actor=world["lead"],
            reason="r",
            object_kind="o",
            object_id="1",
        )
    with pytest.raises(InvalidInput):
        approvals.propose(
            world.workspace,
            KIND.name,
            actor=world["lead"],
            reason="  ",
            object_kind="o",
            object_id="1",
        )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("developer", "validator"),
        ("developer", "reviewer"),
        ("validator", "developer"),
        ("reviewer", "developer"),
    ],
)
def test_nobody_judges_what_they_develop(world: World, first: str, second: str) -> None:
    def assign(kind: str) -> bool:
        return assignments.assign(
            world.workspace,
            "dev",
            MODEL,
            kind,  # type: ignore[arg-type]
            actor=world["ada"],
        )

    assert assign(first)
    assert not assign(first)
    verb = {"developer": "develops", "validator": "validates", "reviewer": "reviews"}[first]
    with pytest.raises(Conflict, match=f"dev {verb} the model loans") as refused:
        assign(second)
    for locale in ("zh-HK", "zh-CN"):
        text = translator(locale)(refused.value.template, **refused.value.params)
        # A whole sentence: nothing of it is English but the names of person and model.
        assert set(re.findall("[A-Za-z]+", text)) == {"dev", "loans"}
    assert assign("owner")
    found = assignments.list_assignments(world.workspace, actor=world["aud"], model_id=MODEL)
    assert {(each.username, each.assignment.kind) for each in found} == {
        ("dev", first),
        ("dev", "owner"),
    }
    assert world.trail() == ["assignment.made", "assignment.made"]


def test_assigning_needs_the_permission_a_place_and_a_person(world: World) -> None:
    with pytest.raises(Forbidden):
        assignments.assign(world.workspace, "dev", MODEL, "owner", actor=world["lead"])
    with pytest.raises(InvalidInput):
        assignments.assign(
            world.workspace,
            "dev",
            MODEL,
            "king",  # type: ignore[arg-type]
            actor=world["ada"],
        )
    with pytest.raises(NotFound):
        assignments.assign(world.workspace, "nobody", MODEL, "owner", actor=world["ada"])
    assert not assignments.unassign(world.workspace, "dev", MODEL, "owner", actor=world["ada"])


def test_each_rule_explains_itself(world: World) -> None:
    def rule(name: str, permission: Permission, **where: str) -> str:
        return access_explain.explain(
            world.workspace, name, permission, actor=world["aud"], **where
        ).rule

    assert rule("lead", Permission.model_resume, model=MODEL) == "allowed"
    assert rule("ben", Permission.drift_view) == "no role holds it"
    assignments.assign(world.workspace, "dev", MODEL, "developer", actor=world["ada"])
    assert rule("dev", Permission.model_resume, model=MODEL) == "line of defence"
    assert rule("dev", Permission.drift_view, model=MODEL) == "allowed"
    with world.workspace.store.begin() as conn:
        users.set_scope(conn, "u-dev", models=["cards"], jurisdictions=["HK"])
    assert rule("dev", Permission.drift_view, model=MODEL) == "outside the models"
    assert rule("dev", Permission.drift_view, jurisdiction="CN") == "outside the jurisdictions"
    with world.workspace.store.begin() as conn:
        users.set_roles(conn, "u-dev", [])
    assert rule("dev", Permission.drift_view) == "no role"
    with world.workspace.store.begin() as conn:
        users.set_disabled(conn, "u-dev", True)
    assert rule("dev", Permission.drift_view) == "disabled"


def test_everybody_may_ask_about_themselves_and_few_about_others(world: World) -> None:
    found = access_explain.explain(
        world.workspace, "Ben", Permission.drift_view, actor=world["ben"]
    )
    assert (found.allowed, found.roles) == (False, (Role.business,))
    assert Role.auditor in found.holders
    with pytest.raises(Forbidden):
        access_explain.explain(world.workspace, "ada", Permission.drift_view, actor=world["ben"])
    with pytest.raises(NotFound):
        access_explain.explain(world.workspace, "nobody", Permission.drift_view, actor=world["aud"])
