"""What took effect too early is judged by the contract of then, and leads to its case."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.domain.review import SECOND
from core.domain.windows import start_of_day
from core.lake.local_days import to_microseconds
from core.lake.releases.facts import EVER
from core.services import checks, ingest
from core.services.alerts import views
from core.services.checks import ALARM_SOURCES
from core.services.oversight import controls
from core.services.review import cases, claims, making, proposing
from core.services.review.cases import CaseFilter
from core.services.routing.breaches import ModelOversight, oversight
from core.services.routing.declared import declared_by
from core.services.routing.run import route_model
from core.services.serving import releases
from core.store import models
from core.store.models import SpecRevision
from core.store.review import cases as stored_cases
from tests.support.builders import contract_document, write_csv
from tests.support.disputing import dispute
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

REVIEW: Mapping[str, Any] = {
    "check": {"tiers": [], "overturn": False, "share": 0},
    "rules": [{"id": "every", "name": "Every", "when": 'version != "3"'}],
}
LOOP, COMMAND, UNKNOWN = 0, 1, 3
"""Rows 0, 4, 8 … are in the loop, 1, 5, 9 … in command; of 3, 7, 11 … nothing is declared."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=16, review=REVIEW)
    with made.workspace.store.read() as conn:
        made.clock.now = models.get(conn, MODEL).registered_at + timedelta(hours=1)
    yield made
    made.workspace.store.close()


def took_effect(world: Serving, folder: Path, *numbers: int, decision: str = "approve") -> datetime:
    """Put predictions into effect now, and say so in the log."""
    at = world.clock.now
    rows = [
        {
            "loan_id": prediction(number),
            "time": at.isoformat(),
            "kind": "released",
            "decision": decision,
        }
        for number in numbers
    ]
    path = write_csv(folder / f"released{numbers[0]}{at:%H%M%S}.csv", rows)
    ingest.ingest_files(world.workspace, MODEL, [path], stream="decisions", actor=world["admin"])
    world.clock.advance(hours=1)
    return at


def registered(world: Serving, levels: Mapping[str, str | None], **review: Any) -> None:
    """Bring another contract into force, as an approval does."""
    with world.workspace.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text)
        for version in document["versions"]:
            if version["id"] in levels:
                version.pop("oversight_level", None)
                if level := levels[version["id"]]:
                    version["oversight_level"] = level
        document["review"] |= review
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        models.register(
            conn, model_id=MODEL, spec_text=text, actor="ada", at=world.workspace.clock()
        )
    world.clock.advance(hours=1)


def figures(world: Serving, name: str = "auditor") -> ModelOversight:
    return oversight(world.workspace, MODEL, actor=world[name])


def counted(found: ModelOversight) -> dict[str, tuple[int, int, int]]:
    return {
        each.version: (each.released, each.breaches, each.undeclared) for each in found.versions
    }


def decide(world: Serving, number: int, decision: str) -> int:
    reviewer = world["compliance"]
    page = cases.list_cases(world.workspace, CaseFilter(size=50), actor=reviewer)
    (case,) = [each for each in page.cases if each.prediction_id == prediction(number)]
    held = claims.claim(world.workspace, case.id, actor=reviewer)
    upheld = decision == held.decision
    verdict = proposing.Proposal(
        verdict="uphold" if upheld else "overturn",  # type: ignore[arg-type]
        final_decision=decision,
        reason_code="evidence_supports" if upheld else "data_wrong",
        text="Read the papers.",
        evidence=() if upheld else ("Statement of May",),
    )
    proposing.propose(world.workspace, case.id, verdict, actor=reviewer, revision=held.revision)
    world.clock.advance(hours=1)
    return case.id


