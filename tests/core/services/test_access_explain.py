"""What "why can't I?" answers is what the services do: people × permissions × models × places.

Each person acts through a session; each permission is used by commands that ask for it, on things
that do not exist where that suffices: a command that gets as far as missing them was open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import pytest
import yaml

from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden, HarbourlightError, SignedOut
from core.i18n import translator
from core.services import access_explain, ingest
from core.services.access_explain import MESSAGES, REMEDIES
from core.services.approvals import kinds as approval_kinds
from core.services.identity import people, sessions
from core.services.identity import users as users_service
from core.services.identity.sign_in_settings import SignInSettings, change_settings
from core.services.registry import models as registry
from core.services.retention import holds
from core.services.workspace import Workspace
from core.store import models
from core.store.identity import assignments as stored_assignments
from core.store.identity import second_factors, users
from tests.support.commands import COMMANDS, KINDS, OTHER, PLACES, Command, decided, spec_of
from tests.support.harbour import OWNER_LOGIN
from tests.support.serving import MODEL, a_serving_workspace


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
                "There is no case",
                "There is no request",
                "A disposal needs a scope of",
            )
        )


def commands_of(permission: Permission) -> list[Command]:
    deciding = [decided(name) for name, kind in KINDS.items() if kind.decide == permission]
    return [*COMMANDS.get(permission, []), *deciding]


CASES = [
    *((role, name) for role in Role for name in list(VARIANTS)[:4]),
    *((role, name) for role in (Role.admin, Role.compliance_lead) for name in list(VARIANTS)[4:]),
    (None, "plain"),
]
# Whom each way of being different is tried with at once; `make check` tries it with every role.
AT_ONCE = {**dict.fromkeys(VARIANTS, Role.compliance_lead), "developer": Role.data_scientist}


def marks_of(role: Role | None, variant: str) -> tuple[pytest.MarkDecorator, ...]:
    at_once = variant == "plain" or role == AT_ONCE[variant]
    return () if at_once else (pytest.mark.slow,)


@pytest.mark.parametrize(
    ("role", "variant"), [pytest.param(*case, marks=marks_of(*case)) for case in CASES]
)
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
