"""What reproducing a sample of the log found: counts, examples, and the verdict."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.i18n import N_
from core.services.reproduce.models import Reason

Verdict = Literal["passed", "scores_only", "nothing_compared", "failed"]

VERDICTS: Mapping[Verdict, str] = {
    "passed": N_("Scores and decisions reproduce"),
    "scores_only": N_("Scores reproduce; no decision was judged"),
    "nothing_compared": N_("Nothing could be compared"),
    "failed": N_("Not everything reproduces"),
}
"""What a verdict is called."""

NO_DECISIONS = N_(
    "No decision was judged: no policy was in force, or the log holds no automatic decision."
)


def verdict_of(failures: int, scores: int, decisions: int) -> Verdict:
    """Return the verdict on a sample.

    Parameters
    ----------
    failures : int
        Mismatches, and rows that cannot be reproduced.
    scores, decisions : int
        Scores recomputed, and decisions replayed.
    """
    if failures:
        return "failed"
    if not scores and not decisions:
        return "nothing_compared"
    return "passed" if decisions else "scores_only"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One row that does not reproduce, as an example.

    Parameters
    ----------
    prediction : str
        Its id; a mark and a number where ids are personal.
    kind : {"score", "decision"}
        What differs.
    version : str
        Model version of the row.
    time : datetime
        Instant of the prediction, in UTC.
    logged, expected : str
        What the log says, and what the registered model, or the policy, says.
    policy : str
        Version of the policy; empty for a score.
    disputed : bool
        Whether the customer disputes it: a note goes along with it.
    """

    prediction: str
    kind: Literal["score", "decision"]
    version: str
    time: datetime
    logged: str
    expected: str
    policy: str = ""
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class VersionChecked:
    """What was found in the rows of one model version.

    Parameters
    ----------
    version : str
        The version, as the log has it.
    artefact : str, optional
        SHA-256 of its registered artefact.
    rows : int
        Rows drawn.
    failed_requests : int
        Rows without a score whose status is an error: there is nothing to reproduce.
    scores, score_mismatches : int
        Scores recomputed, and those of them that differ by more than the tolerance.
    tolerance : float
        The largest difference that passes: half a unit of the last decimal logged, and what was
        asked for.
    largest_difference : float
        The largest difference found; NaN without a score to compare.
    decisions, decision_mismatches : int
        Decisions replayed, and those of them that the policy does not make.
    overridden : int
        Rows that a person decided otherwise than the policy: no mismatches.
    not_judged : int
        Rows with a score for which there is no policy, or no automatic decision in the log.
    policies : tuple of str
        Versions of the policies that were replayed.
    not_reproducible : mapping of Reason to int
        Rows whose score cannot be recomputed, by why.
    """

    version: str
    artefact: str | None
    rows: int
    failed_requests: int = 0
    scores: int = 0
    score_mismatches: int = 0
    tolerance: float = math.nan
    largest_difference: float = math.nan
    decisions: int = 0
    decision_mismatches: int = 0
    overridden: int = 0
    not_judged: int = 0
    policies: tuple[str, ...] = ()
    not_reproducible: Mapping[Reason, int] | None = None

    @property
    def failures(self) -> int:
        """Mismatches and rows that cannot be reproduced."""
        lost = sum((self.not_reproducible or {}).values())
        return self.score_mismatches + self.decision_mismatches + lost


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A sample of the log, reproduced.

    Parameters
    ----------
    model : str
        Whose log.
    at, as_of : datetime
        When it was done, and what was known.
    generation : int
        Generation of the lake that the rows were drawn from.
    seed, asked, drawn, population : int
        Seed of the draw, rows asked for and drawn, and rows drawn from.
    versions : tuple of VersionChecked
        By version.
    examples : tuple of Mismatch
        The first mismatches in the order of the draw.
    """

    model: str
    at: datetime
    as_of: datetime
    generation: int
    seed: int
    asked: int
    drawn: int
    population: int
    versions: tuple[VersionChecked, ...]
    examples: tuple[Mismatch, ...]

    @property
    def passed(self) -> bool:
        """Whether something was compared, and all of it reproduces."""
        return self.verdict in ("passed", "scores_only")

    @property
    def verdict(self) -> Verdict:
        """What was found, in a word: a proof says what it is one of."""
        return verdict_of(self.total("failures"), self.total("scores"), self.total("decisions"))

    def total(self, name: str) -> int:
        """Return the sum of one of the counts over the versions."""
        return sum(int(getattr(each, name)) for each in self.versions)

    def not_reproducible(self) -> dict[Reason, int]:
        """Return the rows that cannot be reproduced, by why."""
        found: dict[Reason, int] = {}
        for each in self.versions:
            for reason, count in (each.not_reproducible or {}).items():
                found[reason] = found.get(reason, 0) + count
        return found

    def record(self) -> dict[str, object]:
        """Return what the audit trail keeps: counts and hashes, and no prediction's id."""
        return {
            "verdict": self.verdict,
            "as_of": self.as_of,
            "generation": self.generation,
            "seed": self.seed,
            "asked": self.asked,
            "drawn": self.drawn,
            "population": self.population,
            "versions": [_recorded(each) for each in self.versions],
        }


def _recorded(found: VersionChecked) -> dict[str, object]:
    reasons = found.not_reproducible or {}
    return {
        "version": found.version,
        "artefact": found.artefact,
        "rows": found.rows,
        "failed_requests": found.failed_requests,
        "scores": found.scores,
        "score_mismatches": found.score_mismatches,
        "tolerance": _finite(found.tolerance),
        "largest_difference": _finite(found.largest_difference),
        "decisions": found.decisions,
        "decision_mismatches": found.decision_mismatches,
        "overridden": found.overridden,
        "not_judged": found.not_judged,
        "policies": list(found.policies),
        "not_reproducible": {str(reason): count for reason, count in reasons.items()},
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
