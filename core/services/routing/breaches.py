"""Released without required review, or otherwise than people had decided, from the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import start_of_day
from core.lake.local_days import to_microseconds
from core.lake.released_rows import (
    AFTER_STOP,
    OTHER_DECISION,
    WHILE_WAITING,
    WITHOUT_VERDICT,
    Breach,
    ReleaseFiles,
    Releases,
    ReviewTimes,
    releases,
)
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.personal_names import MASK
from core.services.questions import parsed_contract
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models, release_gate
from core.store.models import ModelRecord

MOST = 200
BREACHES = (WITHOUT_VERDICT, WHILE_WAITING, OTHER_DECISION, AFTER_STOP)


@dataclass(frozen=True, slots=True)
class VersionOversight:
    """How closely a version is overseen, and what of it took effect.

    Parameters
    ----------
    version : str
        As the log names it.
    level : str, optional
        Oversight level; ``None`` where the contract states none.
    released, breaches : int
        Predictions of it that took effect, and those that did as they should not have.
    kinds : dict of str to int
        The breaches by how: see :class:`~core.lake.released_rows.Breach`.
    """

    version: str
    level: str | None
    released: int
    breaches: int
    kinds: Mapping[str, int] = field(default_factory=dict)


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
    newest : tuple of Breach
        Some that took effect as they should not have, the newest first; ids masked where personal.
    """

    model_id: str
    since: datetime | None
    last: datetime | None
    versions: tuple[VersionOversight, ...]
    newest: tuple[Breach, ...]

    @property
    def released(self) -> int:
        """Predictions that took effect."""
        return sum(each.released for each in self.versions)

    @property
    def breaches(self) -> int:
        """Those without the review that they need, or against what people decided: must be 0."""
        return sum(each.breaches for each in self.versions)

    @property
    def is_logged(self) -> bool:
        """Whether the log says of anything when it took effect; without it nothing is proved."""
        return self.released > 0


def oversight(
    workspace: Workspace, model_id: str, *, actor: Actor, limit: int = 50
) -> ModelOversight:
    """Return what of a model took effect without the review that its oversight level requires.

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
    return measure(workspace, model_id, jurisdictions=scope, limit=min(max(limit, 0), MOST))


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
) -> ModelOversight:
    """Return the same for a caller whose permission was checked, such as a check.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        contract = parsed_contract(record.spec_text)
        files = _files(workspace, conn, record, contract, jurisdictions)
        times = _times(conn, model_id)
    key = ("releases", record.id, record.lake_generation, record.spec_sha256, jurisdictions, limit)
    found = workspace.memo.get(
        (*key, hash(times)), lambda: releases(workspace.duck, files, times, limit=limit)
    )
    return ModelOversight(
        model_id,
        files.since or found.first,
        found.last,
        _versions(contract, found),
        _masked(contract, found.newest),
    )


def _files(
    workspace: Workspace,
    conn: Connection,
    record: ModelRecord,
    contract: ModelContract,
    jurisdictions: tuple[str, ...] | None,
) -> ReleaseFiles:
    files = manifest.files_at(
        conn,
        record.id,
        record.lake_generation,
        kinds=["data"],
        streams=["predictions", "decisions"],
    )
    start = contract.review.start if contract.review else None
    return ReleaseFiles(
        workspace.lake_paths(file for file in files if file.stream == "predictions"),
        workspace.lake_paths(file for file in files if file.stream == "decisions"),
        _of_level(contract, "in_the_loop"),
        _of_level(contract, "in_command"),
        None if start is None else start_of_day(start, contract.timezone),
        RowFilter(jurisdictions=jurisdictions),
    )


def _of_level(contract: ModelContract, level: str) -> tuple[str, ...]:
    return tuple(each.id for each in contract.versions if each.oversight_level == level)


def _times(conn: Connection, model_id: str) -> ReviewTimes:
    return ReviewTimes(
        _numbered(release_gate.verdicts(conn, model_id)),
        tuple(
            (prediction, to_microseconds(start), None if end is None else to_microseconds(end))
            for prediction, start, end in release_gate.waits(conn, model_id)
        ),
        _numbered(release_gate.by_hand(conn, model_id)),
    )


def _numbered(found: Iterable[tuple[str, datetime, str]]) -> tuple[tuple[str, int, str], ...]:
    return tuple((prediction, to_microseconds(at), said) for prediction, at, said in found)


def _versions(contract: ModelContract, found: Releases) -> tuple[VersionOversight, ...]:
    levels = {each.id: each.oversight_level for each in contract.versions}
    others = sorted(set(found.released) - set(levels))
    return tuple(
        VersionOversight(
            version,
            levels.get(version),
            found.released.get(version, 0),
            sum(count for (name, _), count in found.breaches.items() if name == version),
            {kind: count for (name, kind), count in found.breaches.items() if name == version},
        )
        for version in (*levels, *others)
    )


def _masked(contract: ModelContract, newest: tuple[Breach, ...]) -> tuple[Breach, ...]:
    if not contract.is_personal("@prediction_id"):
        return newest
    return tuple(
        Breach(
            f"{MASK} {place}",
            each.version,
            each.jurisdiction,
            each.time,
            each.released_at,
            each.kind,
        )
        for place, each in enumerate(newest, start=1)
    )
