"""What the processes of the audit trail's fault tests do: append, sign, and be killed meanwhile."""

import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import event

from core.domain.identity import Actor, Role
from core.services.audit import checkpoints as audit_checkpoints
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit.trail import PersonalPayload
from tests.faults.work import open_site

SIGNER = Actor("u1", "ada", frozenset({Role.admin}), pseudonym="p-1", origin="cli")
ENTRIES = 3


def append(site: Workspace, who: str, turn: int) -> int:
    """Append one entry with a personal payload, as a service does."""
    with site.store.begin() as conn:
        return audit.append(
            conn,
            at=site.clock(),
            actor=who,
            role="admin",
            kind="test.done",
            objects={"model": "m", "turn": str(turn)},
            body={"turn": turn},
            personal=PersonalPayload(f"s-{who}-{turn}", {"turn": turn}),
        )


def append_and_sign(site: Workspace) -> None:
    """Append some entries and make a checkpoint."""
    for turn in range(ENTRIES):
        append(site, "p-1", turn)
    audit_checkpoints.make_checkpoint(site, actor=SIGNER, reason="command")


def steps(site: Workspace, step: Any) -> None:
    """Call ``step`` before each statement and before and after each commit."""
    engine = site.store.engine
    event.listen(engine, "before_cursor_execute", lambda *_: step())
    event.listen(engine, "commit", lambda *_: step())


def be_killed(home: Path, state_url: str, place: int) -> None:
    """Append and sign, and be killed at a statement."""
    site, left = open_site(home, state_url), [place]

    def step() -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    steps(site, step)
    append_and_sign(site)


def write_on(home: Path, state_url: str, line: Any, who: str, count: int) -> None:
    """Append as fast as possible from the moment all are ready, signing now and then."""
    site = open_site(home, state_url)
    line.wait(timeout=60)
    for turn in range(count):
        append(site, who, turn)
        if turn % 10 == 9:
            audit_checkpoints.make_checkpoint(site, actor=SIGNER, reason="command")
    site.store.close()
