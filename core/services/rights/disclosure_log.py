"""The log of disclosures: who was given whose data, entered from a file, and as at receipt."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.rights import look_back_from
from core.errors import Conflict, HarbourlightError, InvalidInput, UnreadableFile
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.rights.common import LONGEST_LINE, checked_words, local_day, visible
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.retention import tombstones
from core.store.rights import disclosures
from core.store.rights.disclosures import Disclosure

COLUMNS = ("reference", "recipient", "purpose", "day", "columns", "model")
NOTHING_ENTERED = N_("Nothing was entered; mend the file and import it again.")
_MOST_BYTES, _MOST_ROWS = 5_000_000, 20_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: entries that are new, and those that were there already."""

    entered: int
    known: int


@dataclass(frozen=True, slots=True)
class NewDisclosure:
    """An entry that may be made: of whom by pseudonym, to whom, what for, when and what."""

    subject_id: str
    model_id: str | None
    recipient: str
    purpose: str
    what: tuple[str, ...]
    disclosed_on: date


def checked_disclosure(
    workspace: Workspace,
    reference: str,
    recipient: str,
    *,
    purpose: str,
    on: date,
    columns: Sequence[str],
    model: str | None,
    actor: Actor,
) -> NewDisclosure:
    """Return an entry that may be made; raises as ``note_disclosure`` does, and notes nothing.

    Parameters
    ----------
    workspace : Workspace
        Where.
    reference : str
        What the logs call the person.
    recipient : str
        Who was given the data.
    purpose : str
        What for.
    on : date
        The day.
    columns : sequence of str
        What was given.
    model : str, optional
        Of which model; of none in particular if ``None``.
    actor : Actor
        Who asks.
    """
    access.require(actor, Permission.rights_handle, model=model)
    known = reference.strip()
    if not known:
        raise InvalidInput(
            N_("The person's reference is missing."),
            remedy=N_("Give it exactly as the logs write it."),
        )
    if on > local_day(workspace.clock()):
        raise InvalidInput(
            N_("The day of the disclosure lies in the future."),
            remedy=N_("Give the day on which the data were handed over."),
        )
    return NewDisclosure(
        workspace.keys.subject_id(known),
        model,
        checked_words(recipient, reference=known, longest=LONGEST_LINE),
        checked_words(purpose, reference=known, longest=LONGEST_LINE),
        tuple(sorted({each.strip() for each in columns if each.strip()})),
        on,
    )


def enter_disclosures(
    workspace: Workspace, conn: Connection, new: Sequence[NewDisclosure], *, actor: Actor
) -> list[int]:
    """Enter disclosures, all or none; return their numbers. The audit entries come last.

    Raises
    ------
    Conflict
        If the person was erased.
    """
    access.require(actor, Permission.rights_handle)
    now, numbers = workspace.clock(), []
    for each in new:
        if each.model_id is not None:
            models.get(conn, each.model_id)
        if tombstones.is_erased(conn, each.subject_id, each.model_id):
            raise Conflict(
                N_("The person was erased; nothing about that person is recorded any more."),
                remedy=N_("Go on without it."),
            )
        reasons.refuse_known_people(workspace, conn, f"{each.recipient} {each.purpose}")
        values = {**asdict(each), "what": list(each.what)}
        numbers.append(
            disclosures.add(conn, {**values, "noted_at": now, "noted_by": actor.user_id})
        )
    for number, each in zip(numbers, new, strict=True):
        about = {"subject": each.subject_id, **({"model": each.model_id} if each.model_id else {})}
        what, day = list(each.what), each.disclosed_on.isoformat()
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="rights.disclosed",
            objects=about,
            body={"disclosure": number, "disclosed_on": day, "what": what},
            personal=reasons.about(each.subject_id, f"{each.recipient}: {each.purpose}"),
        )
    return numbers


