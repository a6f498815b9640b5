"""Disposing of records beside the lake: cases, requests, the log book, explanations, letters.

A case stays as long as its prediction is in the log: without it the log would say that this was
released without review. So it goes after the prediction, or with the person by an erasure.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from core.domain.retention import RECORD_CLASSES
from core.domain.rights import look_back_from
from core.domain.working_days import local_day
from core.lake.rows_by_id import rows_by_id
from core.services.backup.loose_files import files_there, remove_loose_files
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.retention import disposing
from core.store.retention.disposing import (
    DISCLOSURES,
    EXPLANATIONS,
    LETTERS,
    REFUSALS,
    REQUESTS,
    REVIEWS,
    Key,
    Overdue,
)
from core.store.retention.holds import Hold

RECORDS = (REVIEWS, REQUESTS, DISCLOSURES, REFUSALS, LETTERS, EXPLANATIONS)
EVERY_MODEL = ""
"""Stands for the model of a request that names none."""
_NUMBER = re.compile(r"(attachments|requests)/(\d+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records: of what class, how old, of which models, and who keeps some.

    Parameters
    ----------
    record_class : str
        One of :data:`core.domain.retention.RECORD_CLASSES`.
    before, now : datetime
        The instant that the maximum reaches back to, and the moment.
    models : tuple of str
        Only of these, and of no model in particular where ``of_all``.
    holds : tuple of Hold
        In force.
    asking : tuple of (str, str or None)
        People whose request waits, with the model that it names.
    of_all : bool
        Whether requests that name no model count.
    """

    record_class: str
    before: datetime
    now: datetime
    models: tuple[str, ...]
    holds: tuple[Hold, ...]
    asking: tuple[tuple[str, str | None], ...]
    of_all: bool

    @property
    def stores(self) -> tuple[str, ...]:
        """What of the class lies beside the lake."""
        return tuple(each for each in RECORD_CLASSES[self.record_class].covers if each in RECORDS)

    def keeps(self, record: Overdue) -> bool:
        """Whether a hold or an open request keeps a record."""
        if any(
            who == record.subject_id
            and (record.model_id == model or None in {model, record.model_id})
            for who, model in self.asking
        ):
            return True
        return any(
            hold.covers(
                subject_id=record.subject_id,
                # A request about all models is about the one that is held, too.
                model_id=record.model_id or hold.model_id or EVERY_MODEL,
                record_class=self.record_class,
            )
            for hold in self.holds
        )


@dataclass(frozen=True, slots=True)
class OverdueRecords:
    """Records of one kind and model that are past their maximum.

    Parameters
    ----------
    store, model_id : str
        What they are, and of which model; empty for requests that name none.
    free, held : frozenset of int or str
        Numbers of those that may go, and of those that a hold or an open request keeps.
    oldest : datetime or date
        When the time of the oldest began.
    """

    store: str
    model_id: str
    free: frozenset[Key]
    held: frozenset[Key]
    oldest: datetime | date


def covers_records(record_class: str) -> bool:
    """Whether anything of a class lies beside the lake."""
    return any(each in RECORDS for each in RECORD_CLASSES[record_class].covers)


def overdue(
    conn: Connection, asked: Asked, in_log: Mapping[str, Collection[str]]
) -> tuple[OverdueRecords, ...]:
    """Return what is past the maximum, by kind and model.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    asked : Asked
        Which records.
    in_log : mapping of str to collection of str
        Predictions by model that are in the log still; see :func:`still_logged`.
    """
    found = []
    for store in asked.stores:
        by_model: dict[str, list[Overdue]] = {}
        for each in _candidates(conn, asked, store):
            if each.prediction_id not in in_log.get(each.model_id or EVERY_MODEL, ()):
                by_model.setdefault(each.model_id or EVERY_MODEL, []).append(each)
        for model_id, records in sorted(by_model.items()):
            held = [each for each in records if asked.keeps(each)]
            free = disposing.ids_of(records) - disposing.ids_of(held)
            oldest = min(each.at for each in records)
            found.append(OverdueRecords(store, model_id, free, disposing.ids_of(held), oldest))
    return tuple(found)


def still_logged(workspace: Workspace, asked: Asked) -> dict[str, frozenset[str]]:
    """Return, by model, the predictions of overdue cases that are in the log still."""
    if REVIEWS not in asked.stores:
        return {}
    wanted: dict[str, list[str]] = {}
    with workspace.store.read() as conn:
        for each in _candidates(conn, asked, REVIEWS):
            wanted.setdefault(each.model_id or EVERY_MODEL, []).append(each.prediction_id)
        files = {
            model_id: manifest.files_at(
                conn,
                model_id,
                models.get(conn, model_id).lake_generation,
                kinds=["data"],
                streams=["predictions"],
            )
            for model_id in wanted
        }
    return {
        model_id: frozenset(
            rows_by_id(workspace.duck, workspace.lake_paths(files[model_id]), ids, [])
        )
        for model_id, ids in wanted.items()
    }


def take_out(conn: Connection, found: Iterable[OverdueRecords]) -> dict[str, dict[str, object]]:
    """Take out what may go; return, by model, the counts that a report shows."""
    done: dict[str, dict[str, object]] = {}
    for each in found:
        count = disposing.take_out(conn, each.store, each.free)
        told = done.setdefault(each.model_id, {"rows": {}, "refused": 0, "held_rows": 0})
        rows = told["rows"]
        if count and isinstance(rows, dict):
            rows[each.store] = count
        told["held_rows"] = int(str(told["held_rows"])) + len(each.held)
    return done


def remove_files(workspace: Workspace) -> int:
    """Remove files with cases and requests that have no row any more; return how many.

    A file is put only with a case or request that is there, so none is taken from under somebody.
    """
    home = workspace.settings.home
    by_number: dict[tuple[str, int], list[str]] = {}
    for path in files_there(home):
        match = _NUMBER.match(path)
        if match is not None:
            by_number.setdefault((match[1], int(match[2])), []).append(path)
    with workspace.store.read() as conn:
        known = disposing.left_of(
            conn,
            [number for kind, number in by_number if kind == "attachments"],
            [number for kind, number in by_number if kind == "requests"],
        )
    gone = [
        path
        for (kind, number), paths in by_number.items()
        if f"{kind}:{number}" not in known
        for path in paths
    ]
    return remove_loose_files(home, gone)


def _candidates(conn: Connection, asked: Asked, store: str) -> tuple[Overdue, ...]:
    today = local_day(asked.now)
    if store == REVIEWS:
        found = disposing.overdue_cases(conn, asked.before)
    elif store == REQUESTS:
        found = disposing.overdue_requests(conn, asked.before)
    elif store == LETTERS:
        found = disposing.overdue_letters(conn, asked.before)
    elif store == EXPLANATIONS:
        found = disposing.overdue_explanations(conn, asked.before)
    elif store == DISCLOSURES:  # who was given data is told of a correction for twelve months
        first = min(local_day(asked.before), look_back_from(today))
        found = disposing.overdue_disclosures(conn, first)
    else:
        found = disposing.overdue_refusals(conn, asked.before, today)
    return tuple(
        each
        for each in found
        if (asked.of_all if each.model_id is None else each.model_id in asked.models)
    )
