"""Performance: how good predictions were, once outcomes are known.

All functions take sums that add up over days, versions and slices, so a figure of any period is
read from the counts of its parts.
"""

from core.metrics.performance.bootstrap import bootstrap, bootstrap_many
from core.metrics.performance.bounds import binning_bounds
from core.metrics.performance.calibration_interval import calibration_error_interval
from core.metrics.performance.confusion import (
    CellValues,
    Confusion,
    accuracy,
    business_value,
    f1,
    precision,
    recall,
    specificity,
)
from core.metrics.performance.figures import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    ClassFigure,
    binary_figures,
    multiclass_figures,
    regression_figures,
)
from core.metrics.performance.multiclass import (
    ClassMatrix,
    macro_average,
    macro_interval,
    multiclass_accuracy,
)
from core.metrics.performance.probability import (
    CalibrationCurve,
    brier_score,
    calibration_curve,
    expected_calibration_error,
    log_loss,
)
from core.metrics.performance.ranking import (
    CutOffCurve,
    Lift,
    average_precision,
    cut_off_curve,
    gini,
    kolmogorov_smirnov_of_score,
    lift,
)
from core.metrics.performance.regression import (
    ErrorSums,
    bias,
    error_sums,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    root_mean_squared_error,
    root_mean_squared_log_error,
    weighted_absolute_percentage_error,
)
from core.metrics.performance.roc import RocAuc, roc_auc, roc_auc_from_counts
from core.metrics.performance.scores import ScoreCounts, score_counts

__all__ = [
    "BINARY",
    "MULTICLASS",
    "REGRESSION",
    "CalibrationCurve",
    "CellValues",
    "ClassFigure",
    "ClassMatrix",
    "Confusion",
    "CutOffCurve",
    "ErrorSums",
    "Lift",
    "RocAuc",
    "ScoreCounts",
    "accuracy",
    "average_precision",
    "bias",
    "binary_figures",
    "binning_bounds",
    "bootstrap",
    "bootstrap_many",
    "brier_score",
    "business_value",
    "calibration_curve",
    "calibration_error_interval",
    "cut_off_curve",
    "error_sums",
    "expected_calibration_error",
    "f1",
    "gini",
    "kolmogorov_smirnov_of_score",
    "lift",
    "log_loss",
    "macro_average",
    "macro_interval",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "multiclass_accuracy",
    "multiclass_figures",
    "precision",
    "recall",
    "regression_figures",
    "roc_auc",
    "roc_auc_from_counts",
    "root_mean_squared_error",
    "root_mean_squared_log_error",
    "score_counts",
    "specificity",
    "weighted_absolute_percentage_error",
]
