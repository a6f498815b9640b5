"""Why an alarm was raised: faults of the data first, then what moved and where."""

import pytest

from core.domain.identity import Role
from core.metrics.alarms import NewValue, NullBurst, Verdict
from core.services.drift_alarms import JudgedMonth, feature_importance, judged_month, reasons_of
from core.services.questions import Question
from tests.core.services.raw import logged_loans
from tests.support.harbour import ZONE, Harbour


def judged(harbour: Harbour, at: str) -> JudgedMonth:
    question = Question("loans", by="month")
    return judged_month(harbour.workspace, question, actor=harbour[Role.data_scientist], at=at)


def verdict_of(month: JudgedMonth, key: str) -> Verdict:
    return next(verdict for verdict in month.verdicts if verdict.member.key == key)


def test_a_burst_of_missing_values_comes_before_what_moved(harbour: Harbour) -> None:
    month = judged(harbour, "2024-10")
    found = reasons_of(harbour.workspace, month, verdict_of(month, "income/missing_share"))
    (burst,) = [fault for fault in found.why.faults if isinstance(fault, NullBurst)]
    rows = logged_loans(harbour)
    october = rows[rows["scored_at"].dt.tz_convert(ZONE).dt.month == 10]
    assert burst.after == pytest.approx(october["income"].isna().mean())
    assert found.look.key == "2024-10"


def test_a_new_category_is_named_as_a_fault(harbour: Harbour) -> None:
    month = judged(harbour, "2024-11")
    found = reasons_of(harbour.workspace, month, verdict_of(month, "sector/jensen_shannon"))
    assert any(isinstance(fault, NewValue) for fault in found.why.faults)


def test_slices_share_the_drift_among_them(harbour: Harbour) -> None:
    month = judged(harbour, "2024-09")
    found = reasons_of(harbour.workspace, month, verdict_of(month, "income/jensen_shannon"))
    assert found.why.move is not None
    for parts in found.why.slices.values():
        total = sum(part.part for part in parts)
        flows = sum(part.mix + part.within for part in parts)
        assert total == pytest.approx(flows)
        assert sum(part.n_cur for part in parts) == verdict_of(month, "income/jensen_shannon").n_cur


def test_a_version_that_began_then_is_named(harbour: Harbour) -> None:
    month = judged(harbour, "2024-07")  # release 2 begins on 1 July
    found = reasons_of(harbour.workspace, month, month.verdicts[0])
    assert [seen.version for seen in found.versions] == ["2"]
    later = judged(harbour, "2024-10")
    assert reasons_of(harbour.workspace, later, later.verdicts[0]).versions == ()


def test_without_a_registered_model_nothing_is_said_of_importance(harbour: Harbour) -> None:
    month = judged(harbour, "2024-09")
    assert feature_importance(harbour.workspace, month.view) == {}
