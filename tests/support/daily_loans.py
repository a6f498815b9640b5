"""Twenty months of loans: four a day from Monday to Friday and one at weekends.

The number of loans is the same every week, so that it can be told to the loan. What they are of
changes from day to day by a fixed draw. The first loan of a month is of a version of its own, the
results of every second loan of August 2026 are missing, and fees are in a currency without rates.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.services import ingest
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, a_row, a_workspace, contract_text, write_parquet

BEGIN = datetime(2024, 12, 30, 2, tzinfo=UTC)  # a Monday, ten o'clock in Hong Kong
DAYS = 610  # to 31 August 2026
TARGET = {"value": 2000, "set_on": "2024-12-01", "set_by": "Board"}


def kpi(name: str, definition: str, **changes: Any) -> dict[str, Any]:
    """Return a KPI whose name is its id."""
    return {"id": name, "name": name, "definition": definition, **changes}


MISSING = datetime(2026, 8, 1, tzinfo=UTC)

KPIS = [
    kpi("loans", "count()", unit="count"),
    kpi("lent", "sum(amount)", unit="money"),
    kpi("typical", "mean(amount)", unit="money", direction="higher_is_better", target=TARGET),
    kpi("high_aim", "mean(amount)", unit="money", direction="higher_is_better",
        target={**TARGET, "value": 1e6}),
    kpi("near_aim", "mean(amount)", unit="money", direction="lower_is_better",
        target={**TARGET, "value": 5000}),
    kpi("limited", "mean(amount)", unit="money", direction="lower_is_better", act=1000),
    kpi("middle", "median(amount)", unit="money"),
    kpi("losses", "sum(loss)", unit="HKD", maturity="outcome"),
    kpi("fees", "sum(fee)", unit="HKD", maturity="outcome"),
    kpi("coming", "share(label = 1)", unit="share"),
    kpi("aged", "mean(amount)", unit="money", maturity="5 days"),
    kpi("old", "mean(amount)", unit="money", maturity="2 months"),
]  # fmt: skip


def daily_loans(days: int = DAYS, seed: int = 3) -> list[dict[str, Any]]:
    """Return the log."""
    draw = np.random.default_rng(seed)
    found: list[dict[str, Any]] = []
    for day in range(days):
        for hour in range(4 if day % 7 < 5 else 1):
            time = BEGIN + timedelta(days=day, hours=hour)
            amount = float(draw.integers(1000, 9000))
            version = "monthly" if time.day == 1 and not hour else "1"
            found.append(a_row(len(found), approved_at=time, amount=amount, model_version=version))
    return found


def outcomes_of(rows: list[dict[str, Any]], after_days: int = 3) -> list[dict[str, Any]]:
    """Return an outcome of each loan some days later; every seventh is lost in full."""
    return [
        {
            "loan_id": row["loan_id"],
            "observed_at": row["approved_at"] + timedelta(days=after_days),
            "charged_off": int(place % 7 == 0),
            "loss": row["amount"] if place % 7 == 0 else 0.0,
            "fee": 10.0,
        }
        for place, row in enumerate(rows)
        if row["approved_at"] < MISSING or place % 2
    ]


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the log with the local day of each loan."""
    frame = pd.DataFrame(rows)
    time = pd.to_datetime(frame["approved_at"], utc=True).dt.tz_convert("Asia/Hong_Kong")
    return frame.assign(day=time.dt.tz_localize(None).dt.normalize())


def built(
    home: Path,
    rows: list[dict[str, Any]],
    *,
    matures_after: str = "5 days",
    **changes: Any,
) -> Workspace:
    """Return a workspace with the loans, their outcomes and the KPIs.

    Parameters
    ----------
    home : Path
        An empty folder.
    rows : list of dict
        The log.
    matures_after : str
        Age at which an outcome is final.
    **changes : object
        Of the contract.
    """
    outcome = {
        "columns": [
            {"name": "charged_off", "type": "label", "positive": 1},
            {"name": "loss", "type": "amount", "currency": "HKD"},
            {"name": "fee", "type": "amount", "currency": "EUR"},
        ],
        "time": "observed_at",
        "matures_after": matures_after,
    }
    text = contract_text(kpis=KPIS, outcome=outcome, currency="HKD", **changes)
    workspace = a_workspace(home / "home", contract=text)
    for stream, part in (("predictions", rows), ("outcomes", outcomes_of(rows))):
        path = write_parquet(home / f"{stream}.parquet", part)
        ingest.ingest_files(workspace, "loans", [path], stream=stream, actor=ADMIN)
    return workspace
