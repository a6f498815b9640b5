"""The scales on which the parts of a score add up."""

from enum import StrEnum

import numpy as np

from core.metrics.arrays import Floats


class Space(StrEnum):
    """The scale of a model's raw output, on which attributions are told.

    ``log_odds`` is ln(p / (1 - p)) of the class in question; ``class_score`` one of the numbers
    that softmax makes the probabilities of several classes of; ``log`` the logarithm of the
    prediction. ``probability`` and ``identity`` are what the model gives as it is.
    """

    log_odds = "log_odds"
    class_score = "class_score"
    probability = "probability"
    log = "log"
    identity = "identity"

    def score(self, outputs: Floats) -> Floats:
        """Return the scores that raw outputs stand for, of the same shape.

        A class score by itself stands for no probability and is returned as it is.
        """
        if self is Space.log_odds:
            return np.asarray(0.5 * (1.0 + np.tanh(0.5 * outputs)))
        if self is Space.log:
            return np.exp(outputs)
        return outputs