def test_a_later_contract_changes_no_figure_of_before(world: Serving, tmp_path: Path) -> None:
    at = took_effect(world, tmp_path, LOOP, UNKNOWN)
    before = figures(world)
    assert counted(before) == {"1": (1, 1, 0), "2": (0, 0, 0), "3": (0, 0, 0), "4": (1, 0, 1)}
    day = (world.clock.now + timedelta(days=400)).date()
    registered(world, {"1": "out_of_the_loop", "4": "in_the_loop"}, **{"from": day})
    after = figures(world)
    assert (counted(after), after.since) == (counted(before), at)
    assert [(each.prediction_id, each.level) for each in after.newest] == [
        (prediction(LOOP), "in_the_loop")
    ]
    assert {each.version: each.level for each in after.versions}["1"] == "out_of_the_loop"


def test_what_takes_effect_later_is_judged_by_the_later_contract(
    world: Serving, tmp_path: Path
) -> None:
    took_effect(world, tmp_path, LOOP, UNKNOWN)
    registered(world, {"1": "out_of_the_loop", "4": "in_the_loop"})
    took_effect(world, tmp_path, 4, 7)
    registered(world, {"1": "in_the_loop", "4": None})
    took_effect(world, tmp_path, 8, 11)
    # Version 1: in the loop, out of it, in it again; version 4: nothing, in the loop, nothing.
    assert counted(figures(world))["1"] == (3, 2, 0)
    assert counted(figures(world))["4"] == (3, 1, 2)
    assert {each.prediction_id for each in figures(world).newest} == {
        prediction(LOOP), prediction(7), prediction(8),
    }  # fmt: skip


def test_a_version_that_leaves_the_contract_is_not_forgotten(
    world: Serving, tmp_path: Path
) -> None:
    with world.workspace.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text)
        document["versions"] = [each for each in document["versions"] if each["id"] != "1"]
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        models.register(
            conn, model_id=MODEL, spec_text=text, actor="ada", at=world.workspace.clock()
        )
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, LOOP)
    assert counted(figures(world))["1"] == (1, 0, 1)


def test_a_person_who_released_it_settles_what_is_undeclared(
    world: Serving, tmp_path: Path
) -> None:
    lead = world["compliance_lead"]
    releases.release(world.workspace, MODEL, prediction(7), reason="Read", actor=lead)
    releases.stop(world.workspace, MODEL, prediction(11), reason="No", actor=lead)
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, UNKNOWN, 7, 11)
    assert counted(figures(world))["4"] == (3, 1, 1)
    assert [each.kind for each in figures(world).newest] == ["after_stop"]


def test_an_undeclared_level_is_worth_a_look(world: Serving, tmp_path: Path) -> None:
    kind = "unreviewed_release"
    took_effect(world, tmp_path, UNKNOWN, 7)
    sources = {kind: ALARM_SOURCES[kind]}
    checks.check(world.workspace, actor=world["admin"], alarm_sources=sources, figure_sources={})
    (alert,) = views.list_alerts(world.workspace, actor=world["compliance_lead"]).alerts
    assert (alert.alarm.kind, alert.severity, alert.alarm.version) == (kind, "watch", "4")
    assert alert.alarm.statistic == 2
    assert alert.alarm.evidence["undeclared"] == 2


def test_each_breach_leads_to_its_case(world: Serving, tmp_path: Path) -> None:
    took_effect(world, tmp_path, 12)  # before anybody made a case of it
    route_model(world.workspace, MODEL)
    world.clock.advance(hours=1)
    took_effect(world, tmp_path, LOOP, COMMAND)
    overturned = decide(world, 4, "approve")  # the model had declined
    later = decide(world, LOOP, "decline")
    took_effect(world, tmp_path, 4, decision="decline")
    found = {each.prediction_id: each for each in figures(world).newest}
    told = {
        name: (each.kind, each.case.state, each.case.decision, each.case.was_final)
        for name, each in found.items()
        if each.case is not None
    }
    assert told == {
        prediction(LOOP): ("without_verdict", "final", "decline", False),
        prediction(COMMAND): ("while_waiting", "open", None, False),
        prediction(4): ("other_decision", "final", "approve", True),
        prediction(12): ("without_verdict", "open", None, False),
    }
    cases_of = {name: each.case.case_id for name, each in found.items() if each.case}
    assert (cases_of[prediction(4)], cases_of[prediction(LOOP)]) == (overturned, later)


