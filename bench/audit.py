"""``python -m bench.audit``: how fast the audit trail is appended to, read, verified, exported.

Entries are appended as the product does, one transaction each and many in one, in a workspace of
its own that is removed afterwards.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.bootstrap import create_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import trail as audit_trail
from core.services.audit import verify as audit_verify
from core.services.audit.export import write_export
from core.services.audit.trail import Search
from core.services.workspace import Workspace
from core.store.audit import trail as audit

_START = datetime(2026, 1, 1, tzinfo=UTC)
_AUDITOR = Actor("u1", "iris", frozenset({Role.auditor}), pseudonym="p-1", origin="cli")
_SCOPED = Actor("u2", "otto", frozenset({Role.auditor}), models=frozenset({"m7"}))
_PLACED = Actor("u3", "hua", frozenset({Role.auditor}), jurisdictions=frozenset({"HK"}))
_KINDS = ("batch.published", "session.signed_in", "release.decided", "personal.revealed")
_VERIFIER = Path(__file__).resolve().parents[1] / "docs" / "verify" / "verify.py"


def main() -> int:
    """Run the bench and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, help="folder that is kept and used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = options.home or Path(scratch) / "home"
        workspace = create_workspace(Settings(home, f"sqlite:///{home / 'state.db'}"))
        _append(workspace, options.entries)
        _read(workspace)
        _verify(workspace, Path(scratch))
        workspace.store.close()
    return 0


def _append(workspace: Workspace, wanted: int) -> None:
    with workspace.store.read() as conn:
        have = audit.size(conn)
    singles = min(1000, wanted - have)
    started = time.perf_counter()
    for number in range(have, have + max(singles, 0)):
        with workspace.store.begin() as conn:
            _one(conn, number)
    if singles > 0:
        _tell("append, one transaction each", singles, time.perf_counter() - started)
    started, first = time.perf_counter(), have + max(singles, 0)
    for begin in range(first, wanted, 10_000):
        with workspace.store.begin() as conn:
            for number in range(begin, min(begin + 10_000, wanted)):
                _one(conn, number)
    if wanted > first:
        _tell("append, 10,000 a transaction", wanted - first, time.perf_counter() - started)


def _one(conn: object, number: int) -> None:
    model = f"m{number % 7}" if number % 1000 else "m7"
    about = {} if number % 4 == 1 else {"model": model, "prediction": f"L{number:07d}"}
    audit.append(
        conn,  # type: ignore[arg-type]
        at=_START + timedelta(seconds=number),
        actor=f"p-{number % 23}" if number % 5000 else "p-rare",
        role="admin",
        kind=_KINDS[number % len(_KINDS)] if number % 9973 else "model.suspended",
        objects=about,
        body={"number": number, "reason": "as agreed with the model's owner"},
    )


def _read(workspace: Workspace) -> None:
    day = timedelta(days=1)
    cases: dict[str, tuple[Search, Actor]] = {
        "newest": (Search(), _AUDITOR),
        "of a frequent kind": (Search(kind=_KINDS[0]), _AUDITOR),
        "of a rare kind": (Search(kind="model.suspended"), _AUDITOR),
        "of one person": (Search(person="p-rare"), _AUDITOR),
        "of a person, of a kind": (Search(person="p-7", kind="model.suspended"), _AUDITOR),
        "of one decision": (Search(objects={"prediction": "L0000010"}), _AUDITOR),
        "of a frequent model": (Search(objects={"model": "m3"}), _AUDITOR),
        "of a rare model": (Search(objects={"model": "m7"}), _AUDITOR),
        "of a model, of a rare kind": (Search("model.suspended", None, {"model": "m3"}), _AUDITOR),
        "of the first day": (Search(since=_START, until=_START + day), _AUDITOR),
        "of a kind on the first day": (
            Search(_KINDS[0], None, None, _START, _START + day),
            _AUDITOR,
        ),
        "in scope of a rare model": (Search(), _SCOPED),
        "of a kind that the scope lacks": (Search(kind=_KINDS[2]), _SCOPED),
        "of a kind, in no jurisdiction": (Search(kind=_KINDS[2]), _PLACED),
    }
    for name, (search, actor) in cases.items():
        _tell_ms(name, lambda s=search, a=actor: audit_trail.entries(workspace, s, actor=a))  # type: ignore[misc]
    _tell_ms("kinds", lambda: audit_trail.kinds(workspace, actor=_AUDITOR))
    _tell_ms("status", lambda: audit_trail.status(workspace, actor=_AUDITOR))
    _tell_ms("one entry with its proof", lambda: audit_trail.detail(workspace, 711, actor=_AUDITOR))


def _verify(workspace: Workspace, scratch: Path) -> None:
    kept = audit_checkpoints.make_checkpoint(workspace, actor=_AUDITOR, reason="command")
    found = audit_verify.verify(workspace, actor=_AUDITOR, against=[kept])
    assert found.passed, found.problems[:3]
    _tell("verify against a checkpoint", found.size, found.seconds)
    started = time.perf_counter()
    done = write_export(workspace, scratch / "export", actor=_AUDITOR)
    _tell("export of everything", done.entries, time.perf_counter() - started)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-I", _VERIFIER, done.path], check=True, stdout=subprocess.DEVNULL
    )
    _tell("verify.py on the export", done.entries, time.perf_counter() - started)


def _tell(name: str, count: int, seconds: float) -> None:
    print(f"{name:<34} {count:>10,} entries {seconds:>8.1f} s {count / seconds:>10,.0f} a second")


def _tell_ms(name: str, question: Callable[[], object]) -> None:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        question()
        times.append(time.perf_counter() - started)
    print(f"{name:<34} {1000 * sorted(times)[1]:>10.1f} ms (first {1000 * times[0]:.1f})")


if __name__ == "__main__":
    raise SystemExit(main())
