"""All inputs together, in words and as a chart."""

from dataclasses import replace

import numpy as np

from app.charts import Look
from app.palette import LIGHT
from app.screens.drift.multivariate import (
    errors_chart,
    errors_sentence,
    separation_sentence,
    separators,
)
from core.domain.identity import Role
from core.domain.status import Status
from core.i18n import translator
from core.services.drift.multivariate import ReconstructionDrift, reconstruction, separation
from core.services.questions import Question
from tests.support.harbour import Harbour

T = translator("en")


def found_in(harbour: Harbour) -> ReconstructionDrift:
    return reconstruction(harbour.workspace, Question("loans"), actor=harbour[Role.auditor])


def with_statuses(found: ReconstructionDrift, *statuses: Status) -> ReconstructionDrift:
    chunks = [
        replace(each, status=status) for each, status in zip(found.chunks, statuses, strict=False)
    ]
    return replace(found, chunks=tuple(chunks))


def test_the_sentence_counts_the_periods_outside(harbour: Harbour) -> None:
    found = found_in(harbour)
    inside, outside, few = Status.in_range, Status.act, Status.not_enough_data
    assert errors_sentence(T, with_statuses(found, inside, inside, few)) == (
        "The inputs hang together as in the reference."
    )
    assert errors_sentence(T, with_statuses(found, inside, few, outside)) == (
        "In one of 2 periods the inputs do not hang together as in the reference: Mar 2024."
    )
    assert errors_sentence(T, with_statuses(found, outside, outside, inside)) == (
        "In 2 of 3 periods the inputs do not hang together as in the reference, first in Jan 2024. "
        "In the newest period they do again."
    )
    assert "too few rows" in errors_sentence(T, with_statuses(found, few, few))


def test_the_chart_has_the_limits_and_leaves_out_what_is_not_judged(harbour: Harbour) -> None:
    found = with_statuses(found_in(harbour), Status.in_range, Status.not_enough_data, Status.act)
    chart = errors_chart(Look(LIGHT, T), found)
    values = chart.table["Reconstruction error"].to_numpy()
    assert np.isnan(values).tolist() == [False, True, False]
    assert chart.table["usual from"].tolist() == [each.limits.low for each in found.chunks]
    assert chart.table["usual to"].tolist() == [each.limits.high for each in found.chunks]
    assert "Reconstruction error of all inputs together" in chart.alt
    assert chart.labels.n == sum(each.error.n for each in found.chunks)


def test_what_tells_rows_apart_is_said_by_name_only(harbour: Harbour) -> None:
    actor = harbour[Role.auditor]
    apart = separation(harbour.workspace, Question("loans"), "2024-12", actor=actor)
    text = separation_sentence(T, apart)
    assert text.startswith("Shown a row of Dec 2024 and one of the reference, a classifier says")
    assert T.percent(apart.found.auc) in text
    assert text.endswith("These are different rows.")
    frame, columns = separators(T, apart)
    assert frame["label"].tolist()[0] == "Income"
    assert [column.name for column in columns] == ["label", "drop"]
    quiet = separation(harbour.workspace, Question("loans"), "2024-05", actor=actor)
    assert separation_sentence(T, quiet).endswith("That is not more than guessing.")
    little = replace(quiet, found=replace(quiet.found, low=0.51))
    assert separation_sentence(T, little).endswith("That is more than guessing, but little.")
