"""The overview: order, worst input, and models that have nothing to show yet."""

import pytest

from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import Forbidden, NothingYet
from core.services.overview import ModelHealth, overview
from tests.core.services.raw import logged_loans
from tests.support.harbour import Harbour


@pytest.fixture
def health(harbour: Harbour) -> dict[str, ModelHealth]:
    found = overview(harbour.workspace, actor=harbour[Role.business])
    return {item.model.id: item for item in found}


def test_the_worst_comes_first(health: dict[str, ModelHealth]) -> None:
    assert {name: item.status for name, item in health.items()} == {
        "loans": Status.act,
        "tenants": Status.in_range,
        "unused": Status.not_enough_data,
        "young": Status.not_enough_data,
    }
    assert list(health) == ["loans", "tenants", "unused", "young"]


def test_the_three_layers(harbour: Harbour, health: dict[str, ModelHealth]) -> None:
    loans = health["loans"]
    assert loans.operations_status is Status.in_range
    assert loans.monitoring_status is Status.act
    assert loans.business_status is Status.act
    assert loans.worst_drift is not None
    column, chunk = loans.worst_drift
    assert (column.column, chunk) == ("income", 11)
    assert column.result.value[11] == max(c.result.value[11] for c in loans.drift.inputs)  # type: ignore[union-attr]
    assert loans.business_cohort is not None
    # The year is not mature, its third quarter is.
    assert loans.business_cohort.period.key == "2024-Q3"
    rows = logged_loans(harbour)
    # Mature: until 30 September, 23:00, three months before the newest event.
    assert loans.matured_share == pytest.approx((rows["month"] <= "2024-09").mean())
    assert loans.newest_event == rows["scored_at"].max()
    assert loans.why_empty is None


def test_what_is_missing_is_said(health: dict[str, ModelHealth]) -> None:
    unused, young, tenants = health["unused"], health["young"], health["tenants"]
    assert isinstance(unused.why_empty, NothingYet)
    assert (unused.view, unused.operations, unused.cohorts) == (None, None, None)
    assert unused.newest_event is None
    assert isinstance(young.why_empty, NothingYet)
    assert young.why_empty.params["days"] == 20
    assert young.operations is not None
    assert (young.drift, young.worst_drift) == (None, None)
    assert tenants.matured_share is None  # it has no outcome
    assert unused.contract.id == "unused"


def test_before_the_story_began(harbour: Harbour) -> None:
    found = overview(harbour.workspace, actor=harbour[Role.business], as_of="2024-06-30")
    loans = next(item for item in found if item.model.id == "loans")
    assert loans.monitoring_status is Status.in_range
    assert loans.business_status is Status.in_range


def test_scope_and_permission(harbour: Harbour) -> None:
    limited = Actor("u", "u", frozenset({Role.business}), models=frozenset({"tenants"}))
    assert [item.model.id for item in overview(harbour.workspace, actor=limited)] == ["tenants"]
    with pytest.raises(Forbidden):
        overview(harbour.workspace, actor=Actor("u", "u", frozenset()))
