"""How the demo's simulated reviewers decide: drawn by chance, seeded, with the outcome known.

Nobody made these verdicts. They exist so that the queue has a past and the page about the quality
of oversight has something to find; whatever shows them says that they are simulated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from core.domain.review import Verdict, reasons_for

PANES = ("values", "similar", "history", "flags")


@dataclass(frozen=True, slots=True)
class Habit:
    """How one simulated reviewer works.

    Parameters
    ----------
    username, display_name : str
        The user of the demo workspace.
    right : float
        Chance that an own judgement is what the later outcome calls for; 1 minus it is the stated
        error rate.
    defers : float
        Chance to uphold without a look, where the model's score is shown.
    seconds : float
        Median time on a case with an own judgement; deferring takes a fifth.
    opens : float
        Chance that each pane of evidence is opened.
    tires : float
        What is lost of ``right`` from the morning to the evening.
    """

    username: str
    display_name: str
    right: float
    defers: float
    seconds: float
    opens: float
    tires: float = 0.0


HABITS = (
    Habit("rita", "Rita Mok (simulated)", 0.80, 0.08, 420.0, 0.85),
    Habit("quinn", "Quinn Ho (simulated)", 0.70, 0.65, 150.0, 0.30),
    Habit("theo", "Theo Ng (simulated)", 0.82, 0.20, 300.0, 0.60, 0.30),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One simulated verdict: what, why, after how long, and what was opened."""

    verdict: Verdict
    reason_code: str
    seconds: int
    panes: tuple[str, ...]


def draw(
    habit: Habit, called_for: Verdict, *, score_seen: bool, hour: float, generator: Generator
) -> Drawn:
    """Draw a reviewer's verdict on a case whose outcome is known.

    Parameters
    ----------
    habit : Habit
        Whose.
    called_for : Verdict
        What the outcome calls for.
    score_seen : bool
        Whether the model's score is shown; only then does anybody defer to it.
    hour : float
        Local hour of the day, 9.5 to 18.5.
    generator : Generator
        What chance comes from.
    """
    deferred = generator.random() < habit.defers and score_seen
    late = min(max((hour - 9.5) / 9.0, 0.0), 1.0)
    is_right = generator.random() < habit.right - habit.tires * late
    other = Verdict.overturn if called_for is Verdict.uphold else Verdict.uphold
    judged = called_for if is_right else other
    verdict = Verdict.uphold if deferred else judged
    reasons = reasons_for(verdict)
    seconds = habit.seconds * (0.2 if deferred else 1.0) * float(np.exp(generator.normal(0.0, 0.5)))
    opened = generator.random(len(PANES)) < (0.2 if deferred else 1.0) * habit.opens
    return Drawn(
        verdict,
        reasons[int(generator.integers(len(reasons)))].code,
        max(5, round(seconds)),
        tuple(pane for pane, is_open in zip(PANES, opened, strict=True) if is_open),
    )


def verdict_called_for(decision: str, label: float, decisions: Sequence[str]) -> Verdict:
    """Return what an outcome calls for: ``decisions[0]`` is right for label 0, the other for 1."""
    is_positive = decision != decisions[0]
    return Verdict.uphold if is_positive == (label > 0) else Verdict.overturn
