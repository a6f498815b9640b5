#!/usr/bin/env python3
"""Check a dossier of Harbourlight without Harbourlight.

    python verify.py dossier.zip [--key KEY]

KEY is the public key (one line, or a file with it) that you were given by another way than the
dossier. Take this program, too, from another way, or read it before you trust it: the copy in a
dossier is worth what the dossier is worth.

Needs Python 3.9 or newer and the package "cryptography". A line for each check says PASS or FAIL,
the last line for all of them; the exit code is 0 for PASS, 1 for FAIL and 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.stderr.write('verify.py needs the package "cryptography": pip install cryptography\n')
    sys.exit(2)

PROOF, VERSION = "harbourlight-dossier-proof", 1
MANIFEST_FORMAT = "harbourlight-dossier-manifest"
DASH = "\u2014 "
# The manifest names every file but these: it cannot name itself, and the proof is of the manifest.
UNLISTED = frozenset({"manifest.json", "proof.json"})


class Bad(Exception):
    """The dossier cannot be read as what it says to be."""


# Whatever a hostile file can make the readers of JSON, base64 and zip raise.
_UNREADABLE = (
    Bad,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    zipfile.BadZipFile,
    zlib.error,
)


# --- The archive ---------------------------------------------------------------------------------


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as the one archive that they make: sorted, uncompressed, all of one time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.create_system, about.external_attr = 3, 0o100644 << 16
            archive.writestr(about, files[name])
    return buffer.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the files of an archive; none is larger than the archive itself."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        if sum(each.file_size for each in infos) > len(content):
            raise Bad("the archive is compressed; a dossier is not")
        return {each.filename: archive.read(each) for each in infos}


# --- JSON of one spelling ------------------------------------------------------------------------


class Number(str):
    """A number as it is written, so that it can be written again."""


def read_json(content: bytes) -> Any:
    """Return a JSON value that is spelled as RFC 8785 has it, with numbers as they are written."""
    value = json.loads(
        content.decode("utf-8"),
        parse_int=Number,
        parse_float=Number,
        object_pairs_hook=_named_once,
    )
    if written(value).encode("utf-8") != content:
        raise Bad("the JSON is not spelled canonically")
    return value


def written(value: Any) -> str:
    """Return a JSON value as RFC 8785 writes it."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(written(each) for each in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{written(name)}:{written(value[name])}" for name in names) + "}"


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise Bad("a name stands twice")
    return dict(pairs)


# --- The record ----------------------------------------------------------------------------------


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every single value of a record with its place (RFC 6901)."""
    if isinstance(value, dict):
        inside = [(k.replace("~", "~0").replace("/", "~1"), value[k]) for k in value]
    else:
        inside = [(str(k), each) for k, each in enumerate(value)] if isinstance(value, list) else []
    if not inside:
        yield path, value
    for name, item in inside:
        yield from leaves(item, f"{path}/{name}")


def commitment(record: Any, salts: Mapping[str, str], withheld: Mapping[str, str]) -> str:
    """Return the hash that all values of a record are bound by."""
    found, digests = dict(leaves(record)), {}
    if set(found) != set(salts) | set(withheld) or set(salts) & set(withheld):
        raise Bad("the values of the record are not those that are opened or left out")
    for path, value in found.items():
        if path in withheld:
            if value is not None:
                raise Bad(f"{path} is left out, and yet there")
            digests[path] = from_hex(withheld[path])
        else:
            text = written([path, salts[path], value])
            digests[path] = hashlib.sha256(b"\x00" + text.encode("utf-8")).digest()
    ordered = [digests[path] for path in sorted(digests, key=lambda path: path.encode("utf-8"))]
    return hashlib.sha256(b"\x01" + b"".join(ordered)).hexdigest()


# --- RFC 9162, C2SP signed-note ------------------------------------------------------------------


def from_hex(text: str) -> bytes:
    """Return the bytes of a text of small hexadecimal digits."""
    if bytes.fromhex(text).hex() != text:
        raise Bad("hexadecimal digits of another spelling")
    return bytes.fromhex(text)


def from_base64(text: str) -> bytes:
    """Return the bytes of a text that is written as base64 writes them: one spelling, no other."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise Bad("base64 with bits that mean nothing")
    return raw


