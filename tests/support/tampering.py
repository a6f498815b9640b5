"""Random audit trails, and everything that somebody with the database file can do to one.

A naive forger changes rows. A careful one writes the whole trail anew, with every hash, index and
count as it should be; only a checkpoint kept elsewhere tells the one from the other.
"""

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.config import Settings
from core.domain.merkle import Frontier, leaf_hash
from core.proof.checkpoint import Checkpoint, sign_checkpoint
from core.proof.note import NoteSigner
from core.services.workspace import Workspace
from core.store import open_store
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import canonical_bytes, instant_text
from core.store.audit.trail import PersonalPayload
from tests.support.fakes import START

_KINDS = ("batch.published", "session.signed_in", "personal.revealed", "prediction.released")
Forge = Callable[[sqlite3.Connection, random.Random, int], None]
Rewrite = Callable[[list[dict[str, Any]], random.Random], list[dict[str, Any]]]


@dataclass(frozen=True)
class Trail:
    """A random trail: the database, an older copy of it, and a checkpoint that was taken away."""

    state: Path
    older: Path
    size: int
    kept: Checkpoint


def make_trail(folder: Path, dice: random.Random, signer: NoteSigner) -> Trail:
    """Append a random number of random entries; keep a copy on the way and a checkpoint at last."""
    folder.mkdir(parents=True)
    state, older = folder / "state.db", folder / "older.db"
    store = open_store(f"sqlite:///{state}")
    size = dice.randint(2, 40)
    copied_at = dice.randint(1, size - 1)
    for begin, end in ((0, copied_at), (copied_at, size)):
        with store.begin() as conn:
            for number in range(begin, end):
                append(conn, dice, number)
        if end == copied_at:
            store.close()
            shutil.copy(state, older)
    with store.read() as conn:
        root = audit_tree.root(conn, size)
    store.close()
    kept = sign_checkpoint(signer, size=size, root=root, at=instant_text(START))
    return Trail(state, older, size, kept)


def append(conn: Any, dice: random.Random, number: int) -> None:
    """Append a random entry."""
    personal = dice.random() < 0.3
    audit.append(
        conn,
        at=START + timedelta(seconds=number),
        actor=f"p-{dice.randint(0, 3)}",
        role="admin",
        kind=dice.choice(_KINDS),
        objects={"model": "m", "batch": f"b{number}"} if dice.random() < 0.7 else {},
        body={"number": number, "text": "".join(dice.choices("ab數據\u2028😀", k=5))},
        personal=PersonalPayload(f"s{dice.randint(0, 2)}", {"n": number}) if personal else None,
    )


def open_copy(trail: Path, home: Path) -> Workspace:
    """Open a copy of a database as a workspace of its own."""
    home.mkdir(parents=True, exist_ok=True)
    state = home / "state.db"
    if trail != state:
        shutil.copy(trail, state)
    url = f"sqlite:///{state}"
    return Workspace(Settings(home, url, threads=1), open_store(url))


def unlocked(state: Path) -> sqlite3.Connection:
    """Open a database without its triggers."""
    conn = sqlite3.connect(state)
    for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f"DROP TRIGGER {name}")
    return conn