def test_a_breach_says_whether_the_customer_disputes_it(world: Serving, tmp_path: Path) -> None:
    took_effect(world, tmp_path, LOOP, 12)
    dispute(world.workspace, MODEL, prediction(LOOP), by=world["compliance"].user_id)
    told = {each.prediction_id: each.disputed for each in figures(world).newest}
    assert told == {prediction(LOOP): True, prediction(12): False}


def test_without_a_case_none_is_made_up(world: Serving, tmp_path: Path) -> None:
    took_effect(world, tmp_path, LOOP)
    (only,) = figures(world).newest
    assert only.case is None


def test_a_breach_tells_no_first_verdict_to_who_is_to_give_a_second(
    world: Serving, tmp_path: Path
) -> None:
    route_model(world.workspace, MODEL)
    case_id = decide(world, 4, "approve")
    took_effect(world, tmp_path, 4, decision="decline")
    with world.workspace.store.begin() as conn:
        first = controls.copy_of(stored_cases.get(conn, case_id))
        second = replace(first, kind=SECOND, occasion="second:1", parent_id=case_id)
        assert making.make_case(conn, second, at=world.clock.now) is not None
    assert (figures(world, "compliance").breaches, figures(world, "compliance").newest) == (1, ())
    assert len(figures(world, "compliance_lead").newest) == 1


def revision(
    number: int, at: datetime, levels: Mapping[str, str], start: str = "", *, rules: bool = False
) -> SpecRevision:
    document = {
        **contract_document(),
        "versions": [
            {"id": name, **({"oversight_level": level} if level else {})}
            for name, level in levels.items()
        ],
        "review": ({"from": start} if start else {})
        | ({"rules": REVIEW["rules"]} if rules else {}),
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return SpecRevision(MODEL, number, text, "", at, "ada")


def test_the_history_of_contracts_by_hand() -> None:
    one, two, three = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    a, b, c = map(to_microseconds, (one, two, three))
    found = declared_by(
        [
            revision(1, one, {"1": "in_the_loop", "2": ""}),
            revision(2, two, {"1": "in_the_loop", "2": "in_command"}, "2026-01-15"),
            revision(3, three, {"2": "in_command"}, "2026-06-01"),
        ]
    )
    # Before the first contract holds the first level that was ever stated, then what was stated.
    assert found.levels == (
        ("1", EVER, "in_the_loop"), ("1", c, ""),
        ("2", EVER, "in_command"), ("2", a, ""), ("2", b, "in_command"),
    )  # fmt: skip
    day = [
        to_microseconds(
            start_of_day(datetime(2026, month, on, tzinfo=UTC).date(), "Asia/Hong_Kong")
        )
        for month, on in ((1, 15), (6, 1))
    ]
    assert found.counts_from == ((EVER, day[0]), (a, None), (b, day[0]), (c, day[1]))
    assert declared_by([]).levels == ()
    assert declared_by([]).overseen == ((EVER, None),)


def test_the_history_of_rules_by_hand() -> None:
    one, two, three = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    a, b, c = map(to_microseconds, (one, two, three))
    levels = {"1": "in_command"}
    day = to_microseconds(start_of_day(datetime(2026, 1, 15, tzinfo=UTC).date(), "Asia/Hong_Kong"))
    first, second, third = (
        revision(1, one, levels),
        revision(2, two, levels, rules=True),
        revision(3, three, levels, "2026-01-15", rules=True),
    )
    # Before the first contract hold the first rules that were ever stated.
    assert declared_by([first, second, third]).overseen == (
        (EVER, EVER), (a, None), (b, EVER), (c, day),
    )  # fmt: skip
    assert declared_by([first]).overseen == ((EVER, None),)
    taken_out = declared_by([replace(third, registered_at=one), replace(first, registered_at=two)])
    assert taken_out.overseen == ((EVER, day), (b, None))