def included(leaf: int, size: int, digest: bytes, proof: Iterable[bytes], root: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2)."""
    if not 0 <= leaf < size:
        return False
    place, last = leaf, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            digest = hashlib.sha256(b"\x01" + sibling + digest).digest()
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = hashlib.sha256(b"\x01" + digest + sibling).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and digest == root


class Key:
    """A verifier key: <name>+<hash>+<base64 of 0x01 and the Ed25519 public key>."""

    def __init__(self, text: str) -> None:
        name, _, rest = text.partition("+")
        given, _, encoded = rest.partition("+")
        raw = from_base64(encoded)
        digest = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if not name or len(raw) != 33 or raw[0] != 1 or digest.hex() != given:
            raise Bad("the public key is none")
        self.text, self.name, self.digest = text, name, digest
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])


class Checkpoint:
    """Origin, size and root of a note with one signature; it is not checked here."""

    def __init__(self, note: str) -> None:
        text, blank, below = note.rpartition("\n\n")
        lines = text.split("\n")
        if not blank or len(lines) < 3 or below.count("\n") != 1 or below[-1] != "\n":
            raise Bad("the checkpoint is none")
        self.text, self.signature = text + "\n", below[:-1]
        self.origin, self.size, self.root = lines[0], int(lines[1]), from_base64(lines[2])

    def signed_by(self, key: Key) -> bool:
        """Whether a key signed it."""
        name, _, encoded = self.signature[len(DASH) :].partition(" ")
        raw = from_base64(encoded)
        named = self.signature.startswith(DASH) and name == key.name == self.origin
        if not named or raw[:4] != key.digest:
            return False
        try:
            key.public.verify(raw[4:], self.text.encode("utf-8"))
        except InvalidSignature:
            return False
        return True


# --- The dossier ---------------------------------------------------------------------------------


class Report:
    """What was checked, and what nobody can tell from a dossier."""

    def __init__(self) -> None:
        self.checks: list[tuple[bool, str]] = []
        self.cannot: list[str] = []

    @property
    def passed(self) -> bool:
        """Whether there were checks, and all of them hold."""
        return bool(self.checks) and all(holds for holds, _ in self.checks)

    def note(self, holds: bool, text: str) -> None:
        """Note one check."""
        self.checks.append((holds, text))

    def text(self) -> str:
        """Return the report as lines; nothing of a forger's words steers a terminal."""
        lines = [f"{'PASS' if holds else 'FAIL'}  {what}" for holds, what in self.checks]
        lines += ["", "Cannot be told from this dossier:", *(f"  - {e}" for e in self.cannot)]
        lines += ["", "PASS" if self.passed else "FAIL"]
        text = "\n".join(lines) + "\n"
        return "".join(e if e.isprintable() or e == "\n" else "\ufffd" for e in text)


def verify(content: bytes, key: Key | None = None) -> Report:
    """Check the bytes of a dossier."""
    report = Report()
    try:
        files = unpacked(content)
        same = packed(files) == content
        report.note(same, "the archive is, byte for byte, the one that these files make")
        check_files(files, key, report)
    except _UNREADABLE as error:
        report.note(False, f"the dossier cannot be read: {type(error).__name__}: {error}")
    report.cannot += [
        "whether something happened that never reached the log or the trail",
        "whether what the files say is true: it is what the product had on record",
    ]
    return report


def check_files(files: Mapping[str, bytes], key: Key | None, report: Report) -> None:
    """Check the files of a dossier, whatever they were packed in."""
    manifest, proof = read_json(files["manifest.json"]), read_json(files["proof.json"])
    if (manifest["format"], proof["format"]) != (MANIFEST_FORMAT, PROOF):
        raise Bad("this is no dossier")
    if {manifest["version"], proof["version"]} != {str(VERSION)}:
        raise Bad(f"this is no dossier of version {VERSION}")
    listed = manifest["files"]
    for name in sorted((set(files) | set(listed)) - UNLISTED):
        digest = hashlib.sha256(files[name]).hexdigest() if name in files else ""
        report.note(digest == listed.get(name), f"the file {name} is the one in the manifest")
    body = _check_proof(proof, key, report)
    digest = hashlib.sha256(files["manifest.json"]).hexdigest()
    report.note(digest == body["manifest"], "the manifest is the one that the trail tells of")
    _check_record(files, body, report)


