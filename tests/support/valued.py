"""Loans whose decisions have a price: a log, outcomes and reviews to check every figure on.

Defaults follow the score; a loan that is not repaid loses six tenths of its amount. The cut-off
falls from 0.5 to 0.4 in September. Reviewers decide every fifteenth loan again, and make it what
it was not. The tenth loans are a hold-out. Protected is ``sex``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.services import ingest
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, a_contract, a_workspace, contract_text

MARGIN = 0.08
COUNT = 3000
SINCE = pd.Timestamp("2025-01-01", tz="Asia/Hong_Kong")
CHANGED = pd.Timestamp("2025-09-01", tz="Asia/Hong_Kong")
POLICY = [
    {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.5 -> decline"},
    {"version": "p2", "from": "2025-09-01", "rule": "score >= 0.4 -> decline"},
]
VALUE: dict[str, Any] = {
    "currency": "HKD",
    "flagged": "0",
    "not_flagged": "amount * margin - coalesce(loss, 0)",
    "baseline": "none_flagged",
}
REVIEW: dict[str, Any] = {
    "rules": [
        {"id": "near", "name": "Near", "when": "distance <= 0.03"},
        {"id": "large", "name": "Large and flagged", "when": "flagged and amount >= 12_000"},
        {
            "id": "declined",
            "name": "Declined and huge",
            "when": 'decision = "decline" and amount >= 30_000',
        },
    ]
}
"""Rules of human review: two that go by the cut-off, and one by what was decided."""
CHANGES: dict[str, Any] = {
    "policy": POLICY,
    "value": VALUE,
    "parameters": {"margin": {"value": MARGIN, "simulated": True}},
    "protected": ["sex"],
}


@dataclass(frozen=True)
class Valued:
    """The workspace, and one row a loan with all that became of it."""

    workspace: Workspace
    loans: pd.DataFrame


def valued_loans(count: int = COUNT, seed: int = 11) -> pd.DataFrame:
    """Return one loan every three hours with what was decided and what came."""
    draw = np.random.default_rng(seed)
    number = np.arange(count)
    time = SINCE + pd.to_timedelta(3 * number, unit="h")
    score = (draw.beta(1.2, 3.5, count)).round(4)
    amount = draw.lognormal(9, 0.6, count).round(0)
    lost = draw.uniform(size=count) < 0.02 + 0.35 * score
    flagged = np.where(time < CHANGED, score >= 0.5, score >= 0.4)
    reviewed = number % 15 == 0
    return pd.DataFrame(
        {
            "loan_id": [f"V{each:05d}" for each in number],
            "approved_at": time.tz_convert("UTC"),
            "model_version": "1",
            "score": score,
            "decision": np.where(flagged, "decline", "approve"),
            "latency_ms": 10.0,
            "status": "ok",
            "amount": amount,
            "branch": np.where(number % 10 == 0, "hold-out", "Central"),
            "term": 12,
            "opened": SINCE.date(),
            "loan amount": amount,
            "industry": np.array(["retail", "food"])[number % 2],
            "sex": np.where(draw.uniform(size=count) < 0.3 + 0.4 * score, "f", "m"),
            "charged_off": lost.astype(int),
            "loss": np.where(lost, (0.6 * amount).round(0), 0.0),
            "flagged": flagged,
            "final": flagged ^ reviewed,
            "reviewed": reviewed,
        }
    )


def build_valued(
    home: Path,
    *,
    loans: pd.DataFrame | None = None,
    declined_known: bool = True,
    reviews: bool = True,
    **changes: Any,
) -> Valued:
    """Build a workspace of these loans under a contract.

    Parameters
    ----------
    home : Path
        An empty folder.
    loans : DataFrame, optional
        Other loans.
    declined_known : bool
        Whether the outcome of declined loans is known, as in a back-test.
    reviews : bool
        Whether reviewers decided some loans again.
    **changes : object
        Of the contract; ``None`` takes a part out.
    """
    rows = valued_loans() if loans is None else loans
    workspace = a_workspace(home, contract=contract_text(**{**CHANGES, **changes}))
    _put(workspace, home, rows, "predictions", [*_logged(), "sex"])
    known = rows if declined_known else rows[~rows["flagged"]]
    outcomes = known[["loan_id", "charged_off", "loss"]].assign(
        observed_at=known["approved_at"] + pd.Timedelta(days=60)
    )
    _put(workspace, home, outcomes, "outcomes", [*outcomes.columns])
    if reviews:
        again = rows[rows["reviewed"]]
        decided = pd.DataFrame(
            {
                "prediction_id": again["loan_id"],
                "time": again["approved_at"] + pd.Timedelta(hours=2),
                "kind": "human",
                "decision": np.where(again["final"], "decline", "approve"),
            }
        )
        _put(workspace, home, decided, "decisions", [*decided.columns])
    return Valued(workspace, rows)


def _logged() -> list[str]:
    contract = a_contract()
    named = [*contract.log.mapping().values(), *contract.stored_columns]
    return [name for name in dict.fromkeys(named) if name != "sex"]


def _put(
    workspace: Workspace, home: Path, rows: pd.DataFrame, stream: str, columns: list[str]
) -> None:
    path = home / f"{stream}.parquet"
    rows[columns].to_parquet(path)
    ingest.ingest_files(workspace, "loans", [path], stream=stream, actor=ADMIN)
