"""The confusion matrix as a chart: rows, shares of what happened, and its table."""

from datetime import date

import numpy as np
import pytest

from app.charts import Look, labels_for
from app.charts.matrix import matrix
from app.palette import DARK, LIGHT, Palette
from core.i18n import translator

T = translator("en")
COUNTS = np.asarray([[30.0, 10.0, 0.0], [5.0, 15.0, 0.0], [0.0, 0.0, 0.0]])
NAMES = ("a", "<b>", "c")


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_cells_have_rows_and_shares(colours: Palette) -> None:
    look = Look(colours, T)
    labels = labels_for(
        T, title="Predicted and happened", x="Predicted", y="Happened", n=60,
        first=date(2024, 1, 1), last=date(2024, 1, 31),
    )  # fmt: skip
    chart = matrix(look, labels, classes=NAMES, counts=COUNTS)
    (drawn,) = chart.figure.data
    assert [list(line) for line in drawn.text] == [
        ["30<br>75.0%", "10<br>25.0%", "0<br>0.0%"],
        ["5<br>25.0%", "15<br>75.0%", "0<br>0.0%"],
        ["0", "0", "0"],
    ]
    assert list(drawn.z[2]) == [0.0, 0.0, 0.0]
    assert list(chart.figure.layout.xaxis.ticktext) == ["a", "&lt;b&gt;", "c"]
    assert chart.figure.layout.yaxis.autorange == "reversed"
    assert "n = 60" in chart.figure.layout.title.text
    assert chart.alt == "Predicted and happened: 45 of 60 as predicted."
    assert chart.table["Happened"].to_list() == list(NAMES)
    assert chart.table[list(NAMES)].to_numpy() == pytest.approx(COUNTS)
