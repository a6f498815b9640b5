from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import NotFound
from core.store import Store
from core.store.alerts import deliveries
from core.store.alerts import threads as alerts
from core.store.alerts.deliveries import Channel
from tests.support.fakes import START
from tests.support.monitoring import MODEL, add_alert, add_run, register_loans

CHANNEL = Channel("c1", "Desk", "json localhost", b"\x00x", None, "act", "en", True, START, "p-1")


def test_a_channel_takes_what_it_is_for() -> None:
    assert CHANNEL.takes(MODEL, "act")
    assert not CHANNEL.takes(MODEL, "watch")
    assert replace(CHANNEL, severity="watch").takes(MODEL, "watch")
    assert not replace(CHANNEL, models=("cards",)).takes(MODEL, "act")
    assert not replace(CHANNEL, enabled=False).takes(MODEL, "act")


def test_an_event_goes_to_a_channel_once_and_one_worker_takes_it(store: Store) -> None:
    register_loans(store)
    limited = replace(CHANNEL, id="c2", name="Cards", models=("cards",))
    with store.begin() as conn:
        assert deliveries.put_channel(conn, CHANNEL)
        assert not deliveries.put_channel(conn, replace(CHANNEL, id="c3"))
        assert deliveries.put_channel(conn, limited)
        assert deliveries.channels(conn) == (limited, CHANNEL)
        assert deliveries.find_channel(conn, "Desk") == deliveries.find_channel(conn, "c1")
        add_run(conn, 1)
        alert_id = add_alert(conn)
        event = alerts.add_event(conn, alert_id, kind="opened", actor="p", at=START, news=True)
        assert deliveries.queue(conn, event, ["c1", "c2"], at=START) == 2
        assert deliveries.queue(conn, event, ["c1"], at=START) == 0
        assert deliveries.due(conn, at=START - timedelta(seconds=1)) == ()
        first, second = deliveries.due(conn, at=START)
        later = START + timedelta(minutes=1)
        assert deliveries.take(conn, first, next_at=later)
        assert not deliveries.take(conn, first, next_at=later)
        assert deliveries.due(conn, at=START) == (second,)
        deliveries.settle(conn, first.id, state="sent", error="", sent_at=START)
        assert deliveries.counts_of(conn, "c1") == {"sent": 1}
        newest = deliveries.newest_of(conn, "c1")
        assert newest is not None
        assert (newest.state, newest.attempts) == ("sent", 1)
        deliveries.remove_channel(conn, "c1")
        assert deliveries.newest_of(conn, "c1") is None
        with pytest.raises(NotFound):
            deliveries.find_channel(conn, "Desk")
