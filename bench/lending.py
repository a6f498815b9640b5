"""The generated log as a bank would have it: decisions, groups of people, outcomes and money.

The pages of performance, outcomes, value, fairness and segments have work to do only where these
are known. ``python -m bench.lending LOG FOLDER`` writes the files of a log that is already there.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.contract import contract_document
from bench.dataset import START, Dataset, read_dataset

MODEL = "bench-lending"
CUT_OFF = 0.35
_MARGIN, _LOST = 0.08, 0.45
_MATURES = 60  # days; every outcome is known after half as many
_SEED = 0.25
_DECIDED = """
    SELECT *, CASE WHEN score >= {cut_off} THEN 'decline' ELSE 'approve' END AS decision,
           CASE WHEN random() < 0.48 THEN 'female' ELSE 'male' END AS sex
    FROM read_parquet({path})
"""
# Outcomes keep to the score until summer, and come more often than it says afterwards.
_OUTCOMES = """
    SELECT prediction_id, bad, round(bad * {lost} * loan_amount, 2) AS loss, observed_at
    FROM (SELECT prediction_id, loan_amount, made_at + INTERVAL {days} DAY AS observed_at,
                 (random() < score * CASE WHEN model_version = '1' THEN 1 ELSE 1.25 END)::INTEGER
                     AS bad
          FROM read_parquet({path}))
"""


@dataclass(frozen=True, slots=True)
class Lending:
    """Files of decisions and of their outcomes, a pair for each file of the log."""

    predictions: tuple[Path, ...]
    outcomes: tuple[Path, ...]


def files_of(dataset: Dataset, folder: Path) -> Lending:
    """Return where the files of a log lie, whether or not they are written."""
    names = [each.name for each in dataset.files]
    return Lending(
        tuple(folder / f"decided-{name}" for name in names),
        tuple(folder / f"outcomes-{name}" for name in names),
    )


def write_lending(dataset: Dataset, folder: Path) -> None:
    """Write the decisions and outcomes of every row of the log."""
    import duckdb

    from core.lake.paths import quoted

    folder.mkdir(parents=True, exist_ok=True)
    made = files_of(dataset, folder)
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = 'UTC'; SELECT setseed({_SEED})")
        connection.execute("SET threads = 1")  # the same chance for the same row
        for source, decided, came in zip(
            dataset.files, made.predictions, made.outcomes, strict=True
        ):
            for sql, target in ((_DECIDED, decided), (_OUTCOMES, came)):
                rows = sql.format(
                    path=quoted(source), cut_off=CUT_OFF, lost=_LOST, days=_MATURES // 2
                )
                connection.execute(f"COPY ({rows}) TO {quoted(target)} (FORMAT parquet)")


def lending_contract(dataset: Dataset) -> dict[str, object]:
    """Return the contract of such a log: all that the pages of a bank's model ask about."""
    document = contract_document(MODEL, dataset, ("region",))
    opened = START.date().isoformat()
    log = document["log"]
    assert isinstance(log, dict)
    return document | {
        "currency": "HKD",
        "log": log | {"decision": "decision", "amount": "loan_amount"},
        "columns": [
            {"name": "sex", "type": "categorical", "personal": True, "purpose": "Fairness only"}
        ],
        "segments": [{"name": "region"}, {"name": "sex", "from": "sex"}],
        "protected": ["sex"],
        "outcome": {
            "columns": [
                {"name": "bad", "type": "label", "positive": 1},
                {"name": "loss", "type": "amount", "currency": "HKD"},
            ],
            "time": "observed_at",
            "matures_after": f"{_MATURES} days",
        },
        "policy": [{"version": "p1", "from": opened, "rule": f"score >= {CUT_OFF} -> decline"}],
        "versions": [{"id": "1", "policy": "p1"}, {"id": "2", "policy": "p1"}],
        "kpi_set": "bank_credit",
        "parameters": {
            "margin": {"value": _MARGIN, "simulated": True},
            "loss_given_default": {"value": _LOST, "simulated": True},
            "low_band": {"value": 0.1, "simulated": True},
            "high_band": {"value": CUT_OFF, "simulated": True},
        },
        "value": {
            "currency": "HKD",
            "flagged": "0",
            "not_flagged": "amount * margin - loss",
            "baseline": "none_flagged",
        },
        "fairness": {
            "favourable": "approve",
            "attributes": [
                {
                    "column": "sex",
                    "groups": [
                        {"values": ["female"], "label": "Women"},
                        {"values": ["male"], "label": "Men"},
                    ],
                }
            ],
        },
        "simulated": [*dataset.columns, "sex", "bad", "loss"],
    }


def main() -> int:
    """Write the files of the log in the first folder into the second one."""
    dataset = read_dataset(Path(sys.argv[1]))
    if dataset is None:
        print(f"{sys.argv[1]} holds no log", file=sys.stderr)
        return 1
    write_lending(dataset, Path(sys.argv[2]))
    print(json.dumps({"rows": dataset.rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
