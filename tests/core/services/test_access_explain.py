"""What "why can't I?" answers is what the services do: people × permissions × models × places.

Each person acts through a session; each permission is used by commands that ask for it, on things
that do not exist where that suffices: a command that gets as far as missing them was open.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import pytest
import yaml

from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden, HarbourlightError, SignedOut
from core.i18n import translator
from core.services import (
    access_explain,
    accounts,
    approval_kinds,
    approvals,
    assignments,
    audit_checkpoints,
    audit_export_jobs,
    audit_keys,
    audit_trail,
    backup,
    disposal,
    erasure,
    exports,
    holds,
    ingest,
    maintenance,
    model_state,
    overview,
    people,
    personal,
    references,
    registry,
    releases,
    reports,
    retention,
    sessions,
    tokens,
)
from core.services import users as users_service
from core.services.access_explain import MESSAGES, REMEDIES
from core.services.audit_trail import Search
from core.services.ingest import views
from core.services.questions import Question, resolve
from core.services.sign_in_settings import SignInSettings, change_settings
from core.services.workspace import Workspace
from core.store import approvals as stored_approvals
from core.store import assignments as stored_assignments
from core.store import models, second_factors, users
from core.store.approvals import Approval
from tests.harbour import OWNER_LOGIN
from tests.serving import MODEL, a_serving_workspace, prediction

OTHER = "cards"
PLACES = {"HK": prediction(1), "CN": prediction(3)}
WHY = "Complaint C-17 of the branch"
NOBODY = "u-nobody"
Command = Callable[[Workspace, Actor, str, str], object]


# What a step is about, where it is not one model.
ABOUT = {erasure.ERASURE_KIND.name: "erasure", disposal.DISPOSAL_KIND.name: "disposal"}


def _audited(workspace: Workspace, actor: Actor, model: str, _place: str) -> bool:
    """Whether the trail tells of a model."""
    return bool(
        audit_trail.entries(workspace, Search(objects={"model": model}), actor=actor, limit=1)
    )


def _exported(workspace: Workspace, actor: Actor, model: str, place: str) -> bool:
    audit_export_jobs.order_export(workspace, Search(), actor=actor)
    return _audited(workspace, actor, model, place)


def _fetched(workspace: Workspace, actor: Actor, model: str, _place: str) -> None:
    exports.publish(
        workspace,
        b"",
        actor=actor,
        permission=Permission.model_view,
        name="x",
        media_type="text/csv",
        model=model,
        personal=True,
    )


def _resolved(permission: Permission) -> Command:
    return lambda w, a, m, _: resolve(w, Question(m), permission, actor=a)


def _decided(kind: str) -> Command:
    """Approve a step of a kind, which somebody else has proposed just now."""

    def approve(workspace: Workspace, actor: Actor, model: str, _place: str) -> None:
        now = workspace.clock()
        asked = Approval(
            id=workspace.new_id(),
            kind=kind,
            model_id=model,
            object_kind=ABOUT.get(kind, "model"),
            object_id=workspace.new_id(),
            command={},
            before={},
            after={},
            reason=WHY,
            proposed_by="u-proposer",
            proposed_at=now,
            expires_at=now + approvals.LIFETIME,
            state="pending",
        )
        with workspace.store.begin() as conn:
            stored_approvals.add(conn, asked)
        barred = approvals.obstacle(workspace, asked.id, actor=actor)
        try:
            approvals.approve(workspace, asked.id, actor=actor)
        except HarbourlightError:
            assert barred is not None
            raise
        assert barred is None

    return approve


COMMANDS: Mapping[Permission, Sequence[Command]] = {
    Permission.model_view: [lambda w, a, m, _: registry.get_model(w, m, actor=a)],
    Permission.model_register: [
        lambda w, a, m, _: registry.register_model(w, spec_of(w, m), actor=a),
    ],
    Permission.reference_rebuild: [
        lambda w, a, m, _: references.rebuild_reference(w, m, actor=a),
    ],
    Permission.overview_view: [
        lambda w, a, m, _: m in {each.model.id for each in overview.overview(w, actor=a)},
    ],
    Permission.operations_view: [_resolved(Permission.operations_view)],
    Permission.drift_view: [_resolved(Permission.drift_view)],
    Permission.quality_view: [_resolved(Permission.quality_view)],
    Permission.quarantine_download: [
        lambda w, a, m, _: views.quarantine_rows(w, m, actor=a),
    ],
    Permission.ingest_view: [lambda w, a, m, _: views.batches(w, m, actor=a)],
    Permission.ingest_run: [lambda w, a, m, _: references.ensure_reference(w, m, actor=a)],
    Permission.report_create: [lambda w, a, m, _: reports.order_report(w, Question(m), actor=a)],
    Permission.account_manage: [lambda w, a, *_: accounts.own_language(w, actor=a)],
    Permission.user_view: [lambda w, a, *_: people.list_people(w, actor=a)],
    Permission.user_manage: [
        lambda w, a, *_: people.enable(w, NOBODY, actor=a),
        lambda w, a, *_: people.set_roles(w, NOBODY, [Role.admin], actor=a),
    ],
    Permission.session_manage: [
        lambda w, a, *_: sessions.end_everywhere(w, NOBODY, actor=a),
    ],
    Permission.assignment_manage: [
        lambda w, a, m, _: assignments.unassign(w, "nobody", m, "owner", actor=a),
    ],
    Permission.token_manage: [
        lambda w, a, m, _: tokens.make_token(w, "", models_allowed=[m], actor=a),
    ],
    Permission.access_explain: [
        lambda w, a, m, _: access_explain.explain(
            w, "nobody", Permission.model_view, actor=a, model=m
        ),
    ],
    Permission.approval_view: [
        lambda w, a, m, _: assignments.list_assignments(w, actor=a, model_id=m),
    ],
    Permission.model_suspend: [
        lambda w, a, m, _: model_state.suspend(w, m, reason="", actor=a),
    ],
    Permission.model_resume: [
        lambda w, a, m, _: model_state.propose_resume(w, m, reason="Mended", actor=a),
    ],
    Permission.release_decide: [
        lambda w, a, m, p: releases.release(w, m, PLACES[p], reason=WHY, actor=a),
        lambda w, a, m, p: releases.stop(w, m, PLACES[p], reason=WHY, actor=a),
    ],
    Permission.personal_reveal: [
        lambda w, a, m, p: personal.reveal(w, m, PLACES[p], ["sex"], reason=WHY, actor=a),
    ],
    Permission.personal_export: [_fetched],
    Permission.audit_view: [_audited],
    Permission.audit_export: [_exported],
    Permission.audit_checkpoint: [
        lambda w, a, *_: audit_checkpoints.make_due_checkpoint(w, actor=a),
    ],
    Permission.key_rotate: [lambda w, a, *_: audit_keys.rotate_key(w, actor=a, reason="")],
    Permission.erasure_request: [
        lambda w, a, m, _: erasure.propose_erasure(w, "B-1", basis="", actor=a, model=m),
        lambda w, a, m, _: disposal.propose_disposal(w, "none", actor=a, reason="", model=m),
    ],
    Permission.hold_manage: [
        lambda w, a, m, _: holds.place_hold(w, model=m, reason="", actor=a),
        lambda w, a, m, _: holds.place_hold(w, subject="B-1", model=m, reason="", actor=a),
    ],
    Permission.retention_view: [
        lambda w, a, m, _: m in {each.model_id for each in holds.list_holds(w, actor=a)},
    ],
    Permission.retention_manage: [
        lambda w, a, *_: retention.set_rule(
            w, "none", minimum_days=1, maximum_days=2, basis="", actor=a
        ),
    ],
    Permission.backup_make: [
        lambda w, a, *_: backup.make_backup(w, w.settings.home / "inside", actor=a),
    ],
    Permission.workspace_maintain: [lambda w, a, m, _: maintenance.compact(w, m, actor=a)],
}
# Every kind of step that takes two people is decided here, carried out nowhere.
KINDS = MappingProxyType(
    {name: replace(kind, execute=lambda *_: {}) for name, kind in approval_kinds.KINDS.items()}
)


@dataclass(frozen=True)
class Variant:
    """How somebody differs from a person of a role whose scope is not limited."""

    models: tuple[str, ...] | None = None
    jurisdictions: tuple[str, ...] | None = None
    develops: bool = False
    method: str = "password"
    must_change: bool = False
    factor: bool = True
    disabled: bool = False


VARIANTS = {
    "plain": Variant(),
    "developer": Variant(develops=True),
    "of one model": Variant(models=(OTHER,)),
    "of one place": Variant(jurisdictions=("HK",)),
    "developer of one place": Variant(jurisdictions=("HK",), develops=True),
    "password due": Variant(must_change=True),
    "second factor due": Variant(factor=False),
    "through a provider": Variant(method="oidc", factor=False),
    "disabled": Variant(disabled=True),
}


@dataclass(frozen=True)
class World:
    """A workspace with two models of the same log, and who is asked about others."""

    workspace: Workspace
    console: Actor

    def person(self, role: Role | None, variant: Variant) -> Actor:
        """Make somebody who has just signed in."""
        workspace, now = self.workspace, self.workspace.clock()
        name = f"p-{workspace.new_id()}"
        with workspace.store.begin() as conn:
            user = users.create(
                conn,
                user_id=name,
                username=name,
                display_name=name,
                at=now,
                roles=[role] if role else [],
                models=variant.models,
                jurisdictions=variant.jurisdictions,
            )
            users.set_password_hash(conn, name, "unused", at=now, must_change=variant.must_change)
            if variant.factor:
                second_factors.begin(conn, name, b"unused", at=now)
                second_factors.confirm(conn, name, at=now)
            if variant.develops:
                stored_assignments.assign(
                    conn, user_id=name, model_id=MODEL, kind="developer", actor="x", at=now
                )
            session_id, _ = sessions.begin(
                workspace, conn, user, method=variant.method, source="127.0.0.1", agent="tests"
            )
        actor = sessions.resume(workspace, session_id)
        assert actor is not None
        if variant.disabled:
            with workspace.store.begin() as conn:
                users.set_disabled(conn, name, True)
        return actor


def spec_of(workspace: Workspace, model: str) -> Path:
    return workspace.settings.home / f"{model}.yaml"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("explain")
    made = a_serving_workspace(folder / "home", rows=8)
    workspace = made.workspace
    console = users_service.actor_of_os_login(workspace, OWNER_LOGIN)
    with workspace.store.read() as conn:
        text = models.get(conn, MODEL).spec_text
    spec_of(workspace, MODEL).write_text(text, encoding="utf-8")
    other = yaml.safe_dump({**yaml.safe_load(text), "id": OTHER}, allow_unicode=True)
    spec_of(workspace, OTHER).write_text(other, encoding="utf-8")
    registry.register_model(workspace, spec_of(workspace, OTHER), actor=console)
    ingest.ingest_files(workspace, OTHER, [folder / "home.parquet"], actor=console)
    for model in (MODEL, OTHER):
        holds.place_hold(workspace, model=model, reason="Case 12", actor=made["compliance_lead"])
    with workspace.store.begin() as conn:
        users.create(
            conn, user_id="u-proposer", username="proposer", display_name="", at=workspace.clock()
        )
    rules = SignInSettings(second_factor_roles=frozenset(Role))
    change_settings(workspace, rules, actor=console)
    yield World(workspace, console)
    workspace.store.close()


@pytest.fixture(autouse=True)
def nothing_is_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval_kinds, "KINDS", KINDS)


def is_open(command: Command, workspace: Workspace, actor: Actor, model: str, place: str) -> bool:
    """Whether a command does what it is for, or misses only what is not there."""
    try:
        return command(workspace, actor, model, place) is not False
    except (Forbidden, SignedOut):
        return False
    except HarbourlightError as error:
        return not error.template.startswith(
            (
                "There is no model {model}",
                "There is no prediction",
                "There is no approval",
                "A disposal needs a scope of",
            )
        )


def commands_of(permission: Permission) -> list[Command]:
    deciding = [_decided(name) for name, kind in KINDS.items() if kind.decide == permission]
    return [*COMMANDS.get(permission, []), *deciding]


CASES = [
    *((role, name) for role in Role for name in list(VARIANTS)[:4]),
    *((role, name) for role in (Role.admin, Role.compliance_lead) for name in list(VARIANTS)[4:]),
    (None, "plain"),
]


@pytest.mark.parametrize(("role", "variant"), CASES)
def test_the_answer_is_what_the_services_do(world: World, role: Role | None, variant: str) -> None:
    workspace = world.workspace
    actor = world.person(role, VARIANTS[variant])
    for permission in Permission:
        of_rows = permission in {Permission.release_decide, Permission.personal_reveal}
        commands = commands_of(permission)
        assert commands, f"no command shows what {permission} opens"
        for model in (MODEL, OTHER):
            for place in PLACES if of_rows else ["HK"]:
                where = {"model": model, **({"jurisdiction": place} if of_rows else {})}
                told = access_explain.explain(
                    workspace, actor.username, permission, actor=world.console, **where
                )
                done = [is_open(each, workspace, actor, model, place) for each in commands]
                about = f"{permission} {where}: {told.rule}, but {done}"
                assert told.allowed == all(done), about
                if told.rule in {"proposes only", "not about people"}:
                    assert any(done), about
                else:
                    assert any(done) == told.allowed, about
                if model == MODEL and not VARIANTS[variant].disabled:
                    own = access_explain.explain(
                        workspace, actor.username, permission, actor=actor, **where
                    )
                    assert own == told


def test_whose_session_has_ended_is_told_nothing(world: World) -> None:
    actor = world.person(Role.compliance_lead, Variant())
    assert access_explain.explain(
        world.workspace, actor.username, Permission.release_decide, actor=actor
    ).allowed
    sessions.end(world.workspace, str(actor.session_id))
    with pytest.raises(SignedOut):
        access_explain.explain(
            world.workspace, actor.username, Permission.release_decide, actor=actor
        )


def test_who_comes_through_a_provider_is_expected_to(world: World) -> None:
    def rule(actor: Actor) -> str:
        return access_explain.explain(
            world.workspace, actor.username, Permission.overview_view, actor=world.console
        ).rule

    bare = world.person(Role.business, Variant(factor=False))
    sessions.end(world.workspace, str(bare.session_id))
    assert rule(bare) == "second factor due"
    people.set_identity(
        world.workspace, bare.user_id, actor=world.console, issuer="https://id.example", subject="7"
    )
    assert rule(bare) == "allowed"


def test_each_rule_has_words_in_each_language() -> None:
    assert set(MESSAGES) == set(REMEDIES) == set(get_args(access_explain.Rule))
    words = dict.fromkeys(
        ("username", "permission", "roles", "holders", "model", "jurisdiction"), "1"
    )
    for text in filter(None, [*MESSAGES.values(), *REMEDIES.values()]):
        for locale in ("zh-HK", "zh-CN"):
            assert translator(locale)(text, **words) != text.format(**words)
