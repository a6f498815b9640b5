"""A small log of each sector, written by hand: every kind of row that its KPIs tell apart.

Times are minutes of two months in Hong Kong; the row at 16:30 UTC of the last day of January is of
February there. ``-`` is missing. Outcomes are final after 30 days, and the newest event of all is
the last outcome, so the rows of the end of February are not matured.
"""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd


def table(text: str, *times: str) -> pd.DataFrame:
    """Return the rows of a table in text, ``-`` missing, some columns as UTC instants."""
    lines = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(lines[1:], columns=lines[0]).replace("-", None)
    for name in frame.columns:
        if name in times:
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%dT%H:%M", utc=True)
        elif name not in {"id", "version", "decision", "kind", "group", "site"}:
            frame[name] = pd.to_numeric(frame[name])
    return frame


@dataclass(frozen=True)
class HandLog:
    """One sector: what its contract says beside the usual, and its three streams."""

    kpi_set: Any
    log: pd.DataFrame
    outcomes: pd.DataFrame
    decisions: pd.DataFrame
    label: str
    outcome_columns: tuple[dict[str, Any], ...]
    columns: tuple[dict[str, Any], ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)
    task: str = "binary_classification"

    def contract(self) -> dict[str, Any]:
        """Return the contract as a document."""
        logged = {"time", "version", "score", "decision", "released_at", "amount"}
        names = {each: each for each in self.log.columns if each in logged}
        label: dict[str, Any] = {"name": self.label, "type": "label"}
        label |= {"positive": 1} if self.task == "binary_classification" else {}
        return {
            "id": "sector",
            "name": "Sector",
            "task": self.task,
            "owner": "Owner",
            "purpose": "A log by hand.",
            "timezone": "Asia/Hong_Kong",
            "log": {"prediction_id": "id", **names},
            "columns": list(self.columns),
            "features": [{"name": "site", "type": "categorical"}],
            "segments": ["site"],
            "outcome": {
                "columns": [label, *self.outcome_columns],
                "time": "observed_at",
                "matures_after": "30 days",
            },
            "reference": {"from": "2026-01-01", "to": "2026-01-31"},
            "kpi_set": self.kpi_set,
            **self.changes,
        }


