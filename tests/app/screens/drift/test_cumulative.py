"""How far values moved, in words and as two lines, against scipy on the raw rows."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from app.charts import MAX_POINTS, Look
from app.palette import LIGHT
from app.screens.drift.cumulative import cropped, cumulative_chart, distance_sentence, shares_of
from core.domain.identity import Role
from core.i18n import translator
from core.services.drift.measure import DriftTable, drift
from core.services.questions import Question
from tests.core.services.raw import in_reference, logged_loans
from tests.support.harbour import Harbour

T = translator("en")


def monthly(harbour: Harbour, **question: str) -> DriftTable:
    asked = Question("loans", **{"by": "month", **question})
    return drift(
        harbour.workspace, asked, actor=harbour[Role.compliance], methods=["psi", "wasserstein"]
    )


def test_the_sentence_says_distance_deviations_and_direction(harbour: Harbour) -> None:
    table, rows = monthly(harbour), logged_loans(harbour)
    column = next(c for c in table.columns if c.column == "income")
    shares = shares_of(column, 8)  # September: 1.8 times as high
    assert shares is not None
    reference = in_reference(rows)["income"].dropna()
    september = rows[rows["month"] == "2024-09"]["income"].dropna()
    exact = wasserstein_distance(reference, september)
    assert shares.distance == pytest.approx(exact, rel=0.01)
    told = distance_sentence(T, table, column, shares)
    assert told == (
        f"Values of Income moved by {T.compact_money(shares.distance, 'HKD')} on average, nearly "
        f"all upwards. That is {T.number(exact / np.std(reference))} standard deviations of the "
        "reference. Too few rows to hold against a threshold."  # 720 of 1,000
    )
    measured = next(
        c for c in table.columns if (c.column, c.result.method) == ("income", "wasserstein")
    )
    assert shares.deviations == pytest.approx(measured.result.value[8])


def test_other_ways_to_move(harbour: Harbour) -> None:
    table = monthly(harbour, by="quarter")
    years = next(c for c in table.columns if c.column == "years")
    first = shares_of(years, 0)
    assert first is not None
    assert distance_sentence(T, table, years, first) == (
        "The values of Years at address lie as in the reference."
    )
    second = shares_of(years, 1)
    assert second is not None
    assert "Too few rows" not in distance_sentence(T, table, years, second)


def test_the_picture(harbour: Harbour) -> None:
    table = monthly(harbour)
    balance = next(c for c in table.columns if c.column == "balance")
    shares = shares_of(balance, 11)  # December: one in 30 a thousand times as large
    assert shares is not None
    chart = cumulative_chart(Look(LIGHT, T), table, balance, 11, "2024-12", shares)
    lines = chart.figure.data
    assert sum(len(line.x) for line in lines) <= MAX_POINTS
    assert [line.fill for line in lines] == [None, "tonexty"]
    assert chart.figure.layout.xaxis.range[1] > 100_000  # the thousandfold values are in it
    assert chart.figure.layout.xaxis.ticktext[0].startswith("HK$")
    assert "2,184" in chart.figure.layout.title.text
    assert "furthest apart" in chart.alt
    assert list(chart.table.columns) == ["Balance", "reference", "current"]
    assert isinstance(cropped(shares), bool)


def test_what_has_no_lines(harbour: Harbour) -> None:
    table = monthly(harbour, start="2023-01-01", end="2024-01-31")
    assert shares_of(next(c for c in table.columns if c.column == "sector"), 12) is None
    assert shares_of(next(c for c in table.columns if c.column == "income"), 0) is None
