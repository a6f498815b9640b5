#!/usr/bin/env python3
"""Check an export of a Harbourlight audit trail without Harbourlight.

    python verify.py EXPORT [--key KEY] [--against CHECKPOINT ...] [--json]
    python verify.py FILE --proof PROOF [--key KEY] [--against CHECKPOINT ...] [--json]

EXPORT is the folder or the .zip file. FILE is any file that was downloaded, PROOF the .proof.json
that came with it: it shows that the audit trail tells of this very file. KEY is the public key (one
line, or a file with it) that you were given by another way than the export. CHECKPOINT is a file
with a checkpoint, or an anchor file with many, that you kept yourself.

Needs Python 3.9 or newer and the package "cryptography". The exit code is 0 for PASS, 1 for FAIL
and 2 for wrong usage. docs/verify/format.md tells what is checked; this file is meant to be read
before it is trusted.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.stderr.write('verify.py needs the package "cryptography": pip install cryptography\n')
    sys.exit(2)

FORMAT, VERSION = "harbourlight-audit-export", 1
DASH, TIME = "\u2014 ", "time "


class Bad(Exception):
    """The export cannot be read as what it says to be."""


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


# --- RFC 9162: hashes and proofs -----------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The complete subtrees at the right edge of a growing tree."""

    def __init__(self) -> None:
        self.size = 0
        self.nodes: list[bytes] = []

    def add(self, digest: bytes) -> None:
        """Add a leaf hash."""
        place = self.size
        while place % 2:
            digest, place = node_hash(self.nodes.pop(), digest), place >> 1
        self.nodes.append(digest)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        if not self.nodes:
            return hashlib.sha256().digest()
        digest = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            digest = node_hash(left, digest)
        return digest


def included(leaf: int, size: int, digest: bytes, proof: Iterable[bytes], root: bytes) -> bool:
    """Check an inclusion proof (RFC 9162, 2.1.3.2)."""
    if not 0 <= leaf < size:
        return False
    place, last = leaf, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            digest = node_hash(sibling, digest)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and digest == root


def consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Check a consistency proof (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first == 0:
        return first_root == hashlib.sha256().digest() and not proof
    if first == second:
        return first_root == second_root and not proof
    hashes = list(proof)
    if first & (first - 1) == 0:
        hashes.insert(0, first_root)
    if not hashes:
        return False
    place, last = first - 1, second - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for digest in hashes[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            old, new = node_hash(digest, old), node_hash(digest, new)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, digest)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


# --- C2SP signed-note and tlog-checkpoint --------------------------------------------------------


def from_base64(text: str) -> bytes:
    """Return the bytes of a text that is written as base64 writes them: one spelling, no other."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise Bad("base64 with bits that mean nothing")
    return raw


class Key:
    """A verifier key: <name>+<hash>+<base64 of 0x01 and the Ed25519 public key>."""

    def __init__(self, text: str) -> None:
        name, _, rest = text.strip().partition("+")
        given, _, encoded = rest.partition("+")
        raw = from_base64(encoded)
        digest = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        if not name or len(raw) != 33 or raw[0] != 1 or digest.hex() != given:
            raise Bad("the public key is none")
        self.text, self.name, self.digest = text.strip(), name, digest
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])

    def is_same(self, other: Key) -> bool:
        """Whether another key is this one."""
        return self.text == other.text

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether the key signed a checkpoint."""
        for line in checkpoint.signatures:
            name, _, encoded = line[len(DASH) :].partition(" ")
            raw = from_base64(encoded)
            if name == self.name == checkpoint.origin and raw[:4] == self.digest:
                try:
                    self.public.verify(raw[4:], checkpoint.text.encode())
                except InvalidSignature:
                    return False
                return True
        return False


class Checkpoint:
    """Origin, size and root of a note; its signature is not checked here."""

    def __init__(self, note: str) -> None:
        text, blank, below = note.rpartition("\n\n")
        self.note, self.text = note, text + "\n"
        self.signatures = below.rstrip("\n").split("\n")
        lines = text.split("\n")
        if not blank or len(lines) < 3 or not all(s.startswith(DASH) for s in self.signatures):
            raise Bad("a checkpoint is none")
        self.origin, self.size = lines[0], int(lines[1])
        self.root = from_base64(lines[2])
        self.at = next((s[len(TIME) :] for s in lines[3:] if s.startswith(TIME)), "a time not told")
        if str(self.size) != lines[1] or self.size < 0 or len(self.root) != 32:
            raise Bad("a checkpoint is none")


def read_checkpoints(text: str) -> list[Checkpoint]:
    """Read one note, or JSON lines with a note each."""
    if not text.lstrip().startswith("{"):
        return [Checkpoint(text)]
    return [Checkpoint(json.loads(line)["note"]) for line in text.split("\n") if line.strip()]


def read_kept(text: str) -> tuple[list[Checkpoint], int]:
    """Read a file that somebody kept; also return how many lines a full disk or so cut off."""
    if not text.lstrip().startswith("{"):
        return [Checkpoint(text)], 0
    kept, damaged = [], 0
    for line in filter(None, (each.strip() for each in text.split("\n"))):
        try:
            kept.append(Checkpoint(json.loads(line)["note"]))
        except _UNREADABLE:
            damaged += 1
    return kept, damaged


# --- The export ----------------------------------------------------------------------------------


class Keyring:
    """The keys of a log one after another; at a change of keys both sign the checkpoint."""

    def __init__(self, spans: Sequence[tuple[Key, int, int | None]]) -> None:
        self.spans = list(spans)
        begin = 0
        for number, (_, first, last) in enumerate(self.spans, 1):
            ends = last is None if number == len(self.spans) else last is not None and last > first
            if first != begin or not ends:
                raise Bad("the spans of the keys do not follow each other")
            begin = last or 0
        if not self.spans:
            raise Bad("there is no key")

    @property
    def changes(self) -> list[int]:
        """The sizes at which the key changed."""
        return [first for _, first, _ in self.spans[1:]]

    def of(self, size: int) -> list[Key]:
        """Return the keys that must have signed a checkpoint of a size."""
        return [k for k, first, last in self.spans if first <= size and (not last or size <= last)]

    def check(self, checkpoint: Checkpoint, report: Report) -> None:
        """Note if a key whose span it is did not sign a checkpoint."""
        for key in self.of(checkpoint.size):
            report.expect(
                key.signed(checkpoint),
                f"the checkpoint of {checkpoint.size} entries is not signed by {key.name},"
                f" key {key.digest.hex()}",
            )


class Export:
    """A folder or a zip file, read file by file."""

    def __init__(self, path: Path) -> None:
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)
        self.folder = path

    def open(self, name: str) -> IO[bytes]:
        """Open one file for reading bytes."""
        return self.zip.open(name) if self.zip else (self.folder / name).open("rb")

    def names(self) -> set[str]:
        """Return the names of all files."""
        if self.zip:
            return {n for n in self.zip.namelist() if not n.endswith("/")}
        paths = (each for each in self.folder.rglob("*") if each.is_file())
        return {each.relative_to(self.folder).as_posix() for each in paths}

    def text(self, name: str) -> str:
        """Return a file as text."""
        with self.open(name) as file:
            return file.read().decode()

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file, without their ends."""
        with self.open(name) as file:
            for line in file:
                yield line[:-1] if line.endswith(b"\n") else line

    def records(self, name: str) -> Iterator[Any]:
        """Yield a JSON value a line."""
        for line in self.lines(name):
            yield json.loads(line)

    def sha256(self, name: str) -> str:
        """Return the hash of a file, in hex."""
        digest = hashlib.sha256()
        with self.open(name) as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                digest.update(part)
        return digest.hexdigest()


class Report:
    """What was checked, what is wrong, and what nobody can tell from an export."""

    def __init__(self) -> None:
        self.about: list[str] = []
        self.checked: list[str] = []
        self.problems: list[str] = []
        self.cannot: list[str] = []
        self.first_bad: int | None = None

    def bad(self, text: str, sequence: int | None = None) -> None:
        """Note a problem."""
        self.problems.append(text)
        if sequence is not None and (self.first_bad is None or sequence < self.first_bad):
            self.first_bad = sequence

    def expect(self, holds: bool, text: str, sequence: int | None = None) -> bool:
        """Note a problem unless something holds."""
        if not holds:
            self.bad(text, sequence)
        return holds


def verify(path: Path, key: Key | None = None, against: Sequence[Checkpoint] = ()) -> Report:
    """Check an export and return a Report."""
    report = Report()
    try:
        _verify(Export(path), key, against, report)
    except _UNREADABLE as error:
        report.bad(f"the export cannot be read: {type(error).__name__}: {error}")
    report.cannot += [
        "whether something happened that never reached the trail",
        "whether what the entries say is true",
    ]
    _tell_without(key, against, report)
    return report


def _verify(export: Export, key: Key | None, against: Sequence[Checkpoint], report: Report) -> None:
    manifest = json.loads(export.text("manifest.json"), object_pairs_hook=_named_once)
    if (manifest.get("format"), manifest.get("version")) != (FORMAT, VERSION):
        raise Bad(f"this is not a {FORMAT} of version {VERSION}")
    _check_files(export, manifest, report)
    if manifest["entries"] not in ("all", "selected"):
        raise Bad("the manifest does not say which entries these are")
    given, keys = key is not None, _read_keys(export, key)
    signed = read_checkpoints(export.text("checkpoints.jsonl"))
    if not signed:
        raise Bad("there is no checkpoint")
    signed.sort(key=lambda each: each.size)
    last = signed[-1]
    for each in [*signed, *against]:
        keys.check(each, report)
    if key is not None and not any(key.is_same(each) for each, _, _ in keys.spans):
        report.bad(f"the key {key.digest.hex()} never signed this log")
    for size in keys.changes:
        found = any(each.size == size for each in signed)
        report.expect(found, f"no checkpoint signed by both keys for their change at {size}")
    report.expect(last.size == manifest["size"], "the manifest names another size")
    log = last.origin, last.root.hex()
    report.expect(log == (manifest["origin"], manifest["root"]), "the manifest names another log")
    report.checked.append(f"checkpoints that the key signed: {len(signed)}")
    _tell_what(report, key or keys.spans[-1][0], given, last)
    for size in keys.changes:
        old, new = keys.of(size)
        report.about.append(
            f"the key changed from {old.digest.hex()} to {new.digest.hex()} with entry {size}"
        )
    sizes = {each.size for each in signed}
    report.expect(len(sizes) == len(signed), "two checkpoints of one size were signed")
    proved = _check_links(export, signed, report)
    _check_timestamps(export, signed, report)
    whole = manifest["entries"] == "all"
    if whole:
        claims: dict[int, list[bytes]] = {}
        for each in [*signed, *against]:
            claims.setdefault(each.size, []).append(each.root)
        entries = _check_all(export, claims, report)
    else:
        entries = _check_selected(export, last, report)
        _check_against(against, proved, last, report)
    if whole:
        told = [(sequence, *pair) for sequence, pair in sorted(entries.changes.items())]
        known = [(size, *(key.text for key in keys.of(size))) for size in keys.changes]
        report.expect(told == known, "the changes of keys are not those that the entries tell of")
    report.expect(
        entries.count == manifest["count"], "the manifest names another number of entries"
    )
    if entries.times:
        kind = "all of them" if whole else "a selection"
        report.about.append(
            f"entries: {entries.count}, {kind}, from {entries.times[0]} to {entries.times[-1]}"
        )
    _check_payloads(export, entries, report, erasures_shown=whole)
    report.cannot.append("when the export was made, by which filter: the manifest is not signed")


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: of the two, each reader might believe another one."""
    if len(dict(pairs)) < len(pairs):
        raise Bad("a name stands twice in the manifest")
    return dict(pairs)


