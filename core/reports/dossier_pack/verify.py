#!/usr/bin/env python3
"""Check a pack of dossiers of Harbourlight without Harbourlight.

    python verify.py pack.zip [--key KEY]

KEY is the public key (one line, or a file with it) that you were given by another way than the
pack. Beside this file lies verify_dossier.py, which checks a single dossier and is used here. Take
both from another way, too, or read them before you trust them: the copies in a pack are worth what
the pack is worth.

Needs Python 3.9 or newer and the package "cryptography". A line for each check says PASS or FAIL
and names the file; the exit code is 0 for PASS, 1 for FAIL and 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORMAT, PROOF, VERSION = "harbourlight-pack", "harbourlight-pack-proof", "1"
UNLISTED = frozenset({"manifest.json", "proof.json"})
BESIDE = "verify_dossier.py"
_PROVED = {"format", "version", "ordered", "drawn", "made", "checkpoint", "public_key", "earlier"}
_UNREADABLE = (
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


def load(path: Path) -> Any:
    """Return the program that checks a single dossier."""
    spec = importlib.util.spec_from_file_location("verify_dossier", path)
    if spec is None or spec.loader is None or not path.is_file():
        sys.stderr.write(f"{BESIDE} has to lie beside verify.py\n")
        raise SystemExit(2)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# --- The sample ----------------------------------------------------------------------------------


def drawn_again(frame: list[list[str]], seed: str, n: int, method: str) -> list[str]:
    """Return the keys that a method draws from a frame, in their order."""

    def rank(key: str) -> str:
        return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()

    total, sizes = len(frame), Counter(stratum for _, _, stratum in frame)
    if method == "systematic":
        start = int(rank("start"), 16) % total
        return [frame[(start + place * total // n) % total][0] for place in range(n)]
    if method == "random":
        return sorted((key for key, _, _ in frame), key=rank)[:n]
    take = shares(sizes, n, method)
    parts = {name: [key for key, _, stratum in frame if stratum == name] for name in take}
    return [key for name in sorted(take) for key in sorted(parts[name], key=rank)[: take[name]]]


def shares(sizes: Mapping[str, int], n: int, method: str) -> dict[str, int]:
    """Return how many are drawn from each stratum."""
    if method == "all_then_random":
        whole = sizes.get("all", 0)
        return {"all": whole, "rest": n - whole}
    if method == "proportional":
        total = sum(sizes.values())
        take = {name: n * size // total for name, size in sizes.items()}
        order = sorted(sizes, key=lambda name: (-(n * sizes[name] % total), name))
        for name in order[: n - sum(take.values())]:
            take[name] += 1
        return take
    if method != "equal":
        raise ValueError(f"no method is called {method}")
    take = dict.fromkeys(sizes, 0)
    while sum(take.values()) < min(n, sum(sizes.values())):
        for name in sorted(sizes):
            if take[name] < sizes[name] and sum(take.values()) < n:
                take[name] += 1
    return take


# --- RFC 9162 ------------------------------------------------------------------------------------


def extends(old: tuple[int, bytes], new: tuple[int, bytes], proof: list[bytes]) -> bool:
    """Check a consistency proof (RFC 9162, 2.1.4.2): the new tree begins with the old one."""
    (first, root), (second, newer) = old, new
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and root == newer
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, root)
    if not path:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    small = large = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            small = hashlib.sha256(b"\x01" + sibling + small).digest()
            large = hashlib.sha256(b"\x01" + sibling + large).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            large = hashlib.sha256(b"\x01" + large + sibling).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and small == root and large == newer


# --- The pack ------------------------------------------------------------------------------------


class Checker:
    """Checks the files of one pack, and notes each check."""

    def __init__(self, files: Mapping[str, bytes], one: Any, key: Any, report: Any) -> None:
        self.files, self.one, self.key, self.report = files, one, key, report
        self.proof = one.read_json(files["proof.json"])
        self.sample = one.read_json(files["sample.json"])
        self.signed = one.Checkpoint(self.proof["checkpoint"])
        self.tree = (self.signed.size, self.signed.root)

    def note(self, holds: bool, text: str) -> None:
        """Note one check."""
        self.report.note(holds, text)

    def run(self) -> None:
        """Check everything."""
        manifest = self.one.read_json(self.files["manifest.json"])
        formats = (manifest["format"], manifest["version"], self.proof["format"])
        if formats != (FORMAT, VERSION, PROOF) or set(self.proof) != _PROVED:
            raise ValueError("this is no pack")
        self.check_manifest(manifest["files"])
        self.check_key()
        told = {name: self.entry(name) for name in ("ordered", "drawn", "made")}
        digest = hashlib.sha256(self.files["manifest.json"]).hexdigest()
        same = digest == told["made"]["body"]["manifest"]
        self.note(same, "manifest.json is the one that the trail tells of")
        self.check_seed(told)
        self.check_draw(told["drawn"]["body"])
        self.check_dossiers()

    def check_manifest(self, listed: Mapping[str, str]) -> None:
        """Check that the files are those of the manifest, none besides and none missing."""
        for name in sorted((set(self.files) | set(listed)) - UNLISTED):
            found = self.files.get(name)
            digest = "" if found is None else hashlib.sha256(found).hexdigest()
            self.note(digest == listed.get(name), f"{name} is the file in the manifest")

    def check_key(self) -> None:
        """Check the signature, and whose it is."""
        own = self.one.Key(self.proof["public_key"])
        text = f"proof.json: the checkpoint of {self.signed.size} entries is signed"
        self.note(self.signed.signed_by(own), text)
        if self.key is None:
            self.report.cannot.append(
                "whose key signed: it is only the one in the file; give the one you know: --key"
            )
        else:
            self.note(self.key.text == own.text, "proof.json: the key is the one that you gave")

    def entry(self, name: str) -> Any:
        """Check that an entry of the trail is in the signed tree; return what it says."""
        part = self.proof[name]
        if set(part) != {"entry", "hashes"}:
            raise ValueError("an entry has other parts than it should have")
        entry = self.one.read_json(part["entry"].encode("utf-8"))
        kinds = {"ordered": "sample.ordered", "drawn": "sample.drawn", "made": "pack.made"}
        leaf = hashlib.sha256(b"\x00" + part["entry"].encode("utf-8")).digest()
        hashes = [self.one.from_hex(each) for each in part["hashes"]]
        place = int(entry["sequence"])
        there = self.one.included(place - 1, self.tree[0], leaf, hashes, self.tree[1])
        right = entry["kind"] == kinds[name] and entry["objects"]["sample"] == self.sample["id"]
        self.note(there and right, f"proof.json: entry {place}, {kinds[name]}, is in the tree")
        return entry

    def earlier(self, name: str, size: int, root: bytes) -> bool:
        """Whether the tree of the pack begins with an earlier one."""
        hashes = [self.one.from_hex(each) for each in self.proof["earlier"][name]]
        return extends((size, root), self.tree, hashes)

    def check_seed(self, told: Mapping[str, Any]) -> None:
        """Check that the seed was made behind the order, of its words and the signed tree."""
        sample, ordered = self.sample, told["ordered"]
        size, root = int(sample["root_size"]), self.one.from_hex(sample["root"])
        self.note(self.earlier("seed", size, root), "sample.json: the tree of the seed is its past")
        self.note(
            int(ordered["sequence"]) == size, "sample.json: that tree ends with the order of it"
        )
        names = ("method", "words", "reason", "condition", "stratum", "first_day", "last_day")
        same = all(sample[name] == ordered["body"][name] for name in names)
        self.note(same and sample["drawn"] == ordered["body"]["n"], "sample.json: drawn as ordered")
        text = f"harbourlight-sample-1\n{sample['words']}\n{sample['root']}"
        seed = hashlib.sha256(text.encode("utf-8")).hexdigest()
        self.note(
            seed == sample["seed"] == told["drawn"]["body"]["seed"],
            "sample.json: the seed is SHA-256 of words and tree",
        )

    def check_draw(self, told: Mapping[str, Any]) -> None:
        """Check the frame, and draw the sample again."""
        sample, content = self.sample, self.files["frame.jsonl"]
        digest = hashlib.sha256(content).hexdigest()
        self.note(
            digest == sample["frame"] == told["frame"], "frame.jsonl is the one that was drawn from"
        )
        frame = [json.loads(line) for line in content.decode("utf-8").splitlines()]
        keys = [key for key, _, _ in frame]
        ordered = [(at, key) for key, at, _ in frame]
        self.note(
            len(set(keys)) == len(keys) == int(sample["population"]) == int(told["population"]),
            f"frame.jsonl has the {sample['population']} decisions, each once",
        )
        self.note(ordered == sorted(ordered), "frame.jsonl is in order of time and key")
        n = int(sample["drawn"])
        again = drawn_again(frame, sample["seed"], n, sample["method"])
        shown = [each["key"] for each in sample["decisions"]]
        text = "".join(f"{key}\n" for key in again)
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        self.note(again == shown, f"sample.json: drawing again gives the same {n} decisions")
        self.note(digest == told["keys"] == sample["keys"], "sample.json: the trail tells of them")

    def check_dossiers(self) -> None:
        """Check each dossier, and that it is of the decision that was drawn."""
        named = {name for name in self.files if name.startswith("dossiers/")}
        listed = [each["file"] for each in self.sample["decisions"] if each["file"]]
        self.note(
            sorted(named) == sorted(listed), "each dossier in the pack is of a drawn decision"
        )
        for each in self.sample["decisions"]:
            if each["file"]:
                self.check_dossier(each["file"], each["key"])
            else:
                self.note(
                    bool(each["why"]), f"without a dossier, with a reason: {each['key'][:12]}"
                )
        lacking = len(self.sample["decisions"]) - len(listed)
        if lacking:
            self.report.cannot.append(
                f"anything of the {lacking} drawn decisions without a dossier but the reason given"
            )

    def check_dossier(self, name: str, key: str) -> None:
        """Check one dossier with its own program."""
        inner = self.one.verify(self.files[name], self.key)
        for holds, text in inner.checks:
            if not holds:
                self.note(False, f"{name}: {text}")
        self.note(inner.passed, f"{name}: {len(inner.checks)} checks of the dossier itself")
        for each in inner.cannot:
            if each not in self.report.cannot and not each.startswith("whose key"):
                self.report.cannot.append(each)
        files = self.one.unpacked(self.files[name])
        dossier = self.one.read_json(files["dossier.json"])
        same = dossier["decision"]["pseudonym"] == key
        self.note(same, f"{name} is of the decision that was drawn")
        signed = self.one.Checkpoint(self.one.read_json(files["proof.json"])["checkpoint"])
        self.note(
            self.earlier(name, signed.size, signed.root), f"{name}: its tree is the pack's past"
        )


def verify(content: bytes, one: Any, key: Any = None) -> Any:
    """Check the bytes of a pack; ``one`` is the program that checks a single dossier."""
    report = one.Report()
    try:
        files = one.unpacked(content)
        same = one.packed(files) == content
        report.note(same, "the archive is, byte for byte, the one that these files make")
        Checker(files, one, key, report).run()
    except (*_UNREADABLE, one.Bad) as error:
        report.note(False, f"the pack cannot be read: {type(error).__name__}: {error}")
    return report


def main(arguments: list[str] | None = None) -> int:
    """Check the pack that the command line names."""
    parser = argparse.ArgumentParser(description="Check a pack of dossiers of Harbourlight.")
    parser.add_argument("pack", help="the .zip file")
    parser.add_argument("--key", help="public key, or a file with it, that you were given apart")
    options = parser.parse_args(arguments)
    one = load(Path(__file__).resolve().with_name(BESIDE))
    try:
        content = Path(options.pack).read_bytes()
        text = options.key
        if text and Path(text).is_file():
            text = Path(text).read_text("utf-8")
        key = one.Key(text.strip()) if text else None
    except (*_UNREADABLE, one.Bad) as error:
        parser.error(str(error))
    report = verify(content, one, key)
    sys.stdout.write(report.text().replace("from this dossier", "from this pack"))
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
