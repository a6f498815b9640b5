"""Days on which offices were shut: entered by hand or from a file, and the clocks they move."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.working_days import local_day
from core.errors import Conflict, InvalidInput, UnreadableFile
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.review import sla
from core.services.review.calendar import days_off
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.review import closures
from core.store.review.closures import Closure
from core.store.tables.review import CLOSURE_KINDS

LONGEST_NOTE = 120
_COLUMNS = ("day", "kind", "note")
_MOST_BYTES = 1_000_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_YEAR, _LAST_YEAR = 1990, 2099
NOTHING_ENTERED = N_("Nothing was entered; mend the file and import it again.")


@dataclass(frozen=True, slots=True)
class ClosuresChanged:
    """What a change of the closures did.

    Parameters
    ----------
    days : tuple of date
        Days that changed.
    known : int
        Days of a file that were entered already.
    cases, requests : int
        Cases and customers' requests whose clocks moved.
    """

    days: tuple[date, ...]
    known: int
    cases: int
    requests: int


def add_closure(
    workspace: Workspace, day: date, kind: str, *, actor: Actor, note: str = ""
) -> ClosuresChanged:
    """Enter a day of closure; what waits and counted the day gets another one.

    Parameters
    ----------
    workspace : Workspace
        Where.
    day : date
        In Hong Kong.
    kind : {"gale", "black_rain", "other"}
        Why offices were shut.
    actor : Actor
        Needs ``review.manage``.
    note : str
        In at most 120 characters, such as a signal's number; it names no person.

    Raises
    ------
    InvalidInput
        If the day, the kind or the note will not do.
    Conflict
        If the day is entered already.
    """
    access.require(actor, Permission.review_manage)
    closure = _closure(workspace, actor, day, kind, note)
    with workspace.store.begin() as conn:
        reasons.refuse_known_people(workspace, conn, note)
        changed = _enter(conn, [closure], local_day(workspace.clock()))
        if not changed.days:
            raise Conflict(
                N_("That offices were shut on {day} is entered already."),
                remedy=N_("Remove the closure first to change it."),
                day=day.isoformat(),
            )
        _record(workspace, conn, actor, "closure.added", changed, [closure])
    return changed


def import_closures(workspace: Workspace, file: Path | bytes, *, actor: Actor) -> ClosuresChanged:
    """Enter days of closure from a CSV file with the columns day, kind and note; all or none.

    Days that are entered already stay as they are.

    Parameters
    ----------
    workspace : Workspace
        Where.
    file : Path or bytes
        Where the file is, or its content.
    actor : Actor
        Needs ``review.manage``.

    Raises
    ------
    UnreadableFile
        If the file is no such CSV.
    InvalidInput
        If a row will not do; the first is named by its line.
    """
    access.require(actor, Permission.review_manage)
    wanted = [_closure(workspace, actor, *row) for row in _rows(_read(file))]
    with workspace.store.begin() as conn:
        for closure in wanted:
            reasons.refuse_known_people(workspace, conn, closure.note)
        changed = _enter(conn, wanted, local_day(workspace.clock()))
        if changed.days:
            new = [each for each in wanted if each.day in changed.days]
            _record(workspace, conn, actor, "closure.imported", changed, new)
    return changed


def remove_closure(workspace: Workspace, day: date, *, actor: Actor) -> ClosuresChanged:
    """Take a day of closure out again, and move the clocks back that it moved.

    Raises
    ------
    NotFound
        If there is none.
    """
    access.require(actor, Permission.review_manage)
    with workspace.store.begin() as conn:
        before = days_off(conn)
        removed = closures.remove(conn, day)
        cases = sla.win_day(conn, day)
        today = local_day(workspace.clock())
        moved = sla.move_requests(conn, day, before, today=today)
        changed = ClosuresChanged((day,), 0, cases, moved)
        _record(workspace, conn, actor, "closure.removed", changed, [removed])
    return changed


def list_closures(workspace: Workspace, *, actor: Actor) -> tuple[Closure, ...]:
    """Return the days of closure, the newest first."""
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        return closures.list_closures(conn)


def _enter(conn: Connection, wanted: list[Closure], today: date) -> ClosuresChanged:
    days, cases, requests = [], 0, 0
    for closure in sorted(wanted, key=lambda each: each.day):
        before = days_off(conn)
        if closures.add(conn, closure):
            days.append(closure.day)
            cases += sla.lose_day(conn, closure.day)
            requests += sla.move_requests(conn, closure.day, before, today=today)
    return ClosuresChanged(tuple(days), len(wanted) - len(days), cases, requests)


def _closure(workspace: Workspace, actor: Actor, day: date, kind: str, note: str) -> Closure:
    text = " ".join(note.split())
    if kind not in CLOSURE_KINDS:
        raise InvalidInput(
            N_("{kind} is not a kind of closure."),
            remedy=N_("Choose from: {kinds}."),
            kind=kind,
            kinds=", ".join(CLOSURE_KINDS),
        )
    if len(text) > LONGEST_NOTE:
        raise InvalidInput(
            N_("The note of a closure has at most {most} characters."),
            remedy=N_("Write a few words."),
            most=LONGEST_NOTE,
        )
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise InvalidInput(
            N_("{day} is not a day in the years that clocks count."),
            remedy=N_("Give a day in the years {first} to {last}."),
            day=day.isoformat(),
            first=_FIRST_YEAR,
            last=_LAST_YEAR,
        )
    return Closure(day, kind, text, workspace.clock(), actor.audit_name)


def _read(file: Path | bytes) -> str:
    name, content = "CSV", file
    if isinstance(content, Path):
        name = content.name
        try:
            with content.open("rb") as opened:
                content = opened.read(_MOST_BYTES + 1)
        except OSError as error:
            raise UnreadableFile(
                N_("{file} cannot be read: {reason}."),
                remedy=N_("Give a CSV file in UTF-8."),
                file=name,
                reason=error.strerror,
            ) from error
    if len(content) > _MOST_BYTES:
        raise UnreadableFile(
            N_("{file} is larger than {most} MB."),
            remedy=N_("Split the file, and import the parts."),
            file=name,
            most=_MOST_BYTES // 10**6,
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(N_("This is no CSV in UTF-8."), remedy=NOTHING_ENTERED) from error


def _rows(text: str) -> list[tuple[date, str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip().lower() for name in reader.fieldnames or ()]
        rows = [(reader.line_num, list(row.values())) for row in reader]
    except csv.Error as error:
        raise UnreadableFile(N_("This is no CSV in UTF-8."), remedy=NOTHING_ENTERED) from error
    if sorted(header) != sorted(_COLUMNS):
        raise UnreadableFile(
            N_("The file needs the columns {columns}; it has: {header}."),
            remedy=NOTHING_ENTERED,
            columns=", ".join(_COLUMNS),
            header=", ".join(header) or "–",
        )
    found: dict[date, tuple[date, str, str]] = {}
    for line, cells in rows:
        day, kind, note = _row(line, header, cells)
        if day in found:
            raise _no_closure(line)
        found[day] = (day, kind, note)
    return list(found.values())


def _row(line: int, header: list[str], cells: list[str | None]) -> tuple[date, str, str]:
    if len(cells) != len(header) or not all(isinstance(cell, str) for cell in cells):
        raise _no_closure(line)
    row = {name: str(cell).strip() for name, cell in zip(header, cells, strict=True)}
    try:
        if _DAY.fullmatch(row["day"]) is None or row["kind"] not in CLOSURE_KINDS:
            raise ValueError
        return date.fromisoformat(row["day"]), row["kind"], row["note"]
    except ValueError as error:
        raise _no_closure(line) from error


def _no_closure(line: int) -> InvalidInput:
    return InvalidInput(
        N_("Line {line} is not a day of closure, or names one twice."),
        remedy=NOTHING_ENTERED,
        line=line,
    )


def _record(
    workspace: Workspace,
    conn: Connection,
    actor: Actor,
    kind: str,
    changed: ClosuresChanged,
    about: list[Closure],
) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects={"closure": changed.days[0].isoformat()} if len(changed.days) == 1 else {},
        body={
            "closures": [
                {"day": each.day.isoformat(), "kind": each.kind, "note": each.note}
                for each in about
            ],
            "cases_moved": changed.cases,
            "requests_moved": changed.requests,
        },
    )
