"""Which decisions were explained, by model and tier; counted by pandas beside."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.domain.identity import Role
from core.errors import Forbidden, NotComputable
from core.i18n import translator
from core.services import ingest
from core.services.alerts.words import headline
from core.services.checks import again
from core.services.checks.context import CheckContext
from core.services.checks.explained_share import coverage_alarms
from core.services.checks.moment import context_of
from core.services.checks.run import check
from core.services.explanation.coverage import Coverage, by_tier, coverage
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.score_findings import RECHECK_JOB
from core.services.jobs import tasks
from core.services.jobs.worker import run_one
from core.services.registry import models as registry
from core.store.alerts import threads as alerts
from tests.support.builders import contract_text
from tests.support.demo_slices import LOANAPP, SBA, decisions_of, loanapp_log, put, sba_log
from tests.support.explained import Explained, an_explained_workspace

LOG = sba_log(every=600)
BY_PEOPLE = 6


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    folder = tmp_path_factory.mktemp("coverage")
    made = an_explained_workspace(folder / "home", log=LOG, changes=ASKING)
    people = decisions_of(LOG.iloc[:BY_PEOPLE], "human", "approve")
    people.to_parquet(folder / "decisions.parquet")
    admin = made.people[Role.admin]
    path = folder / "decisions.parquet"
    ingest.ingest_files(made.workspace, SBA, [path], stream="decisions", actor=admin)
    put(made.workspace, folder, LOANAPP, loanapp_log().iloc[:30], actor=admin)
    for loan in LOG["loan_id"].astype(str).iloc[BY_PEOPLE - 1 : BY_PEOPLE + 3]:
        keep_explanation(made.workspace, SBA, loan, actor=made.people[Role.compliance])
    yield made
    made.workspace.store.close()


REFERENCE = "\nreference: {from: 2006-01-01, to: 2006-06-30}\n"
ASKING = {REFERENCE: f"{REFERENCE}explanation: {{coverage: 0.05}}\n"}


def context(world: Explained) -> CheckContext:
    return context_of(world.workspace, SBA, actor=world.people[Role.admin], as_of=None)


def test_models_are_counted_the_strictest_tier_first(world: Explained) -> None:
    found = coverage(world.workspace, actor=world.people[Role.compliance])
    assert [each.contract.id for each in found] == [LOANAPP, SBA]
    loans = found[1]
    automated = len(LOG) - BY_PEOPLE
    assert (loans.decisions, loans.automated, loans.explained) == (len(LOG), automated, 3)
    assert (loans.without, loans.share) == (automated - 3, 3 / automated)
    assert (loans.wanted, loans.is_below) == (0.05, True)
    assert (found[0].wanted, found[0].is_below) == (None, False)


def test_tiers_are_the_sums_of_their_models(world: Explained) -> None:
    found = coverage(world.workspace, actor=world.people[Role.compliance])
    (tier,) = by_tier(found)
    assert (tier.tier, tier.models) == (1, 2)
    assert tier.automated == sum(each.automated for each in found)
    assert tier.share == tier.explained / tier.automated
    without = replace(found[0], contract=found[0].contract.model_copy(update={"tier": None}))
    assert [each.tier for each in by_tier((found[1], without))] == [1, None]


def test_only_the_readers_models_and_places_are_counted(world: Explained) -> None:
    officer = world.people[Role.compliance]
    (own,) = coverage(world.workspace, actor=replace(officer, models=frozenset({SBA})))
    assert own.contract.id == SBA
    abroad = replace(officer, jurisdictions=frozenset({"HK"}))
    assert {each.decisions for each in coverage(world.workspace, actor=abroad)} == {0}
    with pytest.raises(Forbidden):
        coverage(world.workspace, actor=world.people[Role.business])


def test_fewer_than_asked_for_are_one_alert_to_watch(world: Explained) -> None:
    (found,) = coverage_alarms(world.workspace, SBA, context(world))
    share = 3 / (len(LOG) - BY_PEOPLE)
    assert (found.severity, found.statistic, found.threshold) == ("watch", share, 0.05)
    sources = {"explanation_coverage": coverage_alarms}
    admin = world.people[Role.admin]
    check(world.workspace, SBA, actor=admin, alarm_sources=sources, figure_sources={})
    with world.workspace.store.read() as conn:
        (alert,) = alerts.live_of(conn, SBA).values()
    told = headline(translator("en"), context(world).contract, alert.alarm)
    assert told == (
        f"{share:.1%} of the automated decisions have an explanation, asked for are 5.0%"
    )


def test_the_alert_closes_once_enough_are_explained(world: Explained) -> None:
    with world.workspace.store.read() as conn:
        assert len(alerts.live_of(conn, SBA)) == 1
    for loan in LOG["loan_id"].astype(str).iloc[BY_PEOPLE + 3 : BY_PEOPLE + 5]:
        keep_explanation(world.workspace, SBA, loan, actor=world.people[Role.compliance])
    assert again.order_due_rechecks(world.workspace) == 1
    assert again.order_due_rechecks(world.workspace) == 0  # within the hour
    handlers = {RECHECK_JOB: tasks.HANDLERS[RECHECK_JOB]}
    assert run_one(world.workspace, handlers, owner="test")
    with world.workspace.store.read() as conn:
        assert alerts.live_of(conn, SBA) == {}
    world.workspace.clock.now += again.EVERY  # type: ignore[attr-defined]
    assert again.order_due_rechecks(world.workspace) == 0  # nothing is open


def test_without_a_share_asked_for_nothing_is_concluded(world: Explained) -> None:
    asked = context_of(world.workspace, LOANAPP, actor=world.people[Role.admin], as_of=None)
    with pytest.raises(NotComputable):
        coverage_alarms(world.workspace, LOANAPP, asked)


def test_a_model_without_a_log_has_nothing_to_explain(tmp_path: Path) -> None:
    made = an_explained_workspace(tmp_path / "home", log=pd.DataFrame(LOG.iloc[:1]))
    spec = tmp_path / "loans.yaml"
    spec.write_text(contract_text(), encoding="utf-8")
    registry.register_model(made.workspace, spec, actor=made.people[Role.admin])
    found = coverage(made.workspace, actor=made.people[Role.compliance])
    empty: Coverage = next(each for each in found if each.contract.id != SBA)
    assert (empty.decisions, empty.share, empty.contract.tier) == (0, None, None)
    assert found[-1] is empty  # no tier comes last
    made.workspace.store.close()
