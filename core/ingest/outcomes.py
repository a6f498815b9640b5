"""Outcomes joined once to their predictions: the rows of the ``resolved`` stream.

An outcome waits until its prediction is ingested; so both an ingest of outcomes and an ingest of
predictions may resolve. ``_batch`` and ``_row`` of a resolved row are those of the outcome, by
which the ones still waiting are known.
"""

from collections.abc import Sequence

import duckdb

from core.contract import ModelContract
from core.contract.label_words import label_values, positive_values
from core.ingest.lake_rows import lake_rows
from core.ingest.readers.source import quoted
from core.ingest.stage import STAGED
from core.lake.paths import parquet_relation
from core.lake.streams import stream_columns

RESOLVED = "resolved_rows"


def resolve_staged_outcomes(
    connection: duckdb.DuckDBPyConnection,
    contract: ModelContract,
    batch_id: str,
    *,
    predictions: Sequence[str],
    resolved: Sequence[str],
) -> tuple[int, int]:
    """Join the staged outcomes to stored predictions.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The ingest's own, with staged outcomes.
    contract : ModelContract
        The model's contract.
    batch_id : str
        The batch of the staged rows.
    predictions, resolved : sequence of str
        Paths of the lake's data files of these streams.

    Returns
    -------
    tuple of int
        Rows now in the table :data:`RESOLVED`, and outcomes that wait.
    """
    outcomes = f"(SELECT *, {quoted(batch_id)} AS _batch FROM {STAGED} WHERE event = '')"
    waiting = int(
        connection.execute(f"SELECT count(*) FROM {outcomes} AS outcome").fetchall()[0][0]
    )
    if not predictions:
        return 0, waiting
    stored = lake_rows(connection, predictions, stream_columns(contract, "predictions"))
    rows = _resolve(connection, contract, outcomes, stored, resolved)
    return rows, waiting - rows


def resolve_waiting_outcomes(
    connection: duckdb.DuckDBPyConnection,
    contract: ModelContract,
    *,
    outcomes: Sequence[str],
    resolved: Sequence[str],
) -> int:
    """Join stored outcomes that wait to the staged predictions; return the number joined."""
    if not outcomes:
        return 0
    stored = lake_rows(connection, outcomes, stream_columns(contract, "outcomes"))
    done = (
        f" ANTI JOIN {parquet_relation(resolved)} AS done USING (_batch, _row)" if resolved else ""
    )
    waiting = (
        f"(FROM (SELECT * FROM {stored} WHERE event = '') AS outcome"
        f" SEMI JOIN {STAGED} AS mine USING (prediction_id){done})"
    )
    return _resolve(connection, contract, waiting, STAGED, resolved)


def count_waiting(
    connection: duckdb.DuckDBPyConnection, *, outcomes: Sequence[str], resolved: Sequence[str]
) -> int:
    """Return the number of stored outcomes whose prediction is not in the lake."""
    if not outcomes:
        return 0
    done = (
        f" ANTI JOIN {parquet_relation(resolved)} AS done USING (_batch, _row)" if resolved else ""
    )
    rows = connection.execute(
        f"SELECT count(*) FROM (SELECT _batch, _row FROM {parquet_relation(outcomes)}"
        f" WHERE event = '') AS outcome{done}"
    ).fetchall()
    return int(rows[0][0])


def _resolve(
    connection: duckdb.DuckDBPyConnection,
    contract: ModelContract,
    outcomes: str,
    predictions: str,
    resolved: Sequence[str],
) -> int:
    earlier = (
        f"(SELECT prediction_id, count(*) AS revisions FROM {parquet_relation(resolved)}"
        " GROUP BY prediction_id)"
        if resolved
        else "(SELECT NULL::VARCHAR AS prediction_id, 0 AS revisions WHERE false)"
    )
    columns = ", ".join(
        f"{expression} AS {name}" for name, expression in _expressions(contract).items()
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE {RESOLVED} AS
        SELECT {columns}
        FROM {outcomes} AS o JOIN {predictions} AS p USING (prediction_id)
        LEFT JOIN {earlier} AS e USING (prediction_id)
        """
    )
    return int(connection.execute(f"SELECT count(*) FROM {RESOLVED}").fetchall()[0][0])


def _expressions(contract: ModelContract) -> dict[str, str]:
    """Return the SQL of every column of a resolved row, over outcome ``o``, prediction ``p``."""
    outcome_columns = set(contract.outcome.stored_columns.values()) if contract.outcome else set()
    label, label_text = _label(contract)
    own = {
        "prediction_id": "prediction_id",
        "day": f"CAST(timezone({quoted(contract.timezone)}, p.time) AS DATE)",
        "label": label,
        "label_text": label_text,
        "observed_at": "o.observed_at",
        "revision": (
            "CAST(coalesce(e.revisions, 0) - 1 + row_number() OVER"
            " (PARTITION BY prediction_id ORDER BY o.observed_at, o._batch, o._row) AS INTEGER)"
        ),
        "_batch": "o._batch",
        "_row": "o._row",
    }
    return {
        name: own.get(name) or (f"o.{name}" if name in outcome_columns else f"p.{name}")
        for name in stream_columns(contract, "resolved")
    }


def _label(contract: ModelContract) -> tuple[str, str]:
    """Return the SQL of the label as a number and as text."""
    column = contract.outcome.label if contract.outcome else None
    if contract.outcome is None or column is None:
        return "CAST(NULL AS DOUBLE)", "CAST(NULL AS VARCHAR)"
    value = f"o.{contract.outcome.stored_columns[column.name]}"
    text = f"CAST({value} AS VARCHAR)"
    if contract.task == "regression":
        return value, text
    if contract.task == "multiclass_classification":
        cases = " ".join(
            f"WHEN {value} = {quoted(name)} THEN {index}"
            for index, name in enumerate(label_values(contract))
        )
        return f"CAST(CASE {cases} END AS DOUBLE)", text
    positive = ", ".join(quoted(word) for word in positive_values(contract))
    is_positive = f"{value} IN ({positive}) OR lower({value}) IN ({positive})"
    number = f"CASE WHEN {is_positive} THEN 1.0::DOUBLE ELSE 0.0::DOUBLE END"
    return f"CASE WHEN {value} IS NOT NULL THEN {number} END", text
