"""Scenarios are kept, listed and proposed by two people; nothing in production changes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.approvals import four_eyes as approvals
from core.services.questions import Question
from core.services.value import (
    list_scenarios,
    propose_scenario,
    save_scenario,
    value,
    what_if,
    workload,
)
from core.store import models
from core.store.audit import trail as audit
from tests.support.harbour import add_people
from tests.support.valued import REVIEW, Valued, build_valued

ASKED = Question("loans", by="quarter")
People = tuple[Valued, dict[Role, Actor]]


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    home = tmp_path_factory.mktemp("scenarios") / "home"
    home.mkdir()
    found = build_valued(home, reviews=False, review=REVIEW)
    yield found, add_people(found.workspace)
    found.workspace.store.close()


def test_a_scenario_keeps_what_was_found(lender: People) -> None:
    workspace, manager = lender[0].workspace, lender[1][Role.business]
    kept = save_scenario(workspace, ASKED, "  Stricter ", 0.3, actor=manager)
    answer = value(workspace, ASKED, actor=manager, cut_off=0.3)
    expected = what_if(answer, 0.3)
    (found, *_) = list_scenarios(workspace, "loans", actor=manager)
    assert found.scenario == kept
    assert (found.scenario.name, found.state) == ("Stricter", "")
    assert found.made_by != manager.audit_name  # a name, and no pseudonym
    assert found.number("gain") == pytest.approx(float(expected.gain.value))
    assert found.number("then_flagged") == pytest.approx(expected.then.flagged)
    assert found.number("today_cut_off") == 0.4
    queue = workload(workspace, ASKED, 0.3, actor=manager)
    assert queue is not None
    assert found.number("then_cases") == queue.then.cases
    assert found.number("then_cases_a_week") == pytest.approx(queue.then.per_week)
    with workspace.store.read() as conn:
        newest = audit.list_newest(conn, limit=1)[0]
    assert newest.kind == "scenario.saved"


def test_two_people_agree_and_production_stays(lender: People) -> None:
    workspace, people = lender[0].workspace, lender[1]
    kept = save_scenario(workspace, ASKED, "Looser", 0.5, actor=people[Role.business])
    with workspace.store.read() as conn:
        before = models.get(conn, "loans")
    asked = propose_scenario(
        workspace, kept.id, actor=people[Role.business], reason="Fewer refusals"
    )
    assert (asked.before, asked.after) == ({"cut_off": 0.4}, {"cut_off": 0.5})
    states = {each.scenario.id: each.state for each in list_scenarios(
        workspace, "loans", actor=people[Role.auditor])}  # fmt: skip
    assert states[kept.id] == "pending"
    with pytest.raises(Conflict):
        propose_scenario(workspace, kept.id, actor=people[Role.admin], reason="Again")
    with pytest.raises(Forbidden):
        approvals.approve(workspace, asked.id, actor=people[Role.business])
    decider = replace(people[Role.compliance_lead], authenticated_at=workspace.clock())
    done = approvals.approve(workspace, asked.id, actor=decider)
    assert done.state == "approved"
    with workspace.store.read() as conn:
        assert models.get(conn, "loans") == before


def test_who_may_what(lender: People) -> None:
    workspace, people = lender[0].workspace, lender[1]
    for role in (Role.compliance, Role.auditor):
        with pytest.raises(Forbidden):
            save_scenario(workspace, ASKED, "Mine", 0.3, actor=people[role])
    elsewhere = replace(people[Role.data_scientist], models=frozenset({"cards"}))
    with pytest.raises(NotFound):
        save_scenario(workspace, ASKED, "Mine", 0.3, actor=elsewhere)
    with pytest.raises(NotFound):
        list_scenarios(workspace, "loans", actor=elsewhere)
    partly = replace(people[Role.business], jurisdictions=frozenset({"HK"}))
    assert list_scenarios(workspace, "loans", actor=partly) == ()


@pytest.mark.parametrize(("name", "cut_off"), [(" ", 0.3), ("x" * 81, 0.3), ("Mine", 1.5)])
def test_what_is_no_scenario_is_refused(lender: People, name: str, cut_off: float) -> None:
    workspace, people = lender[0].workspace, lender[1]
    with pytest.raises(InvalidInput):
        save_scenario(workspace, ASKED, name, cut_off, actor=people[Role.admin])


def test_there_is_no_such_scenario(lender: People) -> None:
    with pytest.raises(NotFound):
        propose_scenario(
            lender[0].workspace, "nothing", actor=lender[1][Role.admin], reason="Because"
        )
