"""What releases are held against: what contracts declared, what people did, and the ways to err."""

from dataclasses import dataclass, field

from core.lake.row_filter import RowFilter
from core.lake.upkeep.keyed_hash import KeyedHash

WITHOUT_VERDICT, WHILE_WAITING = "without_verdict", "while_waiting"
WITHOUT_RELEASE, WHILE_SUSPENDED = "without_release", "while_suspended"
OPTED_OUT = "opted_out"
OTHER_DECISION, AFTER_STOP = "other_decision", "after_stop"
UNDECLARED = "undeclared"
"""No breach: of a version without a level nobody can say whether it needed review."""
UNLOGGED = "unlogged"
"""No breach either: of a prediction that the log does not hold nobody can say it."""
EVER = -(2**62)
"""Before every instant."""


@dataclass(frozen=True, slots=True)
class ReviewTimes:
    """What people did about predictions, and when; instants in microseconds since 1970 (UTC).

    Parameters
    ----------
    verdicts : tuple of (str, int, str)
        Prediction, when a verdict on it was final, and what was decided; in their order.
    waits : tuple of (str, int, int or None)
        Prediction, and from when to when (``None``: still) a case of it waited.
    by_hand : tuple of (str, int, str)
        Prediction, when a person decided about it by hand, and ``released`` or ``stopped``; in
        their order.
    suspended : tuple of (int, int or None, str)
        From when to when the model was suspended, and the version that took over; empty: none.
    opted_out : tuple of (str, int, int or None)
        Pseudonym of a customer, and from when to when a model alone was not to decide.
    """

    verdicts: tuple[tuple[str, int, str], ...] = ()
    waits: tuple[tuple[str, int, int | None], ...] = ()
    by_hand: tuple[tuple[str, int, str], ...] = ()
    suspended: tuple[tuple[int, int | None, str], ...] = ()
    opted_out: tuple[tuple[str, int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a model's contracts said, each from when on; instants in microseconds since 1970 (UTC).

    Parameters
    ----------
    levels : tuple of (str, int, str)
        Version, from when, and its oversight level; empty: none is declared. A version that is
        not among them never had one.
    counts_from : tuple of (int, int or None)
        From when, and the first instant of which releases counted then (``None``: all), the
        earliest first.
    overseen : tuple of (int, int or None)
        From when, and the first instant of which rules of review oversaw predictions then
        (``None``: none), the earliest first.
    """

    levels: tuple[tuple[str, int, str], ...] = ()
    counts_from: tuple[tuple[int, int | None], ...] = ()
    overseen: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """Where releases are looked for.

    Parameters
    ----------
    predictions, decisions : tuple of str
        Data files of the two streams.
    declared : Declared
        What contracts said when.
    rows : RowFilter
        Further conditions on the predictions.
    subjects : KeyedHash, optional
        What pseudonyms of customers are made with; needed where anybody opted out.
    whole_since : int, optional
        From when on each prediction that took effect should be in the log: since some were
        disposed of. ``None``: always.
    """

    predictions: tuple[str, ...]
    decisions: tuple[str, ...]
    declared: Declared = Declared()
    rows: RowFilter = RowFilter()  # noqa: RUF009 - frozen
    subjects: KeyedHash | None = field(default=None, repr=False)
    whole_since: int | None = None
