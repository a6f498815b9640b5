"""Which case a decision went past that took effect as it should not have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.lake.releases.facts import OTHER_DECISION
from core.lake.releases.rows import Breach
from core.services.review.blind import is_kept_blind
from core.services.review.cases import case_reference
from core.store import release_gate
from core.store.release_gate import DecidingCase
from core.store.review import blind
from core.store.rights import disputes


@dataclass(frozen=True, slots=True)
class BreachCase:
    """The case that a decision went past.

    Parameters
    ----------
    case_id, reference, state : int, str, str
        Which, and how it stands now.
    final_at, decision : datetime, str, optional
        When its verdict was final, and what people decided; ``None`` before that.
    was_final : bool
        Whether its verdict was final when the decision took effect.
    """

    case_id: int
    reference: str
    state: str
    final_at: datetime | None
    decision: str | None
    was_final: bool


@dataclass(frozen=True, slots=True)
class ToldBreach:
    """A decision that took effect as it should not have, with its case, where there is one.

    Parameters
    ----------
    prediction_id : str
        Which; masked where it is personal.
    version, level, jurisdiction : str
        Of the prediction; the oversight level is the one of that instant, empty without one.
    time, released_at : datetime
        Of the prediction, and when it took effect.
    kind : str
        How: see :class:`~core.lake.releases.rows.Breach`.
    case : BreachCase, optional
        ``None`` where the prediction has none.
    disputed : bool
        Whether the customer's note on the prediction is in force.
    """

    prediction_id: str
    version: str
    level: str
    jurisdiction: str
    time: datetime
    released_at: datetime
    kind: str
    case: BreachCase | None
    disputed: bool


def with_cases(
    conn: Connection, model_id: str, found: Sequence[Breach], reader: Actor | None
) -> tuple[ToldBreach, ...]:
    """Return breaches with the case that each went past.

    Whoever works on the queue without watching over it is told of none whose prediction is decided
    a second time, blind: how it was released would tell the first verdict.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose predictions.
    found : sequence of Breach
        In the order to tell.
    reader : Actor, optional
        Who is told; ``None``: a check.
    """
    if reader is not None and is_kept_blind(reader):
        found = [each for each in found if not blind.waits(conn, model_id, each.prediction_id)]
    cases: dict[str, list[DecidingCase]] = {}
    for case in release_gate.deciding_cases(conn, model_id, [each.prediction_id for each in found]):
        cases.setdefault(case.prediction_id, []).append(case)
    disputed = disputes.disputed(conn, model_id, [each.prediction_id for each in found])
    return tuple(
        _told(each, cases.get(each.prediction_id, ()), each.prediction_id in disputed)
        for each in found
    )


def _told(breach: Breach, cases: Iterable[DecidingCase], is_disputed: bool) -> ToldBreach:
    case = _went_past(breach, list(cases))
    return ToldBreach(
        breach.prediction_id,
        breach.version,
        breach.level,
        breach.jurisdiction,
        breach.time,
        breach.released_at,
        breach.kind,
        None
        if case is None
        else BreachCase(
            case.case_id,
            case_reference(case.case_id),
            case.state,
            case.final_at,
            case.decision,
            _was_final(case, breach.released_at),
        ),
        is_disputed,
    )


def _went_past(breach: Breach, cases: Sequence[DecidingCase]) -> DecidingCase | None:
    """Return the verdict that it departs from; else the case that waited then; else a later one."""
    at = breach.released_at
    final = [each for each in cases if _was_final(each, at)]
    if breach.kind == OTHER_DECISION and final:
        return max(final, key=lambda each: (each.final_at, each.case_id))
    waited = [each for each in cases if each.created_at <= at and each not in final]
    if waited:
        return waited[-1]
    return next((each for each in cases if each not in final), final[-1] if final else None)


def _was_final(case: DecidingCase, at: datetime) -> bool:
    return case.final_at is not None and case.final_at <= at
