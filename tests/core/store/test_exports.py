from dataclasses import replace
from datetime import timedelta

from core.store import Store, exports
from core.store.exports import ExportRecord
from core.store.identity import users
from tests.support.fakes import START

RECORD = ExportRecord("h1", "u1", "report.create", None, "a.csv", "text/csv", "x.bin", "0" * 64, 4,
                      False, START, START + timedelta(days=1))  # fmt: skip


def test_what_is_due_is_removed_once(store: Store) -> None:
    later = replace(RECORD, id_hash="h2", path="y.bin", expires_at=START + timedelta(days=2))
    with store.begin() as conn:
        users.create(conn, user_id="u1", username="u1", display_name="u1", at=START)
        exports.add(conn, RECORD)
        exports.add(conn, later)
        now = START + timedelta(days=1)
        assert exports.due(conn, now) == (RECORD,)
        exports.mark_removed(conn, "h1", at=now)
        assert exports.due(conn, now) == ()
    with store.read() as conn:
        assert exports.find(conn, "h1") == replace(RECORD, removed_at=now)
        assert exports.find(conn, "h2") == later
        assert exports.find(conn, "h3") is None