def import_disclosures(workspace: Workspace, content: bytes, *, actor: Actor) -> Imported:
    """Enter disclosures from a CSV with the columns of :data:`COLUMNS`; all rows, or none.

    An entry that is there already, the same to the same on the same day for the same purpose, is
    not entered again.

    Parameters
    ----------
    workspace : Workspace
        Where.
    content : bytes
        The file, in UTF-8. ``columns`` are names of the log apart by spaces, empty if it is not
        known which; ``model`` is empty where it is not known.
    actor : Actor
        Needs ``rights.handle`` for every model that is named, and for rows of all jurisdictions.

    Raises
    ------
    UnreadableFile
        If the file is no such CSV.
    InvalidInput
        If a row will not do; the first is named by its line, and nothing of it is repeated.
    """
    access.require(actor, Permission.rights_handle)
    access.require_every_jurisdiction(actor)
    wanted: dict[NewDisclosure, None] = {}
    for line, row in _rows(content):
        wanted.setdefault(_checked(workspace, line, row, actor))
    with workspace.store.begin() as conn:
        new = [each for each in wanted if not _is_known(conn, each)]
        enter_disclosures(workspace, conn, new, actor=actor)
    return Imported(len(new), len(wanted) - len(new))


def list_disclosures(workspace: Workspace, *, actor: Actor) -> tuple[Disclosure, ...]:
    """Return the newest entries of the log in the actor's scope; people are pseudonyms."""
    access.require(actor, Permission.rights_view)
    if actor.jurisdictions is not None:
        return ()
    with workspace.store.read() as conn:
        return disclosures.newest(conn, models=actor.models, limit=_SHOWN)


def disclosed_at_receipt(
    workspace: Workspace, request_id: int, *, actor: Actor
) -> tuple[Disclosure, ...]:
    """Return to whom a request's customer's data were given in the twelve months up to receipt.

    Raises
    ------
    NotFound
        If there is no such request in the actor's scope.
    """
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        day = local_day(found.received_at)
        listed = disclosures.list_of(conn, found.subject_id, first=look_back_from(day), last=day)
    of_model = {None, found.model_id}
    return tuple(each for each in listed if found.model_id is None or each.model_id in of_model)


def _is_known(conn: Connection, new: NewDisclosure) -> bool:
    day = new.disclosed_on
    there = disclosures.list_of(conn, new.subject_id, first=day, last=day)
    same = (new.recipient, new.purpose, new.model_id)
    return any((each.recipient, each.purpose, each.model_id) == same for each in there)


def _checked(
    workspace: Workspace, line: int, row: Mapping[str, str], actor: Actor
) -> NewDisclosure:
    try:
        if _DAY.fullmatch(row["day"]) is None:
            raise _bad(line)
        return checked_disclosure(
            workspace,
            row["reference"],
            row["recipient"],
            purpose=row["purpose"],
            on=date.fromisoformat(row["day"]),
            columns=row["columns"].split(),
            model=row["model"] or None,
            actor=actor,
        )
    except ValueError as error:
        raise _bad(line) from error
    except HarbourlightError as error:  # its words could repeat the row's
        raise _bad(line) from error


def _rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    if len(content) > _MOST_BYTES:
        raise UnreadableFile(
            N_("The file is larger than {most} MB."),
            remedy=N_("Split the file, and import the parts."),
            most=_MOST_BYTES // 10**6,
        )
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(N_("This is no CSV in UTF-8."), remedy=NOTHING_ENTERED) from error
    header = [name.strip().lower() for name in lines[0][1]] if lines else []
    if sorted(header) != sorted(COLUMNS):
        raise UnreadableFile(
            N_("The file needs the columns {columns}; it has: {header}."),
            remedy=NOTHING_ENTERED,
            columns=", ".join(COLUMNS),
            header=", ".join(header) or "–",
        )
    if len(lines) > _MOST_ROWS:
        raise UnreadableFile(
            N_("The file has more than {most} rows."),
            remedy=N_("Split the file, and import the parts."),
            most=_MOST_ROWS,
        )
    found = []
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise _bad(line)
        named = zip(header, cells, strict=True)
        found.append((line, {name: cell.strip() for name, cell in named}))
    return found


def _bad(line: int) -> InvalidInput:
    return InvalidInput(
        N_("Line {line} is not a disclosure that can be entered."),
        remedy=NOTHING_ENTERED,
        line=line,
    )
