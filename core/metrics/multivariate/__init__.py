"""Drift of all inputs together: of how they hang together, and of rows as wholes.

Two figures of samples. The reconstruction error asks whether the correlations of the reference
still describe a row; the domain classifier whether a machine can tell new rows from old ones.
"""

from core.metrics.multivariate.domain_classifier import (
    DomainDrift,
    Separator,
    domain_classifier,
)
from core.metrics.multivariate.reconstruction import (
    BlockErrors,
    Limits,
    Reconstruction,
    fit_reconstruction,
    limits_of,
    mean_error,
    out_of_sample,
    three_deviations,
)
from core.metrics.multivariate.scaling import Scaling, fit_scaling

__all__ = [
    "BlockErrors",
    "DomainDrift",
    "Limits",
    "Reconstruction",
    "Scaling",
    "Separator",
    "domain_classifier",
    "fit_reconstruction",
    "fit_scaling",
    "limits_of",
    "mean_error",
    "out_of_sample",
    "three_deviations",
]
