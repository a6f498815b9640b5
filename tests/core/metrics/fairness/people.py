"""People with group, decision, score, prediction and outcome, and their counts."""

from typing import Any

import numpy as np
import pandas as pd

from core.metrics.fairness import GroupCounts


def some_people(seed: int, groups: int = 4, count: int = 600) -> pd.DataFrame:
    """Return people whose score, prediction, decision and outcome differ by group."""
    draw = np.random.default_rng(seed)
    group = draw.integers(0, groups, count)
    score = np.clip(draw.beta(2, 3, count) + 0.05 * group, 0, 1)
    return pd.DataFrame(
        {
            "group": [f"g{place}" for place in group],
            "score": score,
            "flagged": score > 0.5,
            "happened": draw.random(count) < np.clip(score * (0.8 + 0.1 * group), 0, 1),
            "favourable": draw.random(count) < 0.9 - 0.12 * group,
        }
    )


def counts_of(people: pd.DataFrame) -> GroupCounts:
    """Return the counts of people, each of whom has a score and an outcome."""
    said, was = people["flagged"], people["happened"]
    everybody = pd.Series(1.0, people.index)
    parts: dict[str, Any] = {
        "n": everybody,
        "favourable": people["favourable"],
        "matured": everybody,
        "scored": everybody,
        "score": people["score"],
        "score_squares": people["score"] ** 2,
        "true_positives": said & was,
        "false_positives": said & ~was,
        "false_negatives": ~said & was,
        "true_negatives": ~said & ~was,
        "scored_labelled": everybody,
        "scored_positives": was,
        "score_of_labelled": people["score"],
    }
    sums = pd.DataFrame(parts).astype(float).groupby(people["group"]).sum()
    return GroupCounts.of(list(sums.index), **{str(name): sums[name].to_numpy() for name in sums})
