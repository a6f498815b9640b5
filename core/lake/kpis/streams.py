"""What is known of each prediction beside its log: outcome, decisions and events, one row each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.contract import ModelContract
from core.contract.periods import Age
from core.lake.labels.rows import newest_labels_sql
from core.lake.paths import parquet_relation, quoted
from core.lake.row_filter import instant_literal

_PLACE = "(time, _batch, _row)"
_BY_PERSON = "kind IN ('human', 'appeal')"
_DECISION_SUMS = {
    "decision": f"arg_max(decision, {_PLACE})",
    "kind": f"arg_max(kind, {_PLACE})",
    "decided_at": "max(time)",
    "policy_version": f"arg_max(policy_version, {_PLACE})",
    "reason": f"arg_max_null(reason, {_PLACE})",
    "human": f"arg_max(decision, {_PLACE}) FILTER ({_BY_PERSON})",
    "human_at": f"max(time) FILTER ({_BY_PERSON})",
    "automated": f"arg_max(decision, {_PLACE}) FILTER (NOT ({_BY_PERSON}))",
}


@dataclass(frozen=True, slots=True)
class Within:
    """Up to which age of a prediction what is known of it counts.

    Parameters
    ----------
    age : Age
        After its own time.
    predictions : tuple of str
        Paths of the lake files of predictions, for streams that do not have that time.
    """

    age: Age
    predictions: tuple[str, ...]

    def aged(self, instant: str) -> str:
        """Return the SQL of the instant at which a row that has that time is of the age."""
        spans = (f"INTERVAL {int(self.age.months)} MONTH", f"INTERVAL {int(self.age.hours)} HOUR")
        return f"{instant} + {spans[0]} + {spans[1]}"

    @property
    def joined(self) -> str:
        """SQL that joins the time of each prediction, as ``predicted_at``."""
        return (
            " JOIN (SELECT prediction_id, time AS predicted_at FROM"  # noqa: S608
            f" {parquet_relation(self.predictions)}) USING (prediction_id)"
        )


def known_outcomes_sql(
    contract: ModelContract,
    resolved: Sequence[str],
    as_of: datetime,
    *,
    revised: bool,
    within: Within | None = None,
) -> str:
    """Return the SQL of one row a prediction: the newest outcome known at an instant.

    An outcome with a label counts once the label is there. Without revisions no row is compared
    with another, which is three times as quick.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    resolved : sequence of str
        Paths of the lake files of the stream, at least one.
    as_of : datetime
        Outcomes observed later are invisible.
    revised : bool
        Whether a prediction may have several outcomes.
    within : Within, optional
        Outcomes observed at a greater age are invisible too.
    """
    also = "" if within is None else f" AND observed_at <= {within.aged('time')}"
    labelled = contract.outcome is not None and contract.outcome.label is not None
    if revised and labelled:
        return newest_labels_sql(resolved, as_of, also)
    files, seen = parquet_relation(resolved), f"observed_at <= {instant_literal(as_of)}{also}"
    if not revised:
        final = " AND label IS NOT NULL" if labelled else ""
        return f"SELECT * FROM {files} WHERE {seen}{final}"  # noqa: S608
    return (
        f"SELECT * FROM {files} WHERE {seen}"  # noqa: S608
        " QUALIFY row_number() OVER (PARTITION BY prediction_id"
        " ORDER BY observed_at DESC, _batch DESC, _row DESC) = 1"
    )


def decided_sql(
    decisions: Sequence[str],
    as_of: datetime,
    wanted: Collection[str],
    within: Within | None = None,
) -> str:
    """Return the SQL of one row a prediction that somebody or something decided on.

    Parameters
    ----------
    decisions : sequence of str
        Paths of the lake files of the stream, at least one.
    as_of : datetime
        Later decisions are invisible.
    wanted : collection of str
        Of :data:`DECISION_COLUMNS`.
    within : Within, optional
        Decisions at a greater age of the prediction are invisible too.
    """
    files, also = _of_age(decisions, "time", within)
    sums = "".join(f", {sql} AS {name}" for name, sql in _DECISION_SUMS.items() if name in wanted)
    return (
        f"SELECT prediction_id{sums} FROM {files}"  # noqa: S608
        f" WHERE time <= {instant_literal(as_of)}{also} AND decision IS NOT NULL"
        " AND kind IS DISTINCT FROM 'released'"
        " GROUP BY prediction_id"
    )


DECISION_COLUMNS = frozenset(_DECISION_SUMS)
"""What :func:`decided_sql` can say of a prediction."""


def _of_age(files: Sequence[str], instant: str, within: Within | None) -> tuple[str, str]:
    """Return the SQL of a stream's rows, and of the condition that they are of the age at most."""
    if within is None:
        return parquet_relation(files), ""
    also = f" AND {instant} <= {within.aged('predicted_at')}"
    return f"{parquet_relation(files)}{within.joined}", also


def happened_sql(
    outcomes: Sequence[str], event: str, as_of: datetime, within: Within | None = None
) -> str:
    """Return the SQL of one row a prediction that an event happened to.

    Parameters
    ----------
    outcomes : sequence of str
        Paths of the lake files of the stream, at least one.
    event : str
        Its name in the contract.
    as_of : datetime
        Later events are invisible.
    within : Within, optional
        Events at a greater age of the prediction are invisible too.
    """
    files, also = _of_age(outcomes, "observed_at", within)
    return (
        "SELECT prediction_id, min(observed_at) AS happened_at, sum(event_amount) AS amount"  # noqa: S608
        f" FROM {files}"
        f" WHERE event = {quoted(event)} AND observed_at <= {instant_literal(as_of)}{also}"
        " GROUP BY prediction_id"
    )
