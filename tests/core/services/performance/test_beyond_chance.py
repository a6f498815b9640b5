"""Results held against chance: the effects are those of raw rows, and each can be derived again."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sklearn import metrics as sk

from core.domain.identity import Role
from core.domain.windows import Window
from core.errors import Forbidden, NotComputable
from core.metrics.alarms import AlarmEvidence, rederive, rederive_chance
from core.services.checks.chance import results_alarms
from core.services.checks.moment import context_of
from core.services.performance import JudgedResults, judged_results
from core.services.performance.beyond_chance import BINS, SERIES, results_reference
from core.services.questions import Question
from tests.core.services.raw import logged_loans
from tests.support.harbour import Harbour


def judged(harbour: Harbour, at: str | None = None, **more: str) -> JudgedResults:
    question = Question("loans", by="month", **more)
    return judged_results(harbour.workspace, question, actor=harbour[Role.data_scientist], at=at)


def test_effects_are_those_of_the_raw_rows(harbour: Harbour) -> None:
    found = judged(harbour)
    rows = logged_loans(harbour).merge(harbour.outcomes, on="loan_id")
    window = found.view.reference_window
    assert isinstance(window, Window)
    before, after = (
        rows[rows["scored_at"].between(part.start, part.end, inclusive="left")]
        for part in (window, found.chunk)
    )
    effects = {verdict.member.measure: verdict.effect for verdict in found.verdicts}
    label = harbour_label(harbour)
    rate = after[label].mean() - before[label].mean()
    assert effects["positive_rate"] == pytest.approx(rate)
    gap = (after[label] - after["score"]).mean() - (before[label] - before["score"]).mean()
    assert effects["calibration_gap"] == pytest.approx(gap)
    brier = sk.brier_score_loss(after[label], after["score"]) - sk.brier_score_loss(
        before[label], before["score"]
    )
    assert effects["brier"] == pytest.approx(brier)
    # Groups of a fiftieth of the reference count scores within one as equal.
    area = sk.roc_auc_score(after[label], after["score"]) - sk.roc_auc_score(
        before[label], before["score"]
    )
    assert effects["roc_auc"] == pytest.approx(area, abs=0.02)
    first = found.verdicts[0]
    assert (first.n_ref, first.n_cur) == (len(before), len(after))


def harbour_label(harbour: Harbour) -> str:
    return next(
        name for name in harbour.outcomes.columns if harbour.outcomes[name].isin((0, 1)).all()
    )


def test_results_are_judged_at_their_part_of_the_rate(harbour: Harbour) -> None:
    found = judged(harbour)
    assert found.family.rate == pytest.approx(0.002)
    assert {verdict.member.series for verdict in found.verdicts} == {SERIES}
    assert 0 <= found.expected < 0.05


def test_weeks_are_judged_by_their_month(harbour: Harbour) -> None:
    question = Question("loans", by="week")
    found = judged_results(harbour.workspace, question, actor=harbour[Role.data_scientist])
    assert found.chunk.key == judged(harbour).chunk.key


def test_days_of_ones_own_are_judged_by_the_whole_month_that_they_cut(harbour: Harbour) -> None:
    whole = judged(harbour)
    first = whole.chunk.start.astimezone(whole.view.contract.zone).date()
    for by in ("day", "month"):
        cut = judged_results(
            harbour.workspace,
            Question(
                "loans", by=by, start=str(first.replace(day=9)), end=str(first.replace(day=20))
            ),
            actor=harbour[Role.data_scientist],
        )
        assert cut.verdicts == whole.verdicts
        assert cut.family is whole.family


def test_a_month_outside_the_period_is_not_judged(harbour: Harbour) -> None:
    first = judged(harbour).view.reference_window.end
    early = judged(harbour, start="2024-01-01", end=str((first + timedelta(days=40)).date()))
    assert early.chunk.start < judged(harbour).chunk.start


def test_any_figure_can_be_derived_again(harbour: Harbour) -> None:
    found = judged(harbour)
    verdict = found.verdicts[0]
    stored = AlarmEvidence.from_json(found.evidence(verdict).to_json())
    assert rederive(stored).effect == pytest.approx(verdict.effect, rel=1e-12)
    series = results_reference(harbour.workspace, found.view)[0]
    again = rederive_chance(stored, {SERIES: series})
    assert (again.p, again.threshold) == (verdict.p_value, verdict.threshold)


def test_the_reference_keeps_every_labelled_row(harbour: Harbour) -> None:
    found = judged(harbour)
    series, known, groups = results_reference(harbour.workspace, found.view)
    window = found.view.reference_window
    rows = logged_loans(harbour).merge(harbour.outcomes, on="loan_id")
    inside = rows["scored_at"].between(window.start, window.end, inclusive="left")
    assert series.counts.n.sum() == inside.sum()
    assert series.counts.n.shape[1] == 2 * BINS
    assert (np.diff(groups) >= 0).all()
    assert known.size == groups.size


def test_what_is_not_out_raises_nothing_and_what_is_carries_its_evidence(
    harbour: Harbour,
) -> None:
    context = context_of(
        harbour.workspace, "loans", actor=harbour[Role.data_scientist], as_of="2024-12-31"
    )
    month = judged_results(harbour.workspace, context.question(), actor=context.actor)
    alarms = results_alarms(harbour.workspace, "loans", context)
    assert len(alarms) == len(month.alarms)
    assert all(json.dumps(each.evidence) for each in alarms)
    assert all(each.chunk == month.chunk for each in alarms)


def test_months_of_the_reference_and_those_without_labels_are_not_judged(
    harbour: Harbour,
) -> None:
    with pytest.raises(NotComputable):
        judged(harbour, "2024-01")
    with pytest.raises(NotComputable):
        judged(harbour, as_of="2024-03-31")


def test_who_may_not_see_performance_may_not_ask(harbour: Harbour) -> None:
    stranger = replace(harbour[Role.business], roles=frozenset())
    with pytest.raises(Forbidden):
        judged_results(harbour.workspace, Question("loans", by="month"), actor=stranger)
