"""The stand-alone verifier: on published vectors, honest exports and every kind of forgery."""

import ast
import base64
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import merkle
from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput
from core.proof.checkpoint import Checkpoint
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit.export import Selection, write_export
from core.services.workspace import Workspace
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.audit.trail import PersonalPayload
from core.store.retention import tombstones
from tests.core.domain.test_merkle import CONSISTENCY, HASHES, INCLUSION, LEAVES, ROOTS, nodes_of
from tests.support.builders import a_workspace

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "verify" / "verify.py"
LEAD = Actor("u9", "iris", frozenset({Role.compliance_lead}), pseudonym="p-9", origin="cli")
LIMITED = Actor(
    "u8",
    "otto",
    frozenset({Role.auditor}),
    models=frozenset({"other"}),
    pseudonym="p-8",
    origin="cli",
)


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("harbourlight_verify", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFY = _load()


def append(site: Workspace, kind: str, person: str | None = None, **objects: str) -> None:
    with site.store.begin() as conn:
        audit.append(
            conn,
            at=site.clock(),
            actor="p-1",
            role="admin",
            kind=kind,
            objects=objects,
            body={"text": "數據 \u2028"},
            personal=PersonalPayload(person, {"name": f"陳大文 {person}"}) if person else None,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path_factory.mktemp("verify") / "home")
    for number in range(9):
        append(opened, "test.done", f"s{number % 3}" if number % 2 else None, model="loans")
    audit_checkpoints.make_checkpoint(opened, actor=LEAD, reason="command")
    for number in range(6):
        append(opened, "other.done", model="other", batch=f"b{number}")
    with opened.store.begin() as conn:
        subjects.destroy(conn, "s1")
        stone = tombstones.Tombstone("s1", tombstones.EVERY_MODEL, opened.clock(), "e1")
        tombstones.bury(conn, [stone])
    append(opened, "subject.erased", subject="s1")
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def exports(site: Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exports")
    write_export(site, folder / "all", actor=LEAD, payloads=True)
    write_export(site, folder / "closed", actor=LEAD)
    write_export(site, folder / "some", actor=LEAD, selection=Selection(kind="other.done"))
    write_export(site, folder / "scoped.zip", actor=LIMITED)
    return {path.stem: path for path in folder.iterdir()}


def check(path: Path, *against: Any) -> Any:
    return VERIFY.verify(path, None, list(against))


def reseal(folder: Path) -> None:
    """Let the manifest fit again, as whoever forges an export would."""
    manifest = json.loads((folder / "manifest.json").read_text())
    names = [path.name for path in folder.iterdir() if path.name != "manifest.json"]
    manifest["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_it_imports_nothing_of_the_product() -> None:
    names = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names - set(sys.stdlib_module_names) == {"cryptography"}


def test_it_runs_alone_in_an_empty_folder(
    exports: dict[str, Path], site: Workspace, tmp_path: Path
) -> None:
    shutil.copy(SCRIPT, tmp_path / "verify.py")
    key = audit_checkpoints.verifier_of(site).text()
    kept = site.settings.home / "anchors" / "checkpoints.log"
    words = [str(exports["all"]), "--key", key, "--against", str(kept)]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "verify.py", *more],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    # The anchor file holds checkpoints made after this export, which it cannot cover.
    done = run(*words)
    assert done.returncode == 1
    first = json.loads(kept.read_text().split("\n")[0])["note"]
    (tmp_path / "first.txt").write_text(first)
    (tmp_path / "key.txt").write_text(key)
    done = run(str(exports["all"]), "--key", "key.txt", "--against", "first.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("PASS\n")
    assert "whether what the entries say is true" in done.stdout
    assert "older copy" not in done.stdout
    done = run(str(exports["closed"]), "--json")
    document = json.loads(done.stdout)
    assert document["passed"] is True
    assert any("whose key signed" in each for each in document["cannot"])
    assert any("older copy" in each for each in document["cannot"])
    for wrong in ([], ["--key", "nothing", str(exports["all"])], ["x", "--against", "nowhere"]):
        assert run(*wrong).returncode == 2
    assert run("nowhere").returncode == 1


def test_it_computes_the_published_vectors() -> None:
    tree = VERIFY.Tree()
    for leaf, expected in zip(LEAVES, ROOTS, strict=True):
        tree.add(VERIFY.leaf_hash(leaf))
        assert tree.root().hex() == expected
    for leaf_number, size, hashes in INCLUSION:
        proof, root = [bytes.fromhex(each) for each in hashes], bytes.fromhex(ROOTS[size - 1])
        assert VERIFY.included(leaf_number, size, HASHES[leaf_number], proof, root)
        assert not VERIFY.included(leaf_number, size, HASHES[leaf_number], [*proof, root], root)
        assert not VERIFY.included(leaf_number, size, bytes(32), proof, root)
    for first, second, hashes in CONSISTENCY:
        proof = [bytes.fromhex(each) for each in hashes]
        old, new = (bytes.fromhex(ROOTS[each - 1]) for each in (first, second))
        assert VERIFY.consistent(first, second, old, new, proof)
        assert not VERIFY.consistent(first, second, old, new, [*proof, new])
        assert not VERIFY.consistent(first, second, bytes(32), new, proof)


def test_it_agrees_with_the_core_on_every_proof_of_small_trees() -> None:
    digests = [merkle.leaf_hash(bytes([number])) for number in range(20)]
    node = nodes_of(digests)
    tops = [merkle.EMPTY_ROOT, *merkle.roots(digests)]
    for size in range(1, 21):
        for leaf in range(size):
            proof = merkle.inclusion_proof(leaf, size, node)
            assert VERIFY.included(leaf, size, digests[leaf], proof, tops[size])
        for first in range(size + 1):
            links = merkle.consistency_proof(first, size, node)
            for root in (tops[first], tops[first - 1]):
                begins = VERIFY.consistent(first, size, root, tops[size], links)
                assert begins == (root == tops[first])


@given(st.data())
def test_no_rewritten_history_passes(data: st.DataObject) -> None:
    second = data.draw(st.integers(1, 200))
    first = data.draw(st.integers(1, second))
    digests = [merkle.leaf_hash(number.to_bytes(2, "big")) for number in range(second)]
    rewritten = [*digests]
    rewritten[data.draw(st.integers(0, first - 1))] = merkle.leaf_hash(b"forged")
    node, forged = nodes_of(digests), nodes_of(rewritten)
    old, new, bad = merkle.root(first, node), merkle.root(second, node), merkle.root(second, forged)
    proof = merkle.consistency_proof(first, second, node)
    assert VERIFY.consistent(first, second, old, new, proof)
    for begin, end, links in (
        (old, bad, merkle.consistency_proof(first, second, forged)),
        (old, bad, proof),
        (merkle.root(first, forged), new, proof),
        (old, new, [*proof, new]),
        *([(old, new, proof[:-1])] if proof else []),
    ):
        assert not VERIFY.consistent(first, second, begin, end, links)
    assert not VERIFY.consistent(second, first, new, old, proof) or first == second
    for sizes in ((-1, 8), (9, 8), (3, 7)):
        assert not VERIFY.consistent(*sizes, HASHES[0], HASHES[0], ())


def test_the_published_signed_note() -> None:
    key = VERIFY.Key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key.digest.hex() == "c74f20a3"


def test_honest_exports_pass(exports: dict[str, Path]) -> None:
    for name, checked in (
        ("all", "2 opened and as signed, 2 erased, 0 kept closed"),
        ("closed", "0 opened and as signed, 2 erased, 2 kept closed"),
        ("some", "one for each entry: 6"),
        ("scoped", "inclusion proofs"),
    ):
        report = check(exports[name])
        assert report.problems == []
        assert any(checked in each for each in report.checked), report.checked


def test_an_export_holds_what_its_reader_may_see(exports: dict[str, Path]) -> None:
    with zipfile.ZipFile(exports["scoped"]) as archive:
        lines = archive.read("entries.jsonl").splitlines()
        assert "openings.jsonl" not in archive.namelist()
    models = [json.loads(line)["objects"].get("model") for line in lines]
    assert "other" in models
    assert "loans" not in models
    assert not (exports["closed"] / "openings.jsonl").exists()
    assert "陳大文" in (exports["all"] / "openings.jsonl").read_text(encoding="utf-8")
    assert "陳大文" not in (exports["all"] / "entries.jsonl").read_text(encoding="utf-8")


Forge = Callable[[Path], None]


def lines_of(folder: Path, name: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = folder / name
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def _edit(old: str, new: str) -> Forge:
    def forge(folder: Path) -> None:
        path = folder / "entries.jsonl"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return forge


def _lines(name: str, change: Callable[[list[bytes]], list[bytes]]) -> Forge:
    return lambda folder: lines_of(folder, name, change)


def _drop_last(folder: Path) -> None:
    """Leave the last entry out everywhere but in the signed checkpoint."""
    lines_of(folder, "entries.jsonl", lambda lines: lines[:-1])
    leaves = folder / "leaves.bin"
    leaves.write_bytes(leaves.read_bytes()[:-32])


def _leaf_too(folder: Path) -> None:
    """Change an entry and its leaf hash."""
    _edit('"sequence":4}', '"sequence":4 }')(folder)
    line = (folder / "entries.jsonl").read_bytes().splitlines()[3]
    leaves = bytearray((folder / "leaves.bin").read_bytes())
    leaves[96:128] = merkle.leaf_hash(line)
    (folder / "leaves.bin").write_bytes(leaves)


def _zero_leaves(folder: Path) -> None:
    (folder / "leaves.bin").write_bytes(bytes(32))


def _replace(name: str, old: bytes, new: bytes) -> Forge:
    return _lines(name, lambda lines: [line.replace(old, new) for line in lines[:1]])


FORGERIES: dict[str, tuple[Forge, int | None]] = {
    "flip": (_edit('"sequence":4}', '"sequence":4 }'), 4),
    "leaf-too": (_leaf_too, None),
    "drop": (_lines("entries.jsonl", lambda lines: lines[:4] + lines[5:]), 5),
    "swap": (_lines("entries.jsonl", lambda lines: [lines[1], lines[0], *lines[2:]]), 1),
    "insert": (_lines("entries.jsonl", lambda lines: [*lines[:3], lines[2], *lines[3:]]), 4),
    "truncate": (_drop_last, None),
    "garbage": (_lines("entries.jsonl", lambda lines: [*lines[:6], b"{\n", *lines[7:]]), 7),
    "hash": (_zero_leaves, None),
    "payload": (_replace("openings.jsonl", b"name", b"nome"), 4),
    "hide-erasure": (_replace("erased.jsonl", b'"sequence":2', b'"sequence":1'), 1),
    "note": (_replace("checkpoints.jsonl", b"n9", b"n8"), None),
    "unlink": (_lines("consistency.jsonl", lambda lines: lines[:0]), None),
    "bend": (_replace("consistency.jsonl", b'hashes":["', b'hashes":["00'), None),
}


@pytest.mark.parametrize("name", sorted(FORGERIES))
@pytest.mark.parametrize("sealed", [False, True])
def test_a_forged_export_fails(
    exports: dict[str, Path], tmp_path: Path, name: str, sealed: bool
) -> None:
    forge, first_bad = FORGERIES[name]
    folder = tmp_path / "forged"
    shutil.copytree(exports["all"], folder)
    forge(folder)
    if sealed:
        reseal(folder)
    report = check(folder)
    assert report.problems
    if first_bad is not None and sealed:
        assert report.first_bad == first_bad


@pytest.mark.parametrize("name", ["manifest.json", "entries.jsonl", "proofs.jsonl"])
def test_every_byte_of_a_selection_counts(
    exports: dict[str, Path], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "some"
    shutil.copytree(exports["some"], folder)
    honest = (folder / name).read_bytes()
    step = max(1, len(honest) // 60)
    for place in range(0, len(honest) - 1, step):
        forged = bytearray(honest)
        forged[place] ^= 1
        (folder / name).write_bytes(forged)
        if name == "manifest.json":
            before = json.loads(honest)
            try:
                now = json.loads(forged)
            except ValueError:
                now = None
            telling = ("format", "version", "size", "entries", "count", "files")
            if now and all(before[each] == now.get(each) for each in telling):
                continue  # what is not checked: when it was made, and what was searched for
        assert check(folder).problems, (name, place)


def test_checkpoints_kept_elsewhere_are_compared(exports: dict[str, Path], site: Workspace) -> None:
    own = [
        VERIFY.Checkpoint(json.loads(line)["note"])
        for line in (exports["some"] / "checkpoints.jsonl").read_text().splitlines()
    ]
    assert [check(exports[name], *own[:2]).problems for name in ("all", "some")] == [[], []]
    forged = VERIFY.Checkpoint(json.loads(
        (exports["some"] / "checkpoints.jsonl").read_text().splitlines()[0]
    )["note"])  # fmt: skip
    forged.root = bytes(32)
    for name in ("all", "some"):
        assert check(exports[name], forged).problems
    forged.size = 3
    assert "nothing here proves" in " ".join(check(exports["some"], forged).problems)
    forged.size = 10_000
    for name in ("all", "some"):
        assert any("10000" in each for each in check(exports[name], forged).problems)


def test_another_key_is_refused(exports: dict[str, Path]) -> None:
    raw = b"\x01" + bytes(range(32))
    name = VERIFY.Key((exports["all"] / "public-key.txt").read_text()).name
    digest = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    key = VERIFY.Key(f"{name}+{digest}+{base64.b64encode(raw).decode()}")
    report = VERIFY.verify(exports["all"], key, [])
    assert any("not signed by" in each for each in report.problems)


def test_who_may_export_and_where_to(site: Workspace, tmp_path: Path) -> None:
    auditor = Actor("u7", "uma", frozenset({Role.auditor}))
    with pytest.raises(Forbidden):
        write_export(site, tmp_path / "x", actor=auditor, payloads=True)
    with pytest.raises(Forbidden):
        write_export(site, tmp_path / "x", actor=Actor("u", "u", frozenset({Role.business})))
    with pytest.raises(InvalidInput, match="exists already"):
        write_export(site, tmp_path, actor=LEAD)
    assert list(tmp_path.iterdir()) == []
    done = write_export(site, tmp_path / "new.zip", actor=LEAD)
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, limit=1)
    assert (done.whole, done.size, done.entries) == (True, entry.sequence, entry.sequence)
    assert entry.kind == "audit.exported"
    assert isinstance(audit_checkpoints.make_checkpoint(site, actor=LEAD, reason="x"), Checkpoint)


def test_base64_has_one_spelling() -> None:
    assert VERIFY.from_base64("QQ==") == b"A"
    with pytest.raises(VERIFY.Bad):
        VERIFY.from_base64("QR==")  # the same byte, were the bits left over not looked at
