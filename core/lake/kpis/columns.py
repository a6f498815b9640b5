"""The SQL that each name of an expression stands for, and which streams it is read from."""

from dataclasses import dataclass
from typing import Literal

from core.contract import ModelContract
from core.contract.kpi_names import (
    DECISION_NAMES,
    EVENT,
    FLAGGED,
    LABEL,
    OBSERVED_AT,
    is_number_label,
    outcome_column,
    own_names,
)
from core.contract.outcomes import OutcomeColumn
from core.domain.windows import start_of_day
from core.lake.labels.flagged import flagged_sql
from core.lake.paths import quoted
from core.lake.row_filter import instant_literal
from core.lake.streams import own_columns, stream_columns


@dataclass(frozen=True, slots=True)
class Source:
    """Where a name's value stands.

    Parameters
    ----------
    sql : str
        Over ``r`` (the prediction), ``o`` (its outcome), ``d`` (what was decided), ``e0`` …
        (events by their place in the contract).
    log : tuple of str
        Lake columns of the prediction that it reads.
    outcome : str
        Column of the resolved stream that it reads; empty for none.
    decisions : tuple of str
        What it reads of the decisions stream.
    event : int
        Place of the event that it reads; -1 for none.
    """

    sql: str
    log: tuple[str, ...] = ()
    outcome: str = ""
    decisions: tuple[str, ...] = ()
    event: int = -1


def source_of(
    contract: ModelContract,
    name: str,
    *,
    decided: bool,
    happened: bool,
    known: Literal["o", "r"] = "o",
) -> Source:
    """Return where a name's value stands.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    name : str
        One of :func:`core.contract.kpi_names.kpi_names`.
    decided, happened : bool
        Whether there is a decisions stream, and whether there are events.
    known : {"o", "r"}
        Alias of the outcome: ``r`` where one row is both the prediction and its outcome.

    Raises
    ------
    KeyError
        If expressions know no such name.
    """
    if name in DECISION_NAMES:
        return _decision(contract, name, decided=decided)
    if name.startswith(EVENT):
        return _event(contract, name, happened=happened)
    if name == FLAGGED:
        return Source(flagged_sql(contract), ("prediction", "score", "version"))
    if name == LABEL:
        is_text = contract.task == "multiclass_classification"
        label = "label_text" if is_text else "label"
        return Source(f"{known}.{label}", outcome=label)
    if name == OBSERVED_AT:
        return Source(f"{known}.observed_at", outcome="observed_at")
    column = outcome_column(contract, name)
    if column is not None:
        return _outcome(contract, column, known)
    return _logged(contract, name)


def _logged(contract: ModelContract, name: str) -> Source:
    if name == "version" or name in contract.log.mapping():
        kind = stream_columns(contract, "predictions")[name]
        is_number = name == "prediction" and contract.task == "regression"
        # The canonical name is one of ours: the stream's own columns are.
        canonical = next(each for each in stream_columns(contract, "predictions") if each == name)
        sql = f"try_cast(r.{canonical} AS DOUBLE)" if is_number else f"r.{canonical}"
        return Source(sql if kind != "BIGINT" else f"{sql}::DOUBLE", (canonical,))
    if name not in own_names(contract):
        raise KeyError(name)
    alias = contract.alias(name)
    return Source(_typed(f"r.{alias}", own_columns(contract)[alias], contract.timezone), (alias,))


def _typed(column: str, kind: str, timezone: str) -> str:
    """Return a stored column as a number, a text, a condition or an instant."""
    if kind == "BIGINT":
        return f"{column}::DOUBLE"
    if kind == "DATE":
        return f"timezone({quoted(timezone)}, CAST({column} AS TIMESTAMP))"
    return column


def _outcome(contract: ModelContract, column: OutcomeColumn, known: Literal["o", "r"]) -> Source:
    outcome = contract.outcome
    if outcome is None or is_number_label(contract, column):
        return Source(f"{known}.label", outcome="label")
    alias = outcome.stored_columns[column.name]
    return Source(f"{known}.{alias}", outcome=alias)


def _event(contract: ModelContract, name: str, *, happened: bool) -> Source:
    for place, event in enumerate(contract.events):
        forms = {
            EVENT + event.name: ("e{}.prediction_id IS NOT NULL", "FALSE"),
            f"{EVENT}{event.name}.at": ("e{}.happened_at", "NULL::TIMESTAMPTZ"),
            f"{EVENT}{event.name}.amount": ("e{}.amount", "NULL::DOUBLE"),
        }
        if name in forms:
            known, never = forms[name]
            return (
                Source(f"({known.format(int(place))})", event=place) if happened else Source(never)
            )
    raise KeyError(name)


def _decision(contract: ModelContract, name: str, *, decided: bool) -> Source:
    has_release = contract.log.released_at is not None
    released = Source(
        "r.released_at" if has_release else "NULL::TIMESTAMPTZ",
        ("released_at",) if has_release else (),
    )
    default = Source(quoted("policy" if contract.policy else "model"))
    policy = Source(_policy_in_force(contract), ("version",))
    logged = Source("r.decision", ("decision",))
    if not decided:
        alone = {
            "final_decision": logged,
            "decided_by": default,
            "decided_at": released,
            "human_decision": Source("NULL::VARCHAR"),
            "human_decided_at": Source("NULL::TIMESTAMPTZ"),
            "reviewed": Source("FALSE"),
            "overridden": Source("FALSE"),
            "policy_version": policy,
            "reason": Source("NULL::VARCHAR"),
        }
        return alone[name]
    automated = "lower(trim(coalesce(r.decision, d.automated)))"
    overridden = (
        f"CASE WHEN d.human IS NULL THEN FALSE ELSE lower(trim(d.human)) <> {automated} END"
    )
    found = {
        "final_decision": _else("decision", logged),
        "decided_by": _else("kind", default),
        "decided_at": _else("decided_at", released),
        "human_decision": Source("d.human", decisions=("human",)),
        "human_decided_at": Source("d.human_at", decisions=("human_at",)),
        "reviewed": Source("(d.human IS NOT NULL)", decisions=("human",)),
        "overridden": Source(overridden, ("decision",), decisions=("human", "automated")),
        "policy_version": _else("policy_version", policy),
        "reason": Source("d.reason", decisions=("reason",)),
    }
    return found[name]


def _else(column: str, source: Source) -> Source:
    """Return what the decisions stream says, else what another source does."""
    return Source(f"coalesce(d.{column}, {source.sql})", source.log, decisions=(column,))


def _policy_in_force(contract: ModelContract) -> str:
    """Return the policy by the contract: the version's own, else that of the day."""
    cases = [
        f"WHEN r.version = {quoted(version.id)} THEN {quoted(version.policy)}"
        for version in contract.versions
        if version.policy is not None
    ]
    newest_first = sorted(contract.policy, key=lambda each: each.start, reverse=True)
    cases += [
        f"WHEN r.time >= {instant_literal(start_of_day(policy.start, contract.timezone))}"
        f" THEN {quoted(policy.version)}"
        for policy in newest_first
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::VARCHAR"
