"""The shape of each stream: which lake column is read from which column of a log, and as what."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from core.contract import ColumnType, Event, ModelContract
from core.contract.label_words import label_values
from core.errors import InvalidInput
from core.lake.streams import RELEASED

Stream = Literal["predictions", "decisions", "outcomes"]
Kind = Literal["text", "number", "integer", "boolean", "date", "instant"]

DECISION_KINDS = ("model", "policy", "human", "appeal", RELEASED)
_PREDICTION_KINDS: dict[str, Kind] = {
    "prediction_id": "text",
    "time": "instant",
    "version": "text",
    "jurisdiction": "text",
    "score": "number",
    "prediction": "text",
    "decision": "text",
    "released_at": "instant",
    "subject": "text",
    "latency_ms": "number",
    "status": "text",
    "cpu_ms": "number",
    "memory_mb": "number",
    "amount": "number",
}
_COLUMN_KINDS: dict[ColumnType, Kind] = {
    "numeric": "number",
    "integer": "integer",
    "categorical": "text",
    "text": "text",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "instant",
}
SQL_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "instant": "TIMESTAMPTZ",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One lake column of a stream.

    Parameters
    ----------
    name : str
        Its name in the lake.
    kind : str
        What its values are.
    sources : tuple of str
        Columns of a log that it is read from: the first that a file has.
    needed : bool
        Whether a file without the column is refused.
    filled : bool
        Whether a row without a value is refused.
    default : str, optional
        Text that stands for a missing value.
    choices : tuple of str
        The only values allowed, as text; empty for any.
    past : bool
        Whether an instant in the future is refused.
    """

    name: str
    kind: Kind
    sources: tuple[str, ...] = ()
    needed: bool = False
    filled: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    past: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of row that a stream's file holds.

    Parameters
    ----------
    stream : str
        The stream.
    fields : tuple of Field
        Its columns, in order.
    time : str
        The lake column that rows are sorted and cut into months by.
    key : tuple of str
        The lake columns that say which row it is; a second row of a key is a duplicate.
    present : tuple of str
        Log columns of which one must be filled for a row to be of this shape; empty for all rows.
    unless : tuple of str
        Log columns of the other shapes: a row in which none of them is filled is of this one.
    """

    stream: Stream
    fields: tuple[Field, ...]
    time: str
    key: tuple[str, ...]
    present: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Return the column of that name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Lake columns, in order."""
        return tuple(field.name for field in self.fields)


def shapes_of(contract: ModelContract, stream: Stream) -> tuple[Shape, ...]:
    """Return the kinds of row that a file of the stream may hold.

    Parameters
    ----------
    contract : ModelContract
        The model's contract.
    stream : {"predictions", "decisions", "outcomes"}
        Which stream.

    Raises
    ------
    InvalidInput
        If the contract says nothing about outcomes and they are asked for.
    """
    if stream == "predictions":
        return (_predictions(contract),)
    if stream == "decisions":
        return (_decisions(contract),)
    return _outcomes(contract)


def _predictions(contract: ModelContract) -> Shape:
    mapping = contract.log.mapping()
    defaults = {"version": "1", "jurisdiction": ""}
    required = {"prediction_id", "time"}
    scores = tuple(f"score_{index}" for index in range(len(contract.log.scores)))
    kinds: dict[str, Kind] = _PREDICTION_KINDS | dict.fromkeys(scores, "number")
    fields = [
        Field(
            name,
            kind,
            (mapping[name],) if name in mapping else (),
            needed=name in required or (name in mapping and name.startswith("score")),
            filled=name in required,
            default=defaults.get(name),
            past=name in {"time", "released_at"},
        )
        for name, kind in kinds.items()
    ]
    return Shape("predictions", (*fields, *_own(contract)), "time", ("prediction_id",))


def _own(contract: ModelContract) -> Iterable[Field]:
    """Yield the contract's own columns: features, further columns, protected ones."""
    declared: dict[str, tuple[Kind, bool]] = dict.fromkeys(contract.protected, ("text", False))
    declared |= {item.name: (_COLUMN_KINDS[item.type], item.required) for item in contract.columns}
    for feature in contract.features:
        declared[feature.name] = (
            "number" if feature.type == "numeric" else "text",
            feature.required,
        )
    for name, alias in contract.stored_columns.items():
        kind, required = declared[name]
        yield Field(alias, kind, (name,), needed=required, filled=required)


def _decisions(contract: ModelContract) -> Shape:
    log = contract.log
    fields = (
        Field("prediction_id", "text", (log.prediction_id, "prediction_id"), True, True),
        Field("time", "instant", ("time", "decided_at"), True, True, past=True),
        Field("kind", "text", ("kind",), True, True, choices=DECISION_KINDS),
        Field("decision", "text", (log.decision or "decision", "decision"), True, True),
        Field("decided_by", "text", ("decided_by",)),
        Field("policy_version", "text", ("policy_version",)),
        Field("reason", "text", ("reason",)),
        Field("version", "text", (log.version or "version", "version"), default="1"),
    )
    return Shape("decisions", fields, "time", ("prediction_id", "time", "kind"))


def _outcomes(contract: ModelContract) -> tuple[Shape, ...]:
    outcome = contract.outcome
    if outcome is None:
        raise InvalidInput(
            "The contract of {model} declares no outcome.",
            remedy="Add 'outcome' to the contract and register it again.",
            model=contract.id,
        )
    ids = tuple(
        dict.fromkeys([outcome.prediction_id or contract.log.prediction_id, "prediction_id"])
    )
    columns = tuple(column.name for column in outcome.columns)
    events = tuple(event.time for event in contract.events)
    known = _outcome_shape(contract, ids, outcome.time)
    if not events:
        return (known,)
    return (
        replace(known, present=(outcome.time, *columns), unless=events),
        *(_outcome_shape(contract, ids, event.time, event) for event in contract.events),
    )


def _outcome_shape(
    contract: ModelContract, ids: tuple[str, ...], time: str, event: Event | None = None
) -> Shape:
    fields = [
        Field("prediction_id", "text", ids, True, True),
        Field("observed_at", "instant", (time,), needed=True, filled=True, past=True),
        *_outcome_fields(contract, read=event is None),
        Field("event", "text", (), default=event.name if event else ""),
        Field("event_amount", "number", (event.amount,) if event and event.amount else ()),
        Field("currency", "text", (), default=_currency(contract, event)),
    ]
    key = ("prediction_id", "event", "observed_at")
    present = (time,) if event else ()
    return Shape("outcomes", tuple(fields), "observed_at", key, present)


def _outcome_fields(contract: ModelContract, *, read: bool) -> Iterable[Field]:
    outcome = contract.outcome
    for column in outcome.columns if outcome else ():
        is_label = column.type == "label"
        yield Field(
            outcome.stored_columns[column.name] if outcome else "",
            "text" if is_label and contract.task != "regression" else "number",
            (column.name,) if read else (),
            needed=is_label and read,
            choices=label_values(contract) if is_label and read else (),
        )


def _currency(contract: ModelContract, event: Event | None) -> str:
    if event is not None:
        return event.currency or contract.currency
    columns = contract.outcome.columns if contract.outcome else ()
    return next((column.currency for column in columns if column.currency), contract.currency)
