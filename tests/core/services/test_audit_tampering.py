"""Every tampering with a random trail is found by a checkpoint kept elsewhere; no honest one is."""

import random
import sys
from collections import Counter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.domain.identity import Actor, Role
from core.proof.note import NoteSigner
from core.services.audit import verify as audit_verify
from core.services.audit.export import write_export
from core.services.audit.verify import NOT_WITHOUT, Verification
from core.services.workspace import Workspace
from tests.docs.test_verify import VERIFY
from tests.support.tampering import (
    CAREFUL,
    NAIVE,
    Trail,
    append,
    entries_of,
    make_trail,
    open_copy,
    unlocked,
    write_anew,
)

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), pseudonym="p-9", origin="cli")
SIGNER = NoteSigner("harbourlight/kept", Ed25519PrivateKey.from_private_bytes(bytes(32)))
TRAILS = 24


def trails(folder: Path, dice: random.Random) -> list[Trail]:
    return [make_trail(folder / f"trail-{n}", dice, SIGNER) for n in range(TRAILS)]


def check(site: Workspace, trail: Trail) -> Verification:
    return audit_verify.verify(site, actor=AUDITOR, against=[trail.kept], key=SIGNER.verifier)


def tampered(trail: Trail, home: Path, dice: random.Random) -> tuple[str, Workspace]:
    """Return a copy of a trail that something was done to, and what."""
    way = dice.choice(["honest", "grown", "naive", "naive", "careful", "rollback", "regrown"])
    rolled = way in {"rollback", "regrown"}
    site = open_copy(trail.older if rolled else trail.state, home)
    if way in {"grown", "regrown"}:
        with site.store.begin() as conn:
            for number in range(dice.randint(1, 50)):
                append(conn, dice, 1000 + number)
    if way in {"naive", "careful"}:
        site.store.close()
        with unlocked(home / "state.db") as file:
            if way == "naive":
                forge = dice.choice(NAIVE)
                forge(file, dice, trail.size)
                way = f"naive {forge.__name__}"
            else:
                rewrite = dice.choice(CAREFUL)
                write_anew(file, rewrite(entries_of(file), dice))
                way = f"careful {rewrite.__name__}"
        file.close()
    return way, site


def run(folder: Path, cases: int, seed: int) -> Counter[str]:
    dice = random.Random(seed)
    made, seen = trails(folder, dice), Counter[str]()
    for case in range(cases):
        trail, home = dice.choice(made), folder / "case"
        way, site = tampered(trail, home, dice)
        found = check(site, trail)
        honest = way in {"honest", "grown"}
        assert found.passed == honest, (seed, case, way, [str(p) for p in found.problems])
        assert NOT_WITHOUT not in [each.template for each in found.cannot]
        site.store.close()
        for path in home.glob("state.db*"):
            path.unlink()
        seen[way] += 1
    untouched = seen["honest"] + seen["grown"]
    sys.stdout.write(
        f"{cases:,} trails, seed {seed}: {cases - untouched:,} changed in {len(seen) - 2} ways and "
        f"all found, {untouched:,} honest and none accused\n"
    )
    return seen


def test_a_hundred_tamperings_are_found(tmp_path: Path) -> None:
    seen = run(tmp_path, 100, seed=20260105)
    assert len(seen) >= 15


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_thousand_tamperings_are_found(tmp_path: Path) -> None:
    seen = run(tmp_path, 10_000, seed=random.SystemRandom().randrange(10**9))
    assert len(seen) == 4 + len(NAIVE) + len(CAREFUL)


def test_without_a_checkpoint_the_verifier_says_what_it_cannot_exclude(tmp_path: Path) -> None:
    dice = random.Random(7)
    for number, rewrite in enumerate(CAREFUL):
        trail = make_trail(tmp_path / f"t{number}", dice, SIGNER)
        site = open_copy(trail.state, tmp_path / f"c{number}")
        site.store.close()
        with unlocked(site.settings.home / "state.db") as conn:
            write_anew(conn, rewrite(entries_of(conn), dice))
            conn.execute("DELETE FROM audit_payload")
            conn.execute("DELETE FROM subject_key")
            for entry in entries_of(conn):
                if "commitment" in entry["body"]:
                    row = (entry["body"]["subject"], "", "2026-01-05 09:30:00.000000", "e")
                    conn.execute("INSERT OR IGNORE INTO tombstone VALUES (?, ?, ?, ?)", row)
        conn.close()
        found = audit_verify.verify(site, actor=AUDITOR, key=SIGNER.verifier)
        assert found.passed, [str(each) for each in found.problems]
        assert NOT_WITHOUT in [each.template for each in found.cannot]
        assert not check(site, trail).passed
        site.store.close()


def agree(folder: Path, cases: int, seed: int) -> None:
    """Hold the stand-alone verifier against the core, on exports of tampered trails."""
    dice = random.Random(seed)
    for case in range(cases):
        trail = make_trail(folder / f"t{case}", dice, SIGNER)
        home = folder / f"c{case}"
        site = open_copy(trail.state, home)
        (home / "keys").mkdir()
        (home / "keys" / "checkpoint.key").write_bytes(bytes(32))  # the forger holds the key
        site.store.close()
        careful = dice.random() < 0.7
        with unlocked(home / "state.db") as conn:
            name = ("audit_origin", f'"{SIGNER.name}"')
            conn.execute("INSERT INTO workspace_setting (key, value) VALUES (?, ?)", name)
            if careful:
                write_anew(conn, dice.choice(CAREFUL)(entries_of(conn), dice))
        conn.close()
        for path in home.glob("exports*"):
            path.unlink()
        write_export(site, folder / f"x{case}", actor=AUDITOR)
        report = VERIFY.verify(
            folder / f"x{case}",
            VERIFY.Key(SIGNER.verifier.text()),
            [VERIFY.Checkpoint(trail.kept.note)],
        )
        assert check(site, trail).passed == (not report.problems) == (not careful), case
        site.store.close()
    sys.stdout.write(f"{cases:,} trails exported, seed {seed}: both verifiers say the same\n")


def test_the_stand_alone_verifier_agrees(tmp_path: Path) -> None:
    agree(tmp_path, 25, seed=11)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_stand_alone_verifier_agrees_a_thousand_times(tmp_path: Path) -> None:
    agree(tmp_path, 1000, seed=random.SystemRandom().randrange(10**9))
