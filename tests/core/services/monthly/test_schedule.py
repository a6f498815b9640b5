"""Reports of every month: due once, made with the rights of who asked for them, then fetched."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.services import monthly
from core.services.identity import users
from core.services.jobs.tasks import HANDLERS
from core.services.jobs.worker import run_one
from core.services.monthly import schedule
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.support.valued import Valued

# The loans end on 10 January 2026, so December is the newest month that the log holds.
ON_TIME = datetime(2026, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def person(loans: Valued) -> Actor:
    return users.actor_of_os_login(loans.workspace, "ada")


@pytest.fixture
def site(loans: Valued, person: Actor) -> Workspace:
    found = replace(loans.workspace, clock=lambda: ON_TIME)
    monthly.end_plan(found, actor=person)
    return found


def test_a_month_is_ordered_once_made_and_fetched(site: Workspace, person: Actor) -> None:
    assert schedule.order_due_reports(site) == 0
    plan = monthly.set_plan(
        site, actor=person, day=5, formats=["html", "xlsx", "html"], languages=["en", "zh-HK"]
    )
    assert plan == monthly.get_plan(site, actor=person)
    assert plan.formats == ("html", "xlsx")
    early = replace(site, clock=lambda: datetime(2026, 1, 4, 12, tzinfo=UTC))
    assert schedule.order_due_reports(early) == 0
    assert [schedule.order_due_reports(site), schedule.order_due_reports(site)] == [1, 0]
    assert run_one(site, HANDLERS, owner="w1")
    assert schedule.order_due_reports(site) == 0
    (job,) = monthly.list_reports(site, actor=person)
    assert (job.state, job.error, job.payload["month"]) == ("done", "", "2025-12")
    assert job.result is not None
    files = job.result["files"]
    assert isinstance(files, dict)
    assert sorted(files) == [
        f"loans-2025-12-{language}.{kind}"
        for language in ("en", "zh-HK")
        for kind in ("html", "xlsx")
    ]
    with site.store.read() as conn:
        entries = audit.list_newest(conn, kind="monthly_report.made")
    assert {entry.body["file"] for entry in entries} >= set(files)
    assert {entry.actor for entry in entries if "job" in entry.body} == {person.audit_name}
    made = monthly.hand_over(site, job, "loans-2025-12-en.xlsx", actor=person)
    assert made is not None
    assert made.record.media_type.endswith("spreadsheetml.sheet")
    assert monthly.hand_over(site, job, "../state.db", actor=person) is None
    # After ninety days the files are gone, and say so.
    later = replace(site, clock=lambda: datetime.now(UTC) + schedule.LIFETIME + timedelta(days=1))
    assert schedule.remove_old_files(later) == 4
    assert monthly.hand_over(site, job, "loans-2025-12-en.xlsx", actor=person) is None


def test_a_plan_is_ended_and_is_on_the_trail(site: Workspace, person: Actor) -> None:
    monthly.set_plan(site, actor=person, models_of=["loans"])
    monthly.end_plan(site, actor=person)
    assert monthly.get_plan(site, actor=person) is None
    assert schedule.order_due_reports(site) == 0
    with site.store.read() as conn:
        ended, begun = audit.list_newest(conn, kind="monthly_report.plan_changed")[:2]
    assert (ended.body, begun.body["models"]) == ({}, ["loans"])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": 0}, "from day 1 to 28"),
        ({"day": 29}, "from day 1 to 28"),
        ({"formats": ["doc"]}, "'doc' is not known here"),
        ({"languages": ["fr"]}, "'fr' is not known here"),
        ({"formats": []}, "at least one of each"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(
    wrong: dict[str, object], said: str, site: Workspace, person: Actor
) -> None:
    with pytest.raises(InvalidInput, match=said):
        monthly.set_plan(site, actor=person, **wrong)  # type: ignore[arg-type]
    assert monthly.get_plan(site, actor=person) is None


def test_only_who_may_export_plans_and_fetches(site: Workspace, person: Actor) -> None:
    some = replace(person, jurisdictions=frozenset({"CN"}))
    other = replace(person, roles=frozenset({Role.compliance}))
    with pytest.raises(Forbidden):
        monthly.set_plan(site, actor=other)
    with pytest.raises(NotFound):
        monthly.set_plan(site, actor=person, models_of=["nothing"])
    assert monthly.list_reports(site, actor=some) == ()
    for job in monthly.list_reports(site, actor=person):
        with pytest.raises(Forbidden):
            monthly.hand_over(site, job, "x", actor=some)


def test_a_report_for_somebody_who_may_no_longer_is_not_made(
    site: Workspace, person: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monthly.set_plan(site, actor=person)
    with site.store.begin() as conn:
        conn.exec_driver_sql("DELETE FROM job")
    assert schedule.order_due_reports(site) == 1
    weaker = replace(person, roles=frozenset({Role.compliance}))
    monkeypatch.setattr(users, "actor_for", lambda *_: weaker)
    assert run_one(site, HANDLERS, owner="w1")
    (job,) = monthly.list_reports(site, actor=person)
    assert job.state == "failed"
    assert "kpi.export" in job.error


def test_the_plan_of_the_workspace_needs_a_scope_that_covers_it(
    site: Workspace, person: Actor
) -> None:
    of_loans = replace(person, models=frozenset({"loans"}))
    elsewhere = replace(person, models=frozenset({"other"}))
    in_china = replace(person, jurisdictions=frozenset({"CN"}))
    for actor in (of_loans, elsewhere, in_china):
        with pytest.raises(Forbidden):  # a plan for all models
            monthly.set_plan(site, actor=actor)
    own = monthly.set_plan(site, actor=of_loans, models_of=["loans"])
    assert own == monthly.get_plan(site, actor=of_loans) == monthly.get_plan(site, actor=person)
    assert monthly.get_plan(site, actor=elsewhere) is None
    monthly.end_plan(site, actor=of_loans)
    everything = monthly.set_plan(site, actor=person)
    with pytest.raises(Forbidden):  # it would take the place of the plan for all
        monthly.set_plan(site, actor=of_loans, models_of=["loans"])
    for actor in (of_loans, elsewhere, in_china):
        with pytest.raises(Forbidden):
            monthly.end_plan(site, actor=actor)
    assert monthly.get_plan(site, actor=person) == everything
    seen = monthly.get_plan(site, actor=of_loans)
    assert seen is not None
    assert seen.models == ("loans",)
