from datetime import timedelta

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.store import Store, models, references
from core.store.tables import reference
from tests.support.fakes import START
from tests.support.stored import reference_states

LATER = START + timedelta(hours=1)


@pytest.fixture
def with_models(store: Store) -> Store:
    with store.begin() as conn:
        for model_id in ("m", "n"):
            models.register(conn, model_id=model_id, spec_text="", actor="t", at=START)
    return store


def build(conn: Connection, bins_id: str, model_id: str = "m", rows: int = 10) -> bool:
    return references.put_building(
        conn,
        model_id=model_id,
        bins_id=bins_id,
        bins_json='{"bins": []}',
        window_from=START - timedelta(days=9),
        window_to=START,
        rows=rows,
        actor="ada",
        at=START,
    )


def test_a_reference_comes_into_force_and_is_replaced(with_models: Store) -> None:
    with with_models.begin() as conn:
        assert build(conn, "one")
        assert references.live(conn, "m") is None
        assert models.get(conn, "m").live_bins_id is None
        references.go_live(conn, "m", "one", at=START)
        references.go_live(conn, "m", "one", at=LATER)
        assert models.get(conn, "m").live_bins_id == "one"
        assert build(conn, "two")
        assert models.get(conn, "m").live_bins_id == "one"
        references.go_live(conn, "m", "two", at=LATER)
        live = references.live(conn, "m")
        assert live is not None
        assert (live.bins_id, live.state, live.live_from, live.rows) == ("two", "live", LATER, 10)
        one = references.get(conn, "m", "one")
        assert (one.state, one.live_from, one.retired_at) == ("retired", START, LATER)
        assert models.get(conn, "n").live_bins_id is None
        assert len(models.list_models(conn)) == 2


def test_the_same_bins_may_serve_two_models_and_come_back(with_models: Store) -> None:
    with with_models.begin() as conn:
        assert build(conn, "one")
        assert build(conn, "one", "n")
        references.go_live(conn, "m", "one", at=START)
        assert not build(conn, "one", rows=99)
        assert references.get(conn, "m", "one").rows == 10
        build(conn, "two")
        references.go_live(conn, "m", "two", at=LATER)
        with pytest.raises(Conflict, match="replaced meanwhile"):
            references.go_live(conn, "m", "one", at=LATER)
        assert not build(conn, "one", rows=99)
        references.go_live(conn, "m", "one", at=LATER)
        assert references.get(conn, "m", "one").rows == 99
        assert reference_states(conn, "m") == {"one": "live", "two": "retired"}


def test_a_reference_that_is_given_up(with_models: Store) -> None:
    with with_models.begin() as conn:
        build(conn, "one")
        build(conn, "two")
        references.go_live(conn, "m", "two", at=START)
        references.drop_building(conn, "m", "one", at=LATER)
        references.drop_building(conn, "m", "two", at=LATER)
        assert references.get(conn, "m", "one").state == "retired"
        assert references.get(conn, "m", "two").state == "live"


def test_a_reference_nobody_made(with_models: Store) -> None:
    with with_models.begin() as conn, pytest.raises(NotFound, match="no reference ghost"):
        references.go_live(conn, "m", "ghost", at=START)


def test_the_database_refuses_a_second_live_reference(with_models: Store) -> None:
    with with_models.begin() as conn:
        build(conn, "one")
        build(conn, "two")
    with pytest.raises(IntegrityError), with_models.begin() as conn:
        conn.execute(update(reference).values(state="live"))
