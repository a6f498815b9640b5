from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from core.domain.money import Rate
from core.store import Store, rates
from core.store.snapshot import load, write_tables
from core.store.tables import exchange_rate, metadata, scenario
from tests.support.fakes import START
from tests.support.monitoring import MODEL, register_loans

DAY = date(2010, 3, 1)
NEXT = DAY + timedelta(days=1)
USD, LATER, GBP = Rate("USD", DAY, 7.76), Rate("USD", NEXT, 7.77), Rate("GBP", DAY, 11.7)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.begin() as conn:
        rates.add(conn, [LATER, USD, GBP], source="ecb\x00.csv", at=START, by="p-1")
    return store


def test_rates_come_back_by_currency_and_day(filled: Store) -> None:
    with filled.read() as conn:
        assert rates.every_rate(conn) == (GBP, USD, LATER)
        gbp, usd = rates.spans(conn)
    assert (gbp.currency, gbp.days, gbp.first, gbp.last) == ("GBP", 1, DAY, DAY)
    assert (usd.days, usd.first, usd.last, usd.newest) == (2, DAY, NEXT, 7.77)
    assert (usd.imported_at, usd.source) == (START, "ecb\ufffd.csv")


def test_a_day_has_one_rate_until_it_is_replaced(filled: Store) -> None:
    with pytest.raises(IntegrityError), filled.begin() as conn:
        rates.add(conn, [Rate("USD", DAY, 9.0)], source="x", at=START, by="p-1")
    with filled.begin() as conn:
        rates.add(conn, [], source="x", at=START, by="p-1")
        rates.replace(conn, [Rate("USD", DAY, 7.5)], source="x", at=START, by="p-2")
        assert rates.every_rate(conn) == (GBP, Rate("USD", DAY, 7.5), LATER)


@pytest.mark.parametrize("rate", [Rate("USD", NEXT, 0.0), Rate("HKD", DAY, 1.0)])
def test_no_database_holds_a_rate_that_cannot_be(store: Store, rate: Rate) -> None:
    with pytest.raises(IntegrityError), store.begin() as conn:
        rates.add(conn, [rate], source="x", at=START, by="p-1")


def test_a_scenario_is_proposed_by_an_approval_or_not_at_all(store: Store) -> None:
    register_loans(store)
    row = {
        "id": "s1",
        "model_id": MODEL,
        "name": "Stricter",
        "body": {"cut_off": 0.4},
        "made_by": "p-1",
        "made_at": START,
    }
    with store.begin() as conn:
        conn.execute(insert(scenario).values(**row))
        assert conn.execute(select(scenario.c.body)).scalar_one() == {"cut_off": 0.4}
    with pytest.raises(IntegrityError), store.begin() as conn:
        conn.execute(insert(scenario).values(**row | {"id": "s2", "proposed_at": START}))


def test_days_survive_a_backup_table_by_table(filled: Store, tmp_path: Path) -> None:
    write_tables(filled, tmp_path)
    with filled.read() as conn:
        before = set(conn.execute(select(exchange_rate)).fetchall())
    with filled.begin() as conn:
        for table in reversed(metadata.sorted_tables):
            if table.name in {"model", "app_user", "exchange_rate"}:
                conn.execute(table.delete())
        load(conn, tmp_path)
        after = conn.execute(select(exchange_rate)).fetchall()
        assert (len(after), set(after)) == (len(before), before)
