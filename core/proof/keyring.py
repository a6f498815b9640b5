"""The keys that signed a log, one after another, each for its span of the log only.

A change of keys is an entry, and the checkpoint that ends with this entry is signed by both: the
old key vouches for the new one, and the new one for everything before it. From the next entry on
the old key counts no more, whoever holds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import InvalidInput
from core.i18n import N_
from core.proof.checkpoint import Checkpoint
from core.proof.note import NoteVerifier


@dataclass(frozen=True, slots=True)
class KeySpan:
    """A key, and the sizes of the checkpoints that it signs.

    Parameters
    ----------
    verifier : NoteVerifier
        The public key.
    first : int
        Size of the first checkpoint it may sign: that of its change of keys, or 0.
    last : int, optional
        Size of the last one; ``None`` for the key in use.
    """

    verifier: NoteVerifier
    first: int
    last: int | None

    def covers(self, size: int) -> bool:
        """Whether a checkpoint of a size has to be signed by this key."""
        return self.first <= size and (self.last is None or size <= self.last)


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of a log, in order."""

    spans: tuple[KeySpan, ...]

    @property
    def current(self) -> NoteVerifier:
        """The key in use."""
        return self.spans[-1].verifier

    @property
    def changes(self) -> tuple[int, ...]:
        """The sizes at which the key changed."""
        return tuple(span.first for span in self.spans[1:])

    def of(self, size: int) -> tuple[NoteVerifier, ...]:
        """Return the keys that must have signed a checkpoint of a size: two at a change."""
        return tuple(span.verifier for span in self.spans if span.covers(size))

    def accepts(self, checkpoint: Checkpoint) -> bool:
        """Whether every key of a checkpoint's size signed it."""
        return all(checkpoint.signed_by(each) for each in self.of(checkpoint.size))

    def holds(self, key: NoteVerifier) -> bool:
        """Whether a key is one of them."""
        return any(span.verifier == key for span in self.spans)


def keyring(
    first: NoteVerifier, changes: Sequence[tuple[int, NoteVerifier, NoteVerifier]]
) -> Keyring:
    """Put the keys of a log together.

    Parameters
    ----------
    first : NoteVerifier
        The key, if it never changed.
    changes : sequence of tuple
        Of each change the size of the log with its entry, the old and the new key.

    Raises
    ------
    InvalidInput
        If a change does not begin with the key that the one before ended with.
    """
    key = changes[0][1] if changes else first
    spans, begin = [], 0
    for size, old, new in changes:
        if old != key or new == old or new.name != old.name or size <= begin:
            raise InvalidInput(
                N_("The change of keys at entry {size} does not follow from the one before."),
                remedy=N_("Check a whole export, with every change of the key in it."),
                size=size,
            )
        spans.append(KeySpan(old, begin, size))
        key, begin = new, size
    return Keyring((*spans, KeySpan(key, begin, None)))
