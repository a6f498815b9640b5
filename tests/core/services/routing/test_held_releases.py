"""What took effect although the gate held it, and what it holds for good."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.i18n import translator
from core.services import checks, ingest
from core.services.alerts import views
from core.services.alerts.words import headline
from core.services.approvals import four_eyes as approvals
from core.services.checks import ALARM_SOURCES
from core.services.questions import parsed_contract
from core.services.review import cases, side_states
from core.services.review.cases import CaseFilter
from core.services.rights import answers, intake, opt_outs
from core.services.routing.breaches import ModelOversight, oversight
from core.services.routing.run import route_model
from core.services.serving import releases
from core.services.serving import state as model_state
from core.store import models
from core.store.audit import trail as audit
from tests.support.builders import a_row, write_csv, write_parquet
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

REVIEW: Mapping[str, Any] = {
    "check": {"tiers": [], "overturn": False, "share": 0},
    "rules": [{"id": "large", "name": "Large", "when": "amount >= 6000"}],
}
"""Of the rows 0 to 15 it chooses 5 to 8 and 14 to 15: of every nine the last four."""
LOOP, COMMAND, OUT, UNKNOWN = 0, 1, 2, 3
"""Rows 0, 4, 8 … are in the loop, 1, 5, 9 … in command, 2, 6, 10 … out of it, 3, 7, 11 … none."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=16, review=REVIEW)
    with made.workspace.store.read() as conn:
        made.clock.now = models.get(conn, MODEL).registered_at + timedelta(hours=1)
    yield made
    made.workspace.store.close()


def took_effect(world: Serving, folder: Path, *names: str) -> datetime:
    """Put predictions into effect now, and say so in the log."""
    at = world.clock.now
    rows = [
        {"loan_id": name, "time": at.isoformat(), "kind": "released", "decision": "approve"}
        for name in names
    ]
    path = write_csv(folder / f"released{at:%m%d%H%M%S}.csv", rows)
    ingest.ingest_files(world.workspace, MODEL, [path], stream="decisions", actor=world["admin"])
    world.clock.advance(hours=1)
    return at


def registered(world: Serving, **review: Any) -> None:
    """Bring another part ``review`` into force, as an approval does."""
    with world.workspace.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text)
        document["review"] = {**document["review"], **review}
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        models.register(
            conn, model_id=MODEL, spec_text=text, actor="ada", at=world.workspace.clock()
        )
    world.clock.advance(hours=1)


def figures(world: Serving, name: str = "auditor") -> ModelOversight:
    return oversight(world.workspace, MODEL, actor=world[name])


def kinds(world: Serving) -> dict[str, str]:
    return {each.prediction_id: each.kind for each in figures(world).newest}


def named(*numbers: int) -> Sequence[str]:
    return [prediction(number) for number in numbers]


def late_log(world: Serving, folder: Path, *numbers: int, hours: int = 1) -> None:
    """Hand in rows that took effect some hours ago, and route them."""
    when = world.clock.now - timedelta(hours=hours)
    rows = [
        a_row(number, model_version=str(1 + number % 4), region="HK", released_at=when)
        for number in numbers
    ]
    path = write_parquet(folder / f"late{numbers[0]}.parquet", rows)
    ingest.ingest_files(world.workspace, MODEL, [path], actor=world["admin"])
    route_model(world.workspace, MODEL)
    world.clock.advance(hours=1)


def test_a_log_that_comes_late_hides_nothing(world: Serving, tmp_path: Path) -> None:
    # Of 16 to 33 the rule chooses 16, 17, 23 to 26, 32 and 33; in command are 17, 21, 25, 29, 33.
    late_log(world, tmp_path, 17, 21, 25)
    assert kinds(world) == {
        prediction(17): "while_waiting", prediction(25): "while_waiting",
    }  # fmt: skip


