"""Who else was given the customer's data, and who of them has to be told of a correction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.rights import look_back_from
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.rights.common import (
    LONGEST_LINE,
    checked_words,
    keep_step,
    local_day,
    require_identified,
    require_kind,
    require_open,
    visible,
)
from core.services.rights.desk import Request, shown
from core.services.rights.disclosure_log import checked_disclosure, enter_disclosures
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.rights import disclosures, requests
from core.store.rights.disclosures import Disclosure, Notice
from core.store.rights.requests import RequestRecord, StepRecord

CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction changed: columns of the log, on which day, in which source."""

    columns: tuple[str, ...]
    corrected_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who was given the data, and whether they were told of the correction.

    Parameters
    ----------
    disclosure_id : int
        Entry of the log of disclosures.
    recipient, purpose : str
        To whom, and what for.
    what : tuple of str
        Columns; empty where it is not known which.
    disclosed_on : date
        When.
    is_concerned : bool
        Whether they were given what was corrected within the look-back.
    sent_on : date, optional
        When they were told.
    sent_by : str
        Who says so.
    why_not : str
        Why they are not told, if that is noted.
    """

    disclosure_id: int
    recipient: str
    purpose: str
    what: tuple[str, ...]
    disclosed_on: date
    is_concerned: bool
    sent_on: date | None = None
    sent_by: str = ""
    why_not: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do: told, not to be told, or noted why not."""
        return not self.is_concerned or self.sent_on is not None or bool(self.why_not)


def note_disclosure(
    workspace: Workspace,
    reference: str,
    recipient: str,
    *,
    purpose: str,
    on: date,
    actor: Actor,
    columns: Sequence[str] = (),
    model: str | None = None,
) -> int:
    """Note that a customer's data were given to somebody; return the entry's number.

    Parameters
    ----------
    workspace : Workspace
        Where.
    reference : str
        What the logs call the customer; only the pseudonym is kept.
    recipient, purpose : str
        To whom, and what for.
    on : date
        When.
    actor : Actor
        Who notes it.
    columns : sequence of str
        Which columns of the log; none if it is not known.
    model : str, optional
        Of which model.

    Raises
    ------
    InvalidInput
        If something is missing, in the future, or names the customer.
    Conflict
        If the customer was erased: nothing about that person is noted any more.
    """
    access.require(actor, Permission.rights_handle, model=model)
    access.require_every_jurisdiction(actor)
    new = checked_disclosure(
        workspace,
        reference,
        recipient,
        purpose=purpose,
        on=on,
        columns=columns,
        model=model,
        actor=actor,
    )
    with workspace.store.begin() as conn:
        return enter_disclosures(workspace, conn, [new], actor=actor)[0]


def record_correction(
    workspace: Workspace,
    request_id: int,
    columns: Sequence[str],
    *,
    source: str,
    actor: Actor,
    on: date | None = None,
) -> Request:
    """Say that data were corrected: which columns, where, when; the values are said nowhere.

    The log itself is evidence and stays as it is: the source sends the corrected rows anew.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        The request.
    columns : sequence of str
        What was corrected.
    source : str
        The system in which it was.
    actor : Actor
        Who asks.
    on : date, optional
        The day; today by default.

    Raises
    ------
    Conflict
        If it is no correction request, is closed, or who asks is not confirmed.
    InvalidInput
        If no column is named, the source is missing, or the day lies in the future.
    """
    access.require(actor, Permission.rights_handle)
    named = sorted({each.strip() for each in columns if each.strip()})
    if not named:
        raise InvalidInput(
            N_("A correction names the columns that were corrected."),
            remedy=N_("Name them as the log does."),
        )
    day = on or local_day(workspace.clock())
    if day > local_day(workspace.clock()):
        raise InvalidInput(
            N_("The day of the correction lies in the future."),
            remedy=N_("Give the day on which the data were corrected."),
        )
    where = checked_words(source, longest=LONGEST_LINE)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_kind(found, "correction")
        require_open(found)
        require_identified(found)
        reasons.refuse_known_people(workspace, conn, where)
        body = {"columns": named, "corrected_on": day.isoformat(), "source": where}
        keep_step(workspace, conn, found, CORRECTED, by=actor, body=body)
    with workspace.store.read() as conn:
        return shown(workspace, conn, requests.get(conn, request_id))


