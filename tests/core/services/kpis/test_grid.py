"""Sums spread over the window, its periods, and the parts of both, against a loop over entries."""

import numpy as np
import pytest

from core.domain.expression import Schema, kpi_expression
from core.lake.kpis.order import Cells
from core.lake.kpis.sums import KpiSums
from core.metrics.kpi import Summed, linear_atoms, plans_of
from core.services.kpis import grid

PERIODS, PARTS = 5, ("a", "b", "c")
SIZE = 400


@pytest.mark.parametrize("at_once", [1, 2 * PERIODS, 4_096])
def test_every_cell_adds_up_its_own_entries(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(grid, "_AT_ONCE", at_once)
    rng = np.random.default_rng(4)
    kpi = kpi_expression("sum(x) / count(x > 1)", Schema({"x": "number"}, {}, {}))
    ((plan, _),) = plans_of([kpi])
    period = rng.integers(0, PERIODS, SIZE)
    part = rng.choice(np.array([*PARTS, "not shown"], dtype=object), SIZE)
    mask, n, total = (rng.integers(low, high, SIZE) for low, high in ((0, 2), (1, 9), (-5, 6)))
    sums = (total.astype(np.float64),)
    products = {(0, 0): np.ones(SIZE)}
    summed = Summed(plan, mask, n.astype(np.float64), sums, products, (n.astype(np.float64),))
    cells = Cells(PERIODS, PARTS)
    entries = grid._entries(KpiSums(period, part, summed), cells)
    atoms = linear_atoms(kpi)
    found = entries.spread(lambda group, count: summed.atoms(atoms, group, count))
    assert found.shape == (cells.count, 2)
    for wanted in (None, *range(PERIODS)):
        for place in (None, *range(len(PARTS))):
            mine = np.ones(SIZE, dtype=bool) if wanted is None else period == wanted
            if place is not None:
                mine = mine & (part == PARTS[place])
            expected = [total[mine].sum(), n[mine & (mask == 1)].sum()]
            assert found[cells.at(wanted, place)].tolist() == expected
