"""A pack holds what was drawn, says what could not be made, and shows every changed byte."""

import json
import random
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import update

from core.domain.identity import Permission, Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.reports.dossier.verify import packed, unpacked
from core.services import exports
from core.services.examiner import packs
from core.services.examiner.drawing import draw_sample, read_sample
from core.services.jobs.tasks import HANDLERS
from core.store import jobs
from core.store.audit import trail as audit
from core.store.tables import sample_item
from tests.core.services.examiner.conftest import Packed
from tests.support.demo_slices import SBA, sba_log
from tests.support.dossiers import PERSONAL, check_apart
from tests.support.explained import an_explained_workspace
from tests.support.packs import PLAN, a_pack, check_pack_apart, order_of, report_of


def test_it_passes_on_a_machine_without_harbourlight(made: Packed, tmp_path: Path) -> None:
    code, said = check_pack_apart(tmp_path / "apart", made.content, "--key", made.key)
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said
    assert "FAIL" not in said
    assert "PASS  sample.json: drawing again gives the same 3 decisions" in said
    assert "PASS  proof.json: the key is the one that you gave" in said

    damaged = bytearray(made.content)
    damaged[len(damaged) // 2] ^= 1
    code, said = check_pack_apart(tmp_path / "apart", bytes(damaged), "--key", made.key)
    assert (code, said.splitlines()[-1]) == (1, "FAIL"), said


def test_each_dossier_in_it_passes_by_itself(made: Packed, tmp_path: Path) -> None:
    named = sorted(name for name in made.files if name.startswith("dossiers/"))
    assert named == [f"dossiers/{place:03}.zip" for place in (1, 2, 3)]
    code, said = check_apart(tmp_path / "one", made.files[named[0]], "--key", made.key)
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said


def test_it_is_of_what_was_drawn_and_says_how(made: Packed) -> None:
    sample = json.loads(made.files["sample.json"])
    _, items = read_sample(
        made.world.workspace, made.record.id, actor=made.world.people[Role.auditor]
    )
    told = [
        json.loads(unpacked(made.files[e["file"]])["dossier.json"]) for e in sample["decisions"]
    ]
    assert [each["decision"]["prediction"] for each in told] == [e.prediction_id for e in items]
    assert sample["words"] == PLAN.words
    assert sample["population"] == len(made.world.log)
    assert "at most 55 of 89" in sample["shows"][0]
    assert b"python verify.py pack.zip" in made.files["README.txt"]


def test_any_changed_byte_is_found(made: Packed) -> None:
    """Of the archive: 200 places by a fixed seed, and each file's own, named by its name."""
    draw = random.Random(11)  # which bytes are tried, no secret
    for _ in range(200):
        damaged = bytearray(made.content)
        damaged[draw.randrange(len(damaged))] ^= draw.randrange(1, 256)
        assert not report_of(bytes(damaged), made.key)[0]
    for name, content in made.files.items():
        damaged = bytearray(content)
        damaged[draw.randrange(len(damaged))] ^= draw.randrange(1, 256)
        passed, failed = report_of(packed({**made.files, name: bytes(damaged)}), made.key)
        assert not passed
        if name != "proof.json":  # whose damage may show in any check that it proves
            assert any(name in each for each in failed) or "cannot be read" in failed[-1], name


def test_what_was_taken_out_added_or_exchanged_is_found(made: Packed) -> None:
    files = made.files
    without = {name: content for name, content in files.items() if name != "dossiers/002.zip"}
    assert report_of(packed(without))[1][0] == "dossiers/002.zip is the file in the manifest"
    more = packed({**files, "more.txt": b"x"})
    assert report_of(more)[1] == ["more.txt is the file in the manifest"]
    exchanged = {**files, "dossiers/001.zip": files["dossiers/002.zip"]}
    failed = report_of(packed(exchanged))[1]
    assert "dossiers/001.zip is of the decision that was drawn" in failed


def test_a_sample_that_was_not_drawn_is_found_even_with_a_manifest_of_its_own(
    made: Packed,
) -> None:
    sample = json.loads(made.files["sample.json"])
    sample["decisions"].reverse()
    content = json.dumps(sample, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    files = {**made.files, "sample.json": content}
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["sample.json"] = sha256(content).hexdigest()
    files["manifest.json"] = json.dumps(manifest, separators=(",", ":"), sort_keys=True).encode()
    failed = report_of(packed(files), made.key)[1]
    assert "manifest.json is the one that the trail tells of" in failed
    assert "sample.json: drawing again gives the same 3 decisions" in failed


def test_the_trail_tells_for_whom_why_and_of_which_file(made: Packed) -> None:
    with made.world.workspace.store.read() as conn:
        about = {"sample": made.record.id}
        (bound,) = audit.list_newest(conn, kind="pack.made", objects=about)
        (given,) = audit.list_newest(conn, kind="pack.given", objects=about)
    assert bound.body["manifest"] == sha256(made.files["manifest.json"]).hexdigest()
    assert (bound.body["dossiers"], bound.body["without"]) == (3, 0)
    assert given.body["sha256"] == sha256(made.content).hexdigest()
    assert (given.body["to"], given.body["reason"]) == ("An examiner's office", "Examination 12")


def test_the_worker_makes_it_and_only_who_ordered_fetches_it(made: Packed) -> None:
    workspace, actor = made.world.workspace, made.world.people[Role.auditor]
    record = draw_sample(workspace, replace(PLAN, n=1), actor=actor)
    ticket = packs.order_pack(workspace, order_of(record, "zh-HK"), actor=actor)
    assert not packs.order_pack(workspace, order_of(record), actor=actor).created
    job = packs.newest_packs(workspace, SBA, actor=actor)[record.id]
    assert packs.hand_over(workspace, job, actor=actor) is None
    told: list[float] = []
    result = HANDLERS[packs.PACK_JOB](workspace, job, lambda share, _: told.append(share))
    assert told == [0.0]
    assert (result["dossiers"], result["without"]) == (1, 0)
    with workspace.store.begin() as conn:
        claimed = jobs.claim(
            conn, owner="w", at=workspace.clock(), lease=packs.LIFETIME, kinds=[packs.PACK_JOB]
        )
        assert claimed is not None
        assert claimed.id == ticket.id
        jobs.finish(conn, ticket.id, owner="w", result=result, at=workspace.clock())
    job = packs.newest_packs(workspace, SBA, actor=actor)[record.id]
    offered = packs.hand_over(workspace, job, actor=actor)
    assert offered is not None
    _, content = exports.fetch(workspace, offered.id, actor=actor)
    assert report_of(content, made.key) == (True, [])
    assert "卷宗包" in unpacked(content)["README.txt"].decode()
    with pytest.raises(NotFound):
        exports.fetch(workspace, offered.id, actor=made.world.people[Role.compliance_lead])
    late = replace(workspace, clock=lambda: workspace.clock() + 400 * packs.LIFETIME)
    assert packs.remove_old_packs(late) == 1
    assert packs.hand_over(workspace, job, actor=actor) is None


def test_what_cannot_be_made_is_in_the_pack_with_the_reason(made: Packed) -> None:
    world, actor = made.world, made.world.people[Role.auditor]
    record = draw_sample(world.workspace, replace(PLAN, n=2), actor=actor)
    _, items = read_sample(world.workspace, record.id, actor=actor)
    with world.workspace.store.begin() as conn:
        mine = sample_item.c.sample_id == record.id
        erased = update(sample_item).where(mine, sample_item.c.place == 1)
        conn.execute(erased.values(prediction_id=None))
        gone = update(sample_item).where(mine, sample_item.c.place == 2)
        conn.execute(gone.values(prediction_id="L-none"))
    content, counts = packs.make_pack(world.workspace, order_of(record), actor=actor)
    assert counts == {"dossiers": 0, "without": 2}
    sample = json.loads(unpacked(content)["sample.json"])
    assert [each["file"] for each in sample["decisions"]] == ["", ""]
    first, second = (each["why"] for each in sample["decisions"])
    assert first == "The person was erased since the sample was drawn."
    assert second == f"There is no decision {items[1].key[:12]} of {SBA}."
    assert report_of(content, made.key) == (True, [])


def test_personal_ids_and_values_are_in_no_file_of_it(tmp_path: Path) -> None:
    world = an_explained_workspace(tmp_path / "home", log=sba_log(every=1200), changes=PERSONAL)
    record, content = a_pack(world, replace(PLAN, n=2))
    _, items = read_sample(world.workspace, record.id, actor=world.people[Role.auditor])
    files = unpacked(content)
    inner = {
        f"{name}/{part}": inside
        for name, whole in files.items()
        if name.startswith("dossiers/")
        for part, inside in unpacked(whole).items()
    }
    for item in items:
        row = world.row(str(item.prediction_id))
        for text in (str(item.prediction_id), str(row["subject_ref"])):
            assert not [n for n, c in {**files, **inner}.items() if text.encode() in c], text
    assert report_of(content)[0]
    world.workspace.store.close()


def test_only_an_examiner_orders_and_says_for_whom(made: Packed) -> None:
    workspace = made.world.workspace
    order = order_of(made.record)
    with pytest.raises(Forbidden):
        packs.order_pack(workspace, order, actor=made.world.people[Role.compliance_lead])
    actor = made.world.people[Role.auditor]
    with pytest.raises(InvalidInput, match="who gets the pack"):
        packs.order_pack(workspace, replace(order, to=" "), actor=actor)
    with pytest.raises(InvalidInput, match="reason"):
        packs.order_pack(workspace, replace(order, reason=""), actor=actor)
    with pytest.raises(InvalidInput, match="'fr'"):
        packs.order_pack(workspace, replace(order, language="fr"), actor=actor)
    with pytest.raises(Forbidden, match=Permission.personal_export):
        packs.order_pack(workspace, replace(order, values=True), actor=actor)