def _read_keys(export: Export, key: Key | None) -> Keyring:
    """Return the keys with their spans; one key has all of it if it never changed."""
    if "keys.jsonl" not in export.names():
        return Keyring([(key or Key(export.text("public-key.txt")), 0, None)])
    records = list(export.records("keys.jsonl"))
    return Keyring([(Key(each["key"]), each["first"], each["last"]) for each in records])


def _check_files(export: Export, manifest: dict[str, Any], report: Report) -> None:
    listed = manifest["files"]
    for name in sorted(export.names() - set(listed) - {"manifest.json"}):
        report.bad(f"the file {name} is not in the manifest")
    for name, sha256 in listed.items():
        if name not in export.names():
            report.bad(f"the file {name} is missing")
        else:
            report.expect(export.sha256(name) == sha256, f"the file {name} was changed")
    report.checked.append(f"files against the manifest: {len(listed)}")


def _check_links(export: Export, signed: Sequence[Checkpoint], report: Report) -> dict[int, bytes]:
    """Check the consistency proofs; return the roots that are proved, by size."""
    last, roots = signed[-1], {each.size: each.root for each in signed}
    proved, linked = {last.size: last.root}, 0
    for each in export.records("consistency.jsonl"):
        first, second = each["first"], each["second"]
        proof = [bytes.fromhex(text) for text in each["hashes"]]
        known = first in roots and second == last.size
        if report.expect(
            known and consistent(first, second, roots[first], last.root, proof),
            f"the checkpoint of {first} entries is not proved to be the beginning of {second}",
        ):
            proved[first] = roots[first]
        linked += 1
    report.expect(signed[0].size in proved, "the first checkpoint is not linked to the last")
    report.checked.append(f"consistency proofs: {linked}")
    return proved


