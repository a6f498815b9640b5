"""Loans logged in dollars whose losses are logged, and valued, in Hong Kong dollars."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.services import rates
from core.services.portfolio import portfolio
from core.services.questions import Question
from core.services.value import cost_of_drift, value, what_if
from core.services.value.newest import newest_value
from core.services.value.rates import NO_RATE
from tests.core.services.value.test_cost_of_drift import instant
from tests.core.services.value.test_value import mature, paired
from tests.support.builders import ADMIN
from tests.support.valued import MARGIN, VALUE, Valued, build_valued, valued_loans

ASKED = Question("loans", by="quarter")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    home = tmp_path_factory.mktemp("mixed") / "home"
    home.mkdir()
    found = build_valued(home, loans=valued_loans(1600), currency="USD", value=VALUE, reviews=False)
    yield found
    found.workspace.store.close()


def import_rates(found: Valued, folder: Path, first: str) -> None:
    path = folder / f"rates-{first}.csv"
    path.write_text(f"day,currency,hkd\n{first},USD,7.8\n2025-04-01,USD,7.7\n", encoding="utf-8")
    rates.import_rates(found.workspace, path, actor=ADMIN)


def test_money_is_converted_row_by_row_or_not_told(mixed: Valued, tmp_path: Path) -> None:
    """First no rate at all, then one that begins in February, then one for every day."""
    nothing = value(mixed.workspace, ASKED, actor=ADMIN)
    assert nothing.why == NO_RATE
    assert {each.why for each in nothing.comparisons} == {NO_RATE}
    assert np.isnan(float(nothing.worth.value))
    moved = what_if(nothing, 0.45)
    assert moved.why == NO_RATE
    assert np.isnan([moved.today.value.value, moved.then.value.value, moved.gain.value]).all()
    april = [(instant("2025-04-01"), instant("2025-05-01"))]
    (cost,) = cost_of_drift(mixed.workspace, ASKED, april, actor=ADMIN)
    assert (cost.why, np.isnan(cost.cost)) == (NO_RATE, True)
    row = portfolio(mixed.workspace, actor=ADMIN).rows[0]
    assert np.isnan([row.gain, row.lost]).all()

    import_rates(mixed, tmp_path, "2025-02-10")
    late = value(mixed.workspace, ASKED, actor=ADMIN)
    assert late.why == NO_RATE
    assert [each.found.why == NO_RATE for each in late.course] == [True, False]

    import_rates(mixed, tmp_path, "2024-12-30")
    found = value(mixed.workspace, ASKED, actor=ADMIN)
    rows = mature(mixed)
    rate = np.where(rows["approved_at"] >= instant("2025-04-01"), 7.7, 7.8)
    kept = rows["amount"] * MARGIN * rate - rows["loss"]
    assert (found.why, found.currency) == ("", "HKD")
    assert found.over_baseline.gain == pytest.approx(-kept[rows["flagged"]].sum())
    assert (found.over_baseline.low, found.over_baseline.high) == pytest.approx(
        paired(-kept.where(rows["flagged"], 0.0))[1:]
    )
    newest = newest_value(mixed.workspace, Question("loans"), actor=ADMIN)
    assert newest is not None
    assert newest.found.why == ""
    (cost,) = cost_of_drift(mixed.workspace, ASKED, april, actor=ADMIN)
    inside = rows["approved_at"].between(*april[0], inclusive="left") & ~rows["flagged"]
    assert cost.found == pytest.approx(kept[inside].sum())
