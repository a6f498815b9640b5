"""What people did about a model's predictions, and when, out of the state database."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.lake.local_days import to_microseconds
from core.lake.releases.facts import ReviewTimes
from core.services.routing.rule_history import RuleHistory
from core.store import release_gate
from core.store.models import SpecRevision
from core.store.rights import opt_outs


def review_times(conn: Connection, model_id: str, revisions: Sequence[SpecRevision]) -> ReviewTimes:
    """Return what releases of a model are held against.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Which model.
    revisions : sequence of SpecRevision
        Of its contract, the oldest first.
    """
    history = RuleHistory(revisions)
    return ReviewTimes(
        _numbered(release_gate.verdicts(conn, model_id)),
        tuple(
            (each.prediction_id, history.begin(each), _number(each.end))
            for each in release_gate.waits(conn, model_id)
        ),
        _numbered(release_gate.by_hand(conn, model_id)),
        tuple(
            (to_microseconds(start), _number(end), takes_over)
            for start, end, takes_over in release_gate.suspensions(conn, model_id)
        ),
        tuple(
            (each.subject_id, to_microseconds(each.since), _number(each.ended_at))
            for each in opt_outs.list_register(conn, models=[model_id])
        ),
    )


def _numbered(found: Iterable[tuple[str, datetime, str]]) -> tuple[tuple[str, int, str], ...]:
    return tuple((prediction, to_microseconds(at), said) for prediction, at, said in found)


def _number(at: datetime | None) -> int | None:
    return None if at is None else to_microseconds(at)
