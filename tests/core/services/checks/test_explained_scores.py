"""Another score than the log's, found by an explanation: on record, one alert, closed when well."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import create_workspace, open_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.i18n import translator
from core.services.alerts.words import headline
from core.services.checks.again import check_again
from core.services.checks.explained_scores import explanation_mismatches
from core.services.checks.moment import context_of
from core.services.checks.run import check
from core.services.explanation.finding import find_explanation
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.score_findings import RECHECK_JOB, note_scores
from core.services.jobs import tasks
from core.services.jobs.worker import run_one
from core.services.questions import parsed_contract
from core.services.registry import models as registry
from core.services.workspace import Workspace
from core.store import jobs, models
from core.store.alerts import checks
from core.store.alerts import threads as alerts
from core.store.alerts.threads import Alert
from core.store.audit import trail as audit
from core.store.explanations import score_findings
from tests.support.demo_slices import DEMO, SBA, a_folder, put, sba_log
from tests.support.fakes import FakeClock
from tests.support.harbour import add_people

LOG: Any = sba_log(every=400)
KIND = "explanation_mismatch"
RIGHT = "4eb005bc451c6c035a920b558281866d3229dbe468d07a632f8e5c9c86426b19"
WRONG = "10a3de256ce67fdfcd4b5dda04a2a6f5d58582dce10629d697898e290bfdcf98"


@dataclass(frozen=True)
class Checked:
    """A workspace, its people, and where files of the test lie."""

    workspace: Workspace
    people: dict[Role, Actor]
    folder: Path

    def explain(self, place: int = 0) -> None:
        """Have a loan explained."""
        loan = str(LOG["loan_id"].iloc[place])
        find_explanation(self.workspace, SBA, loan, actor=self.people[Role.compliance])

    def alerts(self) -> tuple[Alert, ...]:
        """Return the live alerts about explanations."""
        with self.workspace.store.read() as conn:
            found = alerts.live_of(conn, SBA).values()
        return tuple(each for each in found if each.alarm.kind == KIND)

    def work(self) -> int:
        """Do the rechecks that were ordered; return how many."""
        handlers = {RECHECK_JOB: tasks.HANDLERS[RECHECK_JOB]}
        return sum(iter(lambda: run_one(self.workspace, handlers, owner="test"), False))

    def entries(self) -> int:
        """Return how many decisions were put on record."""
        with self.workspace.store.read() as conn:
            return len(audit.list_newest(conn, kind=score_findings.KIND))


Make = Callable[..., Checked]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    opened = []

    def build(*, log: Any = LOG, changes: dict[str, str] | None = None) -> Checked:
        settings = Settings(tmp_path / "home", f"sqlite:///{tmp_path / 'state.db'}", threads=2)
        create_workspace(settings).store.close()
        workspace = open_workspace(settings, clock=FakeClock())
        opened.append(workspace)
        people = add_people(workspace)
        put(workspace, tmp_path, SBA, log, actor=people[Role.admin], changes=changes)
        return Checked(workspace, people, tmp_path)

    yield build
    for workspace in opened:
        workspace.store.close()


@pytest.fixture
def tampered(make: Make) -> Checked:
    """Return a workspace whose log has two altered scores, checked before anybody explained."""
    log = LOG.copy()
    log.loc[[0, 1], "default_score"] += 0.001
    made = make(log=log)
    asked_alone(made)
    return made


def asked_alone(made: Checked) -> None:
    """Make the check that the rechecks are further attempts at, of this part only."""
    sources = {KIND: explanation_mismatches}
    check(
        made.workspace,
        SBA,
        actor=made.people[Role.admin],
        alarm_sources=sources,
        figure_sources={},
    )


def said(made: Checked, alert: Alert, language: str = "en") -> str:
    with made.workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, SBA).spec_text)
    return headline(translator(language), contract, alert.alarm)


def test_tampered_rows_raise_one_alert_with_their_number(tampered: Checked) -> None:
    assert tampered.alerts() == ()
    tampered.explain(0)
    tampered.explain(1)
    tampered.explain(2)  # a good one
    assert tampered.entries() == 2
    assert tampered.work() == 1  # both orders are one recheck

    (alert,) = tampered.alerts()
    assert (alert.severity, alert.alarm.statistic, alert.alarm.n_current) == ("act", 2.0, 2)
    told = [each["prediction"] for each in alert.alarm.evidence["first"]]  # type: ignore[attr-defined]
    assert sorted(told) == sorted(LOG["loan_id"].astype(str).iloc[:2])
    assert said(tampered, alert) == (
        "Of 2 explained decisions the registered model gives another score than the log"
    )
    assert "2" in said(tampered, alert, "zh-HK")


def test_a_decision_is_put_on_record_once(tampered: Checked) -> None:
    for _ in range(3):
        tampered.explain(0)
    assert tampered.entries() == 1
    tampered.work()
    tampered.explain(0)
    assert tampered.work() == 0  # nothing new: the alert stands
    assert len(tampered.alerts()) == 1


def test_many_findings_are_bounded(tampered: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_findings, "MOST", 1)
    tampered.explain(0)
    tampered.explain(1)
    assert tampered.entries() == 1
    tampered.workspace.clock.now += score_findings.DAY + timedelta(hours=1)  # type: ignore[attr-defined]
    tampered.explain(1)
    assert tampered.entries() == 2  # of another day


def test_the_recheck_is_a_further_attempt_that_asks_nothing_else(tampered: Checked) -> None:
    tampered.explain(0)
    tampered.work()
    with tampered.workspace.store.read() as conn:
        newest = checks.list_runs(conn, SBA)[0]
        first, second = checks.attempts(conn, newest)
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.sources == (KIND,)
    assert (first.as_of, first.state) == (second.as_of, second.state)
    (known,) = check(tampered.workspace, SBA, actor=tampered.people[Role.admin])
    assert not known.made
    assert [each.kind for each in known.alarms] == [KIND]


def test_another_model_in_its_place_is_found_and_heals_when_the_right_one_is_back(
    make: Make,
) -> None:
    swapped = {"artefact: model.skops": "artefact: model-0.skops", RIGHT: WRONG}
    made = make(changes=swapped)
    asked_alone(made)
    made.explain(0)
    made.work()
    (alert,) = made.alerts()
    assert alert.alarm.evidence["versions"]["1"]["artefact"] == WRONG  # type: ignore[index]

    spec = a_folder(made.folder / "right", SBA) / "model.yaml"
    registry.register_model(made.workspace, spec, actor=made.people[Role.admin])
    asked_alone(made)  # of the new contract: it looks again
    assert made.alerts() == ()


def test_an_explanation_that_agrees_again_orders_a_recheck(tampered: Checked) -> None:
    tampered.explain(0)
    tampered.work()
    loan = str(LOG["loan_id"].iloc[0])
    record = find_explanation(tampered.workspace, SBA, loan, actor=tampered.people[Role.compliance])
    assert record.rescored is not None
    well = replace(record, rescored=replace(record.rescored, agrees=True))
    note_scores(tampered.workspace, [well])
    with tampered.workspace.store.read() as conn:
        (order,) = jobs.list_jobs(conn, kinds=[RECHECK_JOB], states=["queued"])
    assert order.model_id == SBA
    assert tampered.work() == 1
    assert len(tampered.alerts()) == 1  # the log is as it was


def test_what_was_kept_counts_and_what_cannot_be_scored_again_is_to_watch(
    tampered: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan = str(LOG["loan_id"].iloc[0])
    keep_explanation(tampered.workspace, SBA, loan, actor=tampered.people[Role.compliance])
    with tampered.workspace.store.read() as conn:
        assert score_findings.kept_as_differing(conn, SBA) == (loan,)
        (file,) = models.artefacts(conn, SBA, version="1", role="artefact")
    path = tampered.workspace.settings.home / file.path
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")  # another file than the registered one
    check_again(tampered.workspace, SBA, actor=tampered.people[Role.admin])
    (alert,) = tampered.alerts()
    assert (alert.severity, alert.alarm.statistic) == ("watch", 1.0)
    assert said(tampered, alert) == (
        "1 decision that was given another score cannot be scored again"
    )
    assert alert.alarm.evidence["versions"]["1"]["not_scored"] == {"artefact_differs": 1}  # type: ignore[index]


def test_without_findings_and_without_a_check_nothing_is_raised(make: Make) -> None:
    made = make()
    context = context_of(made.workspace, SBA, actor=made.people[Role.admin], as_of=None)
    assert explanation_mismatches(made.workspace, SBA, context) == []
    assert DEMO.is_dir()
