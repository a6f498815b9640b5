"""The rows of one version, held against its artefact and its policy."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from core.contract import ModelContract
from core.metrics.arrays import Booleans, Floats
from core.services.reproduce.models import LoadedVersion, Reason, recomputed, unreadable_rows
from core.services.reproduce.policy import judge_decisions
from core.services.reproduce.result import Mismatch, VersionChecked
from core.services.reproduce.rows import Drawn, example, has_failed, input_frame, logged_scores

DEFAULT_TOLERANCE = 1e-9
_FEWEST_DECIMALS, _MOST_DECIMALS = 3, 12


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found, and each mismatch with its place in the draw."""

    checked: VersionChecked
    mismatches: tuple[tuple[int, Mismatch], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """Logged and recomputed scores, shape (rows, scores), and what came of comparing them."""

    logged: Floats
    again: Floats
    reasons: Sequence[Reason | None]
    failed: Booleans
    tolerance: float

    @property
    def compared(self) -> Booleans:
        """Rows of which there are both."""
        return ~self.failed & np.array([each is None for each in self.reasons], dtype=np.bool_)

    @property
    def gaps(self) -> Floats:
        """The largest difference of each row; NaN where one is missing."""
        return np.asarray(np.abs(self.again - self.logged).max(axis=1))

    @property
    def wrong(self) -> Booleans:
        """Rows whose scores differ."""
        return self.compared & (self.gaps > self.tolerance)


def logged_decimals(scores: Sequence[float]) -> int | None:
    """Return to how many decimals a log rounds its scores; ``None`` if it does not.

    That is the number of decimals that most scores have, if at least half of all have it and it is
    from 3 to 12: a few altered scores do not change it.
    """
    counted = Counter(-int(Decimal(repr(score)).normalize().as_tuple()[2]) for score in scores)
    if not counted:
        return None
    decimals, count = max(counted.items(), key=lambda item: (item[1], item[0]))
    rounds = _FEWEST_DECIMALS <= decimals <= _MOST_DECIMALS and 2 * count >= len(scores)
    return decimals if rounds else None


def compare(
    contract: ModelContract, loaded: LoadedVersion, drawn: Drawn, tolerance: float | None = None
) -> Compared:
    """Recompute the scores and replay the policy of one version's rows.

    Parameters
    ----------
    contract : ModelContract
        The contract in force.
    loaded : LoadedVersion
        The version's artefact, or why there is none; the policy is replayed either way.
    drawn : Drawn
        Its rows.
    tolerance : float, optional
        Largest difference of a score that passes; by default 1e-9, and half a unit of the last
        decimal that the log rounds to.
    """
    scores = _scores(contract, loaded, drawn, tolerance)
    compared, wrong, gaps = scores.compared, scores.wrong, scores.gaps
    decisions = judge_decisions(
        contract, loaded.version, drawn, scores.logged, scores.again, compared & ~wrong
    )
    reasons = Counter(each for each in scores.reasons if each is not None)
    checked = VersionChecked(
        version=loaded.version,
        artefact=loaded.sha256,
        rows=len(drawn.rows),
        failed_requests=int(scores.failed.sum()),
        scores=int(compared.sum()),
        score_mismatches=int(wrong.sum()),
        tolerance=scores.tolerance,
        largest_difference=float(gaps[compared].max()) if compared.any() else math.nan,
        decisions=decisions.judged,
        decision_mismatches=len(decisions.mismatches),
        overridden=decisions.overridden,
        not_judged=decisions.not_judged,
        policies=decisions.policies,
        not_reproducible=dict(sorted(reasons.items())),
    )
    differing = [
        (drawn.places[place], _score_example(contract, drawn, place, scores))
        for place in np.flatnonzero(wrong).tolist()
    ]
    return Compared(checked, (*differing, *decisions.mismatches))


def _scores(
    contract: ModelContract, loaded: LoadedVersion, drawn: Drawn, tolerance: float | None
) -> _Scores:
    logged = logged_scores(contract, drawn)
    present = np.asarray(np.isfinite(logged).all(axis=1), dtype=np.bool_)
    failed: Booleans = ~present & np.array([has_failed(row) for row in drawn.rows], dtype=np.bool_)
    lacking = unreadable_rows(loaded, contract, drawn.absent, len(drawn.rows))
    reasons: list[Reason | None] = [
        None
        if failed[place]
        else Reason.score_missing
        if not present[place]
        else loaded.reason or (Reason.feature_missing if lacking[place] else None)
        for place in range(len(drawn.rows))
    ]
    again = np.full(logged.shape, np.nan)
    todo = [p for p, reason in enumerate(reasons) if reason is None and not failed[p]]
    if todo:
        frame = input_frame(contract, loaded.inputs, [drawn.rows[place] for place in todo])
        again[todo] = recomputed(loaded, contract, frame)
    for place in todo:
        if not np.isfinite(again[place]).all():
            reasons[place] = Reason.scoring_failed
    return _Scores(logged, again, reasons, failed, _tolerance(logged[present], tolerance))


def _tolerance(logged: Floats, asked: float | None) -> float:
    if asked is not None:
        return asked
    decimals = logged_decimals(logged.ravel().tolist())
    return DEFAULT_TOLERANCE + (0.0 if decimals is None else 0.5 * 10.0**-decimals)


def _score_example(contract: ModelContract, drawn: Drawn, place: int, scores: _Scores) -> Mismatch:
    logged, again = (
        " / ".join(repr(value) for value in side[place].tolist())
        for side in (scores.logged, scores.again)
    )
    return example(contract, drawn, place, "score", logged, again)
