"""Simulated reviews of loans near the cut-off: the source has no decision of a person.

They exist so that overrides and processing times can be shown; no outcome took part in them.
"""

import numpy as np
import pandas as pd

REFERRED = (0.032, 0.040)  # scores that are referred to a person
STRICTER_FROM = pd.Timestamp("2008-10-01", tz="America/New_York")
# Chance that a reviewer approves: of loans below the cut-off, and of those at or above it.
APPROVE = (0.93, 0.30)
APPROVE_STRICTER = (0.80, 0.12)
MEDIAN_HOURS, SIGMA = 6.0, 0.7
REVIEWERS = 8


def reviews(log: pd.DataFrame, *, cut_off: float, seed: int) -> pd.DataFrame:
    """Return one simulated human decision about each loan near the cut-off, in order of time.

    Parameters
    ----------
    log : DataFrame
        Needs ``loan_id``, ``approved_at`` and ``default_score``.
    cut_off : float
        From which score on the policy declines.
    seed : int
        Seed of the draws.

    Returns
    -------
    DataFrame
        ``loan_id``, ``decided_at`` (a lognormal time after the score, median six hours), ``kind``,
        ``decision``, ``decided_by``, ``reason``. Reviewers approve less from October 2008 on.
    """
    generator = np.random.default_rng(seed)
    low, high = REFERRED
    rows = log[(log["default_score"] >= low) & (log["default_score"] < high)]
    above = (rows["default_score"] >= cut_off).to_numpy().astype(int)
    later = (rows["approved_at"] >= STRICTER_FROM).to_numpy().astype(int)
    chance = np.array([APPROVE, APPROVE_STRICTER])[later, above]
    approved = generator.random(len(rows)) < chance
    hours = MEDIAN_HOURS * np.exp(generator.normal(0, SIGMA, len(rows)))
    reviewer = generator.integers(1, REVIEWERS + 1, len(rows))
    table = pd.DataFrame(
        {
            "loan_id": rows["loan_id"],
            "decided_at": rows["approved_at"] + pd.to_timedelta(np.rint(hours * 3600), unit="s"),
            "kind": "human",
            "decision": np.where(approved, "approve", "decline"),
            "decided_by": [f"simulated reviewer {number}" for number in reviewer],
            "reason": "score near the cut-off",
        }
    )
    return table.sort_values(["decided_at", "loan_id"], ignore_index=True)
