import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.services.serving import tokens
from core.services.serving.tokens import TokenRefused
from core.store.audit import trail as audit
from core.store.tables import api_token
from tests.support.serving import MODEL, Serving, a_serving_workspace


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path_factory.mktemp("tokens") / "home", rows=8)
    yield made
    made.workspace.store.close()


def check(world: Serving, text: str | None, action: str = "model.state", model: str = MODEL) -> str:
    try:
        return tokens.check_token(world.workspace, text, action=action, model_id=model).id
    except TokenRefused as refusal:
        return refusal.why


def newest_entry(world: Serving) -> audit.AuditEntry:
    with world.workspace.store.read() as conn:
        return audit.list_newest(conn, limit=1)[0]


def test_a_token_is_shown_once_and_kept_as_a_hash(world: Serving) -> None:
    made = tokens.make_token(world.workspace, " Loan  engine ", actor=world["admin"])
    assert re.fullmatch(r"hlt_[0-9a-f]{10}_[\w-]{43}", made.text)
    assert made.text.startswith(f"hlt_{made.token.id}_")
    assert made.token.name == "Loan engine"
    with world.workspace.store.read() as conn:
        row = conn.execute(select(api_token).where(api_token.c.id == made.token.id)).one()
    assert row.token_hash == sha256(made.text.encode()).hexdigest()
    secret = made.text.removeprefix(f"hlt_{made.token.id}_")  # may hold "_" itself
    assert secret not in str(row)
    entry = newest_entry(world)
    assert (entry.kind, entry.actor) == ("token.made", world["admin"].pseudonym)
    assert made.text not in entry.canonical.decode()
    assert check(world, made.text) == made.token.id


def test_what_a_token_does_not_allow(world: Serving) -> None:
    made = tokens.make_token(
        world.workspace, "state only", actor=world["admin"],
        models_allowed=[MODEL], actions=["model.state"], days=1,
    )  # fmt: skip
    assert check(world, made.text) == made.token.id
    assert check(world, made.text, action="release.read") == "action"
    assert check(world, made.text, model="other") == "model"
    assert check(world, f"{made.text}x") == "unknown"
    assert check(world, "x" * 100_000) == "unknown"
    assert check(world, None) == "missing"
    assert check(world, "\ud800") == "unknown"
    before = world.clock.now
    world.clock.advance(days=1)
    assert check(world, made.text) == "expired"
    world.clock.now = before


def test_a_revoked_token_is_refused_at_once(world: Serving) -> None:
    made = tokens.make_token(world.workspace, "gone", actor=world["admin"])
    done = tokens.revoke_token(world.workspace, made.token.id, actor=world["admin"])
    assert done.revoked_at == world.clock.now
    assert newest_entry(world).kind == "token.revoked"
    assert check(world, made.text) == "revoked"
    with pytest.raises(Conflict):
        tokens.revoke_token(world.workspace, made.token.id, actor=world["admin"])
    with pytest.raises(NotFound):
        tokens.revoke_token(world.workspace, "nothing", actor=world["admin"])


def test_the_last_use_is_written_at_most_once_a_minute(world: Serving) -> None:
    made = tokens.make_token(world.workspace, "busy", actor=world["admin"])

    def last_used() -> object:
        found = tokens.list_tokens(world.workspace, actor=world["admin"])
        return next(token.last_used_at for token in found if token.id == made.token.id)

    assert last_used() is None
    check(world, made.text)
    first = world.clock.now
    assert last_used() == first
    world.clock.advance(seconds=59)
    check(world, made.text)
    assert last_used() == first
    world.clock.advance(seconds=1)
    check(world, made.text)
    assert last_used() == world.clock.now


def test_a_refusal_keeps_a_pseudonym_of_the_source(world: Serving) -> None:
    tokens.record_refusal(world.workspace, TokenRefused(why="unknown"), source="203.0.113.9")
    entry = newest_entry(world)
    assert (entry.kind, entry.actor) == ("token.refused", "unknown")
    assert entry.body["why"] == "unknown"
    assert "203.0.113.9" not in entry.canonical.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": 0}, "1 to 400 days"),
        ({"days": 401}, "1 to 400 days"),
        ({"actions": []}, "allows some of"),
        ({"actions": ["model.state", "everything"]}, "allows some of"),
        ({"models_allowed": []}, "at least one model"),
        ({"name": " "}, "1 to 80 characters"),
    ],
)
def test_values_out_of_range(world: Serving, changes: dict[str, object], said: str) -> None:
    values: dict[str, object] = {"name": "x", **changes}
    with pytest.raises(InvalidInput, match=said):
        tokens.make_token(world.workspace, actor=world["admin"], **values)  # type: ignore[arg-type]


def test_a_model_that_is_not_there(world: Serving) -> None:
    with pytest.raises(NotFound):
        tokens.make_token(world.workspace, "x", actor=world["admin"], models_allowed=["nowhere"])


def test_a_scope_is_not_left(world: Serving) -> None:
    limited = replace(world["admin"], models=frozenset({"other"}))
    made = tokens.make_token(world.workspace, "all", actor=world["admin"])
    with pytest.raises(InvalidInput, match="beyond your scope"):
        tokens.make_token(world.workspace, "x", actor=limited)
    with pytest.raises(NotFound):
        tokens.make_token(world.workspace, "x", actor=limited, models_allowed=[MODEL])
    assert tokens.list_tokens(world.workspace, actor=limited) == ()
    with pytest.raises(Forbidden):
        tokens.revoke_token(world.workspace, made.token.id, actor=limited)


def test_who_may(world: Serving, tmp_path: Path) -> None:
    for name in ("business", "compliance", "compliance_lead", "auditor", "data_scientist"):
        with pytest.raises(Forbidden):
            tokens.make_token(world.workspace, "x", actor=world[name])
        with pytest.raises(Forbidden):
            tokens.list_tokens(world.workspace, actor=world[name])
        with pytest.raises(Forbidden):
            tokens.revoke_token(world.workspace, "x", actor=world[name])
    in_a_browser = replace(world["admin"], origin="web", authenticated_at=None)
    with pytest.raises(StepUpNeeded):
        tokens.make_token(world.workspace, "x", actor=in_a_browser)
