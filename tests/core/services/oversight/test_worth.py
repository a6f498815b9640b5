"""What verdicts were worth in money beside the model's decisions, by hand."""

from collections.abc import Iterator
from datetime import timedelta
from math import isnan, sqrt
from pathlib import Path
from statistics import stdev
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app.screens.oversight_quality.worth import worth_text
from core.i18n import translator
from core.services.oversight import worth as service
from core.services.oversight.quality import Quality, oversight_quality
from core.services.oversight.worth import VerdictWorth
from core.services.workspace import Workspace
from tests.core.services.oversight.blind_cases import MODEL, NOW, a_site, actor, decided

VALUE = {"currency": "HKD", "flagged": "0", "not_flagged": "amount * 0.1 - coalesce(loss, 0)"}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(service, "team_is_shown", lambda counts: len(counts) > 1)
    made = a_site(tmp_path / "home", contract={"value": VALUE})
    yield made
    made.store.close()


def test_overturned_cases_by_hand(site: Workspace) -> None:
    decided(site, 2, "overturn")  # flagged, paid back, 3,000 dollars: people 300, model 0
    decided(site, 3, "overturn", by="bo")  # not flagged, paid back, 4,000: people 0, model 400
    decided(site, 14, "overturn", by="bo")  # not flagged, lost 250 of 6,000: people 0, model 350
    decided(site, 1, "uphold")  # the same both ways
    decided(site, 90, "overturn")  # no outcome
    decided(site, 200, "overturn", predicted_at=NOW - timedelta(days=3))  # too young
    found = oversight_quality(site, MODEL, actor=actor(site, "lee")).worth
    assert found is not None
    assert (found.n, found.currency, found.is_shown) == (3, "HKD", True)
    assert found.by_people == pytest.approx(300)
    assert found.by_model == pytest.approx(750)
    gains = (300, -400, -350)
    reach = 1.959964 * sqrt(3) * stdev(gains)
    assert found.gain == pytest.approx(sum(gains))
    assert (found.low, found.high) == pytest.approx((-450 - reach, -450 + reach), rel=1e-5)


def test_one_persons_money_is_not_told(site: Workspace) -> None:
    decided(site, 2, "overturn")
    decided(site, 3, "uphold", by="bo")
    found = oversight_quality(site, MODEL, actor=actor(site, "lee")).worth
    assert found is not None
    assert (found.n, found.is_shown) == (1, False)
    assert all(map(isnan, (found.by_people, found.by_model, found.gain, found.low)))


def test_without_a_value_in_the_contract_there_is_no_money(tmp_path: Path) -> None:
    site = a_site(tmp_path / "home")
    decided(site, 2, "overturn")
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    assert (found.worth, found.says_worth) == (None, False)
    assert "part 'value'" in worth_text(translator("en"), found)
    site.store.close()


def told(worth: VerdictWorth | None) -> str:
    quality: Any = SimpleNamespace(
        worth=worth, says_worth=True, plan=SimpleNamespace(outcomes_tell=True)
    )
    return worth_text(translator("en"), cast("Quality", quality))


def test_what_the_page_says() -> None:
    known = VerdictWorth(300, 900_000.0, 400_000.0, 100_000.0, 900_000.0, "HKD", True)
    text = told(known)
    assert "300 overturned cases" in text
    assert "HK$900,000 as people said" in text
    assert "HK$500,000 apart (HK$100,000 to HK$900,000)" in text
    assert "not drawn by chance" in text
    assert "made up" in text
    assert told(None) == told(VerdictWorth(0, 0, 0, 0, 0, "HKD", False)) == ""
    kept = VerdictWorth(4, 1, 1, 1, 1, "HKD", False, is_shown=False)
    assert "kept back" in told(kept)
    assert "HK$" not in told(kept)
