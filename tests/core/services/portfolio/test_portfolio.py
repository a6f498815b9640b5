"""The portfolio against pandas, in Hong Kong dollars at the rate of each loan's day."""

import io
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest

from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import Forbidden, InvalidInput
from core.i18n import translator
from core.i18n.locales import LOCALES, Locale
from core.reports.portfolio import PortfolioReport
from core.services import rates
from core.services.portfolio import Portfolio, money_of, portfolio, portfolio_file, written
from core.services.questions import Question
from core.services.value import value
from core.store.audit import trail as audit
from tests.core.services.monthly.conftest import KPIS
from tests.support.builders import ADMIN
from tests.support.valued import MARGIN, VALUE, Valued, build_valued, valued_loans

COMPLIANCE = Actor("u-c", "cora", frozenset({Role.compliance}), origin="cli")
NOBODY = Actor("u-n", "nobody", frozenset(), origin="cli")
# A dollar is HK$7.80 up to the end of August and HK$7.70 from September on.
RATES = "day,currency,hkd\n{first},USD,7.8\n2025-09-01,USD,7.7\n"


def import_rates(found: Valued, folder: Path, first: str) -> None:
    path = folder / f"rates-{first}.csv"
    path.write_text(RATES.format(first=first), encoding="utf-8")
    rates.import_rates(found.workspace, path, actor=ADMIN)


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valued]:
    home = tmp_path_factory.mktemp("portfolio") / "home"
    home.mkdir()
    value = {**VALUE, "currency": "USD", "hold_out": 'branch = "hold-out"'}
    found = build_valued(home, kpis=KPIS[:1], value=value, currency="USD", reviews=False)
    import_rates(found, home.parent, "2024-12-30")
    yield found
    found.workspace.store.close()


def by_hand(loans: pd.DataFrame) -> tuple[float, float]:
    """Return gain over flagging nobody and losses, of the newest 365 days with final outcomes.

    Loans of the hold-out are in neither: the model decided nothing about them.
    """
    # Outcomes come after 60 days and are final after 3 months: the newest loans are too young.
    local = loans["approved_at"].dt.tz_convert("Asia/Hong_Kong")
    final = local.max() + pd.Timedelta(days=60) - pd.DateOffset(months=3)
    end = min(final, local.max()).normalize()
    rows = loans[(local <= final) & (local >= end - pd.Timedelta(days=364))]
    rows = rows[rows["branch"] != "hold-out"]
    day = rows["approved_at"].dt.tz_convert("Asia/Hong_Kong")
    rate = np.where(day >= pd.Timestamp("2025-09-01", tz="Asia/Hong_Kong"), 7.7, 7.8)
    kept = rows["amount"] * MARGIN * rate - rows["loss"]  # losses are logged in Hong Kong dollars
    worth = np.where(rows["flagged"], 0.0, kept)
    return float(worth.sum() - kept.sum()), float(-worth[worth < 0].sum())


def test_money_is_converted_loan_by_loan(loans: Valued) -> None:
    found = portfolio(loans.workspace, actor=ADMIN)
    (row,) = found.rows
    gain, lost = by_hand(loans.loans)
    assert row.money is not None
    assert row.gain == found.gain == pytest.approx(gain, rel=1e-9)
    assert row.lost == found.lost == pytest.approx(lost, rel=1e-9)
    assert row.money.gain.low < row.gain < row.money.gain.high
    assert (row.money.currency, row.money.labelled) == ("USD", row.money.valued)
    assert row.targets is not None
    assert (row.targets.on_track, row.targets.judged) == (1, 1)
    own = portfolio(loans.workspace, actor=ADMIN, currency="USD").rows[0]
    assert own.money is not None
    assert own.money.rates is None
    assert 7.7 < row.gain / own.gain < 7.8


def test_the_money_of_a_period_is_that_of_the_page_value(loans: Valued) -> None:
    """Of one month, in the contract's own currency: no rate is asked for."""
    asked = Question("loans", start="2025-03-01", end="2025-03-31", by="all")
    found = money_of(loans.workspace, asked, actor=ADMIN)
    told = value(loans.workspace, asked, actor=ADMIN)
    assert (found.currency, found.rates) == (told.currency, None) == ("USD", None)
    assert found.gain.gain == pytest.approx(told.over_baseline.gain, rel=1e-9)
    assert found.gain.gain != 0
    assert 0 < found.valued < len(loans.loans) / 6
    with pytest.raises(Forbidden):
        money_of(loans.workspace, asked, actor=NOBODY)


