"""The value that checks keep and watch, against pandas on the same loans."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest

from core.errors import NotComputable
from core.services.alerts import list_alerts
from core.services.checks import check
from core.services.checks.moment import context_of
from core.services.checks.results import stored_results
from core.services.checks.value import value_alarms, value_figures
from core.services.value import alert_cost, alert_costs
from core.services.workspace import Workspace
from tests.core.services.value.test_value import mature, paired
from tests.support.builders import ADMIN
from tests.support.harbour import Harbour
from tests.support.valued import Valued, build_valued, valued_loans


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    yield from built(tmp_path_factory, valued_loans())


@pytest.fixture(scope="module")
def useless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    """Loans whose scores have nothing to do with what becomes of them: what is declined is good."""
    loans = valued_loans(2200)
    loans["charged_off"], loans["loss"] = 0, 0.0
    yield from built(tmp_path_factory, loans)


def built(factory: pytest.TempPathFactory, loans: pd.DataFrame) -> Iterator[Valued]:
    home = factory.mktemp("checked") / "home"
    home.mkdir()
    found = build_valued(home, loans=loans, reviews=False)
    yield found
    found.workspace.store.close()


def test_the_newest_matured_months_are_kept(good: Valued) -> None:
    context = context_of(good.workspace, "loans", actor=ADMIN, as_of=None)
    (kept,) = value_figures(good.workspace, "loans", context)
    rows = mature(good)
    local = rows["approved_at"].dt.tz_convert("Asia/Hong_Kong")
    whole = rows[local < "2025-12-01"]  # the newest month that is wholly old enough is November
    x = -whole["kept"].where(whole["flagged"], 0.0)
    assert kept.chunk_key == "2025-01..2025-11"
    assert (kept.metric, kept.method, kept.status) == ("value", "value_over_baseline", "ok")
    assert (kept.value, kept.low, kept.high) == pytest.approx(paired(x))
    assert (kept.n, kept.level) == (len(whole), "in_range")
    assert value_alarms(good.workspace, "loans", context) == []


def test_a_model_that_turns_good_loans_away_raises_an_alarm(useless: Valued) -> None:
    workspace: Workspace = useless.workspace
    context = context_of(workspace, "loans", actor=ADMIN, as_of=None)
    (alarm,) = value_alarms(workspace, "loans", context)
    assert (alarm.kind, alarm.method, alarm.severity) == ("value", "value_over_baseline", "act")
    assert alarm.statistic is not None
    assert alarm.statistic < 0
    assert alarm.evidence["baseline"] == "none_flagged"
    # Before anything is old enough nothing is said, neither well nor ill.
    early = context_of(workspace, "loans", actor=ADMIN, as_of="2025-02-01")
    assert value_figures(workspace, "loans", early) == []
    assert value_alarms(workspace, "loans", early) == []


def test_the_alarm_opens_an_alert_with_its_cost(useless: Valued) -> None:
    workspace = useless.workspace
    check(
        workspace,
        "loans",
        actor=ADMIN,
        alarm_sources={"value": value_alarms},
        figure_sources={"value": value_figures},
    )
    (alert,) = list_alerts(workspace, actor=ADMIN, model_id="loans").alerts
    assert alert.alarm.kind == "value"
    stored = stored_results(workspace, "loans", actor=ADMIN, metric="value")
    assert [each.method for each in stored.results] == ["value_over_baseline"]
    (cost,) = alert_costs(workspace, "loans", actor=ADMIN)
    assert cost.alert.id == alert.id
    assert cost.cost.why == ""
    assert cost.cost.n == alert.alarm.n_current
    # Money hangs on a missed KPI as well; none on a feed that is silent.
    for kind, known in (("kpi", True), ("volume", False)):
        other = replace(alert, alarm=replace(alert.alarm, kind=kind))
        assert (alert_cost(workspace, other, actor=ADMIN) is not None) == known


def test_a_contract_without_prices_is_neither_well_nor_ill(harbour: Harbour) -> None:
    context = context_of(harbour.workspace, "tenants", actor=ADMIN, as_of=None)
    with pytest.raises(NotComputable):
        value_alarms(harbour.workspace, "tenants", context)
