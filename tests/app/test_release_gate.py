"""Two serving systems: one asks, waits and releases after the verdict; the other asks nobody."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import asgi, session, token_limits
from core.errors import Conflict
from core.services import checks, ingest
from core.services.alerts import views
from core.services.checks import ALARM_SOURCES
from core.services.review import cases, claims, proposing, side_states
from core.services.review.cases import CaseFilter
from core.services.rights import intake, opt_outs
from core.services.routing.breaches import ModelOversight, oversight
from core.services.routing.run import route_model
from core.services.serving import releases, tokens
from core.services.serving import state as model_state
from core.store.audit import trail as audit
from tests.support import coroutines
from tests.support.builders import a_row, write_csv, write_parquet
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

LOOP, COMMAND, OUT = 0, 1, 2
"""Rows 0, 4, 8 … are in the loop, 1, 5, 9 … in command, 2, 6, 10 … out of the loop."""
REVIEW: Mapping[str, Any] = {
    "check": {"tiers": [], "overturn": False, "share": 0},
    "rules": [
        {"id": "closely", "name": "In the loop", "when": 'oversight_level = "in_the_loop"'},
        {"id": "large", "name": "Large", "when": 'amount >= 6000 and version = "2"'},
    ],
}


class System:
    """A serving system: it asks over HTTP, and logs when its decisions took effect."""

    def __init__(self, world: Serving, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._token = tokens.make_token(world.workspace, "engine", actor=world["admin"]).text
        self._logged = 0

    def ask(self, number: int) -> dict[str, Any]:
        address = f"/api/v1/models/{MODEL}/release/{prediction(number)}"

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=asgi.app)
            base = "http://127.0.0.1:8501"
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                headers = {"Authorization": f"Bearer {self._token}"}
                return await client.get(address, headers=headers)

        answer = coroutines.run(send())
        assert answer.status_code == 200
        return dict(answer.json())

    def may(self, number: int) -> bool:
        return bool(self.ask(number)["state"] == "released")

    def release(self, number: int, decision: str) -> None:
        """Put a decision into effect now, and say so in the log."""
        self._logged += 1
        row = {
            "loan_id": prediction(number),
            "time": self._world.clock.now.isoformat(),
            "kind": "released",
            "decision": decision,
        }
        path = write_csv(self._folder / f"released{self._logged}.csv", [row])
        ingest.ingest_files(
            self._world.workspace, MODEL, [path], stream="decisions", actor=self._world["admin"]
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=16, review=REVIEW)
    monkeypatch.setattr(session, "workspace", lambda: made.workspace)
    token_limits.failure_limit.cache_clear()
    yield made
    made.workspace.store.close()


@pytest.fixture
def system(world: Serving, tmp_path: Path) -> System:
    return System(world, tmp_path)


def decide(world: Serving, number: int, decision: str) -> None:
    """Take the case of a prediction and decide it."""
    reviewer = world["compliance"]
    page = cases.list_cases(world.workspace, CaseFilter(size=50), actor=reviewer)
    (case,) = [each for each in page.cases if each.prediction_id == prediction(number)]
    world.clock.now += timedelta(minutes=5)
    held = claims.claim(world.workspace, case.id, actor=reviewer)
    upheld = decision == held.decision
    verdict = proposing.Proposal(
        verdict="uphold" if upheld else "overturn",  # type: ignore[arg-type]
        final_decision=decision,
        reason_code="evidence_supports" if upheld else "data_wrong",
        text="Read the file and the papers.",
        evidence=() if upheld else ("Statement of account of May",),
        seconds_on_case=90,
    )
    proposing.propose(world.workspace, case.id, verdict, actor=reviewer, revision=held.revision)


def figures(world: Serving) -> ModelOversight:
    return oversight(world.workspace, MODEL, actor=world["auditor"])


def answers(world: Serving, number: int) -> list[tuple[object, object]]:
    about = {"prediction": prediction(number)}
    with world.workspace.store.read() as conn:
        found = audit.list_newest(conn, kind="release.answered", objects=about)
    return [(each.body["state"], each.body["decision"]) for each in reversed(found)]


def test_a_system_that_obeys_waits_for_the_verdict(world: Serving, system: System) -> None:
    assert not system.may(LOOP)
    route_model(world.workspace, MODEL)
    told = system.ask(LOOP)
    assert (told["state"], told["reason"]) == ("held", "in_review")
    assert not system.may(LOOP)
    world.clock.now += timedelta(hours=1)
    decide(world, LOOP, "approve")  # row 0 was declined: the reviewer overturns it
    told = system.ask(LOOP)
    assert (told["state"], told["reason"], told["decision"]) == ("released", "reviewed", "approve")
    assert told["decided_at"] == world.clock.now.isoformat().replace("+00:00", "Z")
    world.clock.now += timedelta(minutes=1)
    system.release(LOOP, told["decision"])
    found = figures(world)
    assert (found.released, found.breaches) == (1, 0)
    assert found.since == found.last == world.clock.now
    # What was told is kept whenever it changes: before it was routed, while a case waited, after.
    assert answers(world, LOOP) == [("held", None), ("held", None), ("released", "approve")]


def test_a_system_that_asks_nobody_is_found_out(world: Serving, system: System) -> None:
    route_model(world.workspace, MODEL)
    world.clock.now += timedelta(hours=1)
    system.release(4, "decline")  # in the loop, no verdict
    system.release(5, "approve")  # in command, its case waits
    system.release(9, "approve")  # in command, no rule chose it
    system.release(6, "approve")  # out of the loop
    world.clock.now += timedelta(hours=1)
    decide(world, 4, "decline")
    decide(world, 5, "approve")
    found = figures(world)
    assert (found.released, found.breaches) == (4, 2)  # a later verdict mends nothing
    assert [(each.prediction_id, each.kind) for each in found.newest] == [
        (prediction(4), "without_verdict"),
        (prediction(5), "while_waiting"),
    ]
    assert [
        (each.version, each.level, each.released, each.breaches) for each in found.versions
    ] == [
        ("1", "in_the_loop", 1, 1),
        ("2", "in_command", 2, 1),
        ("3", "out_of_the_loop", 1, 0),
        ("4", None, 0, 0),
    ]


def test_an_alert_is_raised(world: Serving, system: System) -> None:
    kind = "unreviewed_release"
    sources = {kind: ALARM_SOURCES[kind]}

    def check() -> tuple[str, ...]:
        (done,) = checks.check(
            world.workspace, actor=world["admin"], alarm_sources=sources, figure_sources={}
        )
        assert done.run is not None
        assert done.run.state == "done"
        return tuple(each.version for each in done.alarms)

    assert check() == ()  # nothing is logged of releases: nothing is concluded
    system.release(LOOP, "decline")
    assert check() == ("1",)
    (alert,) = views.list_alerts(world.workspace, actor=world["compliance_lead"]).alerts
    assert (alert.alarm.kind, alert.severity) == (kind, "act")


def test_the_log_itself_may_say_it(world: Serving, tmp_path: Path) -> None:
    when = world.clock.now - timedelta(minutes=1)
    rows = [
        a_row(number, model_version=str(1 + number % 4), region="HK", released_at=when)
        for number in (16, 17, 18)
    ]
    ingest.ingest_files(
        world.workspace,
        MODEL,
        [write_parquet(tmp_path / "more.parquet", rows)],
        actor=world["admin"],
    )
    route_model(world.workspace, MODEL)
    found = figures(world)
    # In command its case was made only after it had taken effect, but the rule stood before.
    assert (found.released, found.breaches, found.since) == (3, 2, when)
    assert {each.prediction_id: each.kind for each in found.newest} == {
        prediction(16): "without_verdict",
        prediction(17): "while_waiting",
    }


def test_in_command_waits_for_the_routing_and_then_for_its_case(
    world: Serving, system: System
) -> None:
    assert system.ask(9)["reason"] == "not_routed"
    route_model(world.workspace, MODEL)
    told = system.ask(9)
    assert (told["state"], told["reason"], told["decision"]) == (
        "released",
        "oversight_level",
        None,
    )
    assert system.ask(5)["reason"] == "in_review"
    assert system.may(OUT)
    decide(world, 5, "approve")
    assert system.ask(5)["reason"] == "reviewed"
    assert answers(world, 5) == []  # only what is in the loop


def test_a_withdrawn_case_releases_nothing(world: Serving, system: System) -> None:
    route_model(world.workspace, MODEL)
    lead, reader = world["compliance_lead"], world["compliance"]
    page = cases.list_cases(world.workspace, CaseFilter(size=50), actor=reader)
    for case in page.cases:
        if case.prediction_id in {prediction(5), prediction(LOOP)}:
            side_states.withdraw(world.workspace, case.id, text="Wrong", actor=lead, revision=0)
    world.clock.now += timedelta(hours=1)
    assert system.ask(5)["reason"] == "case_withdrawn"
    assert not system.may(5)
    assert system.ask(LOOP)["state"] == "held"
    system.release(5, "approve")  # without asking
    assert [each.kind for each in figures(world).newest] == ["while_waiting"]
    releases.release(world.workspace, MODEL, prediction(5), reason="Read", actor=lead)
    assert system.may(5)


def test_another_decision_and_one_after_a_stop_are_breaches(world: Serving, system: System) -> None:
    route_model(world.workspace, MODEL)
    lead = world["compliance_lead"]
    decide(world, LOOP, "approve")  # row 0 was declined: the reviewer overturns it
    decide(world, 4, "decline")
    releases.stop(world.workspace, MODEL, prediction(5), reason="No", actor=lead)
    releases.stop(world.workspace, MODEL, prediction(OUT), reason="No", actor=lead)
    world.clock.now += timedelta(minutes=1)
    system.release(LOOP, "decline")
    system.release(4, "decline")  # as people decided
    system.release(OUT, "approve")
    world.clock.now += timedelta(minutes=1)
    # That it may take effect now mends nothing of before, nor does another stop.
    releases.release(world.workspace, MODEL, prediction(OUT), reason="Yes", actor=lead)
    releases.release(world.workspace, MODEL, prediction(5), reason="Yes", actor=lead)
    world.clock.now += timedelta(minutes=1)
    system.release(5, "approve")
    world.clock.now += timedelta(minutes=1)
    releases.stop(world.workspace, MODEL, prediction(5), reason="No", actor=lead)
    found = figures(world)
    assert (found.released, found.breaches) == (4, 2)
    assert {each.prediction_id: each.kind for each in found.newest} == {
        prediction(LOOP): "other_decision",
        prediction(OUT): "after_stop",
    }
    assert [dict(each.kinds) for each in found.versions] == [
        {"other_decision": 1}, {}, {"after_stop": 1}, {},
    ]  # fmt: skip


def test_a_final_verdict_releases_also_of_who_opted_out(world: Serving, system: System) -> None:
    route_model(world.workspace, MODEL)
    connie = world["compliance"]
    for number in (5, 9):  # the log names nobody: a prediction is all that is known of a person
        about = prediction(number)
        asked = intake.intake(world.workspace, "opt_out", about, words="No model", actor=connie)
        intake.identify(world.workspace, asked.id, "document", actor=connie)
        opt_outs.enter(world.workspace, asked.id, actor=connie)
    assert system.ask(5)["reason"] == "in_review"
    assert (system.ask(9)["state"], system.ask(9)["reason"]) == ("held", "opted_out")
    decide(world, 5, "decline")
    told = system.ask(5)
    assert (told["state"], told["reason"], told["decision"]) == ("released", "reviewed", "decline")


def test_nobody_releases_by_hand_what_is_in_the_loop(world: Serving, system: System) -> None:
    route_model(world.workspace, MODEL)
    lead = world["compliance_lead"]
    with pytest.raises(Conflict, match="final verdict"):
        releases.release(world.workspace, MODEL, prediction(LOOP), reason="x", actor=lead)
    decide(world, LOOP, "decline")
    model_state.suspend(world.workspace, MODEL, reason="Errors", actor=lead)
    assert system.ask(LOOP)["reason"] == "reviewed"
    assert system.ask(4)["reason"] == "suspended"
    releases.stop(world.workspace, MODEL, prediction(LOOP), reason="x", actor=lead)
    assert system.ask(LOOP)["state"] == "stopped"


def test_what_a_person_released_by_hand_in_command_is_no_breach(
    world: Serving, system: System
) -> None:
    route_model(world.workspace, MODEL)
    lead = world["compliance_lead"]
    releases.release(world.workspace, MODEL, prediction(5), reason="x", actor=lead)
    assert system.ask(5)["reason"] == "decided"
    world.clock.now += timedelta(minutes=1)
    system.release(5, "approve")
    assert (figures(world).released, figures(world).breaches) == (1, 0)


def test_rows_of_another_jurisdiction_are_not_counted(world: Serving, system: System) -> None:
    system.release(LOOP, "decline")  # row 0 is of CN
    system.release(4, "decline")  # row 4 of HK
    found = oversight(world.workspace, MODEL, actor=world["hong_kong"])
    assert (found.released, [each.prediction_id for each in found.newest]) == (1, [prediction(4)])
    assert figures(world).released == 2
    assert isinstance(found.newest[0].released_at, datetime)
