"""What became of single predictions that people looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from core.contract import ModelContract
from core.lake.labels.flagged import flagged_sql
from core.lake.labels.rows import newest_labels_sql
from core.lake.paths import parquet_relation
from core.lake.row_filter import instant_literal
from core.lake.rows import stale_files


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What became of one prediction.

    Parameters
    ----------
    flagged : bool
        Whether the model predicted what the label calls positive.
    positive : bool
        Whether it came.
    amounts : mapping of str to float
        Columns of money of the outcome, by their own names, where known.
    """

    flagged: bool
    positive: bool
    amounts: Mapping[str, float]

    @property
    def model_was_right(self) -> bool:
        """Whether what was predicted came."""
        return self.flagged == self.positive


def case_outcomes(
    connection: duckdb.DuckDBPyConnection,
    contract: ModelContract,
    resolved: Sequence[str],
    prediction_ids: Sequence[str],
    *,
    as_of: datetime,
    matured_before: datetime,
) -> dict[str, CaseOutcome]:
    """Return prediction → outcome of those that are old enough for it to be final.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    contract : ModelContract
        Of a binary model with a label.
    resolved : sequence of str
        Files of the resolved stream.
    prediction_ids : sequence of str
        Of which predictions; values of the query, never a part of its text.
    as_of, matured_before : datetime
        Outcomes observed after the one are invisible; later predictions than the other are left
        out, whatever is known of them by now.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not resolved or not prediction_ids:
        return {}
    money = _money(contract)
    with connection.cursor() as cursor, stale_files():
        relation = parquet_relation(resolved)
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
        items = [f"r.{alias}" if alias in known else "NULL" for alias in money.values()]
        labels = newest_labels_sql(
            resolved, as_of, " AND prediction_id IN (SELECT unnest($wanted))"
        )
        rows = cursor.execute(
            f"SELECT r.prediction_id, {flagged_sql(contract)} AS flagged, r.label = 1"  # noqa: S608
            f"{''.join(f', {each}' for each in items)} FROM ({labels}) AS r"
            f" WHERE r.time <= {instant_literal(matured_before)}",
            {"wanted": list(prediction_ids)},
        ).fetchall()
    return {
        str(row[0]): CaseOutcome(
            bool(row[1]),
            bool(row[2]),
            {
                name: float(value)
                for name, value in zip(money, row[3:], strict=True)
                if value is not None
            },
        )
        for row in rows
        if row[1] is not None
    }


def _money(contract: ModelContract) -> dict[str, str]:
    """Return name → lake column of the outcome's columns of money."""
    outcome = contract.outcome
    if outcome is None:
        return {}
    return {
        each.name: outcome.stored_columns[each.name]
        for each in outcome.columns
        if each.type == "amount"
    }
