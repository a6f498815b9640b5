from datetime import timedelta

import pytest

from core.errors import Conflict, NotFound
from core.store import Store, models, watches
from tests.support.fakes import START


def test_watched_folders(store: Store) -> None:
    with store.begin() as conn:
        for model_id in ("m", "n"):
            models.register(conn, model_id=model_id, spec_text="", actor="t", at=START)

        def add(watch_id: str, folder: str, model_id: str = "m") -> None:
            watches.add(
                conn,
                watch_id=watch_id,
                model_id=model_id,
                stream="predictions",
                folder=folder,
                pattern="*.csv",
                actor="ada",
                at=START,
            )

        add("w1", "/drop/b")
        add("w2", "/drop/a")
        add("w3", "/drop/a", "n")
        with pytest.raises(Conflict, match="watched already"):
            add("w4", "/drop/a")
        assert [each.id for each in watches.list_watches(conn)] == ["w2", "w1", "w3"]
        assert [each.id for each in watches.list_watches(conn, models={"n"})] == ["w3"]
        watches.set_enabled(conn, "w2", False)
        assert [each.id for each in watches.list_watches(conn, enabled_only=True)] == ["w1", "w3"]
        seen = START + timedelta(minutes=1)
        watches.mark_seen(conn, "w1", at=seen)
        assert watches.get(conn, "w1") == watches.Watch(
            "w1", "m", "predictions", "/drop/b", "*.csv", True, seen, START, "ada"
        )
        watches.remove(conn, "w1")
        watches.mark_seen(conn, "w1", at=seen)
        for unknown in (watches.get, watches.remove):
            with pytest.raises(NotFound, match="no watched folder w1"):
                unknown(conn, "w1")
        with pytest.raises(NotFound):
            watches.set_enabled(conn, "w1", True)
