"""Released without required review, or otherwise than people had decided, from the log."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import start_of_day
from core.lake.local_days import to_microseconds
from core.lake.releases.facts import (
    AFTER_STOP,
    OPTED_OUT,
    OTHER_DECISION,
    UNDECLARED,
    WHILE_SUSPENDED,
    WHILE_WAITING,
    WITHOUT_RELEASE,
    WITHOUT_VERDICT,
    Declared,
    ReleaseFiles,
)
from core.lake.releases.rows import Releases, releases
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.routing.breach_cases import ToldBreach, with_cases
from core.services.routing.declared import declared_by
from core.services.routing.held import held_rows
from core.services.routing.plan import subject_hash
from core.services.routing.review_times import review_times
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models, release_gate, routing
from core.store.models import ModelRecord

MOST = 200
BREACHES = (
    WITHOUT_VERDICT,
    WHILE_WAITING,
    WITHOUT_RELEASE,
    WHILE_SUSPENDED,
    OPTED_OUT,
    OTHER_DECISION,
    AFTER_STOP,
)


@dataclass(frozen=True, slots=True)
class VersionOversight:
    """How closely a version is overseen, and what of it took effect.

    Parameters
    ----------
    version : str
        As the log names it.
    level : str, optional
        Oversight level by the contract in force now; ``None`` where it states none.
    released, breaches : int
        Predictions of it that took effect, and those that did as they should not have.
    kinds : dict of str to int
        The breaches by how: see :class:`~core.lake.releases.rows.Breach`.
    undeclared : int
        Predictions that took effect while no level was declared for it, and nobody had released
        them: whether they needed review cannot be said, so they are no breaches, and not nothing.
    no_case : int
        Predictions that are in the loop, were routed, and became no case: they stay held.
    """

    version: str
    level: str | None
    released: int
    breaches: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    undeclared: int = 0
    no_case: int = 0


@dataclass(frozen=True, slots=True)
class ModelOversight:
    """What took effect of one model.

    Parameters
    ----------
    model_id : str
        Which.
    since : datetime, optional
        From when on it counts: the first day of ``review.from``, else the first that is logged;
        ``None`` while nothing is logged.
    last : datetime, optional
        When the newest took effect.
    versions : tuple of VersionOversight
        Those of the contract in its order, then others that took effect.
    newest : tuple of ToldBreach
        Some that took effect as they should not have, the newest first, each with its case; ids
        masked where personal.
    unlogged : int, optional
        Predictions that took effect and that the log does not hold, so that nobody can say whether
        they needed review; ``None`` for who sees some jurisdictions only: theirs is not known.
    """

    model_id: str
    since: datetime | None
    last: datetime | None
    versions: tuple[VersionOversight, ...]
    newest: tuple[ToldBreach, ...]
    unlogged: int | None = None

    @property
    def released(self) -> int:
        """Predictions that took effect."""
        return sum(each.released for each in self.versions)

    @property
    def breaches(self) -> int:
        """Those without the review that they need, or against what people decided: must be 0."""
        return sum(each.breaches for each in self.versions)

    @property
    def undeclared(self) -> int:
        """Those of versions for which no oversight level was declared when they took effect."""
        return sum(each.undeclared for each in self.versions)

    @property
    def no_case(self) -> int:
        """Those in the loop that stay held, because no rule made a case of them."""
        return sum(each.no_case for each in self.versions)

    @property
    def is_logged(self) -> bool:
        """Whether the log says of anything when it took effect; without it nothing is proved."""
        return self.released > 0 or bool(self.unlogged)


def oversight(
    workspace: Workspace, model_id: str, *, actor: Actor, limit: int = 50
) -> ModelOversight:
    """Return what of a model took effect without the review that its oversight level requires.

    Each release is judged by the contract that was in force when it took effect: one that is
    registered later, approved or not, changes no figure of before.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``review.view``; rows outside the actor's jurisdictions are not counted.
    limit : int
        Most breaches to tell one by one, up to 200.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.review_view, model=model_id)
    scope = None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
    return measure(
        workspace, model_id, jurisdictions=scope, limit=min(max(limit, 0), MOST), reader=actor
    )


