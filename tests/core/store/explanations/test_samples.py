"""Samples are kept as they were drawn; an erasure takes ids, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import NotFound
from core.store import Store, models
from core.store.explanations import samples
from core.store.explanations.samples import SampleItem, SampleRecord

RECORD = SampleRecord(
    id="s1", model_id="loans", method="random", stratum="", condition="", first_day="",
    last_day="", jurisdictions=["HK"], words="Grey heron", reason="Test", root="ab", root_size=7,
    seed="cd", population=3, drawn=2, left_out=0, strata={"": [3, 2]}, frame_sha256="ef",
    drawn_sha256="01", drawn_at=datetime(2026, 1, 2, tzinfo=UTC), drawn_by="p-1",
)  # fmt: skip
ITEMS = (SampleItem(1, "k1", "", "L1"), SampleItem(2, "k2", "", "L2"))
FRAME = b'["k1","",""]\n["k2","",""]\n["k3","",""]\n'


def test_a_sample_is_read_as_it_was_put(store: Store) -> None:
    with store.begin() as conn:
        models.register(conn, model_id="loans", spec_text="", actor="t", at=RECORD.drawn_at)
        samples.put(conn, RECORD, FRAME, ITEMS)
        samples.put(conn, replace(RECORD, id="s2", jurisdictions=None), FRAME, ITEMS[:1])
    with store.read() as conn:
        assert samples.get(conn, "s1") == RECORD
        assert samples.items(conn, "s1") == ITEMS
        assert samples.frame(conn, "s1") == FRAME
        assert [each.id for each in samples.list_of(conn, "loans")] == ["s2", "s1"]
        assert samples.list_of(conn, "cards") == ()
        with pytest.raises(NotFound, match="no sample s9"):
            samples.get(conn, "s9")
    with store.begin() as conn:
        assert samples.forget(conn, [("cards", ["L1"]), ("loans", ["L1", "L9"])]) == 2
    with store.read() as conn:
        first, second = samples.items(conn, "s1")
        assert (first, second) == (replace(ITEMS[0], prediction_id=None), ITEMS[1])


def test_no_more_is_drawn_than_there_is(store: Store) -> None:
    with store.begin() as conn:
        models.register(conn, model_id="loans", spec_text="", actor="t", at=RECORD.drawn_at)
    with pytest.raises(IntegrityError), store.begin() as conn:
        samples.put(conn, replace(RECORD, drawn=4), FRAME, ITEMS)
