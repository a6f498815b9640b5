"""Checkpoints: the size and the root of the audit trail at a moment, signed (C2SP tlog-checkpoint).

The signed text has a line each for the origin (which log), the number of entries, the root in
base64, and, as an extension, the time: ``time 2026-01-05T09:30:00.000000Z``.
"""

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime

from core.domain.merkle import HASH_BYTES
from core.errors import InvalidInput
from core.proof.base64_text import decoded
from core.proof.note import NoteSigner, NoteVerifier, SignedNote, parse_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_TIME = "time "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says.

    Parameters
    ----------
    origin : str
        Which log; also the name of the key.
    size : int
        Number of entries.
    root : bytes
        Root of the tree over them.
    at : datetime, optional
        When it was made, by the clock of the machine that made it; ``None`` if it does not say.
    note : str
        The whole signed note.
    """

    origin: str
    size: int
    root: bytes
    at: datetime | None
    note: str

    def signed_by(self, verifier: NoteVerifier) -> bool:
        """Whether the key signed this checkpoint, as the log that the key is named after."""
        return self.origin == verifier.name and verifier.accepts(parse_note(self.note))


def sign_checkpoint(signer: NoteSigner, *, size: int, root: bytes, at: str) -> Checkpoint:
    """Make a checkpoint.

    Parameters
    ----------
    signer : NoteSigner
        Named after the log.
    size : int
        Number of entries.
    root : bytes
        Root over them, 32 bytes.
    at : str
        The instant, in ISO 8601.
    """
    lines = (signer.name, str(size), base64.b64encode(root).decode("ascii"), f"{_TIME}{at}")
    return parse_checkpoint(signer.sign("".join(f"{line}\n" for line in lines)))


def cosign(checkpoint: Checkpoint, signer: NoteSigner) -> Checkpoint:
    """Return a checkpoint with the signature of one more key of the same log."""
    text = parse_note(checkpoint.note).text
    line = signer.sign(text)[len(text) + 1 :]
    return parse_checkpoint(checkpoint.note + line)


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint; its signature is not checked yet.

    Raises
    ------
    InvalidInput
        If it is no signed note, or the note is no checkpoint.
    """
    lines = _lines(parse_note(note))
    if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise _no_checkpoint()
    try:
        root = decoded(lines[2])
        moments = [line.removeprefix(_TIME) for line in lines[3:] if line.startswith(_TIME)]
        at = datetime.fromisoformat(moments[0]) if moments else None
    except ValueError as error:
        raise _no_checkpoint() from error
    if len(root) != HASH_BYTES or (at is not None and at.utcoffset() is None):
        raise _no_checkpoint()
    return Checkpoint(lines[0], int(lines[1]), root, at, note)


def read_checkpoints(text: str) -> tuple[tuple[Checkpoint, ...], int]:
    """Read a file of checkpoints: one note, or JSON lines with a note each.

    Returns
    -------
    tuple
        The checkpoints, and how many lines are damaged: a full disk cuts off the last one.

    Raises
    ------
    InvalidInput
        If a file of one note holds no checkpoint.
    """
    if not text.lstrip().startswith("{"):
        return (parse_checkpoint(text),), 0
    found, damaged = [], 0
    for line in filter(None, (each.strip() for each in text.split("\n"))):
        try:
            found.append(parse_checkpoint(str(json.loads(line)["note"])))
        except (InvalidInput, ValueError, KeyError, TypeError):
            damaged += 1
    return tuple(found), damaged


def anchor_line(checkpoint: Checkpoint) -> str:
    """Return a checkpoint as a JSON line for a file of many."""
    return json.dumps({"size": checkpoint.size, "note": checkpoint.note}, ensure_ascii=False)


def _lines(note: SignedNote) -> list[str]:
    return note.text.removesuffix("\n").split("\n")


def _no_checkpoint() -> InvalidInput:
    return InvalidInput(
        "This signed note is not a checkpoint.",
        remedy="Its lines are the log's name, the number of entries and the root, at least.",
    )