def entries_of(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the entries of a trail as JSON values."""
    rows = conn.execute("SELECT canonical FROM audit_entry ORDER BY sequence").fetchall()
    return [json.loads(canonical) for (canonical,) in rows]


def write_anew(conn: sqlite3.Connection, entries: Sequence[dict[str, Any]]) -> None:
    """Write a whole trail so that everything in the database fits."""
    for table in ("audit_node", "audit_object", "audit_entry", "audit_checkpoint"):
        conn.execute(f"DELETE FROM {table}")
    frontier = Frontier()
    for sequence, entry in enumerate(entries, 1):
        forged = {**entry, "sequence": sequence}
        canonical = canonical_bytes(forged)
        at = f"{forged['at'][:10]} {forged['at'][11:26]}"
        scope = audit.scope_of(forged["objects"])
        row = (sequence, at, forged["actor"], forged["kind"], canonical, *scope)
        conn.execute("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for name, object_id in forged["objects"].items():
            conn.execute("INSERT INTO audit_object VALUES (?, ?, ?)", (sequence, name, object_id))
        for node in frontier.add(leaf_hash(canonical)):
            conn.execute("INSERT INTO audit_node VALUES (?, ?, ?)", node)
    conn.execute("UPDATE audit_head SET size = ?", (len(entries),))


def _flip(value: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(value))
    return value[:place] + bytes([value[place] ^ (1 << dice.randrange(8))]) + value[place + 1 :]


def _flip_entry(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    sequence = dice.randint(1, size)
    query = "SELECT canonical FROM audit_entry WHERE sequence = ?"
    (canonical,) = conn.execute(query, (sequence,)).fetchone()
    _set(conn, "audit_entry", "canonical", _flip(canonical, dice), sequence)


def _change_index(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    values = {
        "actor": "p-9",
        "kind": "x.y",
        "at": "2020-01-01 00:00:00.000000",
        "model_id": "z",
        "jurisdiction": "z",
    }
    column, value = dice.choice(list(values.items()))
    _set(conn, "audit_entry", column, value, dice.randint(1, size))


def _drop(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    conn.execute("DELETE FROM audit_entry WHERE sequence = ?", (dice.randint(1, size),))


def _swap(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    one, other = dice.sample(range(1, size + 1), 2)
    for old, new in ((one, 10**6), (other, one), (10**6, other)):
        conn.execute("UPDATE audit_entry SET sequence = ? WHERE sequence = ?", (new, old))


def _insert(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    columns = (
        "at, actor, kind, canonical, model_id, jurisdiction FROM audit_entry WHERE sequence = ?"
    )
    conn.execute(
        f"INSERT INTO audit_entry SELECT ?, {columns}",
        (size + dice.randint(1, 3), dice.randint(1, size)),
    )


def _truncate(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    first = dice.randint(1, size)
    for table in ("audit_object", "audit_payload", "audit_entry"):
        conn.execute(f"DELETE FROM {table} WHERE sequence >= ?", (first,))
    if dice.random() < 0.5:
        conn.execute("UPDATE audit_head SET size = ?", (first - 1,))


def _edit_node(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    rows = conn.execute("SELECT rowid, hash FROM audit_node").fetchall()
    rowid, digest = dice.choice(rows)
    act = dice.randrange(3)
    if act == 0:
        conn.execute("UPDATE audit_node SET hash = ? WHERE rowid = ?", (_flip(digest, dice), rowid))
    elif act == 1:
        conn.execute("DELETE FROM audit_node WHERE rowid = ?", (rowid,))
    else:
        row = (dice.randint(0, 7), size + dice.randint(1, 9), digest)
        conn.execute("INSERT INTO audit_node VALUES (?, ?, ?)", row)


def _edit_object(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    row = (dice.randint(1, size + 2), "forged", "x")
    conn.execute("INSERT INTO audit_object VALUES (?, ?, ?)", row)


def _edit_head(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    conn.execute("UPDATE audit_head SET size = ?", (size + dice.choice([-1, 1, 7]),))


def _edit_payload(conn: sqlite3.Connection, dice: random.Random, size: int) -> None:
    row = conn.execute("SELECT sequence, payload FROM audit_payload").fetchone()
    if row is None:
        _drop(conn, dice, size)
    else:
        _set(conn, "audit_payload", "payload", _flip(row[1], dice), row[0])


def _set(conn: sqlite3.Connection, table: str, column: str, value: object, sequence: int) -> None:
    conn.execute(f"UPDATE {table} SET {column} = ? WHERE sequence = ?", (value, sequence))


NAIVE: tuple[Forge, ...] = (
    _flip_entry,
    _change_index,
    _drop,
    _swap,
    _insert,
    _truncate,
    _edit_node,
    _edit_object,
    _edit_head,
    _edit_payload,
)


def _other_body(entries: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    entry = dice.choice(entries)
    entry["body"] = {**entry["body"], "number": -1}
    return entries


def _other_actor(entries: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    dice.choice(entries)["actor"] = "p-9"
    return entries


def _without(entries: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    del entries[dice.randrange(len(entries))]
    return entries


def _in_other_order(entries: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    one, other = dice.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]
    return entries


def _with_another(entries: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    forged = {**dice.choice(entries), "body": {"number": -2}}
    entries.insert(dice.randrange(len(entries)), forged)
    return entries


def _cut(entries: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    return entries[: dice.randrange(len(entries))]


CAREFUL: tuple[Rewrite, ...] = (
    _other_body,
    _other_actor,
    _without,
    _in_other_order,
    _with_another,
    _cut,
)
