"""Explanations are kept sealed, bound by the trail, and go with the person."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from core.domain.identity import Role
from core.errors import Forbidden, StorageError
from core.services.explanation import keeping
from core.services.explanation.keeping import keep_explanation, read_kept
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.explanations import records as explanations
from tests.support.demo_slices import SBA
from tests.support.explained import Explained


def test_what_is_kept_can_be_read_back_and_is_bound_by_the_trail(world: Explained) -> None:
    officer = world.people[Role.compliance]
    kept, record = keep_explanation(world.workspace, SBA, world.worst(), actor=officer)

    document = read_kept(world.workspace, kept)
    assert document == json.loads(canonical_bytes(record.document()))
    assert sha256(canonical_bytes(document)).hexdigest() == kept.sha256
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="explanation.kept")
    assert entry.objects["explanation"] == kept.id
    assert entry.objects["prediction"] == world.worst()
    assert entry.body["sha256"] == kept.sha256
    amount = str(world.row(world.worst())["loan_amount"])
    assert amount not in entry.canonical.decode()
    assert amount.encode() not in kept.sealed


def test_each_record_of_a_decision_has_its_number(world: Explained) -> None:
    officer, prediction = world.people[Role.compliance], world.worst()
    made = [keep_explanation(world.workspace, SBA, prediction, actor=officer)[0] for _ in range(2)]

    found = world.kept(prediction)
    assert found == tuple(reversed(made))
    assert [each.number for each in found] == [2, 1]
    assert made[0].sha256 != made[1].sha256  # each has a random part of its own
    assert world.kept(world.best()) == ()


def test_a_changed_record_is_found_out(world: Explained) -> None:
    kept, _ = keep_explanation(
        world.workspace, SBA, world.worst(), actor=world.people[Role.compliance]
    )
    other = world.workspace.keys.seal(keeping._SEAL, b"{}")

    with pytest.raises(StorageError, match="not what was kept"):
        read_kept(world.workspace, replace(kept, sealed=other))


def test_who_only_looks_keeps_nothing(world: Explained) -> None:
    for role in (Role.auditor, Role.data_scientist, Role.admin):
        with pytest.raises(Forbidden):
            keep_explanation(world.workspace, SBA, world.worst(), actor=world.people[role])


def test_an_erasure_takes_the_records_of_the_person(world: Explained) -> None:
    officer = world.people[Role.compliance]
    gone, stays = (
        keep_explanation(world.workspace, SBA, each, actor=officer)[0]
        for each in (world.worst(), world.worst(3))
    )
    with world.workspace.store.begin() as conn:
        assert explanations.forget(conn, gone.subject_id, model_id="other") == 0
        assert explanations.forget(conn, gone.subject_id, model_id=SBA) == 1
        assert explanations.of_prediction(conn, SBA, gone.prediction_id) == ()
        assert explanations.of_prediction(conn, SBA, stays.prediction_id) == (stays,)
        by_id = [(SBA, [stays.prediction_id])]
        assert explanations.forget(conn, "nobody", model_id=None, predictions=by_id) == 1
