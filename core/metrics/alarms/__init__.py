"""Alarms that can be believed: a stated rate of false ones for a model and a month.

Everything here is a pure function of counts a day. :func:`draw_family` draws what all figures of
all looks of a month would be if nothing changed, :func:`judge` holds the current counts against
them, and :func:`evidence_of` keeps what an auditor needs to derive an alarm again.
"""

from core.metrics.alarms.blocks import Blocks, attainable_rate, choose_blocks
from core.metrics.alarms.evidence import (
    AlarmEvidence,
    Rederived,
    RederivedChance,
    StoredCounts,
    evidence_of,
    rederive,
    rederive_chance,
)
from core.metrics.alarms.family import Check, FamilyNull, Member, draw_family
from core.metrics.alarms.faults import (
    Fault,
    FrozenFeed,
    NewValue,
    NullBurst,
    UnitChange,
    find_faults,
)
from core.metrics.alarms.judge import OUTCOMES, Outcome, Verdict, check_of, judge
from core.metrics.alarms.measures import MEASURES, Measure, measure
from core.metrics.alarms.ranking import Ranked, rank_by_importance
from core.metrics.alarms.series import (
    Counts,
    Series,
    counts_of_feature,
    counts_of_score,
    feature_series,
    score_series,
)
from core.metrics.alarms.thresholds import (
    Limits,
    ThresholdKind,
    chunk_figures,
    constant_limits,
    deviation_limits,
    family_limits,
)
from core.metrics.alarms.watched import drift_rate, members_of, results_rate
from core.metrics.alarms.why import Flow, SlicePart, Why, explain, flows, slice_parts

__all__ = [
    "MEASURES",
    "OUTCOMES",
    "AlarmEvidence",
    "Blocks",
    "Check",
    "Counts",
    "FamilyNull",
    "Fault",
    "Flow",
    "FrozenFeed",
    "Limits",
    "Measure",
    "Member",
    "NewValue",
    "NullBurst",
    "Outcome",
    "Ranked",
    "Rederived",
    "RederivedChance",
    "Series",
    "SlicePart",
    "StoredCounts",
    "ThresholdKind",
    "UnitChange",
    "Verdict",
    "Why",
    "attainable_rate",
    "check_of",
    "choose_blocks",
    "chunk_figures",
    "constant_limits",
    "counts_of_feature",
    "counts_of_score",
    "deviation_limits",
    "draw_family",
    "drift_rate",
    "evidence_of",
    "explain",
    "family_limits",
    "feature_series",
    "find_faults",
    "flows",
    "judge",
    "measure",
    "members_of",
    "rank_by_importance",
    "rederive",
    "rederive_chance",
    "results_rate",
    "score_series",
    "slice_parts",
]
