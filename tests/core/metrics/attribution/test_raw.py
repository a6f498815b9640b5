"""A model's raw output, asked of the model itself."""

import numpy as np
import pandas as pd
import pytest

from core.metrics.attribution import Space, raw_output
from tests.core.metrics.attribution.models import model, names
from tests.core.metrics.attribution.people import people


@pytest.mark.parametrize("name", names())
def test_it_is_on_the_scale_of_the_attributions(name: str) -> None:
    known, rows = model(name), people(60, seed=3)
    asked = raw_output(known.pipeline, known.space, known.place)
    np.testing.assert_allclose(asked(rows), known.raw(rows), rtol=1e-9, atol=1e-12)


def test_certain_probabilities_have_log_odds() -> None:
    class Certain:
        def predict_proba(self, frame: pd.DataFrame) -> list[list[float]]:
            return [[1.0, 0.0], [0.0, 1.0]][: len(frame)]

    found = raw_output(Certain(), Space.log_odds, 1)(people(2))
    assert found[0] == -found[1] == pytest.approx(-52 * np.log(2), abs=1e-9)