def oversight_of_all(workspace: Workspace, *, actor: Actor) -> tuple[ModelOversight, ...]:
    """Return the same of every model in the actor's scope, by id."""
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        found = [record.id for record in models.list_models(conn, actor.models)]
    return tuple(oversight(workspace, each, actor=actor, limit=0) for each in found)


@retry_when_stale
def measure(
    workspace: Workspace,
    model_id: str,
    *,
    jurisdictions: tuple[str, ...] | None = None,
    limit: int = 50,
    reader: Actor | None = None,
) -> ModelOversight:
    """Return the same for a caller whose permission was checked, such as a check.

    Breaches of which a reader may not know stay counted and are not told one by one.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        contract = parsed_contract(record.spec_text)
        revisions = models.spec_revisions(conn, model_id)
        files = _files(workspace, conn, record, declared_by(revisions), jurisdictions)
        times = review_times(conn, model_id, revisions)
        batches = routing.routed_batches(conn, model_id)
    key = ("releases", record.id, record.lake_generation, jurisdictions, limit)
    found = workspace.memo.get(
        (*key, files.whole_since, hash(files.declared), hash(times)),
        lambda: releases(workspace.duck, files, times, limit=limit),
    )
    with workspace.store.read() as conn:
        newest = with_cases(conn, model_id, found.newest, reader)
    return ModelOversight(
        model_id,
        _since(contract, found.first),
        found.last,
        _versions(contract, found, held_rows(workspace, record, files, times, batches)),
        _masked(contract, newest),
        found.unlogged,
    )


def _files(
    workspace: Workspace,
    conn: Connection,
    record: ModelRecord,
    declared: Declared,
    jurisdictions: tuple[str, ...] | None,
) -> ReleaseFiles:
    files = manifest.files_at(
        conn,
        record.id,
        record.lake_generation,
        kinds=["data"],
        streams=["predictions", "decisions"],
    )
    disposed = release_gate.disposed_at(conn, record.id)
    return ReleaseFiles(
        workspace.lake_paths(file for file in files if file.stream == "predictions"),
        workspace.lake_paths(file for file in files if file.stream == "decisions"),
        declared,
        RowFilter(jurisdictions=jurisdictions),
        subject_hash(workspace.keys),
        None if disposed is None else to_microseconds(disposed),
    )


def _since(contract: ModelContract, first: datetime | None) -> datetime | None:
    """Return from when on releases count: the day of the contract, unless earlier ones do."""
    start = contract.review.start if contract.review else None
    if start is None:
        return first
    midnight = start_of_day(start, contract.timezone)
    return midnight if first is None else min(midnight, first)


def _versions(
    contract: ModelContract, found: Releases, held: Mapping[str, int]
) -> tuple[VersionOversight, ...]:
    levels = {each.id: each.oversight_level for each in contract.versions}
    others = sorted(set(found.released) - set(levels))
    return tuple(
        _version(version, levels.get(version), found, held.get(version, 0))
        for version in (*levels, *others)
    )


def _version(version: str, level: str | None, found: Releases, no_case: int) -> VersionOversight:
    kinds = {kind: count for (name, kind), count in found.breaches.items() if name == version}
    undeclared = kinds.pop(UNDECLARED, 0)
    released = found.released.get(version, 0)
    breaches = sum(kinds.values())
    return VersionOversight(version, level, released, breaches, kinds, undeclared, no_case)


def _masked(contract: ModelContract, newest: tuple[ToldBreach, ...]) -> tuple[ToldBreach, ...]:
    if not contract.is_personal("@prediction_id"):
        return newest
    return tuple(
        replace(each, prediction_id=f"{MASK} {place}") for place, each in enumerate(newest, start=1)
    )
