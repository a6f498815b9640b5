"""A stream of work that faults interrupt, what it acknowledged, and whether the state agrees.

The worker takes files and writes audited counts in turn, and acknowledges each with a line once it
was told that it is done. However it ends, the workspace must hold each file whole or not at all,
everything acknowledged, and an audit trail whose tree is right.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.services import doctor
from core.services.workspace import Workspace
from core.store import batches, settings
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from tests.core.ingest.lake import stored
from tests.faults.work import ingest_paths, open_site
from tests.support.builders import ADMIN, a_log, a_workspace, write_parquet
from tests.support.stored import audit_kinds

ROWS = 20
COUNTED = "test.counted"


def new_scene(folder: Path, files: int) -> Path:
    """Make a workspace with the loans model, and files that wait to be taken; return its home."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    for number in range(files):
        write_parquet(inbox / f"{number:04d}.parquet", a_log(ROWS, number * ROWS))
    site = a_workspace(folder / "home")
    with site.store.begin() as conn:
        settings.put(conn, "count", 0)
    site.store.close()
    (folder / "acks").touch()
    return folder / "home"


def work(folder: Path) -> None:
    """Take what was not acknowledged yet, and count, until the files run out."""
    home = folder / "home"
    site = open_site(home, f"sqlite:///{home / 'state.db'}")
    acknowledge(folder, "ready")
    done = set(acks(folder))
    for path in sorted((folder / "inbox").iterdir()):
        if f"file {path.stem}" not in done:
            ingest_paths(site, [path], "predictions", lambda _: None)
            acknowledge(folder, f"file {path.stem}")
            acknowledge(folder, f"count {count_once(site)}")
    site.store.close()


def count_once(site: Workspace) -> int:
    """Add one to the count, with an audit entry in the same transaction."""
    with site.store.begin() as conn:
        found = settings.get(conn, "count", lock=True)
        assert isinstance(found, int)
        settings.put(conn, "count", found + 1)
        audit.append(
            conn,
            at=site.clock(),
            actor=ADMIN.audit_name,
            role=ADMIN.role_text,
            kind=COUNTED,
            objects={"model": "loans"},
            body={"count": found + 1},
        )
    return found + 1


def acknowledge(folder: Path, line: str) -> None:
    """Write a line in one call; a fault of the disk that holds the notes is not what is tested."""
    data = f"{line}\n".encode()
    handle = os.open(folder / "acks", os.O_WRONLY | os.O_APPEND)
    for _ in range(1000):
        try:
            os.write(handle, data)
            break
        except OSError:
            continue
    os.close(handle)


def acks(folder: Path) -> list[str]:
    return (folder / "acks").read_text().splitlines()


def check(folder: Path) -> dict[str, int]:
    """Assert that the state is whole; return how much is in it."""
    site = open_site(folder / "home", f"sqlite:///{folder / 'home' / 'state.db'}")
    try:
        return _check(site, acks(folder))
    finally:
        site.store.close()


def _check(site: Workspace, told: Sequence[str]) -> dict[str, int]:
    rows = stored(
        site,
        "SELECT CAST(substr(prediction_id, 2) AS INT) // 20 AS file, count(*), "
        "count(DISTINCT prediction_id) FROM {rows} GROUP BY ALL",
    )
    assert [row for row in rows if row[1:] != (ROWS, ROWS)] == [], "a file is there by half"
    present = {f"file {row[0]:04d}" for row in rows}
    assert {line for line in told if line.startswith("file")} <= present, "a file was lost"
    with site.store.read() as conn:
        count: Any = settings.get(conn, "count")
        entries = [each.canonical for each in audit.read(conn, limit=1_000_000)]
        kinds = audit_kinds(conn)
        published = batches.count_by_state(conn).get("published", 0)
        size, root = audit.size(conn), audit_tree.root(conn, audit.size(conn))
    counted = [int(line.split()[1]) for line in told if line.startswith("count")]
    assert max(counted, default=0) <= count == kinds.get(COUNTED, 0), "a count was lost"
    assert published == kinds.get("batch.published", 0) == len(present)
    assert len(entries) == size
    assert root == tree_hash(entries), "the tree is not the one of the entries"
    assert not doctor.examine(site, actor=ADMIN).at("error")
    return {"files": len(present), "counts": count, "entries": size}


def tree_hash(entries: Sequence[bytes]) -> bytes:
    """Return the root as RFC 9162, 2.1.1 defines it, without any of the product's code."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1 << ((len(entries) - 1).bit_length() - 1)
    left, right = tree_hash(entries[:split]), tree_hash(entries[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()
