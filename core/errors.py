"""Every error Harbourlight raises on purpose.

    HarbourlightError
    ├── NotFound            an id that does not exist (or that the actor may not see)
    ├── Forbidden           the actor lacks a permission
    │   ├── StepUpNeeded    the actor must give the password or a code again first
    │   ├── SignedOut       the session through which the actor came has ended
    │   └── Locked          too many failed attempts; the error says until when
    ├── Conflict            somebody else changed it first; read again and retry
    ├── InvalidInput        what was handed in is wrong
    │   ├── ContractError   a field of a model contract
    │   ├── UnreadableFile  a file that cannot be read as what it claims to be
    │   └── MissingColumn   a log without a column that the contract requires
    ├── StorageError        the workspace could not be read or written
    │   ├── DiskFull        no space left; nothing of the batch was published
    │   ├── Busy            another process held the database too long; nothing was changed
    │   ├── StaleGeneration files of a lake generation are gone; read the new one
    │   └── LostLease       a job or batch whose lease another process took
    └── NotComputable       a figure that the data cannot give; carries the reason
        └── NothingYet      no data at all so far: an empty state, with what to do next

``template`` and ``remedy`` are English message ids of the catalogues with ``{named}``
placeholders: the edge translates them with ``t(error.template, **error.params)``.
"""


class HarbourlightError(Exception):
    """Base class: what happened, what to do, and the values both texts name.

    Parameters
    ----------
    template : str
        What happened, an English catalogue message with ``{named}`` placeholders.
    remedy : str
        What the reader can do about it, same form.
    **params : object
        Values of the placeholders; also attributes for programs, in ``params``.
    """

    def __init__(self, template: str, *, remedy: str = "", **params: object) -> None:
        self.template = template
        self.remedy = remedy
        self.params = params
        super().__init__(self._text())

    def _text(self) -> str:
        parts = [part for part in (self.template, self.remedy) if part]
        return " ".join(part.format(**self.params) for part in parts)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.template, self.remedy, self.params)


def _rebuild(
    kind: type[HarbourlightError], template: str, remedy: str, params: dict[str, object]
) -> HarbourlightError:
    return kind(template, remedy=remedy, **params)


class NotFound(HarbourlightError):
    """An id that does not exist, or that the actor may not know of."""


class Forbidden(HarbourlightError):
    """The actor lacks the permission, or the row is outside the actor's scope."""


class StepUpNeeded(Forbidden):
    """The actor may do it, after giving the password or a one-time code again."""


class SignedOut(Forbidden):
    """The session through which the actor came was ended, here or elsewhere."""


class Locked(Forbidden):
    """Too many failed attempts: ``params["retry_at"]`` says when the next one is heard."""


class Conflict(HarbourlightError):
    """Somebody else changed the same thing first: read again and retry."""


class InvalidInput(HarbourlightError):
    """What was handed in is wrong; the remedy says how to mend it."""


class ContractError(InvalidInput):
    """A field of a model contract is missing, malformed or contradicts another."""


class UnreadableFile(InvalidInput):
    """A file cannot be read as what it claims to be."""


class MissingColumn(InvalidInput):
    """A log lacks a column that the contract requires."""


class StorageError(HarbourlightError):
    """The workspace could not be read or written."""


class DiskFull(StorageError):
    """No space is left; nothing of the batch was published."""


class Busy(StorageError):
    """Another process held the state database too long; nothing was changed, so repeat it."""


class StaleGeneration(StorageError):
    """A lake file of the generation being read is gone; read the newer generation."""


class LostLease(StorageError):
    """The lease of a job or batch ran out and another process took it."""


class NotComputable(HarbourlightError):
    """A figure that the data at hand cannot give; the message is the reason."""


class NothingYet(NotComputable):
    """No data at all so far: pages show their empty state with the remedy."""