def test_without_a_rate_rows_are_left_out_and_the_row_says_so(
    loans: Valued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate that begins in July: nothing before is taken for Hong Kong dollars."""
    table = rates.rate_table(loans.workspace)
    (first, second) = table.rates["USD"]
    late = replace(first, day=datetime(2025, 7, 1, tzinfo=UTC).date())
    monkeypatch.setattr(
        "core.services.portfolio.rows.rate_table", lambda _: type(table)({"USD": (late, second)})
    )
    found = portfolio(loans.workspace, actor=ADMIN)
    (row,) = found.rows
    assert row.money is not None
    assert row.money.rates is not None
    assert row.money.rates.missing == ("USD",)
    assert 0 < row.money.valued < row.money.labelled
    texts = _written(found).lines[0].remarks
    assert any("no rate of US dollars up to 30 Jun 2025" in text for text in texts)
    assert any("more than ten days old" in text for text in texts)
    monkeypatch.setattr("core.services.portfolio.rows.rate_table", lambda _: type(table)({}))
    nothing = portfolio(loans.workspace, actor=ADMIN).rows[0]
    assert math.isnan(nothing.gain)
    assert math.isnan(nothing.lost)
    assert nothing.money is not None
    assert nothing.money.valued == 0


def _written(found: Portfolio, language: Locale = "en") -> PortfolioReport:
    return written(
        translator(language),
        found,
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
        made_for="Ada",
        timezone="Asia/Hong_Kong",
    )


@pytest.mark.parametrize("language", LOCALES)
def test_excel_file_and_board_pack_say_the_same(loans: Valued, language: Locale) -> None:
    t = translator(language)
    sheet = openpyxl.load_workbook(
        io.BytesIO(portfolio_file(loans.workspace, "xlsx", actor=ADMIN, language=language).content)
    ).worksheets[0]
    made = portfolio_file(loans.workspace, "pdf", actor=ADMIN, language=language)
    pages = pypdf.PdfReader(io.BytesIO(made.content)).pages
    assert len(pages) == 1
    printed = "".join("".join(page.extract_text() for page in pages).split())
    gain, lost = by_hand(loans.loans)
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    line = next(row for row in cells if row[1] == "loans")
    assert line[4] == pytest.approx(gain, rel=1e-9)
    assert line[7] == pytest.approx(lost, rel=1e-9)
    for amount in (line[4], line[5], line[6], line[7]):
        assert "".join(t.compact_money(float(str(amount)), "HKD").split()) in printed
    assert line[9:12] == [1, 0, 0]
    with loans.workspace.store.read() as conn:
        entry = audit.list_newest(conn, kind="portfolio.exported")[0]
    assert (entry.body["format"], entry.body["sha256"]) == ("pdf", made.sha256)
    assert entry.body["models"] == ["loans"]


def test_who_may_not_export_reads_it_all_the_same(loans: Valued) -> None:
    assert portfolio(loans.workspace, actor=COMPLIANCE).rows[0].status is not None
    with pytest.raises(Forbidden):
        portfolio_file(loans.workspace, "pdf", actor=COMPLIANCE)
    with pytest.raises(InvalidInput, match="'doc' is not known"):
        portfolio_file(loans.workspace, "doc", actor=ADMIN)
    nobody = replace(ADMIN, models=frozenset({"other"}))
    assert portfolio(loans.workspace, actor=nobody).rows == ()


def test_a_model_without_a_price_says_why(tmp_path: Path) -> None:
    found = build_valued(tmp_path, loans=valued_loans(400), value=None, reviews=False)
    row = portfolio(found.workspace, actor=ADMIN).rows[0]
    assert (row.money, row.targets, row.status) == (None, None, Status.not_enough_data)
    report = _written(portfolio(found.workspace, actor=ADMIN))
    assert "does not say what a decision is worth" in report.lines[0].remarks[0]
    assert report.sentence == "No model says yet what its decisions are worth."
    assert [number.text for _, number in report.figures[:3]] == ["–", "–", "–"]
    found.workspace.store.close()
