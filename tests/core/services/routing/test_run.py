"""Published predictions become cases, each once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.contract import contract_from_text
from core.domain.identity import Actor, Role
from core.errors import Forbidden, NothingYet
from core.lake.routing.rows import CHUNK_ROWS
from core.services import maintenance
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.jobs import tasks, worker
from core.services.review.making import make_case
from core.services.routing import jobs as routing_jobs
from core.services.routing import run
from core.services.routing.plan import leading_rule, tier_of
from core.services.routing.run import Routed, route_model, route_now
from core.services.workspace import Workspace
from core.store import jobs, models, routing
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, contract_text
from tests.support.reviewing import a_case
from tests.support.routed import (
    LARGE,
    MODEL,
    SOME,
    a_reviewed_workspace,
    cases_of,
    chunks_of,
    fill,
    large_ones,
    sound,
)

LEAD = Actor("u7", "lee", frozenset({Role.compliance_lead}), origin="cli", pseudonym="p-lee")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_reviewed_workspace(tmp_path / "home", rules=[LARGE])
    yield made
    made.store.close()


def test_a_batch_becomes_cases_and_the_trail_says_so(site: Workspace, tmp_path: Path) -> None:
    fill(site, tmp_path / "log.parquet", 100)
    done = route_model(site, MODEL)
    wanted = large_ones(100)
    assert done == Routed(MODEL, 1, 100, len(wanted))
    found = cases_of(site)
    assert {each.prediction_id for each in found} == wanted
    first = found[0]
    assert (first.kind, first.occasion, first.rule, first.rules) == (
        "routed", "routing", "large", ["large"],
    )  # fmt: skip
    assert (first.tier, first.priority, first.state, first.amount) == ("high", 70, "open", 9000.0)
    assert first.predicted_at == datetime(2025, 1, 2, 2, tzinfo=UTC)  # row 8, every three hours
    assert (first.decision, first.version) == ("decline", "1")
    assert first.subject_id == site.keys.subject_id("L000008")
    with site.store.read() as conn:
        entry = audit.list_newest(conn, kind="review.made", limit=1)[0]
        assert first.rules_sha256 == models.get(conn, MODEL).spec_sha256
    assert (entry.actor, entry.objects["model"]) == ("worker", MODEL)
    assert entry.body["cases"] == len(wanted)
    assert entry.body["rules"] == {"large": len(wanted)}
    sound(site)


def test_again_makes_none_and_a_new_batch_only_its_own(site: Workspace, tmp_path: Path) -> None:
    fill(site, tmp_path / "one.parquet", 100)
    route_model(site, MODEL)
    assert route_model(site, MODEL) == Routed(MODEL, 0, 0, 0)
    fill(site, tmp_path / "two.parquet", 80, start=100)
    assert route_model(site, MODEL).cases == len(large_ones(180)) - len(large_ones(100))
    assert {each.prediction_id for each in cases_of(site)} == large_ones(180)
    sound(site)


@pytest.mark.parametrize("more", [0, 1])
def test_the_database_looks_again_once_many_cases_were_made(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """In a transaction of its own, when those of the cases are done."""
    found: list[int] = []
    monkeypatch.setattr(run, "count_anew", lambda _: found.append(len(cases_of(site))))
    monkeypatch.setattr(run, "_MANY", len(large_ones(100)) + more)
    fill(site, tmp_path / "log.parquet", 100)
    route_model(site, MODEL)
    assert found == ([] if more else [len(large_ones(100))])
    route_model(site, MODEL)  # nothing new
    assert len(found) == 1 - more


def test_the_trail_of_a_case_ends_with_the_entry_of_its_making(
    site: Workspace, tmp_path: Path
) -> None:
    fill(site, tmp_path / "one.parquet", 50)
    route_model(site, MODEL)
    fill(site, tmp_path / "two.parquet", 50, start=50)
    route_model(site, MODEL)  # at the same instant of the clock, but of another batch
    found = cases_of(site)
    auditor = Actor("u8", "eve", frozenset({Role.auditor}), origin="web", pseudonym="p-eve")

    def trail(case_id: int, who: Actor = auditor, **more: Any) -> list[Any]:
        search = Search(objects={"case": str(case_id)}, **more)
        return [each.entry for each in audit_trail.entries(site, search, actor=who)]

    first, last = found[0], found[-1]
    (one,), (other,) = trail(first.id), trail(last.id)
    assert one.kind == other.kind == "review.made"
    assert one.sequence < other.sequence
    assert (one.body["first"], other.body["last"]) == (first.id, last.id)
    assert trail(first.id, kind="review.final") == []
    assert trail(first.id, until=first.created_at) == []
    assert trail(first.id, kind="review.made") == [one]
    assert trail(10_000) == trail(10**30) == []
    elsewhere = replace(auditor, jurisdictions=frozenset({"CN"}))
    assert trail(first.id, who=elsewhere) == []
    # Who works on cases is not told what was made with a case: later ones would be blind.
    officer = replace(auditor, roles=frozenset({Role.compliance}))
    assert trail(first.id, who=officer) == []


def test_what_waits_for_a_customer_already_gets_no_second_case(
    site: Workspace, tmp_path: Path
) -> None:
    fill(site, tmp_path / "log.parquet", 100)
    new = replace(a_case(8), kind="request", occasion="request:1", rule="request", tier="normal")
    with site.store.begin() as conn:
        asked = make_case(conn, new, at=site.clock())
    wanted = large_ones(100)
    assert route_model(site, MODEL) == Routed(MODEL, 1, 100, len(wanted))
    found = cases_of(site)
    assert len(found) == len({each.prediction_id for each in found}) == len(wanted)
    (joined,) = [each for each in found if each.id == asked]
    assert (joined.kind, joined.rule, joined.tier) == ("routed", "large", "high")
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.made")
        assert routing.cases_made(conn, MODEL) == (100, len(wanted))
        assert len(audit.list_newest(conn, kind="review.routed", objects={"case": str(asked)})) == 1
    assert (entry.body["cases"], entry.body["joined"]) == (len(wanted) - 1, 1)


def test_chunks_without_cases_are_counted_with_the_next(tmp_path: Path) -> None:
    rare = {"id": "rare", "name": "Rare", "when": 'prediction_id in ("L000007", "L010001")'}
    site = a_reviewed_workspace(tmp_path / "home", rules=[rare])
    count = 3 * CHUNK_ROWS + 10
    fill(site, tmp_path / "log.parquet", count)
    assert route_model(site, MODEL) == Routed(MODEL, 1, count, 2)
    noted = chunks_of(site)
    assert [each.is_last for each in noted] == [False] * (len(noted) - 1) + [True]
    assert len(noted) == 3  # of four chunks one has no case
    assert sum(each.predictions for each in noted) == count
    assert [each.cases for each in noted] == [1, 1, 0]
    sound(site)
    site.store.close()


def test_a_compaction_in_between_changes_nothing(site: Workspace, tmp_path: Path) -> None:
    fill(site, tmp_path / "one.parquet", 60)
    fill(site, tmp_path / "two.parquet", 60, start=60)
    maintenance.compact(site, MODEL, actor=ADMIN)
    assert route_model(site, MODEL).batches == 2
    assert {each.prediction_id for each in cases_of(site)} == large_ones(120)
    sound(site)


def test_without_rules_there_are_no_cases_and_nothing_is_noted(tmp_path: Path) -> None:
    site = a_reviewed_workspace(tmp_path / "home", rules=[])
    fill(site, tmp_path / "log.parquet", 50)
    assert route_model(site, MODEL) == Routed(MODEL, 0, 0, 0)
    assert chunks_of(site) == []
    assert routing_jobs.order_due_routing(site) == 0
    with pytest.raises(NothingYet):
        route_now(site, MODEL, actor=LEAD)
    site.store.close()


def test_the_highest_priority_leads_and_of_equals_the_first() -> None:
    rules = [{**SOME, "priority": 10}, LARGE, {**LARGE, "id": "other"}]
    contract = contract_from_text(contract_text(review={"rules": rules}))
    assert leading_rule(contract, ("some", "large", "other")).id == "large"
    assert leading_rule(contract, ("some", "other")).id == "other"
    with pytest.raises(KeyError):
        leading_rule(contract, ("gone",))


def test_the_highest_tier_holds_whichever_rule_leads(tmp_path: Path) -> None:
    lesser = {**LARGE, "id": "lesser", "tier": "normal", "priority": 99}
    site = a_reviewed_workspace(tmp_path / "home", rules=[LARGE, lesser])
    fill(site, tmp_path / "log.parquet", 50)
    assert route_model(site, MODEL).cases > 0
    assert {(each.rule, each.tier, each.priority) for each in cases_of(site)} == {
        ("lesser", "high", 99)
    }
    site.store.close()
    contract = contract_from_text(contract_text(review={"rules": [LARGE, lesser]}))
    assert tier_of(contract, ("lesser",)) == "normal"
    with pytest.raises(KeyError):
        tier_of(contract, ("gone",))


def test_what_is_drawn_is_drawn_by_the_workspaces_key(tmp_path: Path) -> None:
    review = {
        "score": {"hidden_share": 0.3, "judge_first": True},
        "check": {"share": 0.2, "tiers": []},
        "sla_days": {"normal": 5, "high": 1},
    }
    site = a_reviewed_workspace(tmp_path / "home", rules=[LARGE], review=review)
    fill(site, tmp_path / "log.parquet", 900)
    route_model(site, MODEL)
    found = cases_of(site)
    assert len(found) == 100
    hidden = {each.prediction_id for each in found if each.score_shown == "never"}
    shown = {each.score_shown for each in found}
    checked = {each.prediction_id for each in found if each.in_check_sample}
    assert shown == {"never", "after_own_view"}
    assert hidden == {
        each.prediction_id
        for each in found
        if int(site.keys.mac("review.score_hidden", f"loans:{each.prediction_id}")[:12], 16)
        < 0.3 * 16**12
    }
    assert 10 < len(hidden) < 55
    assert 5 < len(checked) < 45
    assert hidden != checked
    assert {each.due_at - each.created_at > timedelta(0) for each in found} == {True}
    site.store.close()


def test_the_worker_routes_after_a_batch(site: Workspace, tmp_path: Path) -> None:
    fill(site, tmp_path / "log.parquet", 100)
    with site.store.read() as conn:
        ordered = jobs.list_jobs(conn, kinds=[routing_jobs.ROUTE_JOB])
    assert [each.state for each in ordered] == ["queued"]
    assert routing_jobs.order_due_routing(site) == 1
    kinds = {routing_jobs.ROUTE_JOB: tasks.HANDLERS[routing_jobs.ROUTE_JOB]}
    assert worker.run_one(site, kinds, owner="w")
    assert not worker.run_one(site, kinds, owner="w")
    with site.store.read() as conn:
        (job,) = jobs.list_jobs(conn, kinds=[routing_jobs.ROUTE_JOB])
    assert job.result == {"batches": 1, "predictions": 100, "cases": len(large_ones(100))}
    assert routing_jobs.order_due_routing(site) == 0


def test_a_model_whose_routing_failed_is_left_alone_for_a_while(
    site: Workspace, tmp_path: Path
) -> None:
    fill(site, tmp_path / "log.parquet", 30)
    with site.store.begin() as conn:
        job = jobs.claim(
            conn, owner="w", at=site.clock(), lease=timedelta(minutes=1), kinds=["review.route"]
        )
        assert job is not None
        jobs.fail(conn, job.id, owner="w", error="x", at=site.clock(), retry_after=None)
    assert routing_jobs.order_due_routing(site) == 0
    later = replace(site, clock=lambda: datetime.now(UTC) + timedelta(minutes=11))
    assert routing_jobs.order_due_routing(later) == 1


def test_who_may_route_now(site: Workspace, tmp_path: Path) -> None:
    fill(site, tmp_path / "log.parquet", 30)
    for role in Role:
        actor = Actor("u8", "x", frozenset({role}), origin="cli")
        if role is not Role.compliance_lead:
            with pytest.raises(Forbidden):
                route_now(site, MODEL, actor=actor)
    with pytest.raises(Forbidden):
        route_now(site, MODEL, actor=replace(LEAD, jurisdictions=frozenset({"HK"})))
    assert route_now(site, MODEL, actor=LEAD).cases == len(large_ones(30))
    with site.store.read() as conn:
        assert audit.list_newest(conn, kind="review.made", limit=1)[0].actor == "p-lee"
        assert routing.cases_made(conn, MODEL) == (30, len(large_ones(30)))