def _check_timestamps(export: Export, signed: Sequence[Checkpoint], report: Report) -> None:
    """Compare what was stamped with the checkpoints; who stamped it, OpenSSL tells."""
    if "timestamps.jsonl" not in export.names():
        return
    notes, count = {each.size: each.note.encode() for each in signed}, 0
    for each in export.records("timestamps.jsonl"):
        size, token = each["size"], from_base64(each["token"])
        imprint = hashlib.sha256(notes.get(size, b"")).digest()
        report.expect(imprint in token, f"the timestamp of {size} entries is of something else")
        count += 1
    with export.open("timestamp.note") as file:
        report.expect(file.read() in notes.values(), "timestamp.note is no checkpoint of this log")
    report.checked.append(f"timestamps that hold the hash of their checkpoint: {count}")
    report.cannot.append(
        "whether the authority signed the timestamps: openssl ts -verify -data timestamp.note"
        " -in timestamp.tsr -CAfile ROOT, with the authority's root as you know it"
    )


class Entries:
    """What the later checks need of the entries."""

    def __init__(self) -> None:
        self.count = 0
        self.last = 0
        self.times: list[str] = []
        self.changes: dict[int, tuple[str, str]] = {}
        self.committed: dict[int, tuple[str, str]] = {}
        self.erasures: set[str] = set()

    def read(self, line: bytes, report: Report, *, gapless: bool) -> int:
        """Read one entry and return its sequence, 0 if it has none."""
        self.count += 1
        place = self.last + 1
        try:
            entry = json.loads(line)
            sequence, body = int(entry["sequence"]), entry["body"]
            self.times = [*self.times[:1], str(entry["at"])]
            if entry["kind"] == "audit.key_rotated":
                self.changes[sequence] = (body["old"], body["new"])
            if entry["kind"] == "subject.erased":
                self.erasures.add(entry["objects"]["subject"])
        except (ValueError, KeyError, TypeError, RecursionError):
            report.bad(f"line {self.count} is no entry", place if gapless else None)
            self.last = place
            return 0
        if sequence != place if gapless else sequence < place:
            report.bad(f"entry {sequence} stands where {place} belongs", place)
        if isinstance(body, dict) and "subject" in body and "commitment" in body:
            self.committed[sequence] = (body["subject"], body["commitment"])
        self.last = place if gapless else max(sequence, place)
        return sequence


def _check_all(export: Export, claims: dict[int, list[bytes]], report: Report) -> Entries:
    """Check an export of all entries: every leaf, and the root at every size that was signed."""
    entries, tree, listed, differing = Entries(), Tree(), Tree(), []
    _compare_root(tree, claims, report)
    with export.open("leaves.bin") as leaves:
        for line in export.lines("entries.jsonl"):
            digest, given = leaf_hash(line), leaves.read(32)
            tree.add(digest)
            listed.add(given)
            if given != digest:
                differing.append(tree.size)
            entries.read(line, report, gapless=True)
            _compare_root(tree, claims, report)
        report.expect(not leaves.read(1), "there are more leaf hashes than entries", tree.size + 1)
    # The listed hashes say which leaf it is only if they are the ones that were signed.
    exact = listed.size in claims and listed.root() in claims[listed.size]
    for place in differing:
        report.bad(f"entry {place} is not the one that was signed", place if exact else None)
    for size in sorted(claims):
        if size > tree.size:
            report.bad(f"{_short(size, tree.size)}", tree.size + 1)
    report.checked.append(
        f"leaves against their entries: {tree.size}; roots against checkpoints: {len(claims)}"
    )
    return entries


