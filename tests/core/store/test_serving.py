from datetime import timedelta

from core.store import Store, models, serving
from core.store.serving import ReleaseRecord, StateRecord
from tests.support.builders import contract_text
from tests.support.fakes import START


def test_a_state_is_set_and_replaced(store: Store) -> None:
    suspended = StateRecord("loans", "suspended", "Errors", START, "p-1", "1")
    resumed = StateRecord("loans", "production", "Mended", START + timedelta(days=1), "p-2")
    with store.begin() as conn:
        models.register(conn, model_id="loans", spec_text=contract_text(), actor="a", at=START)
        assert serving.find_state(conn, "loans") is None
        serving.put_state(conn, suspended)
        assert serving.find_state(conn, "loans", lock=True) == suspended
        serving.put_state(conn, resumed)
    with store.read() as conn:
        assert serving.list_states(conn) == {"loans": resumed}


def test_the_later_decision_counts(store: Store) -> None:
    first = ReleaseRecord("loans", "L'1", "released", "Read", START, "p-1")
    second = ReleaseRecord("loans", "L'1", "stopped", "No", START + timedelta(days=1), "p-2")
    with store.begin() as conn:
        models.register(conn, model_id="loans", spec_text=contract_text(), actor="a", at=START)
        serving.put_release(conn, first)
        assert serving.find_release(conn, "loans", "L'1") == first
        serving.put_release(conn, second)
    with store.read() as conn:
        assert serving.find_release(conn, "loans", "L'1") == second
        assert serving.find_release(conn, "loans", "L2") is None