def test_a_rule_that_comes_later_makes_no_breach_of_before(world: Serving, tmp_path: Path) -> None:
    world.clock.advance(hours=2)
    registered(world, rules=[*REVIEW["rules"], {"id": "all", "name": "All", "when": "true"}])
    late_log(world, tmp_path, 17, 21)  # they took effect when it was registered
    assert set(kinds(world)) == {prediction(17), prediction(21)}
    world.clock.advance(hours=2)
    registered(world, rules=[*REVIEW["rules"], {"id": "new", "name": "New", "when": "true"}])
    late_log(world, tmp_path, 29, 33, hours=2)  # an hour before that: only an older rule counts
    assert set(kinds(world)) == {prediction(17), prediction(21), prediction(33)}


def test_in_command_without_rules_a_person_releases(world: Serving, tmp_path: Path) -> None:
    lead = world["compliance_lead"]
    registered(world, rules=[])
    releases.release(world.workspace, MODEL, prediction(9), reason="Read", actor=lead)
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, *named(COMMAND, 9, OUT))
    registered(world, rules=REVIEW["rules"])
    route_model(world.workspace, MODEL)
    took_effect(world, tmp_path, *named(13))  # no rule chooses it
    assert kinds(world) == {prediction(COMMAND): "without_release"}
    (only,) = figures(world).newest
    assert (only.level, only.case) == ("in_command", None)


def test_what_is_from_before_the_first_day_of_the_rules_needs_a_release(
    world: Serving, tmp_path: Path
) -> None:
    # The rows are of January 2025; releases count from that day on, whatever they are about.
    registered(world, **{"from": (world.clock.now - timedelta(days=7)).date()})
    took_effect(world, tmp_path, *named(COMMAND, OUT))
    assert kinds(world) == {prediction(COMMAND): "without_release"}


def test_what_takes_effect_while_the_model_is_suspended(world: Serving, tmp_path: Path) -> None:
    lead, second = world["compliance_lead"], world["second_lead"]
    route_model(world.workspace, MODEL)
    releases.release(world.workspace, MODEL, prediction(9), reason="Read", actor=lead)
    model_state.suspend(world.workspace, MODEL, reason="Errors", actor=lead)
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, *named(LOOP, COMMAND, OUT, UNKNOWN, 9))
    assert kinds(world) == {
        prediction(LOOP): "without_verdict",
        prediction(COMMAND): "while_suspended",
        prediction(OUT): "while_suspended",
        prediction(UNKNOWN): "while_suspended",
    }
    model_state.suspend(world.workspace, MODEL, reason="Errors", fallback_version="3", actor=lead)
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, *named(6, 13))  # 3 takes over now
    assert {name for name, kind in kinds(world).items() if kind == "while_suspended"} == set(
        named(COMMAND, OUT, UNKNOWN, 13)
    )
    asked = model_state.propose_resume(world.workspace, MODEL, reason="Mended", actor=lead)
    approvals.approve(world.workspace, asked.id, actor=second)
    world.clock.advance(hours=1)
    before = figures(world).breaches
    took_effect(world, tmp_path, *named(10))
    assert figures(world).breaches == before


def test_of_who_opted_out_nothing_takes_effect_without_a_verdict(
    world: Serving, tmp_path: Path
) -> None:
    lead, connie = world["compliance_lead"], world["compliance"]
    releases.release(world.workspace, MODEL, prediction(9), reason="Read", actor=lead)
    took_effect(world, tmp_path, *named(10))
    asked = []
    for number in (LOOP, 9, 10, OUT):  # the log names nobody: a prediction stands for a person
        made = intake.intake(
            world.workspace, "opt_out", prediction(number), words="No model", actor=connie
        )
        intake.identify(world.workspace, made.id, "document", actor=connie)
        opt_outs.enter(world.workspace, made.id, actor=connie)
        asked.append(made.id)
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, *named(LOOP, 9, 6))
    opt_outs.end(world.workspace, asked[-1], actor=connie)
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, *named(OUT))
    assert kinds(world) == {prediction(LOOP): "opted_out", prediction(9): "opted_out"}


