"""The bench of KPIs runs to its end and computes every KPI of the set."""

import pytest

from bench import kpis
from core.contract.kpi_definitions import kpi_definitions


def test_the_bench_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert kpis.main(["--rows", "5000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in ("plain aggregate by month", "all KPIs of bank_credit", "the same, one outcome"):
        (line,) = [line for line in lines if line.startswith(name)]
        assert line.endswith("×")


def test_no_kpi_of_the_set_is_left_out() -> None:
    found = kpi_definitions(kpis.bench_contract())
    assert len(found) == 13
    assert all(each.unavailable is None for each in found)
    assert {each.maturity for each in found} == {"none", "outcome"}
