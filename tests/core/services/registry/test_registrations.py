"""A contract that guards people less takes two; the trail binds every contract."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from sqlalchemy import update

from core.domain.identity import Actor, Role
from core.errors import Conflict, ContractError, Forbidden, InvalidInput
from core.services.approvals import four_eyes as approvals
from core.services.approvals.kinds import KINDS
from core.services.identity import people
from core.services.registry import models as registry
from core.services.registry.registrations import LOOSEN_KIND, Registered
from core.services.serving import releases
from core.store import models
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from core.store.identity import assignments
from core.store.tables import approval as approval_table
from tests.support.builders import a_log
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

HELD = prediction(0)  # of version 1, which is in the loop


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


@pytest.fixture
def eve(world: Serving) -> Actor:
    return world["data_scientist"]


def in_force(world: Serving) -> models.ModelRecord:
    with world.workspace.store.read() as conn:
        return models.get(conn, MODEL)


def entry(world: Serving, kind: str = "model.registered") -> AuditEntry:
    with world.workspace.store.read() as conn:
        return next(each for each in audit.list_newest(conn, limit=9) if each.kind == kind)


def changed(world: Serving, folder: Path, **changes: Any) -> Path:
    """Write the contract in force to a file, some fields changed."""
    document = {**yaml.safe_load(in_force(world).spec_text), **changes}
    path = folder / "model.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def freed(world: Serving, folder: Path) -> Path:
    versions = [{"id": str(number), "oversight_level": "out_of_the_loop"} for number in range(1, 5)]
    return changed(world, folder, versions=versions, owner="Jane Doe")


def hand_in(
    world: Serving, spec: Path, actor: Actor, reason: str = "The trial is over."
) -> Registered:
    return registry.register_model(world.workspace, spec, actor=actor, reason=reason)


def answer(world: Serving) -> str:
    return releases.read_release(world.workspace, MODEL, HELD).state


def test_the_entry_binds_the_text_and_tells_what_changed(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    spec = changed(world, tmp_path, id="other")
    hand_in(world, spec, eve)
    first = entry(world)
    digest = hashlib.sha256(spec.read_bytes()).hexdigest()
    assert (first.body["sha256"], first.body["previous_sha256"]) == (digest, None)
    assert first.body["changes"] == first.body["loosened"] == []
    before = in_force(world)
    thresholds = {"psi": {"watch": 0.2, "act": 0.3}}
    spec = changed(world, tmp_path, owner="Jane Doe", thresholds=thresholds)
    done = hand_in(world, spec, eve)
    assert (done.revision, done.changed, done.approval) == (2, True, None)
    told = entry(world).body
    assert told["sha256"] == hashlib.sha256(spec.read_bytes()).hexdigest()
    assert told["previous_sha256"] == before.spec_sha256
    stated = {each["path"]: each for each in json.loads(json.dumps(told["changes"]))}
    # Free text may name a person, and an entry is kept for ever: its path is enough.
    assert stated["owner"] == {"path": "owner"}
    assert stated["thresholds.psi.watch"]["after"] == "0.2"
    assert "Jane" not in str(told)


def test_less_oversight_waits_for_a_second_person(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    before = in_force(world)
    spec = freed(world, tmp_path)
    assert answer(world) == "held"
    with pytest.raises(InvalidInput, match=r"versions\[1\]\.oversight_level.*second person"):
        hand_in(world, spec, eve, reason=" ")
    waiting = hand_in(world, spec, eve)
    assert (waiting.revision, waiting.changed) == (1, False)
    assert waiting.loosened == (
        "versions[1].oversight_level",
        "versions[2].oversight_level",
        "versions[4].oversight_level",
    )
    assert in_force(world) == before
    assert answer(world) == "held"
    asked = approvals.get_approval(world.workspace, str(waiting.approval), actor=eve)
    assert next(iter(asked.before.items())) == ("versions[1].oversight_level", "in_the_loop")
    assert asked.after["owner"] == "Jane Doe"
    with pytest.raises(Conflict, match="proposed already"):
        hand_in(world, spec, eve)
    for name in ("data_scientist", "admin", "compliance", "auditor", "developer"):
        with pytest.raises(Forbidden):
            approvals.approve(world.workspace, asked.id, actor=world[name])
    assert in_force(world) == before
    approvals.approve(world.workspace, asked.id, actor=world["compliance_lead"])
    now = in_force(world)
    assert now.spec_text == spec.read_text(encoding="utf-8")
    assert (now.spec_revision, now.registered_by) == (2, eve.username)
    assert answer(world) == "released"
    told = entry(world)
    assert told.objects == {"model": MODEL, "approval": asked.id}
    assert told.actor == world["compliance_lead"].audit_name
    assert told.body["loosened"] == list(waiting.loosened)
    assert told.body["sha256"] == hashlib.sha256(spec.read_bytes()).hexdigest()


def test_nobody_loosens_alone_whatever_their_roles(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    owner = world["admin"]
    people.set_roles(
        world.workspace, eve.user_id, [Role.data_scientist, Role.compliance_lead], actor=owner
    )
    both = people.find_person(world.workspace, eve.username, actor=owner).actor("cli")
    waiting = hand_in(world, freed(world, tmp_path), both)
    with pytest.raises(Forbidden, match="proposed"):
        approvals.approve(world.workspace, str(waiting.approval), actor=both)


def test_a_lead_who_develops_the_model_does_not_decide(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    lead = world["second_lead"]
    waiting = hand_in(world, freed(world, tmp_path), eve)
    with world.workspace.store.begin() as conn:
        assignments.assign(
            conn,
            user_id=lead.user_id,
            model_id=MODEL,
            kind="developer",
            actor="ada",
            at=world.workspace.clock(),
        )
    with pytest.raises(Forbidden, match="developer of the model"):
        approvals.approve(world.workspace, str(waiting.approval), actor=lead)


def test_what_was_changed_meanwhile_is_not_put_into_force(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    waiting = hand_in(world, freed(world, tmp_path), eve)
    hand_in(world, changed(world, tmp_path, owner="Retail"), eve)
    with pytest.raises(Conflict, match="changed meanwhile"):
        approvals.approve(world.workspace, str(waiting.approval), actor=world["compliance_lead"])
    found = approvals.get_approval(world.workspace, str(waiting.approval), actor=eve)
    assert found.state == "pending"
    assert yaml.safe_load(in_force(world).spec_text)["owner"] == "Retail"


def test_another_text_than_the_one_shown_is_not_put_into_force(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    before = in_force(world)
    waiting = hand_in(world, freed(world, tmp_path), eve)
    asked = approvals.get_approval(world.workspace, str(waiting.approval), actor=eve)
    swapped = {**asked.command, "spec_text": str(asked.command["spec_text"]) + "\n# more\n"}
    with world.workspace.store.begin() as conn:
        conn.execute(
            update(approval_table).where(approval_table.c.id == asked.id).values(command=swapped)
        )
    with pytest.raises(Conflict, match="changed meanwhile"):
        approvals.approve(world.workspace, asked.id, actor=world["compliance_lead"])
    assert in_force(world) == before


def test_a_rejection_leaves_the_contract_as_it_was(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    before = in_force(world)
    waiting = hand_in(world, freed(world, tmp_path), eve)
    approvals.reject(
        world.workspace, str(waiting.approval), actor=world["compliance_lead"], reason="No grounds."
    )
    assert in_force(world) == before
    assert hand_in(world, freed(world, tmp_path), eve).approval != waiting.approval


def test_what_is_masked_stays_masked_until_two_agree(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    columns = yaml.safe_load(in_force(world).spec_text)["columns"]
    guarded = [{**columns[0], "personal": True}, *columns[1:]]
    name = columns[0]["name"]
    # More guard is one person's.
    assert hand_in(world, changed(world, tmp_path, columns=guarded), eve).changed
    waiting = hand_in(world, changed(world, tmp_path, columns=columns), eve)
    assert waiting.loosened == (f"columns[{name}].personal",)
    found = registry.get_model(world.workspace, MODEL, actor=eve)
    assert found.contract.is_personal(name)
    approvals.approve(world.workspace, str(waiting.approval), actor=world["compliance_lead"])
    found = registry.get_model(world.workspace, MODEL, actor=eve)
    assert not found.contract.is_personal(name)


def test_a_breaking_change_is_refused_before_anybody_is_asked(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    spec = changed(world, tmp_path, timezone="Europe/London", protected=[])
    with pytest.raises(ContractError, match="Rows are stored already"):
        hand_in(world, spec, eve)
    assert approvals.list_approvals(world.workspace, actor=eve) == ()


def test_files_of_a_waiting_contract_are_attached_on_approval(
    world: Serving, eve: Actor, tmp_path: Path
) -> None:
    rows = pd.DataFrame(a_log(20))
    rows.to_parquet(tmp_path / "training.parquet")
    versions = [{"id": "1", "oversight_level": "in_command", "training": "training.parquet"}]
    versions += yaml.safe_load(in_force(world).spec_text)["versions"][1:]
    waiting = hand_in(world, changed(world, tmp_path, versions=versions), eve)
    assert registry.model_files(world.workspace, MODEL, actor=eve) == ()
    approvals.approve(world.workspace, str(waiting.approval), actor=world["compliance_lead"])
    (file,) = registry.model_files(world.workspace, MODEL, actor=eve)
    assert (file.version, file.role, file.added_by) == ("1", "training", eve.username)
    assert (world.workspace.settings.home / file.path).is_file()


def test_of_two_who_compared_with_the_same_contract_one_is_told(world: Serving) -> None:
    before = in_force(world)
    with world.workspace.store.begin() as conn:
        models.register(
            conn,
            model_id=MODEL,
            spec_text="a: 1",
            actor="x",
            at=world.workspace.clock(),
            replaces=before.spec_sha256,
        )
        with pytest.raises(Conflict, match="changed meanwhile"):
            models.register(
                conn,
                model_id=MODEL,
                spec_text="b: 1",
                actor="x",
                at=world.workspace.clock(),
                replaces=before.spec_sha256,
            )


def test_the_kind_is_one_of_the_approvals() -> None:
    assert KINDS[LOOSEN_KIND].decide == "contract.approve"
