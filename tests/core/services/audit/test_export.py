"""What an export holds and leaves behind; docs/verify checks the same files from outside."""

import json
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, StepUpNeeded
from core.proof.checkpoint import Checkpoint
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import export as audit_export
from core.services.audit.export import AuditExport, Selection, write_export
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.core.services.audit.test_verify import fill
from tests.docs.test_verify import VERIFY
from tests.support.builders import a_workspace
from tests.support.fakes import START

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), origin="cli", pseudonym="p-9")
IN_HONG_KONG = Actor(
    "u8", "otto", AUDITOR.roles, origin="cli", pseudonym="p-8", jurisdictions=frozenset({"HK"})
)
ENTRIES = 9


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home")
    fill(opened, ENTRIES)
    yield opened
    opened.store.close()


def lines_of(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def test_a_whole_export_says_what_it_holds(site: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = write_export(site, out, actor=AUDITOR)
    # The entry that tells of the export is in it.
    assert done == AuditExport(str(out), entries=ENTRIES + 1, whole=True, size=ENTRIES + 1)
    told = manifest_of(out)
    assert (told["format"], told["version"]) == ("harbourlight-audit-export", 1)
    assert (told["entries"], told["count"], told["size"]) == ("all", 10, 10)
    assert told["selection"] == {}
    assert set(told["files"]) == {path.name for path in out.iterdir()} - {"manifest.json"}
    assert len((out / "leaves.bin").read_bytes()) == 10 * 32
    newest = lines_of(out, "entries.jsonl")[-1]
    assert (newest["kind"], newest["body"]) == (
        "audit.exported",
        {"payloads": False, "selection": {}},
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out"]


def test_a_selection_holds_a_proof_for_each_entry(site: Workspace, tmp_path: Path) -> None:
    out, chosen = tmp_path / "out", Selection(person="p-1", objects={"model": "loans"})
    done = write_export(site, out, actor=AUDITOR, selection=chosen)
    assert (done.entries, done.whole, done.size) == (4, False, 10)
    told = manifest_of(out)
    assert (told["entries"], told["count"], told["size"]) == ("selected", 4, 10)
    assert told["selection"] == {"person": "p-1", "objects": {"model": "loans"}}
    assert [each["sequence"] for each in lines_of(out, "proofs.jsonl")] == [2, 4, 6, 8]
    assert not (out / "leaves.bin").exists()
    assert VERIFY.verify(out).problems == []


def test_who_sees_one_jurisdiction_never_gets_the_whole(site: Workspace, tmp_path: Path) -> None:
    done = write_export(site, tmp_path / "out", actor=IN_HONG_KONG)
    assert not done.whole
    assert manifest_of(tmp_path / "out")["entries"] == "selected"


@pytest.mark.parametrize("selection", [None, Selection(kind="test.done")])
def test_what_is_appended_meanwhile_is_left_out(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selection: Selection | None
) -> None:
    def make(workspace: Workspace, **more: Any) -> Checkpoint:
        made = audit_checkpoints.make_checkpoint(workspace, **more)
        fill(workspace, 2, personal=False)
        return made

    monkeypatch.setattr(audit_export, "make_checkpoint", make)
    done = write_export(site, tmp_path / "out", actor=AUDITOR, selection=selection)
    assert done.size == ENTRIES + 1
    assert done.entries == (ENTRIES if selection else ENTRIES + 1)
    assert VERIFY.verify(tmp_path / "out").problems == []


def test_the_share_done_is_told_on_the_way(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "_PAGE", 2)
    fill(site, 31, personal=False)
    shares: list[float] = []
    done = write_export(site, tmp_path / "out", actor=AUDITOR, progress=shares.append)
    assert done.entries == 41
    assert shares == [20 / 41, 0.95]  # the rest is packing
    assert [each["sequence"] for each in lines_of(tmp_path / "out", "entries.jsonl")] == [
        *range(1, 42)
    ]


def test_a_selection_links_so_many_checkpoints_and_always_the_first(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    for _ in range(5):
        sizes.append(audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command").size)
        fill(site, 1, personal=False)
    monkeypatch.setattr(audit_export, "_MOST_LINKED", 4)
    out = tmp_path / "some"
    done = write_export(site, out, actor=AUDITOR, selection=Selection(kind="test.done"))
    linked = [each["first"] for each in lines_of(out, "consistency.jsonl")]
    assert linked == [sizes[0], sizes[3], sizes[4], done.size]
    assert [each["size"] for each in lines_of(out, "checkpoints.jsonl")] == linked
    assert VERIFY.verify(out).problems == []
    whole = write_export(site, tmp_path / "all", actor=AUDITOR)
    assert len(lines_of(tmp_path / "all", "checkpoints.jsonl")) == 7
    assert [each["first"] for each in lines_of(tmp_path / "all", "consistency.jsonl")] == sizes[:1]
    assert whole.size == done.size + 1


def test_payloads_are_opened_for_whoever_may_and_that_is_noted(
    site: Workspace, tmp_path: Path
) -> None:
    lead = Actor("u7", "lead", frozenset({Role.compliance_lead}), origin="cli", pseudonym="p-7")
    with pytest.raises(Forbidden):
        write_export(site, tmp_path / "no", actor=AUDITOR, payloads=True)
    write_export(site, tmp_path / "out", actor=lead, payloads=True)
    opened = lines_of(tmp_path / "out", "openings.jsonl")
    assert [(each["sequence"], each["payload"]) for each in opened] == [
        (2, '{"name":"N1"}'),
        (6, '{"name":"N5"}'),
    ]
    assert (tmp_path / "out" / "erased.jsonl").read_bytes() == b""
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="audit.exported")
    assert entry.body == {"payloads": True, "selection": {}}


def test_a_packed_export_holds_the_same_files(site: Workspace, tmp_path: Path) -> None:
    write_export(site, tmp_path / "out.zip", actor=AUDITOR)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        told = json.loads(archive.read("manifest.json"))
        assert sorted(archive.namelist()) == sorted([*told["files"], "manifest.json"])
        assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out.zip"]


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_export_that_fails_leaves_nothing_behind(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    left = tmp_path / f".{name}.partial"
    left.mkdir()
    (left / "of-an-earlier-attempt").touch()

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(audit_export, "_move", fail)
        with pytest.raises(OSError, match="disk is full"):
            write_export(site, tmp_path / name, actor=AUDITOR)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        with pytest.raises(OSError, match="disk is full"):
            write_export(site, tmp_path / name, actor=AUDITOR)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_target_that_is_there_and_a_stale_sign_in_are_refused(
    site: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="exists already"):
        write_export(site, tmp_path, actor=AUDITOR)
    web = Actor("u9", "iris", AUDITOR.roles, origin="web")
    with pytest.raises(StepUpNeeded):
        write_export(site, tmp_path / "out", actor=web)
    with site.store.read() as conn:
        assert audit.size(conn) == ENTRIES


def test_a_selection_of_nothing_is_none() -> None:
    assert not Selection()
    assert not Selection(kind="", objects={})
    for one in (
        Selection(kind="k"),
        Selection(person="p"),
        Selection(objects={"a": "b"}),
        Selection(since=START),
        Selection(until=START),
    ):
        assert one
