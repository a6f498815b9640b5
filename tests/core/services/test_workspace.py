"""A workspace opens DuckDB again once it has ended, and its ids sort by when they were made."""

from time import sleep

from core.bootstrap import open_workspace
from core.domain.identity import Permission
from core.services.drift.measure import measure_drift
from core.services.questions import Question
from tests.support.builders import ADMIN
from tests.support.harbour import Harbour


def test_a_duckdb_that_ended_is_opened_again(harbour: Harbour) -> None:
    workspace = open_workspace(harbour.workspace.settings)
    question = Question("loans", by="quarter")
    before = measure_drift(workspace, question, Permission.drift_view, actor=ADMIN)
    ended, profiles = workspace.duck, workspace.profiles
    assert workspace.duck is ended
    assert workspace.profiles is profiles

    ended.close()  # as a fatal error leaves it
    workspace.memo.clear()
    after = measure_drift(workspace, question, Permission.drift_view, actor=ADMIN)
    assert workspace.duck is not ended
    assert workspace.profiles is not profiles
    assert [each.column for each in after.columns] == [each.column for each in before.columns]
    assert after.inputs[0].result.value.tolist() == before.inputs[0].result.value.tolist()
    workspace.store.close()


def test_ids_made_one_after_the_other_sort_in_that_order(harbour: Harbour) -> None:
    made = []
    for _ in range(50):
        made.append(harbour.workspace.new_id())
        sleep(0.001)
    assert made == sorted(made)
    assert len(set(made)) == 50