def test_what_the_log_does_not_hold_is_worth_a_look(world: Serving, tmp_path: Path) -> None:
    kind = "unreviewed_release"
    at = took_effect(world, tmp_path, "L900000", "L900001", prediction(OUT))
    found = figures(world)
    assert (found.unlogged, found.released, found.breaches, found.since) == (2, 1, 0, at)
    # Who sees some jurisdictions only is told nothing: it might be of another one.
    assert figures(world, "hong_kong").unlogged is None
    sources = {kind: ALARM_SOURCES[kind]}
    checks.check(world.workspace, actor=world["admin"], alarm_sources=sources, figure_sources={})
    (alert,) = views.list_alerts(world.workspace, actor=world["compliance_lead"]).alerts
    assert (alert.alarm.kind, alert.severity, alert.alarm.version) == (kind, "watch", "")
    with world.workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, MODEL).spec_text)
    assert headline(translator("en"), contract, alert.alarm) == (
        "2 decisions took effect that the log holds no predictions of"
    )
    ingest.ingest_files(
        world.workspace,
        MODEL,
        [write_parquet(tmp_path / "rest.parquet", [a_row(900_000 % 997, loan_id="L900000")])],
        actor=world["admin"],
    )
    assert figures(world).unlogged == 1


def test_after_a_disposal_only_later_releases_can_be_missing(
    world: Serving, tmp_path: Path
) -> None:
    took_effect(world, tmp_path, "L900000")
    with world.workspace.store.begin() as conn:
        audit.append(
            conn,
            at=world.clock.now,
            actor="ada",
            role="",
            kind="retention.disposed",
            objects={"disposal": "d1"},
            body={"models": {MODEL: {"rows": {"predictions": 5}}}},
        )
    assert figures(world).unlogged == 0  # perhaps it was among those five
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, "L900001")
    assert figures(world).unlogged == 1


def no_case(world: Serving, name: str = "auditor") -> dict[str, int]:
    return {each.version: each.no_case for each in figures(world, name).versions if each.no_case}


def test_what_stays_held_because_it_became_no_case(world: Serving, tmp_path: Path) -> None:
    assert no_case(world) == {}  # it may still become one
    route_model(world.workspace, MODEL)
    # In the loop are 0, 4, 8 and 12; the rule chose 8.
    assert no_case(world) == {"1": 3}
    assert no_case(world, "hong_kong") == {"1": 1}  # 0 and 12 are of CN
    lead, connie = world["compliance_lead"], world["compliance"]
    releases.stop(world.workspace, MODEL, prediction(LOOP), reason="No", actor=lead)
    assert no_case(world) == {"1": 2}
    took_effect(world, tmp_path, *named(12))
    assert no_case(world) == {"1": 1}
    asked = intake.intake(
        world.workspace, "review", prediction(4), words="Look", model=MODEL,
        prediction=prediction(4), actor=connie,
    )  # fmt: skip
    intake.identify(world.workspace, asked.id, "document", actor=connie)
    answers.open_case(world.workspace, asked.id, actor=connie)
    assert no_case(world) == {}
    (case,) = [
        each
        for each in cases.list_cases(world.workspace, CaseFilter(size=50), actor=connie).cases
        if each.prediction_id == prediction(8)
    ]
    side_states.withdraw(world.workspace, case.id, text="Wrong", actor=lead, revision=case.revision)
    assert no_case(world) == {}  # what was withdrawn has a case, too


def test_what_is_older_than_the_rules_is_not_to_become_a_case(world: Serving) -> None:
    route_model(world.workspace, MODEL)
    registered(world, **{"from": "2025-01-02"})
    # The day begins at 16:00 UTC: row 0 of 02:00 and row 4 of 14:00 come before it, row 12 after.
    assert no_case(world) == {"1": 1}
    registered(world, **{"from": "2025-06-01"})
    assert no_case(world) == {}
