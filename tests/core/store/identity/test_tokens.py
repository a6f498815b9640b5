from datetime import timedelta

import pytest

from core.errors import NotFound
from core.store import Store
from core.store.identity import tokens, users
from core.store.identity.tokens import ApiToken
from tests.support.fakes import START

TOKEN = ApiToken("t1", "Engine", frozenset({"loans"}), frozenset({"model.state"}), START, "u1",
                 START + timedelta(days=1))  # fmt: skip


def test_a_token_is_found_by_its_hash_only(store: Store) -> None:
    with store.begin() as conn:
        users.create(conn, user_id="u1", username="u1", display_name="u1", at=START)
        tokens.add(conn, TOKEN, token_hash="h1")
    with store.read() as conn:
        assert tokens.find_by_hash(conn, "h1") == TOKEN
        assert tokens.find_by_hash(conn, "t1") is None
        assert tokens.get(conn, "t1") == TOKEN
        with pytest.raises(NotFound):
            tokens.get(conn, "t2")


def test_use_and_revocation(store: Store) -> None:
    later = START + timedelta(hours=1)
    with store.begin() as conn:
        users.create(conn, user_id="u1", username="u1", display_name="u1", at=START)
        tokens.add(conn, TOKEN, token_hash="h1")
        tokens.touch(conn, "t1", at=later)
        assert tokens.revoke(conn, "t1", at=later, actor="p-1")
        assert not tokens.revoke(conn, "t1", at=later + timedelta(hours=1), actor="p-2")
    with store.read() as conn:
        (found,) = tokens.list_tokens(conn)
    assert (found.last_used_at, found.revoked_at, found.revoked_by) == (later, later, "p-1")


def test_all_models_and_the_newest_first(store: Store) -> None:
    newer = ApiToken("t2", "All", None, frozenset({"model.state"}), START + timedelta(days=1),
                     "u1", START + timedelta(days=9))  # fmt: skip
    with store.begin() as conn:
        users.create(conn, user_id="u1", username="u1", display_name="u1", at=START)
        tokens.add(conn, TOKEN, token_hash="h1")
        tokens.add(conn, newer, token_hash="h2")
    with store.read() as conn:
        assert tokens.list_tokens(conn) == (newer, TOKEN)
