"""Reasons that speak of a person: read while the person is there, gone with the person."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Actor
from core.errors import Conflict, InvalidInput
from core.services.audit import trail as audit_trail
from core.services.audit import verify as audit_verify
from core.services.audit.export import write_export
from core.services.audit.trail import Search
from core.services.erasure import asking as erasure
from core.services.personal import masking as personal
from core.services.personal import reveals
from core.services.personal.refused_rows import refused_files, reveal_refused
from core.services.retention import holds
from core.services.serving import releases
from core.services.serving import state as model_state
from core.services.workspace import Workspace
from core.store.audit import subjects
from core.store.audit import trail as audit
from tests.core.services.erasure.test_asking import hits
from tests.support.builders import ADMIN
from tests.support.erasing import PERSON, SECRET, a_peopled_workspace, erase, people

MINE, THEIRS = "L000005", "L000006"
WORDS = {
    "reveal": "Complaint Kingfisher of the branch",
    "refused": "Complaint Spoonbill of the branch",
    "released": "Looked into Sandpiper",
    "stopped": "Looked into Curlew",
    "placed": "Case Egret",
    "lifted": "Case Egret closed",
}
OTHER = "Complaint Bulbul of the branch"
SCRIPT = Path(__file__).resolve().parents[4] / "docs" / "verify" / "verify.py"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    yield opened
    opened.store.close()


@pytest.fixture
def actors(site: Workspace) -> dict[str, Actor]:
    return people(site)


def act(site: Workspace, lead: Actor) -> None:
    """Do everything that asks for a reason, about the person; and one reveal of somebody else."""
    personal.reveal(site, "loans", MINE, ["address"], reason=WORDS["reveal"], actor=lead)
    ((batch, file),) = refused_files(site, "loans", actor=lead)
    reveal_refused(
        site, "loans", batch, (file, 3), ["address"], reason=WORDS["refused"], actor=lead
    )
    releases.release(site, "loans", MINE, reason=WORDS["released"], actor=lead)
    releases.stop(site, "loans", MINE, reason=WORDS["stopped"], actor=lead)
    hold = holds.place_hold(site, actor=lead, reason=WORDS["placed"], subject=PERSON)
    holds.lift_hold(site, hold.id, actor=lead, reason=WORDS["lifted"])
    personal.reveal(site, "loans", THEIRS, ["address"], reason=OTHER, actor=lead)


def committed(site: Workspace) -> dict[str, audit.AuditEntry]:
    with site.store.read() as conn:
        found = audit.list_newest(conn, limit=100)
    return {
        f"{each.kind} {each.objects.get('prediction', '')}": each
        for each in found
        if each.body.keys() >= audit.COMMITTED
    }


def outsider(path: Path) -> Any:
    """Let the stand-alone verifier check an export."""
    spec = importlib.util.spec_from_file_location("harbourlight_verify_reasons", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.verify(path, None, [])


def test_the_trail_binds_reasons_under_the_key_of_whom_they_are_about(
    site: Workspace, actors: dict[str, Actor], tmp_path: Path
) -> None:
    lead = actors["lydia"]
    act(site, lead)
    mine, theirs = (site.keys.subject_id(each) for each in (PERSON, "CUST-0006"))
    entries = committed(site)
    assert {name: each.body["subject"] for name, each in entries.items()} == {
        f"personal.revealed {MINE}": mine,
        "personal.revealed ": mine,
        f"prediction.released {MINE}": mine,
        f"prediction.stopped {MINE}": mine,
        "hold.placed ": mine,
        "hold.lifted ": mine,
        f"personal.revealed {THEIRS}": theirs,
    }
    assert not any("reason" in key for each in entries.values() for key in each.body)
    with site.store.read() as conn:
        trail = b"".join(each.canonical for each in audit.read(conn))
    assert not any(word.encode() in trail for word in (*WORDS.values(), OTHER))
    told = reveals.list_reveals(site, actor=lead)
    assert [each.reason for each in told] == [OTHER, WORDS["refused"], WORDS["reveal"]]
    shown = audit_trail.detail(site, entries[f"prediction.stopped {MINE}"].sequence, actor=lead)
    assert (shown.payload, shown.reason) == ("kept", WORDS["stopped"])
    listed = audit_trail.entries(site, Search(kind="hold.lifted"), actor=lead)
    assert [each.reason for each in listed] == [WORDS["lifted"]]
    write_export(site, tmp_path / "open", actor=lead, payloads=True)
    lines = (tmp_path / "open" / "openings.jsonl").read_text(encoding="utf-8").splitlines()
    opened = {json.loads(json.loads(line)["payload"])["reason"] for line in lines}
    assert opened == {*WORDS.values(), OTHER}
    report = outsider(tmp_path / "open")
    assert report.problems == []
    assert "personal payloads: 7 opened and as signed, 0 erased, 0 kept closed" in str(
        report.checked
    )
    found = audit_verify.verify(site, actor=lead)
    assert (found.passed, found.opened, found.erased) == (True, 7, 0)


def test_they_go_with_the_person_and_the_trail_still_verifies(
    site: Workspace, actors: dict[str, Actor], tmp_path: Path
) -> None:
    lead = actors["lydia"]
    act(site, lead)
    before = committed(site)
    _, report = erase(site, actors)
    assert (report["stores"]["payloads"], report["stores"]["keys"]) == (6, 1)
    assert report["stores"]["hold_reasons"] == 1
    assert [each.reason for each in reveals.list_reveals(site, actor=lead)] == [OTHER, None, None]
    place = before[f"prediction.stopped {MINE}"].sequence
    shown = audit_trail.detail(site, place, actor=lead)
    assert (shown.payload, shown.reason) == ("erased", None)
    (hold,) = holds.list_holds(site, actor=lead)
    assert (hold.reason, hold.lift_reason) == ("[erased]", "[erased]")
    left = b"".join(path.read_bytes() for path in site.settings.home.rglob("*") if path.is_file())
    assert [word for word in WORDS.values() if word.encode() in left] == []
    assert hits(site.settings.home) == []
    found = audit_verify.verify(site, actor=lead)
    assert (found.passed, found.opened, found.erased) == (True, 1, 6)
    write_export(site, tmp_path / "after", actor=lead, payloads=True)
    told = outsider(tmp_path / "after")
    assert told.problems == []
    assert "personal payloads: 1 opened and as signed, 6 erased, 0 kept closed" in str(told.checked)
    # Nothing about the person is recorded any more.
    with pytest.raises(Conflict, match="was erased"):
        holds.place_hold(site, actor=lead, reason="Case Heron", subject=PERSON)


def test_a_line_that_names_nobody_has_a_key_of_its_own(
    site: Workspace, actors: dict[str, Actor]
) -> None:
    lead = actors["lydia"]
    ((batch, file),) = refused_files(site, "loans", actor=lead)
    seen = reveal_refused(
        site, "loans", batch, (file, 6), ["address"], reason=WORDS["refused"], actor=lead
    )
    assert seen == {"*": f"L000500,{PERSON},{SECRET}"}
    (entry,) = committed(site).values()
    assert entry.body["subject"] == site.keys.subject_id(f"refused row {batch} 0 6")
    erase(site, actors)
    with site.store.read() as conn:
        assert len(subjects.payloads(conn, [entry.sequence])) == 1
    assert audit_verify.verify(site, actor=ADMIN).passed


@pytest.mark.parametrize("named", [PERSON, PERSON.lower().replace("-", " "), SECRET.upper()])
def test_a_reason_names_no_value_of_the_row_asked_for_or_not(
    site: Workspace, actors: dict[str, Actor], named: str
) -> None:
    lead, why = actors["lydia"], f"asked for by {named}, case 7"
    with site.store.read() as conn:
        before = audit.size(conn)
    ((batch, file),) = refused_files(site, "loans", actor=lead)
    with pytest.raises(InvalidInput, match="Name the case"):
        personal.reveal(site, "loans", MINE, ["sex"], reason=why, actor=lead)
    for line in (3, 6):
        with pytest.raises(InvalidInput, match="Name the case"):
            reveal_refused(site, "loans", batch, (file, line), ["sex"], reason=why, actor=lead)
    for decide in (releases.release, releases.stop):
        with pytest.raises(InvalidInput, match="Name the case"):
            decide(site, "loans", MINE, reason=why, actor=lead)
    with site.store.read() as conn:
        assert audit.size(conn) == before


def test_a_reason_about_nobody_names_nobody_whom_the_workspace_knows(
    site: Workspace, actors: dict[str, Actor]
) -> None:
    lead = actors["lydia"]
    with pytest.raises(InvalidInput, match="names the person"):
        holds.place_hold(site, actor=lead, reason="case of cust77琪", subject=PERSON)
    hold = holds.place_hold(site, actor=lead, reason="case 7", subject=PERSON)
    for named in (PERSON, PERSON.lower(), f"({PERSON})"):
        why = f"error with {named}"
        with pytest.raises(InvalidInput, match="names a person"):
            model_state.suspend(site, "loans", reason=why, actor=lead)
        with pytest.raises(InvalidInput, match="names a person"):
            holds.lift_hold(site, hold.id, actor=lead, reason=why)
        with pytest.raises(InvalidInput, match="names a person"):
            holds.place_hold(site, actor=lead, reason=why, model="loans")
        with pytest.raises(InvalidInput, match="names a person"):
            personal.reveal(site, "loans", THEIRS, ["address"], reason=why, actor=lead)
        with pytest.raises(InvalidInput, match="names a person"):
            releases.stop(site, "loans", THEIRS, reason=why, actor=lead)
    holds.lift_hold(site, hold.id, actor=lead, reason="closed")
    with pytest.raises(InvalidInput, match="names a person"):
        erasure.propose_erasure(site, "CUST-0006", basis=f"as for {PERSON}", actor=actors["connie"])
    assert not model_state.read_state(site, "loans").suspended
