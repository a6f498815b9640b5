"""NannyML's estimates through the service: reference, scope, labels, and what they are not for.

The figures themselves are held against nannyml's own in tests/core/cli/test_conformance_estimates.
"""

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NotComputable, NothingYet
from core.metrics.estimation.nannyml import compat_rows, estimates, fit_compat_calibrator
from core.services.performance.nannyml import CompatPerformance, compat_performance
from core.services.questions import Question
from tests.core.services.raw import logged_loans
from tests.support.harbour import ZONE, Harbour


def ask(
    harbour: Harbour, metrics: list[str] | None = None, *, actor: Actor | None = None, **how: str
) -> CompatPerformance:
    return compat_performance(
        harbour.workspace,
        Question("loans", **{"by": "month", **how}),
        "nannyml",
        actor=actor or harbour[Role.business],
        metrics=metrics,
    )


def months(rows: pd.DataFrame, harbour: Harbour) -> pd.DataFrame:
    known = harbour.outcomes.set_index("loan_id")["defaulted"]
    return rows.assign(label=rows["loan_id"].map(known), said=(rows["score"] >= 0.5).astype(float))


def test_months_equal_the_estimates_of_the_rows_themselves(harbour: Harbour) -> None:
    found = ask(harbour, ["recall", "brier_score"][:1], end="2024-12-31")
    rows = months(logged_loans(harbour), harbour)
    parts = [part.sort_values("scored_at") for _, part in rows.groupby("month")]
    reference = pd.concat(parts[:3])
    calibrator = fit_compat_calibrator(reference["score"], reference["label"])
    chunks = [compat_rows(part["score"], part["said"], part["label"]) for part in parts[:3]]
    bare = [compat_rows(part["score"], part["said"]) for part in parts[3:]]
    wanted = estimates("recall", chunks, bare, calibrator)
    assert [row.estimated for row in found.rows] == pytest.approx(wanted.value.tolist())
    assert [row.lower for row in found.rows] == pytest.approx(wanted.lower.tolist())
    assert [row.part for row in found.rows] == ["reference"] * 3 + ["analysis"] * 9
    for row, part in zip(found.rows, parts, strict=True):
        assert row.chunk["n"] == len(part)
        seen = part[part["label"].notna()]
        if seen.empty:
            assert np.isnan(row.realised)
        else:
            hit = (seen["said"] * seen["label"]).sum() / max(seen["label"].sum(), 1)
            assert row.realised == pytest.approx(hit)
    # December's outcomes are not there; November's are in part.
    assert np.isnan(found.rows[-1].realised)
    local = rows["scored_at"].dt.tz_convert(ZONE)
    assert found.rows[3].chunk["start"] == pd.Timestamp(local.dt.year.iloc[0], 4, 1, tz=ZONE)


def test_without_values_there_is_no_value(harbour: Harbour) -> None:
    names = {row.metric for row in ask(harbour, end="2024-04-30").rows}
    assert "business_value" not in names
    assert {"roc_auc", "true_positive"} <= names


def test_a_version_narrows_the_analysis_alone(harbour: Harbour) -> None:
    found = ask(harbour, ["accuracy"], version="2")
    sizes = dict.fromkeys(("reference", "analysis"), 0)
    for row in found.rows:
        sizes[row.part] += int(str(row.chunk["n"]))
    rows = logged_loans(harbour)
    assert sizes["reference"] == (rows["month"] <= "2024-03").sum()
    assert sizes["analysis"] == ((rows["release"] == "2") & (rows["month"] > "2024-03")).sum()


def test_a_person_limited_to_a_region_sees_its_rows_alone(harbour: Harbour) -> None:
    found = ask(harbour, ["accuracy"], actor=harbour.hong_kong, by="all")
    rows = logged_loans(harbour)
    rows = rows[rows["region"] == "HK"]
    wanted = [(rows["month"] <= "2024-03").sum(), (rows["month"] > "2024-03").sum()]
    assert [row.chunk["n"] for row in found.rows] == wanted


def test_what_it_is_not_for(harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="no conventions of nannyml"):
        ask(harbour, slice="sector=零售")
    with pytest.raises(InvalidInput, match="no metric called brier_score"):
        ask(harbour, ["brier_score"])
    with pytest.raises(NothingYet, match="No row of the reference period"):
        ask(harbour, as_of="2024-02-15")  # outcomes come after 60 days
    for model, error in (("tenants", NotComputable), ("unused", NothingYet)):
        with pytest.raises(error):
            compat_performance(
                harbour.workspace, Question(model), "nannyml", actor=harbour[Role.admin]
            )
    with pytest.raises(Forbidden):
        ask(harbour, actor=Actor("u-none", "nobody", frozenset()))
