from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.store import Store, models
from core.store.alerts import checks
from tests.support.fakes import START
from tests.support.monitoring import MODEL, RESULT, RUN, register_loans


def test_the_same_check_is_kept_once(store: Store) -> None:
    register_loans(store)
    with store.begin() as conn:
        checks.lock_model(conn, MODEL)
        assert checks.put(conn, RUN, [RESULT, replace(RESULT, value=None, maturity="none")])
        assert not checks.put(conn, replace(RUN, id="run-2"), [RESULT])
        assert checks.put(conn, replace(RUN, id="run-3", attempt=2, failures={"x": "y"}), [])
        assert checks.put(conn, replace(RUN, id="run-4", lake_generation=4), [])
    with store.read() as conn:
        found = checks.find(
            conn, MODEL, lake_generation=3, spec_sha256="aa", bins_id="bb", as_of=START
        )
        assert found == replace(RUN, id="run-3", attempt=2, failures={"x": "y"})
        assert checks.get(conn, "run-1") == RUN
        assert checks.get(conn, "run-2") is None
        kept = checks.results(conn, "run-1")
        assert kept == (RESULT, replace(RESULT, value=None, maturity="none"))
        assert checks.results(conn, "run-4") == ()


def test_checks_come_with_the_newest_knowledge_first(store: Store) -> None:
    register_loans(store)
    days = {"a": 2, "b": 1, "c": 3}
    with store.begin() as conn:
        for name, day in days.items():
            run = replace(RUN, id=name, as_of=START + timedelta(days=day))
            checks.put(conn, run, [])
    with store.read() as conn:
        assert [run.id for run in checks.list_runs(conn, MODEL)] == ["c", "a", "b"]
        until = START + timedelta(days=2)
        assert [run.id for run in checks.list_runs(conn, MODEL, until=until)] == ["a", "b"]
        assert len(checks.list_runs(conn, MODEL, limit=1)) == 1
        assert checks.list_runs(conn, "cards") == ()


def test_a_model_with_predictions_and_no_check_is_unchecked(store: Store) -> None:
    register_loans(store)
    with store.begin() as conn:
        assert checks.unchecked(conn, None) == ()  # nothing to check yet
        models.advance_newest_event(conn, MODEL, START)
        assert checks.unchecked(conn, None) == checks.unchecked(conn, [MODEL]) == (MODEL,)
        assert checks.unchecked(conn, ["cards"]) == ()
        checks.put(conn, replace(RUN, state="failed", failures={"x": "y"}), [])
        assert checks.unchecked(conn, None) == ()


def test_attempts_and_the_course_of_a_figure(store: Store) -> None:
    register_loans(store)
    other = replace(RESULT, column="amount")
    with store.begin() as conn:
        checks.put(conn, replace(RUN, id="a", state="failed", failures={"x": "y"}), [RESULT])
        checks.put(conn, replace(RUN, id="b", attempt=2), [replace(RESULT, value=0.2), other])
        later = replace(RUN, id="c", as_of=START + timedelta(days=1))
        checks.put(conn, later, [replace(RESULT, value=0.3)])
    with store.read() as conn:
        assert [run.id for run in checks.attempts(conn, RUN)] == ["a", "b"]
        asked: dict[str, Any] = {"metric": "drift", "method": "psi", "column": "term"}
        found = checks.history(conn, MODEL, **asked)
        assert [(run.id, result.value) for run, result in found] == [
            ("c", 0.3),
            ("b", 0.2),
            ("a", 0.31),
        ]
        assert found[0][0] == later
        assert [run.id for run, _ in checks.history(conn, MODEL, **asked, until=START)] == [
            "b",
            "a",
        ]
        assert len(checks.history(conn, MODEL, **asked, limit=1)) == 1
        assert checks.history(conn, MODEL, **asked, version="2") == ()
