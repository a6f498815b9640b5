"""A contract's own thresholds are judged by, printed and drawn: the same ones everywhere."""

from dataclasses import replace

from core.contract import ModelContract
from core.contract.governance import Threshold
from core.domain.identity import Role
from core.domain.status import Status
from core.services.operations import operations
from core.services.quality import quality
from core.services.questions import Question, View
from core.services.thresholds import thresholds_of
from tests.support.harbour import Harbour


def with_own(view: View, **own: Threshold) -> View:
    contract: ModelContract = view.contract.model_copy(update={"thresholds": own})
    return replace(view, contract=contract)


def test_a_contract_wins_value_by_value(harbour: Harbour) -> None:
    view = quality(harbour.workspace, Question("loans"), actor=harbour[Role.admin]).view
    default = thresholds_of(view.contract, "missing_share")
    assert (default.watch, default.act) == (0.05, 0.2)
    own = thresholds_of(
        with_own(view, missing_share=Threshold(act=0.1, minimum_n=7)).contract, "missing_share"
    )
    assert (own.watch, own.act, own.minimum_n) == (0.05, 0.1, 7)
    assert own.statuses([0.04, 0.05, 0.1, 0.1], [7, 7, 7, 6]) == [
        Status.in_range,
        Status.watch,
        Status.act,
        Status.not_enough_data,
    ]


def test_rows_of_data_quality_print_what_they_are_judged_by(harbour: Harbour) -> None:
    answer = quality(harbour.workspace, Question("loans"), actor=harbour[Role.admin])
    # An eighth of the incomes is missing from October on: act at a tenth, watch at a fifth.
    strict = replace(answer, view=with_own(answer.view, missing_share=Threshold(act=0.1)))
    rows = [row for row in strict.rows() if row.method == "missing_share"]
    assert {row.threshold for row in rows} == {0.1}
    assert {row.chunk["key"] for row in rows if row.alert} == {"2024-10", "2024-11", "2024-12"}


def test_figures_of_the_whole_log_follow_the_contract(harbour: Harbour) -> None:
    answer = quality(harbour.workspace, Question("loans"), actor=harbour[Role.admin])
    strict = replace(answer, view=with_own(answer.view, type_error_share=Threshold(act=1e-5)))
    assert answer.whole_log()["type_error_share"][1] is Status.in_range
    assert strict.whole_log()["type_error_share"][1] is Status.act


def test_rows_of_operations_print_what_they_are_judged_by(harbour: Harbour) -> None:
    answer = operations(harbour.workspace, Question("loans"), actor=harbour[Role.admin])
    lenient = replace(answer, view=with_own(answer.view, error_rate=Threshold(watch=0.8, act=0.9)))
    rows = [row for row in lenient.json_rows() if row.method == "error_rate"]
    assert {row.threshold for row in rows} == {0.9}
    assert not any(row.alert for row in rows)
    assert lenient.status_of("error_rate", 10) is Status.in_range
