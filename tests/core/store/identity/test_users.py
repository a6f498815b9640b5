import re

import pytest

from core.domain.identity import Actor, Role
from core.errors import Conflict, NotFound
from core.store import Store, models
from core.store.identity import assignments, users
from tests.support.fakes import START


def make(store: Store, user_id: str = "u1", username: str = "Ada", **options: object) -> users.User:
    with store.begin() as conn:
        return users.create(
            conn,
            user_id=user_id,
            username=username,
            display_name=username,
            at=START,
            **options,  # type: ignore[arg-type]
        )


def test_a_user_is_found_by_name_in_any_case_and_by_login(store: Store) -> None:
    made = make(
        store,
        email="ada@example.com",
        password_hash="$2b$…",
        os_login="ada.l",
        language="zh-HK",
        roles=[Role.auditor, Role.admin],
    )
    assert made == users.User(
        id="u1",
        username="ada",
        display_name="Ada",
        email="ada@example.com",
        password_hash="$2b$…",
        password_changed_at=START,
        os_login="ada.l",
        language="zh-HK",
        disabled=False,
        created_at=START,
        pseudonym=made.pseudonym,
        must_change_password=False,
        oidc_issuer=None,
        oidc_subject=None,
        roles=frozenset({Role.admin, Role.auditor}),
        models=None,
        jurisdictions=None,
    )
    assert re.fullmatch("p-[0-9a-f]{12}", made.pseudonym)
    with store.read() as conn:
        # NFKC turns full-width letters into plain ones.
        for name in ("ada", " ADA ", "\uff21\uff44\uff41"):
            assert users.find_by_username(conn, name) == made
        assert users.find_by_os_login(conn, "ada.l") == made
        assert users.find_by_username(conn, "ben") is None
        assert users.find_by_os_login(conn, "root") is None


def test_a_name_or_login_is_given_once(store: Store) -> None:
    make(store, os_login="ada")
    for username, os_login in (("ADA", None), ("ben", "ada")):
        with pytest.raises(Conflict, match="is taken"):
            make(store, "u2", username, os_login=os_login)
    make(store, "u2", "ben")
    make(store, "u3", "cem")
    with store.read() as conn:
        assert [user.username for user in users.list_users(conn)] == ["ada", "ben", "cem"]


def test_scope_is_everything_something_or_nothing(store: Store) -> None:
    make(store, "u1", "all")
    make(store, "u2", "some", models=["b", "a"], jurisdictions=["HK"])
    make(store, "u3", "none", models=[], jurisdictions=[])
    with store.begin() as conn:
        limits = {
            user.username: (user.models, user.jurisdictions) for user in users.list_users(conn)
        }
        assert limits == {
            "all": (None, None),
            "some": (frozenset("ab"), frozenset({"HK"})),
            "none": (frozenset(), frozenset()),
        }
        users.set_scope(conn, "u2", models=None, jurisdictions=["CN"])
        changed = users.get(conn, "u2")
        assert (changed.models, changed.jurisdictions) == (None, frozenset({"CN"}))


def test_what_a_user_may_become(store: Store) -> None:
    make(store, roles=[Role.business])
    with store.begin() as conn:
        users.set_roles(conn, "u1", [Role.admin, Role.admin])
        users.set_disabled(conn, "u1", True)
        users.set_language(conn, "u1", "zh-CN")
        users.set_password_hash(conn, "u1", "hash", at=START)
        user = users.get(conn, "u1")
    assert user.roles == frozenset({Role.admin})
    assert (user.disabled, user.language) == (True, "zh-CN")
    assert (user.password_hash, user.password_changed_at) == ("hash", START)
    with pytest.raises(ValueError, match="emperor"), store.begin() as conn:
        users.set_roles(conn, "u1", ["emperor"])  # type: ignore[list-item]
    with store.read() as conn:
        assert users.get(conn, "u1").roles == frozenset({Role.admin})


def test_a_user_acts_with_roles_and_scope(store: Store) -> None:
    user = make(store, roles=[Role.compliance], models=["m"])
    assert user.actor("cli") == Actor(
        user_id="u1",
        username="ada",
        roles=frozenset({Role.compliance}),
        models=frozenset({"m"}),
        jurisdictions=None,
        origin="cli",
        display_name="Ada",
        pseudonym=user.pseudonym,
    )


def test_a_user_nobody_made(store: Store) -> None:
    with store.begin() as conn:
        with pytest.raises(NotFound, match="no user ghost"):
            users.get(conn, "ghost")
        with pytest.raises(NotFound, match="no user ghost"):
            users.set_disabled(conn, "ghost", True)
        with pytest.raises(NotFound, match="no user ghost"):
            users.set_roles(conn, "ghost", [Role.admin])


def test_assignments(store: Store) -> None:
    make(store)
    make(store, "u2", "ben")
    with store.begin() as conn:
        for model_id in ("m", "n"):
            models.register(conn, model_id=model_id, spec_text="", actor="t", at=START)

        def assign(user_id: str, model_id: str, kind: assignments.AssignmentKind) -> bool:
            return assignments.assign(
                conn, user_id=user_id, model_id=model_id, kind=kind, actor="t", at=START
            )

        assert assign("u1", "m", "owner")
        assert not assign("u1", "m", "owner")
        assert assign("u1", "n", "validator")
        assert assign("u2", "m", "developer")
        of_m = assignments.list_assignments(conn, model_id="m")
        assert [(each.kind, each.user_id) for each in of_m] == [
            ("developer", "u2"),
            ("owner", "u1"),
        ]
        of_ada = assignments.list_assignments(conn, user_id="u1")
        assert [(each.model_id, each.kind) for each in of_ada] == [
            ("m", "owner"),
            ("n", "validator"),
        ]
        assert assignments.unassign(conn, user_id="u1", model_id="m", kind="owner")
        assert not assignments.unassign(conn, user_id="u1", model_id="m", kind="owner")
        assert len(assignments.list_assignments(conn)) == 2
