"""A check is kept once, whoever makes it, and no source stops another."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.domain.windows import Chunk
from core.errors import Forbidden, NotComputable, NothingYet, StorageError
from core.services.checks import ALARM_SOURCES, FAILED_CHECK, KINDS, NewAlarm, check, newest_runs
from core.services.registry import models as registry
from core.services.workspace import Workspace
from core.store.alerts import alarms, checks
from core.store.alerts import threads as alerts
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, FIRST, VIEWER, contract_text
from tests.support.checking import CHECKER, MODEL, Told, a_fed_workspace, check_on

JANUARY = Chunk(0, "2025-01", FIRST, FIRST.replace(month=2))
DRIFTED = NewAlarm(
    "drift", "act", JANUARY, method="psi", column="industry", effect=0.4, threshold=0.25
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_fed_workspace(tmp_path / "home")
    yield opened
    opened.store.close()


def test_every_source_has_a_name_for_people() -> None:
    assert set(ALARM_SOURCES) | {FAILED_CHECK} == set(KINDS)


def test_the_same_check_is_made_once(site: Workspace) -> None:
    source = Told([DRIFTED])
    first = check_on(site, "2025-01-20", source)
    again = check_on(site, "2025-01-20", source)
    assert (first.made, again.made, source.asked) == (True, False, 1)
    assert again.run == first.run
    assert [each.id for each in again.alarms] == [each.id for each in first.alarms]
    assert check_on(site, "2025-01-21", source).made
    with site.store.read() as conn:
        assert len(checks.list_runs(conn, MODEL)) == 2
        assert len(alerts.list_alerts(conn)) == 1
        entries = audit.list_newest(conn, kind="check.made")
    assert [entry.body["alarms"] for entry in entries] == [1, 1]
    assert entries[1].body["opened"] == list(first.opened)
    assert entries[0].actor == "p-cho"


def test_a_new_contract_is_another_check(site: Workspace) -> None:
    source = Told()
    check_on(site, "2025-01-20", source)
    path = site.settings.home / "model.yaml"
    path.write_text(contract_text(owner="Somebody else"), encoding="utf-8")
    registry.register_model(site, path, actor=ADMIN)
    assert check_on(site, "2025-01-20", source).made
    assert source.asked == 2


def test_two_writers_at_once_store_one_check(tmp_path: Path, store_url: str) -> None:
    opened = a_fed_workspace(tmp_path / "home", state_url=store_url)
    both = threading.Barrier(2)

    class Waiting(Told):
        def __call__(self, *_given: object) -> list[NewAlarm]:
            both.wait(timeout=30)  # neither stores before both have looked
            return [DRIFTED]

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(check_on, opened, "2025-01-20", Waiting()) for _ in range(2)]
        done = [future.result(timeout=60) for future in futures]
    assert sorted(each.made for each in done) == [False, True]
    assert done[0].run == done[1].run
    with opened.store.read() as conn:
        (run,) = checks.list_runs(conn, MODEL)
        assert len(alarms.of_run(conn, run.id)) == 1
        assert len(alerts.list_alerts(conn)) == 1
        assert len(audit.list_newest(conn, kind="check.made")) == 1
    opened.store.close()


def test_a_source_that_fails_stops_none_of_the_others(site: Workspace) -> None:
    broken, whole, silent = Told(error=StorageError("No room.")), Told([DRIFTED]), Told()
    silent.error = NotComputable("Nothing to say.")
    sources = {"quality": broken, "drift": whole, "fairness": silent}

    def run() -> tuple[str, list[str], dict[str, str], int]:
        (done,) = check(
            site,
            MODEL,
            actor=CHECKER,
            as_of="2025-01-20",
            alarm_sources=sources,
            figure_sources={},
        )
        assert done.run is not None
        kinds = [each.kind for each in done.alarms]
        return done.run.state, kinds, dict(done.run.failures), done.run.attempt

    assert run() == ("failed", ["drift", FAILED_CHECK], {"quality": "No room."}, 1)
    broken.error = ValueError("secret value")
    state, kinds, failures, attempt = run()  # only what failed is asked again
    assert (state, kinds, attempt) == ("failed", [FAILED_CHECK], 2)
    assert "secret value" not in failures["quality"]
    broken.error = None
    assert run() == ("done", [], {}, 3)
    assert (broken.asked, whole.asked, silent.asked) == (3, 1, 1)
    with site.store.read() as conn:
        live = alerts.live_of(conn, MODEL).values()
    assert [each.alarm.kind for each in live] == ["drift"]  # the failure is over, the drift not


def test_several_methods_of_one_column_are_one_alert(site: Workspace) -> None:
    other = replace(DRIFTED, method="wasserstein", effect=2.0)
    done = check_on(site, "2025-01-20", Told([DRIFTED, other, other]))
    assert len(done.alarms) == 2
    with site.store.read() as conn:
        (alert,) = alerts.list_alerts(conn)
    assert (alert.alarm.method, alert.alarms) == ("wasserstein", 1)


def test_who_may_not_check_is_refused(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        check(site, MODEL, actor=VIEWER)
    limited = replace(CHECKER, jurisdictions=frozenset({"HK"}))
    with pytest.raises(Forbidden, match="jurisdictions"):
        check(site, MODEL, actor=limited)


def test_a_model_without_predictions_waits(site: Workspace) -> None:
    path = site.settings.home / "cards.yaml"
    path.write_text(contract_text(id="cards"), encoding="utf-8")
    registry.register_model(site, path, actor=ADMIN)
    found = {each.model: each for each in check(site, actor=CHECKER, alarm_sources={})}
    assert found["cards"].run is None
    assert isinstance(found["cards"].waiting, NothingYet)
    assert found[MODEL].made
    with pytest.raises(NothingYet):
        check(site, "cards", actor=CHECKER)
    scoped = replace(CHECKER, models=frozenset({"cards"}))
    assert [each.model for each in check(site, actor=scoped)] == ["cards"]
    lead = replace(CHECKER, roles=frozenset({Role.compliance}))
    assert [run.model_id for run in newest_runs(site, actor=lead)] == [MODEL]
