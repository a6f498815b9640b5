"""The columns of each stream in the lake, and their DuckDB types, from a contract."""

from typing import Literal

from core.contract import ColumnType, ModelContract

Stream = Literal["predictions", "decisions", "outcomes", "resolved"]

INSTANT = "TIMESTAMP WITH TIME ZONE"
RELEASED = "released"
"""Kind of a row of the decisions stream that decides nothing: it says when one took effect."""
_OF_TYPE: dict[ColumnType, str] = {
    "numeric": "DOUBLE",
    "integer": "BIGINT",
    "categorical": "VARCHAR",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": INSTANT,
}
_PREDICTIONS = {
    "prediction_id": "VARCHAR",
    "time": INSTANT,
    "version": "VARCHAR",
    "jurisdiction": "VARCHAR",
    "score": "DOUBLE",
    "prediction": "VARCHAR",
    "decision": "VARCHAR",
    "released_at": INSTANT,
    "subject": "VARCHAR",
    "latency_ms": "DOUBLE",
    "status": "VARCHAR",
    "cpu_ms": "DOUBLE",
    "memory_mb": "DOUBLE",
    "amount": "DOUBLE",
}
_DECISIONS = {
    "prediction_id": "VARCHAR",
    "time": INSTANT,
    "kind": "VARCHAR",
    "decision": "VARCHAR",
    "decided_by": "VARCHAR",
    "policy_version": "VARCHAR",
    "reason": "VARCHAR",
    "version": "VARCHAR",
}
_ROW_PLACE = {"_batch": "VARCHAR", "_row": "BIGINT"}
_SOURCE_PLACE = {"_source": "INTEGER", "_line": "BIGINT"}


def stream_columns(contract: ModelContract, stream: Stream) -> dict[str, str]:
    """Return the lake columns of a stream in order, with their DuckDB types.

    Parameters
    ----------
    contract : ModelContract
        The model's contract.
    stream : {"predictions", "decisions", "outcomes", "resolved"}
        Which stream.
    """
    if stream == "predictions":
        scores = {f"score_{index}": "DOUBLE" for index in range(len(contract.log.scores))}
        return {**_PREDICTIONS, **scores, **own_columns(contract), **_ROW_PLACE, **_SOURCE_PLACE}
    if stream == "decisions":
        return {**_DECISIONS, **_ROW_PLACE, **_SOURCE_PLACE}
    if stream == "outcomes":
        return {
            "prediction_id": "VARCHAR",
            "observed_at": INSTANT,
            **_outcome_columns(contract),
            "event": "VARCHAR",
            "event_amount": "DOUBLE",
            "currency": "VARCHAR",
            **_ROW_PLACE,
            **_SOURCE_PLACE,
        }
    return _resolved(contract)


def own_columns(contract: ModelContract) -> dict[str, str]:
    """Return the lake columns of features, declared and protected columns, with their types."""
    types = dict.fromkeys(contract.protected, "VARCHAR")
    types |= {column.name: _OF_TYPE[column.type] for column in contract.columns}
    types |= {
        feature.name: "DOUBLE" if feature.type == "numeric" else "VARCHAR"
        for feature in contract.features
    }
    return {alias: types[name] for name, alias in contract.stored_columns.items()}


def slice_columns(contract: ModelContract) -> dict[str, str]:
    """Return the lake columns that the segments read, with their types."""
    known = {**_PREDICTIONS, **own_columns(contract)}
    aliases = [contract.alias(segment.source) for segment in contract.segments]
    return {alias: known.get(alias, "DOUBLE") for alias in dict.fromkeys(aliases)}


def _outcome_columns(contract: ModelContract) -> dict[str, str]:
    outcome = contract.outcome
    if outcome is None:
        return {}
    is_text = contract.task != "regression"
    return {
        outcome.stored_columns[column.name]: (
            "VARCHAR" if column.type == "label" and is_text else "DOUBLE"
        )
        for column in outcome.columns
    }


def _resolved(contract: ModelContract) -> dict[str, str]:
    slices = {
        name: kind
        for name, kind in slice_columns(contract).items()
        if name not in {"version", "jurisdiction", "score", "amount", "prediction", "decision"}
    }
    scores = {f"score_{index}": "DOUBLE" for index in range(len(contract.log.scores))}
    return {
        "prediction_id": "VARCHAR",
        "time": INSTANT,
        "day": "DATE",
        "version": "VARCHAR",
        "jurisdiction": "VARCHAR",
        **slices,
        "score": "DOUBLE",
        **scores,
        "prediction": "VARCHAR",
        "decision": "VARCHAR",
        "amount": "DOUBLE",
        "label": "DOUBLE",
        "label_text": "VARCHAR",
        **_outcome_columns(contract),
        "observed_at": INSTANT,
        "revision": "INTEGER",
        **_ROW_PLACE,
    }


def identity_column(contract: ModelContract) -> str:
    """Return the lake column of predictions that names whom they are about.

    Where the log names no subject, a prediction is all that is known of a person.
    """
    return "subject" if contract.log.subject else "prediction_id"


def prediction_columns(contract: ModelContract) -> tuple[str, ...]:
    """Return the log's own columns that may hold the id of a prediction, in any stream."""
    of_outcomes = contract.outcome.prediction_id if contract.outcome else None
    named = (contract.log.prediction_id, of_outcomes, "prediction_id")
    return tuple(dict.fromkeys(name for name in named if name))