def _check_selected(export: Export, last: Checkpoint, report: Report) -> Entries:
    """Check an export of some entries: the inclusion proof of each."""
    entries, proofs = Entries(), export.records("proofs.jsonl")
    for line in export.lines("entries.jsonl"):
        sequence = entries.read(line, report, gapless=False)
        proof: dict[str, Any] = next(proofs, {})
        hashes = [bytes.fromhex(text) for text in proof.get("hashes", [])]
        fits = proof.get("sequence") == sequence
        if not fits or not included(sequence - 1, last.size, leaf_hash(line), hashes, last.root):
            report.bad(f"entry {sequence} is not in the signed tree", sequence or None)
    report.expect(next(proofs, None) is None, "there are more proofs than entries")
    report.checked.append(f"inclusion proofs, one for each entry: {entries.count}")
    return entries


def _compare_root(tree: Tree, claims: dict[int, list[bytes]], report: Report) -> None:
    for root in claims.get(tree.size, ()):
        if root != tree.root():
            report.bad(f"the first {tree.size} entries do not give the root that was signed")


def _short(kept: int, there: int) -> str:
    return (
        f"a checkpoint has {kept} entries, the export {there}: entries were taken away, or the"
        " export is older than the checkpoint; ask for a new one"
    )


def _check_against(
    against: Sequence[Checkpoint], proved: dict[int, bytes], last: Checkpoint, report: Report
) -> None:
    for each in against:
        if each.size in proved:
            report.expect(
                proved[each.size] == each.root, f"the checkpoint kept of {each.size} is another one"
            )
        elif each.size > last.size:
            report.bad(_short(each.size, last.size))
        else:
            report.bad(
                f"nothing here proves that the checkpoint kept of {each.size} is its beginning"
            )


def _check_payloads(
    export: Export, entries: Entries, report: Report, *, erasures_shown: bool
) -> None:
    made, opened, erased = entries.committed, set(), set()
    for each in export.records("openings.jsonl") if "openings.jsonl" in export.names() else ():
        sequence, payload = each["sequence"], each["payload"].encode()
        digest = hmac.new(bytes.fromhex(each["key"]), payload, hashlib.sha256).hexdigest()
        fits = made.get(sequence) == (each["subject"], digest)
        report.expect(fits, f"the payload of entry {sequence} is not the one signed", sequence)
        opened.add(sequence)
    for each in export.records("erased.jsonl"):
        sequence, subject = each["sequence"], each["subject"]
        fits = sequence in made and made[sequence][0] == subject and sequence not in opened
        report.expect(fits, f"entry {sequence} cannot have been erased", sequence)
        known = subject in entries.erasures or not erasures_shown
        report.expect(known, f"no entry tells of the erasure that entry {sequence} needs", sequence)
        erased.add(sequence)
    closed = len(made.keys() - opened - erased)
    report.checked.append(
        f"personal payloads: {len(opened)} opened and as signed, {len(erased)} erased,"
        f" {closed} kept closed"
    )
    if closed:
        report.cannot.append(f"what the {closed} payloads say that are kept closed")


# --- One downloaded file -------------------------------------------------------------------------

FILE_FORMAT, FILE_VERSION = "harbourlight-file-proof", 1


def verify_file(
    path: Path, proof: Path, key: Key | None = None, against: Sequence[Checkpoint] = ()
) -> Report:
    """Check that the trail tells of a file, and return a Report."""
    report = Report()
    try:
        _verify_file(path.read_bytes(), json.loads(proof.read_text("utf-8")), key, against, report)
    except _UNREADABLE as error:
        report.bad(f"the proof cannot be read: {type(error).__name__}: {error}")
    report.cannot.append("whether what the file says is true")
    _tell_without(key, against, report)
    return report


