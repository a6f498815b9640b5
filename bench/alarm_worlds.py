"""Models whose truth is known, for ``python -m bench.alarms``: nine inputs, a score, outcomes.

Six inputs are numbers (three normal, three log-normal), three are categories of 4, 8 and 15 values.
All are made of latent normal values whose mean of the day is the world's: always 0 (``iid``), a
pattern of the week (``weekday``), or an AR(1) series (``autocorrelated``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import Booleans, Floats, Integers

NUMBERS, CATEGORIES = 6, 3
COLUMNS = NUMBERS + CATEGORIES
SCORE = COLUMNS
VALUES = (4, 8, 15)
WORLDS = ("iid", "weekday", "autocorrelated")

_WEEK = np.array([0.1, 0.2, 0.1, 0.0, 0.1, -0.3, -0.2])
_CARRY, _DAY_SPREAD = 0.6, 0.1
_BASE, _SLOPE = -1.5, 0.8


@dataclass(frozen=True, slots=True)
class Shift:
    """What is changed in a month.

    Parameters
    ----------
    name : str
        Name in the table.
    mean : float
        Added to the first input, in standard deviations.
    score : float
        Added to the latent value of the score: scores and outcomes both move.
    outcome : float
        Added to the logit of the outcome: the score no longer keeps its word.
    new_share : float
        Share of the first category's rows that get a value never seen before.
    """

    name: str
    mean: float = 0.0
    score: float = 0.0
    outcome: float = 0.0
    new_share: float = 0.0


NONE = Shift("nothing")
SHIFTS = (
    Shift("one input by 0.1 sd", mean=0.1),
    Shift("one input by 0.15 sd", mean=0.15),
    Shift("one input by 0.2 sd", mean=0.2),
    Shift("one input by 0.3 sd", mean=0.3),
    Shift("one input by 0.5 sd", mean=0.5),
    Shift("prevalence", score=0.25),
    Shift("calibration", outcome=0.25),
    Shift("a new category, 1 %", new_share=0.01),
)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows of some days.

    Parameters
    ----------
    day : ndarray of int, shape (n,)
        Day of each row, from 0.
    numbers : mapping of int to ndarray, shape (n,)
        Numeric columns, the score among them.
    codes : mapping of int to ndarray of int, shape (n,)
        Categorical columns; a code as large as the number of values is new.
    outcome : ndarray of bool, shape (n,)
        What happened.
    """

    day: Integers
    numbers: Mapping[int, Floats]
    codes: Mapping[int, Integers]
    outcome: Booleans


def sample(
    random: np.random.Generator, world: str, days: int, rows: int, shift: Shift = NONE
) -> Sample:
    """Draw the rows of consecutive days."""
    day = np.repeat(np.arange(days), rows)
    means = _day_means(random, world, days)
    latent = random.standard_normal((COLUMNS + 1, day.size)) + means[:, day]
    latent[0] += shift.mean
    latent[SCORE] += shift.score
    logit = _BASE + _SLOPE * latent[SCORE]
    numbers = {place: latent[place] for place in range(NUMBERS // 2)}
    numbers |= {place: np.exp(latent[place]) for place in range(NUMBERS // 2, NUMBERS)}
    numbers[SCORE] = 1 / (1 + np.exp(-logit))
    codes = {}
    for place, values in enumerate(VALUES, NUMBERS):
        # The steps are the quantiles of the logistic law: close to equal shares.
        share = np.arange(1, values) / values
        codes[place] = np.searchsorted(np.log(share / (1 - share)) * 0.6, latent[place])
    if shift.new_share:
        codes[NUMBERS][random.random(day.size) < shift.new_share] = VALUES[0]
    chance = 1 / (1 + np.exp(-logit - shift.outcome))
    return Sample(day, numbers, codes, random.random(day.size) < chance)


def _day_means(random: np.random.Generator, world: str, days: int) -> Floats:
    if world == "iid":
        return np.zeros((COLUMNS + 1, days))
    if world == "weekday":
        pattern = _WEEK[(np.arange(days) + random.integers(7)) % 7]
        return np.tile(pattern, (COLUMNS + 1, 1))
    noise = random.standard_normal((COLUMNS + 1, days + 30)) * _DAY_SPREAD * (1 - _CARRY**2) ** 0.5
    for place in range(1, days + 30):
        noise[:, place] += _CARRY * noise[:, place - 1]
    return np.asarray(noise[:, 30:])
