"""NannyML's conventions through the service: chunks, thresholds, scope, and what they are not for.

The figures themselves are held against nannyml's own in tests/core/cli/test_conformance.py.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from core.domain.identity import Role
from core.errors import Forbidden, InvalidInput, NothingYet
from core.services.drift import nannyml
from core.services.questions import Question
from tests.support.harbour import ZONE, Harbour


def ask(harbour: Harbour, *, role: Role = Role.admin, **question: str) -> nannyml.CompatDrift:
    return nannyml.drift(
        harbour.workspace,
        Question("loans", **question),
        "nannyml",
        actor=harbour[role],
        methods=["kolmogorov_smirnov"],
        columns=["income"],
    )


def test_months_of_reference_then_of_analysis_equal_scipy(harbour: Harbour) -> None:
    rows = ask(harbour, by="month", end="2024-11-30").rows
    month = harbour.loans["scored_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    reference = harbour.loans.loc[month <= "2024-03", "income"].dropna()
    wanted = [
        ks_2samp(reference, harbour.loans.loc[month == f"2024-{number:02d}", "income"].dropna())
        for number in range(1, 12)
    ]
    assert [row.value for row in rows] == pytest.approx([test.statistic for test in wanted])
    # nannyml's threshold: mean and three population deviations of the reference's own chunks.
    own = np.array([test.statistic for test in wanted[:3]])
    assert rows[0].threshold == pytest.approx(own.mean() + 3 * own.std())
    assert [row.alert for row in rows] == [row.value > (rows[0].threshold or 0) for row in rows]
    assert rows[-1].alert
    assert {row.status for row in rows} == {"ok"}


def test_chunks_of_rows_begin_anew_after_the_reference(harbour: Harbour) -> None:
    rows = ask(harbour, by="rows:1000", end="2024-11-30").rows
    sizes = [row.chunk["n"] for row in rows]
    # 2,184 rows in the reference; 5,785 from April to November without three days of July.
    assert sizes == [1000, 1000, 184, *[1000] * 5, 784]
    begins = pd.Timestamp(str(rows[3].chunk["start"]))
    assert begins == pd.Timestamp("2024-04-01", tz=ZONE)


def test_it_takes_no_slice_and_no_other_product(harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="no conventions of nannyml"):
        ask(harbour, slice="sector=零售")
    with pytest.raises(InvalidInput, match="no conventions of alibi"):
        nannyml.drift(harbour.workspace, Question("loans"), "alibi", actor=harbour[Role.admin])


def test_who_may_ask_and_of_what(harbour: Harbour) -> None:
    with pytest.raises(Forbidden):
        ask(harbour, role=Role.business)
    with pytest.raises(NothingYet):
        nannyml.drift(harbour.workspace, Question("unused"), "nannyml", actor=harbour[Role.admin])


def test_every_column_has_the_methods_of_its_kind(harbour: Harbour) -> None:
    found = nannyml.drift(
        harbour.workspace, Question("loans", by="quarter"), "nannyml", actor=harbour[Role.admin]
    )
    methods: dict[str, set[str]] = {}
    for row in found.rows:
        methods.setdefault(row.column, set()).add(row.method)
    numeric = {"jensen_shannon", "hellinger", "kolmogorov_smirnov", "wasserstein"}
    words = {"jensen_shannon", "hellinger", "chi2", "l_infinity"}
    assert methods == {
        "income": numeric,
        "years": numeric,
        "balance": numeric,
        "sector": words,
        "@score": numeric,
        "@decision": words,
    }
    # The one chunk of the reference is the reference itself.
    assert all(abs(row.value) < 1e-7 for row in found.rows if row.chunk["key"] == "0")
    assert {row.threshold for row in found.rows if row.method == "chi2"} == {None}
