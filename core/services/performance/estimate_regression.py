"""Errors of a regression before its outcomes are known, from a sample of its rows."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.windows import Chunk
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.estimation import UNLEARNT, DirectLoss, fit_direct_loss
from core.services.performance.judged import Estimated, Said, judged
from core.services.performance.measure import Performance
from core.services.performance.raw_rows import ChunkRows, RawRows, chunk_rows, reference_rows
from core.services.performance.whole_chunks import shared
from core.services.questions import View
from core.services.workspace import Workspace

MINIMUM_SHARE = 0.02
"""Departures below this share of the reference's figure are no concept drift."""

ENOUGH_ROWS, PROVEN_CHUNKS = 20_000, 2
"""Rows of a reference that teach an estimator to be trusted at once; and after how many matured
chunks one of fewer rows may raise an alarm: until then its own error is not known, and a new mix of
inputs looks like concept drift."""

_ROOTS = ("rmse", "rmsle")
_KINDS = 3  # of drawn rows: without a final label, with one, and with one of 0


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedErrors:
    """What to expect of drawn rows: an entry for each chunk and kind of rows that has any.

    Parameters
    ----------
    period, kind : ndarray of int64, shape (k,)
        Place of the chunk; 0 for rows without a final label, 1 for those with one, 2 for those
        whose label is 0.
    n : ndarray, shape (k,)
        Rows.
    value : ndarray, shape (k, figures)
        The figures of these rows, in the order of the estimator's.
    """

    period: Integers
    kind: Integers
    n: Floats
    value: Floats

    def where(self, chosen: Booleans) -> "ExpectedErrors":
        """Return the entries chosen by a mask of shape (k,)."""
        return ExpectedErrors(
            self.period[chosen], self.kind[chosen], self.n[chosen], self.value[chosen]
        )


def of_regression(
    workspace: Workspace, view: View, found: Performance
) -> tuple[Mapping[str, Estimated], Mapping[str, str]]:
    """Return the estimates of the chunks of a regression, and why some figure has none.

    Raises
    ------
    NotComputable
        If there is no labelled reference with all features, or it has fewer than twenty rows.
    """
    reference = reference_rows(workspace, view)
    key = ("direct loss", view.spec_sha256, reference.digest())
    learned = workspace.memo.get(key, lambda: _learn(view, reference))
    unsaid = {
        name: reason
        for name, reason in UNLEARNT.items()
        if name in found.figures and name not in learned.realised
    }
    expected = _expected_of(workspace, view, learned, key)
    shown, known = estimated(learned, expected, len(view.chunks))
    least = {name: MINIMUM_SHARE * value for name, value in learned.realised.items()}
    few = reference.n < ENOUGH_ROWS
    proven = PROVEN_CHUNKS if few else 0
    return judged(found, shown, known, effect=least, fewest_chunks=proven), unsaid


def _learn(view: View, reference: RawRows) -> DirectLoss:
    return fit_direct_loss(
        reference.features,
        reference.scores["score"],
        reference.label.astype(np.float64),
        categorical={each.name for each in view.contract.features if each.type == "categorical"},
    )


def _expected_of(
    workspace: Workspace, view: View, learned: DirectLoss, key: Hashable
) -> ExpectedErrors:
    """Return what to expect of a view's chunks, of the whole ones once for all questions."""

    def score(chunks: Sequence[Chunk]) -> ExpectedErrors:
        return expected_errors(learned, chunk_rows(workspace, view, chunks))

    def found(of: View) -> ExpectedErrors:
        return _expected_of(workspace, of, learned, key)

    return workspace.memo.get(("expected", view.key, key), lambda: shared(view, found, score))


def expected_errors(learned: DirectLoss, drawn: ChunkRows) -> ExpectedErrors:
    """Return what to expect of drawn rows, by chunk and kind.

    Each row is looked at once: the figures of each kind of rows apart make those of all. What is
    realised of MAPE leaves rows out whose outcome is 0, so what is held against it does too.

    Parameters
    ----------
    learned : DirectLoss
        From the reference.
    drawn : ChunkRows
        Rows of the chunks.
    """
    nothing = drawn.mature & (drawn.rows.label.astype(np.float64) == 0)
    place = _KINDS * drawn.period + drawn.mature + nothing
    found = learned.estimate(drawn.rows.features, drawn.rows.scores["score"], chunks=place)
    n = np.bincount(place)
    filled = np.flatnonzero(n)
    value = np.stack([found[name][filled] for name in learned.realised], axis=1)
    rows = n[filled].astype(np.float64)
    return ExpectedErrors(filled // _KINDS, filled % _KINDS, rows, value)


def estimated(
    learned: DirectLoss, expected: ExpectedErrors, periods: int
) -> tuple[Mapping[str, Said], Mapping[str, Said]]:
    """Return what to expect of all drawn rows of each chunk, and of those with a final label.

    Parameters
    ----------
    learned : DirectLoss
        From the reference.
    expected : ExpectedErrors
        Of its drawn rows.
    periods : int
        Number of chunks.
    """
    shape = (periods, _KINDS)
    place = (expected.period, expected.kind)
    n = np.zeros(shape)
    n[place] = expected.n

    def said(column: int, name: str, kinds: slice) -> Said:
        parts = np.full(shape, np.nan)
        parts[place] = expected.value[:, column]
        rows = n[:, kinds]
        value = _together(name, parts[:, kinds], rows)
        return _said(learned, name, value, rows.sum(axis=1))

    known = {name: slice(1, 2 if name == "mape" else _KINDS) for name in learned.realised}
    return (
        {name: said(column, name, slice(_KINDS)) for column, name in enumerate(known)},
        {name: said(column, name, known[name]) for column, name in enumerate(known)},
    )


def _said(learned: DirectLoss, name: str, value: Floats, n: Floats) -> Said:
    # The drawn rows are a sample of the chunk's: errors are those of so many rows.
    return Said(value, learned.errors.of(name, n), learned.errors.of_estimator(name, n))


def _together(name: str, parts: Floats, n: Floats) -> Floats:
    """Return the figure of all kinds of rows: a mean of means, or the root of one of squares."""
    power = 2 if name in _ROOTS else 1
    total = np.where(n > 0, n * parts**power, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray((total / n.sum(axis=1)) ** (1 / power))