def correction_of(workspace: Workspace, request_id: int, *, actor: Actor) -> Correction | None:
    """Return what was corrected last in a request; ``None`` before anything was."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        visible(conn, request_id, actor)
        return _correction(requests.list_steps(conn, request_id))


def _correction(steps: Sequence[StepRecord]) -> Correction | None:
    bodies = [each.body for each in steps if each.action == CORRECTED]
    if not bodies:
        return None
    columns = bodies[-1]["columns"]
    return Correction(
        tuple(str(each) for each in columns) if isinstance(columns, list) else (),
        date.fromisoformat(str(bodies[-1]["corrected_on"])),
        str(bodies[-1]["source"]),
    )


def recipients(workspace: Workspace, request_id: int, *, actor: Actor) -> tuple[Recipient, ...]:
    """Return everybody who was given the customer's data, those to be told first.

    To be told are those of the twelve months up to the day of the correction (up to today before
    one is recorded) who were given what was corrected, or of whom it is not known what.
    """
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        return recipients_of(conn, found, today=local_day(workspace.clock()))


def recipients_of(
    conn: Connection, found: RequestRecord, *, today: date | None = None
) -> tuple[Recipient, ...]:
    """Return the recipients of a request's customer, for services that have checked who asks.

    Before a correction is recorded nobody is concerned, unless ``today`` is given to count from.
    """
    steps = requests.list_steps(conn, found.id)
    correction = _correction(steps)
    day = correction.corrected_on if correction else today
    if day is None:
        return ()
    noted = disclosures.list_of(conn, found.subject_id)
    told = disclosures.notices(conn, found.id)
    names = users.names_by_id(conn, {each.sent_by for each in told.values()})
    why_not = {
        each.body["disclosure"]: str(each.body["reason"])
        for each in steps
        if each.action == "recipient_not_told"
    }
    first = look_back_from(day)
    corrected = frozenset(correction.columns) if correction else frozenset()
    listed = [
        Recipient(
            each.id,
            each.recipient,
            each.purpose,
            tuple(each.what),
            each.disclosed_on,
            _is_concerned(found, each, first, day, corrected),
            told[each.id].sent_on if each.id in told else None,
            names.get(told[each.id].sent_by, "") if each.id in told else "",
            why_not.get(each.id, ""),
        )
        for each in noted
    ]
    return tuple(sorted(listed, key=lambda each: not each.is_concerned))


def mark_told(
    workspace: Workspace,
    request_id: int,
    disclosure_id: int,
    *,
    actor: Actor,
    on: date | None = None,
) -> None:
    """Note that a recipient was told of the correction.

    Raises
    ------
    NotFound
        If there is no such disclosure of this customer.
    Conflict
        If it was noted before, or nothing was corrected yet.
    """
    access.require(actor, Permission.rights_handle)
    if correction_of(workspace, request_id, actor=actor) is None:
        raise Conflict(N_("Nothing was corrected yet."), remedy=N_("Record the correction first."))
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_identified(found)
        if disclosure_id not in {each.id for each in disclosures.list_of(conn, found.subject_id)}:
            raise NotFound(
                N_("There is no disclosure {disclosure} of this customer."),
                remedy=N_("Look it up in the list."),
                disclosure=str(disclosure_id),
            )
        day = on or local_day(workspace.clock())
        if not disclosures.mark_sent(conn, Notice(disclosure_id, request_id, day, actor.user_id)):
            raise Conflict(
                N_("It is noted already that this recipient was told."),
                remedy=N_("Nothing is left to do."),
            )
        body = {"disclosure": disclosure_id, "sent_on": day.isoformat()}
        keep_step(workspace, conn, found, "recipient_told", by=actor, body=body)


def note_not_told(
    workspace: Workspace, request_id: int, disclosure_id: int, reason: str, *, actor: Actor
) -> None:
    """Note why a recipient who is to be told of the correction is not.

    Raises
    ------
    NotFound
        If no such recipient of this customer's data is to be told.
    Conflict
        If the request is closed, the recipient was told, or nothing was corrected yet.
    InvalidInput
        If the reason is missing, or names a person.
    """
    access.require(actor, Permission.rights_handle)
    said = checked_words(reason, longest=LONGEST_LINE)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_kind(found, "correction")
        require_open(found)
        require_identified(found)
        reasons.refuse_known_people(workspace, conn, said)
        to_tell = {e.disclosure_id: e for e in recipients_of(conn, found) if e.is_concerned}
        if disclosure_id not in to_tell:
            raise NotFound(
                N_("There is no disclosure {disclosure} of which somebody is to be told."),
                remedy=N_("Record the correction first, and look at who was given the data."),
                disclosure=str(disclosure_id),
            )
        if to_tell[disclosure_id].sent_on is not None:
            raise Conflict(
                N_("It is noted already that this recipient was told."),
                remedy=N_("Nothing is left to do."),
            )
        body = {"disclosure": disclosure_id, "reason": said}
        keep_step(workspace, conn, found, "recipient_not_told", by=actor, body=body)


def _is_concerned(
    found: RequestRecord, each: Disclosure, first: date, day: date, corrected: frozenset[str]
) -> bool:
    in_time = first <= each.disclosed_on <= day
    of_model = found.model_id is None or each.model_id in {None, found.model_id}
    given = not corrected or not each.what or bool(corrected & set(each.what))
    return in_time and of_model and given