def _check_proof(proof: Any, key: Key | None, report: Report) -> Any:
    """Check both entries and the checkpoint; return what the entry of this dossier says."""
    if set(proof) != {"format", "version", "made", "kept", "checkpoint", "public_key"}:
        raise Bad("the proof has other parts than it should have")
    own, signed = Key(proof["public_key"]), Checkpoint(proof["checkpoint"])
    report.note(signed.signed_by(own), f"the checkpoint of {signed.size} entries is signed")
    if key is None:
        report.cannot.append(
            "whose key signed: it is only the one in the file; give the one that you know: --key"
        )
    else:
        report.note(key.text == own.text, f"the key is the one that you gave: {key.digest.hex()}")
    entry = read_json(proof["made"]["entry"].encode("utf-8"))
    body, place = entry["body"], int(entry["sequence"])
    report.note(entry["kind"] == "dossier.made", f"entry {place} tells of a dossier")
    report.note(
        _is_in(proof["made"], place, signed), f"entry {place}, of the dossier, is in the tree"
    )
    _check_kept(proof["kept"], body, signed, report)
    return body


def _check_kept(kept: Any, body: Any, signed: Checkpoint, report: Report) -> None:
    """Check the entry of the record; where it would tell a personal id, its hash alone."""
    place = int(body["kept"])
    report.note(_is_in(kept, place, signed), f"entry {place}, of the record, is in the tree")
    if "leaf" in kept:
        report.cannot.append(
            f"what entry {place} says: it names a personal id, and is here by its hash alone"
        )
        return
    entry = read_json(kept["entry"].encode("utf-8"))
    same = (body["record"], body["fields"]) in _records(entry) and int(entry["sequence"]) == place
    report.note(same, f"entry {place} tells of the same record as that of the dossier")


def _records(entry: Any) -> list[tuple[str, str]]:
    """Return the records that an entry tells of: the hash of each, and of all its values."""
    told = entry["body"]
    if entry["kind"] == "explanation.kept":
        return [(told["sha256"], told["fields"])]
    if entry["kind"] == "explanation.kept_many":
        return [(each, told["fields"][n]) for n, each in enumerate(told["hashes"])]
    return []


def _is_in(part: Any, place: int, signed: Checkpoint) -> bool:
    """Whether an entry, or its hash, is in the signed tree at a place."""
    if set(part) == {"entry", "hashes"}:
        leaf = hashlib.sha256(b"\x00" + part["entry"].encode("utf-8")).digest()
    elif set(part) == {"leaf", "hashes"}:
        leaf = from_hex(part["leaf"])
    else:
        raise Bad("an entry has other parts than it should have")
    hashes = [from_hex(each) for each in part["hashes"]]
    return included(place - 1, signed.size, leaf, hashes, signed.root)


def _check_record(files: Mapping[str, bytes], body: Any, report: Report) -> None:
    record, opening = read_json(files["record.json"]), read_json(files["record-openings.json"])
    withheld = opening["withheld"]
    fields = commitment(record, opening["salts"], withheld)
    report.note(fields == body["fields"], "every value of the record is the one that was kept")
    dossier = read_json(files["dossier.json"])
    report.note(dossier["record"]["sha256"] == body["record"], "the dossier names that record")
    if withheld:
        report.cannot.append(
            f"the {len(withheld)} values of the record that are left out: they are bound, too"
        )
    else:
        digest = hashlib.sha256(files["record.json"]).hexdigest()
        report.note(digest == body["record"], "the whole record has the hash that was kept")


def main(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit code."""
    parser = argparse.ArgumentParser(description="Check a dossier of Harbourlight.")
    parser.add_argument("dossier", help="the .zip file")
    parser.add_argument("--key", help="public key, or a file with it, that you were given apart")
    options = parser.parse_args(arguments)
    try:
        content = Path(options.dossier).read_bytes()
        text = options.key
        if text and Path(text).is_file():
            text = Path(text).read_text("utf-8")
        key = Key(text.strip()) if text else None
    except _UNREADABLE as error:
        parser.error(str(error))
    report = verify(content, key)
    sys.stdout.write(report.text())
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
