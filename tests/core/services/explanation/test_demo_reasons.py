"""The demo's own model, code book and loans: reasons in words, and parts that add up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.contract import ModelContract
from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Role
from core.i18n import translator
from core.i18n.locales import LOCALES
from core.services.demo.code_books import simulate_code_book
from core.services.explanation.choosing import choose_decisions
from core.services.explanation.code_books import book_of
from core.services.explanation.finding import book_in_force, explained_each
from core.services.explanation.telling import told_reasons
from tests.support.demo_slices import DEMO, SBA, direct_scores, fitted
from tests.support.explained import Explained, an_explained_workspace

CHUNK = 100
NO_SEARCH = {
    # What would have changed a decision is tried elsewhere, and takes most of the time.
    "kpi_set: bank_credit\n": "explanation: {redraws: 0, adverse: withdrawn}\n"
    "kpi_set: bank_credit\n"
}


def loans() -> pd.DataFrame:
    return pd.read_parquet(DEMO / SBA / "predictions.parquet")


def explained(world: Explained, contract: list[ModelContract]) -> Iterator[ExplanationRecord]:
    officer = world.people[Role.compliance]
    chosen = choose_decisions(world.workspace, SBA, "true", limit=10_000, actor=officer)
    contract.append(chosen.contract)
    book = book_in_force(world.workspace, SBA)
    for decisions in chosen.chunks(world.workspace, CHUNK):
        yield from explained_each(world.workspace, decisions, book, by="x")


def test_two_hundred_declined_loans_have_reasons_in_three_languages(tmp_path: Path) -> None:
    log: Any = loans()
    declined = log[log["decision"] == "decline"]
    log = declined.iloc[:: len(declined) // 199].iloc[:200].reset_index(drop=True)
    world = an_explained_workspace(tmp_path / "home", log=log, changes=NO_SEARCH)
    simulate_code_book(world.workspace, SBA, DEMO / SBA, actor=world.people[Role.admin])
    record = book_in_force(world.workspace, SBA)
    assert record is not None
    book, contracts = book_of(record), list[ModelContract]()

    found = list(explained(world, contracts))
    assert len(found) == 200
    for each in found:
        assert each.source == "model"
        assert 1 <= len(each.reasons) <= 4
        assert {reason.direction for reason in each.reasons} == {"raises"}
        assert all(reason.code for reason in each.reasons)
        for locale in LOCALES:
            told = told_reasons(translator(locale), contracts[0], book, each)
            assert [reason.code for reason in told] == [reason.code for reason in each.reasons]
            assert all("{" not in reason.sentence for reason in told)
    world.workspace.store.close()


@pytest.mark.slow
def test_the_parts_of_ten_thousand_decisions_add_up(tmp_path: Path) -> None:
    """The second source is scikit-learn's own probability of the rows as their file has them."""
    log: Any = loans()
    log = log.iloc[:: len(log) // 10_000].iloc[:10_000].reset_index(drop=True)
    shares = direct_scores(fitted(SBA), log)
    wanted = dict(zip(log["loan_id"], np.log(shares / (1 - shares)), strict=True))
    world = an_explained_workspace(tmp_path / "home", log=log, changes=NO_SEARCH)

    count = 0
    for each in explained(world, []):
        assert each.attributions is not None
        assert each.attributions.base is not None
        total = each.attributions.base + sum(part.added for part in each.attributions.parts)
        assert total == pytest.approx(wanted[each.subject.prediction_id], abs=1e-9)
        count += 1
    assert count == len(wanted) == 10_000
    world.workspace.store.close()
