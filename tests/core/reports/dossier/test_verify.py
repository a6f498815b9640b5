"""Whatever is changed in a dossier, its verifier finds; in the archive and in every file of it."""

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from core.proof.note import NoteSigner
from core.reports.dossier import verify
from core.reports.dossier.verify import Key, Report, packed, unpacked
from core.services.audit.checkpoints import verifier_of
from tests.support.demo_slices import sba_log
from tests.support.dossiers import PERSONAL, a_dossier
from tests.support.explained import an_explained_workspace


@pytest.fixture(scope="module", params=["whole", "masked"])
def given_away(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[bytes, str]]:
    """Return a dossier and the public key: one with a whole record, one with values left out."""
    changes = None if request.param == "whole" else PERSONAL
    home = tmp_path_factory.mktemp("dossier") / "home"
    world = an_explained_workspace(home, log=sba_log(every=600), changes=changes)
    yield a_dossier(world).content, verifier_of(world.workspace).text()
    world.workspace.store.close()


def _check(files: Mapping[str, bytes]) -> Report:
    """Check files for themselves, as if the archive had been made anew of them."""
    return verify.verify(packed(files))


def test_it_passes_as_it_is(given_away: tuple[bytes, str]) -> None:
    content, key = given_away
    report = verify.verify(content, Key(key))
    assert report.passed, report.text()
    assert packed(unpacked(content)) == content


@given(data=st.data())
def test_any_changed_byte_of_the_archive_is_found(
    given_away: tuple[bytes, str], data: st.DataObject
) -> None:
    content, _ = given_away
    place = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(1, 255))
    changed = bytearray(content)
    changed[place] ^= other

    assert not verify.verify(bytes(changed)).passed


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_any_changed_byte_of_what_proves_the_rest_is_found(
    given_away: tuple[bytes, str], step: int
) -> None:
    files = unpacked(given_away[0])
    missed = []
    for name in ("proof.json", "manifest.json"):
        for place in range(0, len(files[name]), step):
            changed = bytearray(files[name])
            changed[place] ^= 1 << place % 7
            if _check({**files, name: bytes(changed)}).passed:
                missed.append((name, place))
    assert missed == []


@given(data=st.data())
def test_any_changed_byte_of_any_file_is_found_in_an_archive_made_anew(
    given_away: tuple[bytes, str], data: st.DataObject
) -> None:
    files = unpacked(given_away[0])
    name = data.draw(st.sampled_from(sorted(files)))
    place = data.draw(st.integers(0, len(files[name]) - 1))
    changed = bytearray(files[name])
    changed[place] ^= data.draw(st.integers(1, 255))

    assert not _check({**files, name: bytes(changed)}).passed


def test_files_added_taken_away_or_renamed_are_found(given_away: tuple[bytes, str]) -> None:
    files = unpacked(given_away[0])
    assert not _check({**files, "note.txt": b"all is well"}).passed
    for name in files:
        fewer = {each: content for each, content in files.items() if each != name}
        assert not _check(fewer).passed, name
        assert not _check({**fewer, f"{name}.old": files[name]}).passed, name


def test_an_archive_packed_in_another_way_is_found(given_away: tuple[bytes, str]) -> None:
    content, _ = given_away
    assert not verify.verify(content + b"\0").passed
    assert not verify.verify(b"PK" + content).passed
    assert not verify.verify(b"").passed


def test_a_forger_who_makes_the_hashes_anew_is_found(given_away: tuple[bytes, str]) -> None:
    """The manifest can be written again, but not what the signed tree says of it."""
    files = unpacked(given_away[0])
    old = files["dossier.json"]
    forged = {**files, "dossier.json": old.replace(b'"decline"', b'"approve"')}
    assert forged["dossier.json"] != old
    before, after = (sha256(e).hexdigest() for e in (old, forged["dossier.json"]))
    manifest = files["manifest.json"].replace(before.encode(), after.encode())

    report = _check({**forged, "manifest.json": manifest})
    wrong = [what for holds, what in report.checks if not holds]
    assert wrong == ["the manifest is the one that the trail tells of"]


def test_another_key_than_the_one_known_is_found(given_away: tuple[bytes, str]) -> None:
    content, known = given_away
    name = known.partition("+")[0]
    other = NoteSigner(name, Ed25519PrivateKey.generate())

    assert not verify.verify(content, Key(other.verifier.text())).passed


def test_a_checkpoint_signed_by_somebody_else_is_found(given_away: tuple[bytes, str]) -> None:
    """Who signs the tree anew with a key of their own passes only where nobody knows the key."""
    content, known = given_away
    files = unpacked(content)
    signer = NoteSigner(known.partition("+")[0], Ed25519PrivateKey.generate())
    proof = verify.read_json(files["proof.json"])
    text = verify.Checkpoint(proof["checkpoint"]).text
    signed = {**proof, "checkpoint": signer.sign(text), "public_key": signer.verifier.text()}
    forged = packed({**files, "proof.json": verify.written(signed).encode()})

    assert verify.verify(forged).passed
    assert not verify.verify(forged, Key(known)).passed


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: {**proof, "made": proof["kept"]},
        lambda proof: {**proof, "kept": proof["made"]},
        lambda proof: {**proof, "note": "more"},
        lambda proof: {**proof, "made": {**proof["made"], "note": "more"}},
        lambda proof: {**proof, "kept": {**proof["kept"], "hashes": []}},
        lambda proof: {**proof, "format": "another"},
        lambda proof: {**proof, "version": verify.Number("2")},
    ],
)
def test_a_proof_put_together_anew_is_found(
    given_away: tuple[bytes, str], change: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    files = unpacked(given_away[0])
    changed = verify.written(change(verify.read_json(files["proof.json"])))
    assert not _check({**files, "proof.json": changed.encode()}).passed


def test_the_program_tells_by_its_exit_code(
    given_away: tuple[bytes, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, key = given_away
    good, bad, known = tmp_path / "good.zip", tmp_path / "bad.zip", tmp_path / "key.txt"
    good.write_bytes(content)
    bad.write_bytes(content[:-1])
    known.write_text(f"{key}\n")

    assert verify.main([str(good), "--key", str(known)]) == 0
    assert verify.main([str(good), "--key", key]) == 0
    assert capsys.readouterr().out.endswith("\nPASS\n")
    assert verify.main([str(bad)]) == 1
    assert capsys.readouterr().out.endswith("\nFAIL\n")
    for wrong in ([], [str(tmp_path / "none.zip")], [str(good), "--key", "no key"]):
        with pytest.raises(SystemExit) as stopped:
            verify.main(wrong)
        assert stopped.value.code == 2


def test_words_of_a_forger_do_not_steer_the_terminal() -> None:
    report = Report()
    report.note(True, "the file \x1b[2J is\rgone")
    assert "\x1b" not in report.text()
    assert "\r" not in report.text()
