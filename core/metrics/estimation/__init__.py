"""Estimation: how a model does before outcomes are known, how far to trust that, and when not to.

The estimate of a binary model makes expected labelled rows of rows without outcomes
(:func:`expected_rows`), and then asks the same functions as for labelled ones. That of a regression
learns its errors (:func:`fit_direct_loss`). Neither can see concept drift; :func:`concept_drift`
does, once outcomes have matured.
"""

from core.metrics.estimation.backtest import (
    Backtest,
    Coverage,
    Widening,
    coverage,
    walk_forward,
    widening,
)
from core.metrics.estimation.calibration import (
    REASONS,
    Calibrator,
    Reason,
    calibration_error,
    fit_calibrator,
    fit_calibrator_from_counts,
)
from core.metrics.estimation.cbpe import (
    ESTIMATED,
    ExpectedRows,
    estimate,
    expected_rows,
    expected_rows_from_counts,
)
from core.metrics.estimation.concept_drift import (
    ConceptDrift,
    concept_drift,
    concept_drift_in_order,
)
from core.metrics.estimation.dle import (
    UNLEARNT,
    DirectLoss,
    fit_direct_loss,
    loss_sampling_errors,
)
from core.metrics.estimation.multiclass import (
    ClassEstimate,
    class_sampling_errors,
    estimate_classes,
    fit_class_calibrators,
)
from core.metrics.estimation.outcome_rate import OutcomeRate, expected_outcome_rate
from core.metrics.estimation.sampling_error import (
    LIMITS,
    TOTALS,
    WIDTH,
    Band,
    SamplingErrors,
    band,
    fit_sampling_errors,
)

__all__ = [
    "ESTIMATED",
    "LIMITS",
    "REASONS",
    "TOTALS",
    "UNLEARNT",
    "WIDTH",
    "Backtest",
    "Band",
    "Calibrator",
    "ClassEstimate",
    "ConceptDrift",
    "Coverage",
    "DirectLoss",
    "ExpectedRows",
    "OutcomeRate",
    "Reason",
    "SamplingErrors",
    "Widening",
    "band",
    "calibration_error",
    "class_sampling_errors",
    "concept_drift",
    "concept_drift_in_order",
    "coverage",
    "estimate",
    "estimate_classes",
    "expected_outcome_rate",
    "expected_rows",
    "expected_rows_from_counts",
    "fit_calibrator",
    "fit_calibrator_from_counts",
    "fit_class_calibrators",
    "fit_direct_loss",
    "fit_sampling_errors",
    "loss_sampling_errors",
    "walk_forward",
    "widening",
]
