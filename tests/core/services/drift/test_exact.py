"""``--exact`` against scipy on the raw rows, also within a slice."""

import pytest
from scipy.stats import ks_2samp, wasserstein_distance

from core.domain.identity import Role
from core.services.drift.measure import drift
from core.services.questions import Question
from tests.support.harbour import ZONE, Harbour


@pytest.mark.parametrize("sector", [None, "零售"])
def test_exact_figures_equal_scipy(harbour: Harbour, sector: str | None) -> None:
    rows = harbour.loans
    if sector is not None:
        rows = rows[rows["sector"] == sector]
    month = rows["scored_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    reference = rows.loc[month <= "2024-03", "income"].dropna()
    table = drift(
        harbour.workspace,
        # December has one row more, from the late file.
        Question(
            "loans",
            start="2024-01-01",
            end="2024-11-30",
            by="month",
            slice=f"sector={sector}" if sector else None,
        ),
        actor=harbour[Role.data_scientist],
        methods=["kolmogorov_smirnov", "wasserstein"],
        columns=["income"],
        exact=True,
    )
    for column in table.columns:
        for index, chunk in enumerate(table.chunks):
            current = rows.loc[month == chunk.key, "income"].dropna()
            if column.result.method == "kolmogorov_smirnov":
                wanted = ks_2samp(reference, current).statistic
            else:
                wanted = wasserstein_distance(reference, current) / reference.std(ddof=0)
            assert column.result.value[index] == pytest.approx(wanted, rel=1e-12), chunk.key
