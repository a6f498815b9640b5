"""How long records are kept: the rules in force, what contradicts, and what is due to go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.retention import (
    CLASS_OF,
    CONTRADICTIONS,
    RECORD_CLASSES,
    Contradiction,
    Grade,
    Rule,
    contradictions,
    shipped_rule,
)
from core.domain.working_days import start_of_day
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.upkeep.erase import OfPlaces, rows_before
from core.services import access
from core.services.retention.disposal_records import Asked, covers_records, overdue, still_logged
from core.services.retention.holds import check_class
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.audit import trail as audit
from core.store.manifest import ManifestFile
from core.store.retention import holds
from core.store.retention import rules as retention
from core.store.retention.holds import Hold
from core.store.rights import requests

_LONGEST_DAYS = 100 * 366


@dataclass(frozen=True, slots=True)
class RetentionLine:
    """One class of records: its rule, what covers it and what contradicts.

    Parameters
    ----------
    rule : Rule
        What is in force.
    label : str
        Message id of the class's name.
    covers : tuple of str
        What of this workspace belongs to it.
    holds : int
        Holds in force, of those in the reader's scope, that may cover some of it.
    contradictions : tuple of Contradiction
        What is wrong with it; never resolved here.
    """

    rule: Rule
    label: str
    covers: tuple[str, ...]
    holds: int
    contradictions: tuple[Contradiction, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Message ids of the contradictions."""
        return tuple(CONTRADICTIONS[each] for each in self.contradictions)


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of a model's stream, or its cases and the like, that are older than their maximum.

    Parameters
    ----------
    model_id, stream, record_class : str
        Which rows.
    rows : int
        How many are past the maximum.
    oldest : datetime, optional
        Instant of the oldest of them.
    before : datetime
        The instant that the maximum reaches back to.
    held : bool
        Whether a hold covers all of the model's records of the class, or each of these.
    """

    model_id: str
    stream: str
    record_class: str
    rows: int
    oldest: datetime | None
    before: datetime
    held: bool


def retention_table(workspace: Workspace, *, actor: Actor) -> tuple[RetentionLine, ...]:
    """Return every class of records with its rule and what contradicts."""
    access.require(actor, Permission.retention_view)
    overdue = due_rows(workspace, actor=actor)
    with workspace.store.read() as conn:
        rules = rules_in_force(conn)
        in_force = [
            hold for hold in holds.list_holds(conn, in_force=True) if hold.is_seen_by(actor)
        ]
    lines = []
    for name, rule in rules.items():
        held = any(due.held for due in overdue if due.record_class == name)
        lines.append(
            RetentionLine(
                rule,
                RECORD_CLASSES[name].label,
                RECORD_CLASSES[name].covers,
                sum(hold.record_class in {None, name} for hold in in_force),
                contradictions(rule, held_past_maximum=held),
            )
        )
    return tuple(lines)


def set_rule(
    workspace: Workspace,
    record_class: str,
    *,
    minimum_days: int | None,
    maximum_days: int | None,
    basis: str,
    actor: Actor,
) -> RetentionLine:
    """Set how long a class is kept; a contradiction is kept and shown, not mended.

    Parameters
    ----------
    workspace : Workspace
        Where.
    record_class : str
        One of :data:`core.domain.retention.RECORD_CLASSES`.
    minimum_days, maximum_days : int, optional
        At least and at most so many days; ``None`` for no limit.
    basis : str
        The law, guideline or decision behind it.
    actor : Actor
        Who sets it.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If there is no such class, a number is negative or absurd, or the basis is missing.
    """
    access.require(actor, Permission.retention_manage)
    access.require_recent(workspace, actor)
    check_class(record_class)
    for days in (minimum_days, maximum_days):
        if days is not None and not 0 <= days <= _LONGEST_DAYS:
            raise InvalidInput(
                N_("{days} is not a number of days to keep records for."),
                remedy=N_("Give a whole number from 0 to {longest}, or nothing for no limit."),
                days=days,
                longest=_LONGEST_DAYS,
            )
    if not basis.strip():
        raise InvalidInput(
            N_("A rule needs its basis."),
            remedy=N_("Name the law, guideline or decision behind it."),
        )
    now = workspace.clock()
    with workspace.store.begin() as conn:
        before = rules_in_force(conn)[record_class]
        retention.put(
            conn,
            retention.StoredRule(
                record_class, minimum_days, maximum_days, basis.strip(), now, actor.audit_name
            ),
        )
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="retention.set",
            objects={"record_class": record_class},
            body={
                "before": {"minimum": before.minimum_days, "maximum": before.maximum_days},
                "after": {"minimum": minimum_days, "maximum": maximum_days},
                "basis": basis.strip(),
            },
        )
    table = retention_table(workspace, actor=actor)
    return next(line for line in table if line.rule.record_class == record_class)


def due_rows(workspace: Workspace, *, actor: Actor) -> tuple[Due, ...]:
    """Return the rows past their class's maximum, of the models in the actor's scope.

    An actor limited to some jurisdictions is told of rows of those: predictions that name one of
    them, and what belongs to such a prediction.

    Nothing is removed: a maximum says what is due, an erasure or a new rule is a person's step.
    """
    access.require(actor, Permission.retention_view)
    return (*_due(workspace, actor), *_due_records(workspace, actor))


def rules_in_force(conn: Connection) -> dict[str, Rule]:
    """Return the rule of every class: as somebody set it, or as shipped."""
    stored = retention.get_all(conn)
    rules = {}
    for name in RECORD_CLASSES:
        own = stored.get(name)
        rules[name] = (
            shipped_rule(name)
            if own is None
            else Rule(name, own.minimum_days, own.maximum_days, own.basis, Grade.own)
        )
    return rules


def _due(workspace: Workspace, actor: Actor) -> Iterator[Due]:
    now = workspace.clock()
    with workspace.store.read() as conn:
        rules = rules_in_force(conn)
        in_force = holds.list_holds(conn, in_force=True)
        files = {
            record.id: manifest.files_at(conn, record.id, record.lake_generation, kinds=["data"])
            for record in models.list_models(conn, actor.models)
        }
    for model_id, of_model in files.items():
        for stream in sorted({file.stream for file in of_model if file.stream}):
            rule = rules[CLASS_OF[stream]]
            if rule.maximum_days is None:
                continue
            before = now - timedelta(days=rule.maximum_days)
            old = [file for file in of_model if file.stream == stream and _reaches(file, before)]
            own = None
            if actor.jurisdictions is not None:
                logged = [file for file in of_model if file.stream == "predictions"]
                own = OfPlaces(workspace.lake_paths(logged), actor.jurisdictions)
            rows, oldest = rows_before(
                workspace.duck, workspace.lake_paths(old), stream, before, own
            )
            if rows:
                held = _is_held(in_force, model_id, rule.record_class)
                yield Due(model_id, stream, rule.record_class, rows, oldest, before, held)


def _due_records(workspace: Workspace, actor: Actor) -> Iterator[Due]:
    """Return cases, requests and the like; of some jurisdictions nobody can say which are whose."""
    if actor.jurisdictions is not None:
        return
    now = workspace.clock()
    with workspace.store.read() as conn:
        rules = rules_in_force(conn)
        in_force, asking = holds.list_holds(conn, in_force=True), requests.people_asking(conn)
        seen = tuple(record.id for record in models.list_models(conn, actor.models))
    for name, rule in rules.items():
        if rule.maximum_days is None or not covers_records(name):
            continue
        before = now - timedelta(days=rule.maximum_days)
        asked = Asked(name, before, now, seen, in_force, asking, of_all=actor.models is None)
        in_log = still_logged(workspace, asked)
        with workspace.store.read() as conn:
            found = overdue(conn, asked, in_log)
        for each in found:
            count = len(each.free) + len(each.held)
            oldest = each.oldest
            since = oldest if isinstance(oldest, datetime) else start_of_day(oldest)
            yield Due(each.model_id, each.store, name, count, since, before, not each.free)


def _reaches(file: ManifestFile, before: datetime) -> bool:
    return file.first_time is None or file.first_time < before


def _is_held(in_force: tuple[Hold, ...], model_id: str, record_class: str) -> bool:
    return any(
        hold.covers(subject_id=None, model_id=model_id, record_class=record_class)
        for hold in in_force
    )
