"""What is produced in bulk: which decisions, and whether letters are written about them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import start_of_day
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.explanation.choosing import Chosen, choose_decisions
from core.services.explanation.letter_forms import require_known
from core.services.explanation.worklist import unexplained
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import models
from core.store.audit.canonical import canonical_bytes
from core.store.explanations import desk as explanation_desk
from core.store.explanations import records as explanations

AT_MOST = 5_000
LETTERS_AT_MOST = 500
_FIRST, _LAST = date(1900, 1, 1), date(2200, 1, 1)
"""Days before and behind all logs."""


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """What somebody wants made.

    Parameters
    ----------
    model_id : str
        Of which model.
    where : str
        A condition over what the log says, in the language of KPIs; empty for all decisions.
    since, until : date, optional
        First and last local day of the decisions.
    worklist : bool
        Whether only decisions of the worklist without an explanation are meant.
    letters : bool
        Whether a letter is written about each, besides keeping its explanation.
    language, form : str
        Of the letters.
    """

    model_id: str
    where: str = ""
    since: date | None = None
    until: date | None = None
    worklist: bool = False
    letters: bool = False
    language: str = "en"
    form: str = "pdf"

    @property
    def key(self) -> str:
        """The same for the same order, so that one that broke off is continued."""
        return sha256(canonical_bytes(self.payload())).hexdigest()[:32]

    def payload(self) -> dict[str, object]:
        """Return the order as JSON has it."""
        days = {name: _iso(getattr(self, name)) for name in ("since", "until")}
        return asdict(self) | days


@dataclass(frozen=True, slots=True)
class Preview:
    """What an order comes to.

    Parameters
    ----------
    decisions : int
        That it chooses.
    explained : int
        Those with a kept explanation: none is kept again.
    left_out : int
        Decisions of the model that are reviewed without their score, and are not asked about.
    lettered : int
        Those about which a letter was released before.
    """

    decisions: int
    explained: int
    left_out: int
    lettered: int = 0


def order_of(payload: Mapping[str, object]) -> BulkOrder:
    """Return the order that JSON says."""
    return BulkOrder(
        model_id=str(payload["model_id"]),
        where=str(payload["where"]),
        since=_day(payload["since"]),
        until=_day(payload["until"]),
        worklist=bool(payload["worklist"]),
        letters=bool(payload["letters"]),
        language=str(payload["language"]),
        form=str(payload["form"]),
    )


def preview(workspace: Workspace, order: BulkOrder, *, actor: Actor) -> Preview:
    """Return what an order comes to; nothing is made.

    Parameters
    ----------
    workspace, order, actor
        As of :func:`chosen`.
    """
    found = chosen(workspace, order, actor=actor)
    ids = found.ids()
    with workspace.store.read() as conn:
        explained = explanations.explained_ids(conn, order.model_id)
        lettered = explanation_desk.newest_letters(conn, order.model_id, ids)
    return Preview(found.count, len(explained.intersection(ids)), found.left_out, len(lettered))


def chosen(
    workspace: Workspace,
    order: BulkOrder,
    *,
    among: Collection[str] | None = None,
    actor: Actor,
) -> Chosen:
    """Return the decisions that an order is about.

    Parameters
    ----------
    workspace : Workspace
        Where.
    order : BulkOrder
        Which decisions.
    among : collection of str, optional
        What an order of the worklist chose when it was given: the list changes as it is done.
    actor : Actor
        Needs ``explanation.make``; with letters, ``letter.release`` too, and ``personal.export``
        where ids of decisions are personal, because the index of the letters names them.

    Raises
    ------
    Forbidden, NotFound, ExpressionError
        As :func:`core.services.explanation.choosing.choose_decisions`.
    InvalidInput
        If the days are the wrong way round, there is no such language or format of letters, the
        worklist's ids are personal, or too many decisions are chosen.
    """
    access.require(actor, Permission.explanation_make, model=order.model_id)
    if order.letters:
        access.require(actor, Permission.letter_release, model=order.model_id)
        require_known(order.language, order.form)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, order.model_id).spec_text)
    if order.letters and ids_are_personal(contract):
        access.require(actor, Permission.personal_export, model=order.model_id)
    most = LETTERS_AT_MOST if order.letters else AT_MOST
    if order.worklist and among is None:
        among = unexplained(workspace, order.model_id, actor=actor)
        if not (order.where.strip() or order.since or order.until):
            among = among[:most]  # nothing else narrows them: the first that are produced at once
    try:
        return choose_decisions(
            workspace,
            order.model_id,
            order.where.strip() or "true",
            limit=most,
            actor=actor,
            spans=_spans(order, contract.timezone),
            among=among if order.worklist else None,
        )
    except InvalidInput as error:
        if "found" not in error.params:
            raise
        raise InvalidInput(
            N_("{found} decisions are chosen; at most {most} are produced at once."),
            remedy=N_("Narrow the condition or the days."),
            found=error.params["found"],
            most=most,
        ) from error


def ids_are_personal(contract: ModelContract) -> bool:
    """Whether the id of a decision is a personal value."""
    return contract.is_personal("@prediction_id")


def _spans(order: BulkOrder, timezone: str) -> Sequence[tuple[datetime, datetime]]:
    since, until = order.since or _FIRST, order.until or _LAST
    if until < since:
        raise InvalidInput(
            N_("The last day is before the first."), remedy=N_("Choose the days again.")
        )
    if order.since is None and order.until is None:
        return ()
    end = start_of_day(until + timedelta(days=1), timezone)
    return ((start_of_day(since, timezone), end),)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: object) -> date | None:
    return None if text is None else date.fromisoformat(str(text))
