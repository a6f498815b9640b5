"""KPIs that are missed: what is kept of them, what raises an alarm, and how bad it is."""

from typing import Any

import pytest

from core.errors import NotComputable
from core.i18n import translator
from core.services.alerts import list_alerts
from core.services.alerts.words import headline
from core.services.checks import check
from core.services.checks.kpis import kpi_alarms, kpi_results
from core.services.checks.moment import context_of
from core.services.checks.results import stored_results
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import models
from tests.support.builders import ADMIN, contract_text
from tests.support.harbour import Harbour
from tests.support.loans_with_kpis import built

TARGET = {"value": 0.9, "set_on": "2024-12-01", "set_by": "Board"}
LOW = {"value": 0.1, "set_on": "2024-12-01", "set_by": "Board"}
RATE: dict[str, Any] = {
    "name": {"en": "Approval rate", "zh-HK": "批核率", "zh-CN": "批准率"},
    "definition": "share(approved)", "unit": "share", "direction": "higher_is_better",
}  # fmt: skip
LOSSES: dict[str, Any] = {
    "id": "losses", "name": "Losses", "definition": "sum(loss)", "unit": "HKD",
    "direction": "lower_is_better", "maturity": "outcome", "act": 100,
}  # fmt: skip
KPIS = [
    {**RATE, "id": "missed", "target": TARGET},
    {**RATE, "id": "beyond", "act": 0.95},
    {**RATE, "id": "fine", "target": LOW},
    {**RATE, "id": "near", "watch": 0.95},
    {**RATE, "id": "plain"},
    LOSSES,
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return built(tmp_path_factory.mktemp("checked"), kpis=KPIS)


def test_what_is_missed_in_its_newest_final_month(site: Workspace) -> None:
    context = context_of(site, "loans", actor=ADMIN, as_of=None)
    found = {each.method: each for each in kpi_alarms(site, "loans", context)}
    assert set(found) == {"missed", "beyond", "losses"}
    # May is not over; of the losses, January alone is old enough.
    assert {name: each.chunk.key for name, each in found.items()} == {
        "missed": "2025-04", "beyond": "2025-04", "losses": "2025-01",
    }  # fmt: skip
    assert {name: each.severity for name, each in found.items()} == {
        "missed": "watch", "beyond": "act", "losses": "act",
    }  # fmt: skip
    missed, beyond = found["missed"], found["beyond"]
    assert missed.statistic == beyond.statistic
    assert (missed.threshold, beyond.threshold) == (0.9, 0.95)
    assert missed.statistic is not None
    assert missed.effect == pytest.approx(missed.statistic - 0.9)
    assert missed.evidence["target_set_by"] == "Board"
    assert missed.evidence["definition"] == "share(approved)"


def test_the_newest_months_are_kept(site: Workspace) -> None:
    context = context_of(site, "loans", actor=ADMIN, as_of=None)
    kept = kpi_results(site, "loans", context)
    months = [each.chunk_key for each in kept if each.method == "missed"]
    assert months == ["2025-03", "2025-04", "2025-05"]
    levels = {each.method: str(each.level) for each in kept if each.chunk_key == "2025-04"}
    assert levels == {
        "missed": "act", "beyond": "act", "fine": "in_range", "near": "watch",
        "plain": "not_enough_data",
    }  # fmt: skip
    losses = {each.chunk_key: each for each in kept if each.method == "losses"}
    assert losses["2025-01"].maturity == "matured"
    assert losses["2025-02"].maturity == "partial"


def test_alerts_open_with_the_kpis_name(site: Workspace) -> None:
    check(
        site,
        "loans",
        actor=ADMIN,
        alarm_sources={"kpi": kpi_alarms},
        figure_sources={"kpi": kpi_results},
    )
    alerts = list_alerts(site, actor=ADMIN, model_id="loans").alerts
    assert {each.alarm.method for each in alerts} == {"missed", "beyond", "losses"}
    stored = stored_results(site, "loans", actor=ADMIN, metric="kpi")
    assert {each.method for each in stored.results} == {str(each["id"]) for each in KPIS}
    with site.store.read() as conn:
        contract = parsed_contract(models.get(conn, "loans").spec_text)
    alarm = next(each.alarm for each in alerts if each.alarm.method == "beyond")
    assert headline(translator("en"), contract, alarm) == "Approval rate is missed"
    assert "批核率" in headline(translator("zh-HK"), contract, alarm)
    without = parsed_contract(contract_text())
    assert headline(translator("en"), without, alarm) == "beyond is missed"


def test_a_contract_without_kpis_is_neither_well_nor_ill(harbour: Harbour) -> None:
    context = context_of(harbour.workspace, "tenants", actor=ADMIN, as_of=None)
    for ask in (kpi_alarms, kpi_results):
        with pytest.raises(NotComputable):
            ask(harbour.workspace, "tenants", context)
