"""How people review: shares and their differences, agreement, reliance, time, and work in a row.

Pure functions of counts and arrays; none of them says of anybody that he does not look.
"""

from core.metrics.oversight.agreement import Kappa, cohen_kappa
from core.metrics.oversight.alpha import Alpha, krippendorff_alpha
from core.metrics.oversight.persons import (
    MINIMUM,
    cells_shown,
    shown_persons,
    team_is_shown,
)
from core.metrics.oversight.reliance import Reliance, reliance
from core.metrics.oversight.shares import Difference, Share, difference, share
from core.metrics.oversight.times import FastTail, fast_tail
from core.metrics.oversight.work import PAUSE_MINUTES, STREAKS, positions, streak_group

__all__ = [
    "MINIMUM",
    "PAUSE_MINUTES",
    "STREAKS",
    "Alpha",
    "Difference",
    "FastTail",
    "Kappa",
    "Reliance",
    "Share",
    "cells_shown",
    "cohen_kappa",
    "difference",
    "fast_tail",
    "krippendorff_alpha",
    "positions",
    "reliance",
    "share",
    "shown_persons",
    "streak_group",
    "team_is_shown",
]