def _verify_file(
    content: bytes, given: dict[str, Any], key: Key | None, against: Sequence[Checkpoint],
    report: Report,
) -> None:  # fmt: skip
    if (given.get("format"), given.get("version")) != (FILE_FORMAT, FILE_VERSION):
        raise Bad(f"this is not a {FILE_FORMAT} of version {FILE_VERSION}")
    line, signed = given["entry"].encode(), Checkpoint(given["checkpoint"])
    given_apart, key = key is not None, key or Key(given["public_key"])
    entry, hashes = json.loads(line), [bytes.fromhex(each) for each in given["hashes"]]
    for each in [signed, *against]:
        report.expect(
            key.signed(each), f"the checkpoint of {each.size} entries is not signed by {key.name}"
        )
    place, body = int(entry["sequence"]), entry["body"]
    report.expect(entry["kind"] == "export.made", f"entry {place} tells of no download", place)
    report.expect(
        included(place - 1, signed.size, leaf_hash(line), hashes, signed.root),
        f"entry {place} is not in the signed tree",
        place,
    )
    digest = hashlib.sha256(content).hexdigest()
    report.expect(
        (body["sha256"], body["bytes"]) == (digest, len(content)),
        f"the file is not the one that entry {place} tells of: its SHA-256 is {digest}",
        place,
    )
    report.about.append(f"entry {place}: {entry['actor']} made this file at {entry['at']}")
    _tell_what(report, key, given_apart, signed)
    report.checked += [
        "the file against the SHA-256 and the length in that entry",
        "the entry against the root that was signed",
    ]
    for each in against:
        if each.size == signed.size:
            report.expect(
                each.root == signed.root, f"the checkpoint kept of {each.size} is another one"
            )
        else:
            report.cannot.append(
                f"whether the checkpoint kept of {each.size} entries is of the same trail:"
                " an export of the trail shows it"
            )


def _tell_what(report: Report, key: Key, given: bool, last: Checkpoint) -> None:
    report.about += [
        f"log: {last.origin}",
        f"last checkpoint: {last.size} entries, signed at {last.at} by the signer's own clock",
        f"key: {key.digest.hex()}, {'given apart' if given else 'taken from the export itself'}",
    ]


def _tell_without(key: Key | None, against: Sequence[Checkpoint], report: Report) -> None:
    if key is None:
        report.cannot.append(
            "whose key signed: it came with the export; compare it with one given another way"
        )
    if not against:
        report.cannot.append(
            "whether the whole trail was rewritten with its key, or an older copy put in its place:"
            " give a checkpoint that you kept with --against"
        )


def main(arguments: list[str] | None = None) -> int:
    """Run the program and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("export", help="folder or .zip file; with --proof any downloaded file")
    parser.add_argument("--proof", help="the file .proof.json that came with a download")
    parser.add_argument("--key", help="public key, or a file with it, that you were given apart")
    parser.add_argument("--against", action="append", default=[], help="file with a checkpoint")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        text = options.key and (
            Path(options.key).read_text("utf-8") if Path(options.key).is_file() else options.key
        )
        key = Key(text) if text else None
        kept: list[Checkpoint] = []
        damaged = 0
        for name in options.against:
            found, torn = read_kept(Path(name).read_text("utf-8"))
            kept, damaged = kept + found, damaged + torn
    except (Bad, OSError, ValueError, KeyError, TypeError) as error:
        parser.error(str(error))
    path = Path(options.export)
    if options.proof:
        report = verify_file(path, Path(options.proof), key, kept)
    else:
        report = verify(path, key, kept)
    if damaged:
        report.cannot.append(f"what the {damaged} damaged lines of --against said")
    passed = not report.problems
    sys.stdout.write(_as_json(report) if options.json else _as_text(report))
    return 0 if passed else 1


def _as_json(report: Report) -> str:
    found = {"passed": not report.problems, **vars(report)}
    return json.dumps(found, ensure_ascii=False) + "\n"


def _as_text(report: Report) -> str:
    lines = ["FAIL" if report.problems else "PASS"]
    hidden = len(report.problems) - 50
    more = [f"and {hidden} more; --json lists all"] if hidden > 0 else []
    for title, found in (
        ("What this is", report.about),
        ("First bad entry", [str(report.first_bad)] if report.first_bad else []),
        ("Wrong", report.problems[:50] + more),
        ("Checked", report.checked),
        ("Cannot be told from this export", report.cannot),
    ):
        lines += ["", f"{title}:", *(f"  - {each}" for each in found)] if found else []
    # A forger writes the words of an export: nothing of them may steer the reader's terminal.
    text = "\n".join(lines) + "\n"
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text)


if __name__ == "__main__":
    sys.exit(main())
