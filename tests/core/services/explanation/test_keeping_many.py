"""Many records are kept with one entry of the trail, and each can be held against it."""

from hashlib import sha256
from pathlib import Path

import pytest

from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Role
from core.errors import Conflict, Forbidden
from core.services.explanation import batch
from core.services.explanation.batch import explain_many
from core.services.explanation.choosing import choose_decisions
from core.services.explanation.finding import explained_each
from core.services.explanation.keeping import read_kept
from core.services.explanation.keeping_many import keep_many
from core.services.explanation.openings import commitment
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from tests.support.demo_slices import SBA
from tests.support.explained import Explained


def found(world: Explained, count: int) -> tuple[ExplanationRecord, ...]:
    officer = world.people[Role.compliance]
    chosen = choose_decisions(world.workspace, SBA, "true", limit=1_000, actor=officer)
    decisions = next(chosen.chunks(world.workspace, count))
    return explained_each(world.workspace, decisions, None, by=officer.audit_name)


def test_one_entry_binds_them_all(world: Explained) -> None:
    officer, records = world.people[Role.compliance], found(world, 3)
    kept = keep_many(world.workspace, SBA, records, buried=0, actor=officer)

    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="explanation.kept_many")
        assert audit.list_newest(conn, kind="explanation.kept") == ()
    hashes = [sha256(canonical_bytes(each.document())).hexdigest() for each in records]
    assert entry.objects == {"model": SBA}
    assert entry.body == {
        "count": 3,
        "first": kept[0].id,
        "last": kept[2].id,
        "hashes": hashes,
        "sha256": sha256(canonical_bytes(hashes)).hexdigest(),
        "fields": [commitment(each.document()) for each in records],
    }
    for each, record in zip(kept, records, strict=True):
        assert world.kept(each.prediction_id) == (each,)
        assert canonical_bytes(read_kept(world.workspace, each)) == canonical_bytes(
            record.document()
        )


def test_records_are_numbered_after_earlier_ones(world: Explained) -> None:
    officer, records = world.people[Role.compliance], found(world, 2)
    first = keep_many(world.workspace, SBA, records, buried=0, actor=officer)
    again = keep_many(world.workspace, SBA, records[1:], buried=0, actor=officer)
    assert [each.number for each in (*first, *again)] == [1, 1, 2]


def test_nothing_is_kept_once_somebody_was_erased(world: Explained) -> None:
    officer, records = world.people[Role.compliance], found(world, 2)
    with pytest.raises(Conflict, match="erased"):
        keep_many(world.workspace, SBA, records, buried=-1, actor=officer)
    assert world.kept(records[0].subject.prediction_id) == ()


def test_who_only_looks_keeps_nothing(world: Explained) -> None:
    records = found(world, 1)
    with pytest.raises(Forbidden):
        keep_many(world.workspace, SBA, records, buried=0, actor=world.people[Role.auditor])


def test_a_batch_keeps_chunk_by_chunk(
    world: Explained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 20)
    officer, count = world.people[Role.compliance], len(world.log)
    manifest = explain_many(
        world.workspace, SBA, "true", tmp_path / "out", actor=officer, keep=True
    )
    assert (manifest["count"], manifest["kept"]) == (count, count)
    with world.workspace.store.read() as conn:
        entries = audit.list_newest(conn, kind="explanation.kept_many")
    counts = [each.body["count"] for each in reversed(entries)]
    assert sum(map(int, map(str, counts))) == count
    assert counts[:-1] == [20] * (len(counts) - 1)
    assert len(counts) > 1