BANK = HandLog(
    kpi_set="bank_credit",
    log=table(
        """
        id   time              version score  amount  decision released_at       site
        b01  2026-01-02T02:00  1       0.004  1000    approve  2026-01-02T03:00  east
        b02  2026-01-05T02:00  1       0.010  2500    Approved 2026-01-05T02:30  west
        b03  2026-01-06T02:00  1       0.019  4000    approved 2026-01-06T08:00  east
        b04  2026-01-09T02:00  1       0.020  3000    approve  2026-01-09T02:15  west
        b05  2026-01-12T02:00  1       0.034  8000    approve  2026-01-13T02:00  east
        b06  2026-01-15T02:00  2       0.049  1500    decline  2026-01-15T04:00  -
        b07  2026-01-19T02:00  2       0.050  6000    decline  2026-01-19T02:45  west
        b08  2026-01-22T02:00  2       0.081  9000    decline  2026-01-22T05:00  east
        b09  2026-01-25T02:00  2       -      2000    approve  2026-01-25T02:20  west
        b10  2026-01-27T02:00  2       0.015  -       approve  2026-01-27T02:20  west
        b11  2026-01-31T16:30  2       0.026  5000    approve  2026-02-01T16:30  east
        b12  2026-02-03T02:00  2       0.120  7000    -        -                 east
        b13  2026-02-05T02:00  2       0.007  1200    approve  -                 west
        b14  2026-02-08T02:00  2       0.011  3300    approve  2026-02-08T03:30  east
        b15  2026-02-26T02:00  2       0.013  3100    approve  2026-02-26T03:30  east
        """,
        "time",
        "released_at",
    ),
    outcomes=table(
        """
        id   observed_at       bad loss
        b01  2026-01-30T02:00  0   0
        b02  2026-01-31T02:00  1   2100
        b03  2026-02-01T02:00  0   -
        b04  2026-02-03T02:00  1   3000
        b05  2026-02-10T02:00  0   0
        b06  2026-02-11T02:00  1   1400
        b07  2026-02-15T02:00  0   0
        b08  2026-02-18T02:00  1   4500
        b09  2026-02-20T02:00  1   700
        b10  2026-02-22T02:00  0   0
        b11  2026-02-25T02:00  0   0
        b11  2026-03-04T02:00  1   900
        b13  2026-03-05T02:00  0   0
        b15  2026-03-06T02:00  1   3100
        b14  2026-03-12T02:00  0   0
        """,
        "observed_at",
    ),
    decisions=table(
        """
        id   time              kind   decision
        b05  2026-01-14T02:00  human  decline
        b06  2026-01-15T08:00  human  approve
        b07  2026-01-19T06:00  human  decline
        b08  2026-01-23T05:00  human  approve
        b08  2026-01-29T05:00  appeal decline
        b11  2026-02-02T16:30  human  Approve
        b13  2026-02-06T02:00  human  approve
        """,
        "time",
    ),
    label="bad",
    outcome_columns=({"name": "loss", "type": "amount", "currency": "HKD"},),
)
FRAUD = HandLog(
    kpi_set="fraud",
    log=table(
        """
        id   time              version score amount decision released_at       review_minutes site
        f01  2026-01-03T02:00  1       0.91  500    block    2026-01-03T02:04  12   card
        f02  2026-01-04T02:00  1       0.77  20     block    2026-01-04T02:50  7.5  card
        f03  2026-01-05T02:00  1       0.50  90     block    2026-01-05T02:10  -    wire
        f04  2026-01-08T02:00  1       0.49  900    allow    2026-01-08T02:00  -    wire
        f05  2026-01-11T02:00  2       0.12  60     allow    2026-01-11T02:01  3    card
        f06  2026-01-16T02:00  2       0.64  75     block    2026-01-16T03:30  20   wire
        f07  2026-01-21T02:00  2       -     300    allow    2026-01-21T02:01  -    card
        f08  2026-01-26T02:00  2       0.58  -      block    2026-01-26T02:09  9    card
        f09  2026-01-31T16:30  2       0.83  410    block    2026-01-31T16:31  30   wire
        f10  2026-02-04T02:00  2       0.95  150    allow    -                 15   wire
        f11  2026-02-07T02:00  2       0.05  35     allow    2026-02-07T02:02  -    card
        f12  2026-02-27T02:00  2       0.71  45     block    2026-02-27T02:05  6    card
        """,
        "time",
        "released_at",
    ),
    outcomes=table(
        """
        id   observed_at       fraud
        f01  2026-01-20T02:00  1
        f02  2026-01-21T02:00  0
        f03  2026-01-22T02:00  1
        f04  2026-01-25T02:00  1
        f05  2026-01-28T02:00  0
        f06  2026-02-01T02:00  0
        f07  2026-02-02T02:00  1
        f08  2026-02-06T02:00  1
        f09  2026-02-20T02:00  0
        f10  2026-02-24T02:00  1
        f11  2026-03-10T02:00  0
        f12  2026-03-11T02:00  1
        """,
        "observed_at",
    ),
    decisions=table(
        """
        id   time              kind  decision
        f02  2026-01-04T05:00  human allow
        f10  2026-02-04T04:00  human declined
        """,
        "time",
    ),
    label="fraud",
    outcome_columns=(),
    columns=({"name": "review_minutes", "type": "numeric"},),
    changes={"policy": [{"version": "p", "from": "2026-01-01", "rule": "score >= 0.5 -> block"}]},
)
INSURANCE = HandLog(
    kpi_set="insurance",
    log=table(
        """
        id   time              version score premium decision released_at       site
        i01  2026-01-04T02:00  1       0.10  120     pay      2026-01-04T02:01  motor
        i02  2026-01-06T02:00  1       0.20  200     pay      2026-01-06T02:01  motor
        i03  2026-01-09T02:00  1       0.80  150     refer    2026-01-09T02:01  home
        i04  2026-01-13T02:00  2       0.90  90      refer    2026-01-13T02:01  home
        i05  2026-01-17T02:00  2       0.30  -       pay      2026-01-17T02:01  motor
        i06  2026-01-23T02:00  2       0.40  310     pay      2026-01-25T02:00  home
        i07  2026-01-31T16:30  2       0.45  80      decline  2026-02-02T16:30  motor
        i08  2026-02-02T02:00  2       0.55  100     -        -                 motor
        i09  2026-02-05T02:00  2       0.15  140     pay      2026-02-05T02:02  home
        i10  2026-02-25T02:00  2       0.25  160     pay      2026-02-25T02:02  home
        """,
        "time",
        "released_at",
    ),
    outcomes=table(
        """
        id   observed_at       fraud paid audited_amount
        i01  2026-01-20T02:00  0     60   60
        i02  2026-01-22T02:00  0     130  110
        i03  2026-01-25T02:00  1     0    0
        i04  2026-01-29T02:00  0     250  275
        i05  2026-02-02T02:00  0     40   20
        i06  2026-02-08T02:00  0     -    -
        i07  2026-02-12T02:00  1     0    -
        i09  2026-03-10T02:00  0     95   90
        i10  2026-03-11T02:00  0     500  400
        """,
        "observed_at",
    ),
    decisions=table(
        """
        id   time              kind   decision
        i03  2026-01-12T02:00  human  decline
        i06  2026-01-28T14:00  human  pay
        i07  2026-02-20T16:30  appeal pay
        """,
        "time",
    ),
    label="fraud",
    outcome_columns=(
        {"name": "paid", "type": "amount", "currency": "HKD"},
        {"name": "audited_amount", "type": "amount", "currency": "HKD"},
    ),
    columns=({"name": "premium", "type": "numeric"},),
)
LOGISTICS = HandLog(
    kpi_set="logistics",
    task="regression",
    log=table(
        """
        id   time              version score promised_at       site
        l01  2026-01-04T02:00  1       10    2026-01-08T02:00  north
        l02  2026-01-05T02:00  1       25.5  2026-01-08T02:00  south
        l03  2026-01-10T02:00  1       0     2026-01-12T02:00  north
        l04  2026-01-16T02:00  2       40    -                 south
        l05  2026-01-22T02:00  2       -     2026-01-25T02:00  north
        l06  2026-01-31T16:30  2       8     2026-02-04T02:00  south
        l07  2026-02-03T02:00  2       12    2026-02-06T02:00  north
        l08  2026-02-06T02:00  2       30    2026-02-09T02:00  south
        l09  2026-02-26T02:00  2       14    2026-02-28T02:00  south
        """,
        "time",
        "promised_at",
    ),
    outcomes=table(
        """
        id   observed_at       units stock_out_units holding_cost delivered_at
        l01  2026-01-11T02:00  12    2               0.5          2026-01-08T03:00
        l02  2026-01-12T02:00  20    0               1.25         2026-01-07T02:00
        l03  2026-01-17T02:00  5     5               0            -
        l04  2026-01-23T02:00  40    0               2            2026-01-20T02:00
        l05  2026-01-29T02:00  7     1               -            2026-01-25T02:00
        l06  2026-02-08T02:00  0     -               0.75         2026-02-06T02:00
        l07  2026-02-10T02:00  18    6               0            2026-02-07T02:00
        l08  2026-03-11T02:00  22    0               3            2026-02-08T02:00
        l09  2026-03-12T02:00  100   86              1            2026-03-01T02:00
        """,
        "observed_at",
        "delivered_at",
    ),
    decisions=table("id time kind decision\nl01 2026-01-04T03:00 human order", "time"),
    label="units",
    outcome_columns=(
        {"name": "stock_out_units", "type": "value"},
        {"name": "holding_cost", "type": "amount", "currency": "HKD"},
    ),
    columns=({"name": "promised_at", "type": "timestamp"},),
    changes={"events": [{"name": "delivered", "time": "delivered_at"}]},
)
RETAIL = HandLog(
    kpi_set="retail",
    log=table(
        """
        id   time              version score recency decision group    site
        r01  2026-01-02T02:00  1       0.90  12      offer    campaign web
        r02  2026-01-03T02:00  1       0.80  91      offer    campaign shop
        r03  2026-01-05T02:00  1       0.70  90      offer    hold-out web
        r04  2026-01-08T02:00  1       0.60  200     offer    hold-out shop
        r05  2026-01-12T02:00  2       0.59  30      none     campaign web
        r06  2026-01-15T02:00  2       0.30  -       none     hold-out shop
        r07  2026-01-20T02:00  2       0.75  8       sent     -        web
        r08  2026-01-28T02:00  2       0.65  45      offer    campaign shop
        r09  2026-01-31T16:30  2       0.72  77      offer    campaign web
        r10  2026-02-02T02:00  2       0.95  5       offer    control  shop
        r11  2026-02-06T02:00  2       0.20  400     none     campaign web
        r12  2026-02-26T02:00  2       0.99  3       offer    campaign web
        """,
        "time",
    ).rename(columns={"recency": "recency_days", "group": "campaign_group"}),
    outcomes=table(
        """
        id   observed_at       bought orders revenue
        r01  2026-01-09T02:00  1      2      55.5
        r02  2026-02-02T02:00  0      0      0
        r03  2026-01-19T02:00  1      1      20
        r04  2026-02-07T02:00  0      0      0
        r05  2026-02-11T02:00  0      0      0
        r06  2026-01-30T02:00  1      3      10
        r07  2026-01-29T02:00  1      1      -
        r08  2026-02-01T02:00  1      -      35
        r09  2026-03-02T02:00  0      0      0
        r10  2026-03-04T02:00  0      0      0
        r11  2026-03-08T02:00  1      1      99
        r12  2026-03-10T02:00  1      4      400
        """,
        "observed_at",
    ),
    decisions=table("id time kind decision\nr05 2026-01-13T02:00 human offer", "time"),
    label="bought",
    outcome_columns=(
        {"name": "orders", "type": "value"},
        {"name": "revenue", "type": "amount", "currency": "HKD"},
    ),
    columns=(
        {"name": "recency_days", "type": "numeric"},
        {"name": "campaign_group", "type": "categorical"},
    ),
    changes={"policy": [{"version": "p", "from": "2026-01-01", "rule": "score >= 0.6 -> offer"}]},
)
HAND_LOGS = {
    "bank_credit": BANK,
    "fraud": FRAUD,
    "insurance": INSURANCE,
    "logistics": LOGISTICS,
    "retail": RETAIL,
}
