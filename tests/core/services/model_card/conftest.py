"""Loans with outcomes, KPIs, value and a card, once for all tests of model cards."""

from collections.abc import Iterator

import pytest

from tests.core.services.monthly.conftest import KPIS, NAMES
from tests.support.valued import Valued, build_valued


def said(text: str) -> dict[str, str]:
    """Return a text in three languages."""
    return {"en": text, "zh-HK": f"{text}（港）", "zh-CN": f"{text}（内）"}


CARD = {
    "prohibited_uses": [said("No prices"), said("No jobs")],
    "limits": [said("Few loans")],
    "training_data": said("Loans of 2024"),
    "components": [{"name": "scikit-learn", "supplier": "The project", "version": "1.9"}],
}

BEYOND = {
    **KPIS[0],
    "id": "declined",
    "definition": 'share(decision = "decline")',
    "target": {"value": 0.9, "set_on": "2024-12-01", "set_by": "Credit committee"},
    "act": 0.8,
}


@pytest.fixture(scope="session")
def carded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    home = tmp_path_factory.mktemp("cards") / "home"
    home.mkdir()
    found = build_valued(
        home,
        kpis=[*KPIS, BEYOND],
        definitions=NAMES,
        card=CARD,
        versions=[{"id": "1", "trained_at": "2024-12-01", "oversight_level": "in_command"}],
        thresholds={"psi": {"minimum_n": 30}},
    )
    yield found
    found.workspace.store.close()
