"""Loans with KPIs, once for all tests of monthly reports."""

from collections.abc import Iterator

import pytest

from tests.support.valued import Valued, build_valued

NAMES = {"gone": "coalesce(loss, 0)", "unused": "amount > 1"}
KPIS = [
    {
        "id": "approval_rate",
        "name": {"en": "Approval rate", "zh-HK": "批核率", "zh-CN": "批准率"},
        "meaning": {"en": "Share approved.", "zh-HK": "批出的比例。", "zh-CN": "批准的比例。"},
        "definition": 'share(decision = "approve")',
        "unit": "share",
        "direction": "higher_is_better",
        "target": {"value": 0.5, "set_on": "2024-12-01", "set_by": "Credit committee"},
    },
    {
        "id": "lost",
        "name": {"en": "Lost", "zh-HK": "虧損", "zh-CN": "损失"},
        "definition": "sum(gone)",
        "unit": "HKD",
        "direction": "lower_is_better",
        "target": {"value": 1, "set_on": "2025-02-01", "set_by": "Credit committee"},
        "maturity": "outcome",
    },
    {
        "id": "typical",
        "name": {"en": "Typical loan", "zh-HK": "一般貸款", "zh-CN": "一般贷款"},
        "definition": "median(amount)",
        "unit": "number",
        "maturity": "30 days",
    },
]


@pytest.fixture(scope="session")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    home = tmp_path_factory.mktemp("monthly") / "home"
    home.mkdir()
    found = build_valued(home, kpis=KPIS, definitions=NAMES)
    yield found
    found.workspace.store.close()
