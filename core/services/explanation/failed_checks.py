"""Letters that were refused: about which decision, by which checks, and whether one left since."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.review.blind import kept_back
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from core.store.explanations import desk as explanation_desk
from core.store.identity import users

REFUSED = "letter.refused"
LOOKED_AT = 2_000
"""So many of the newest refusals are looked at."""


@dataclass(frozen=True, slots=True)
class RefusedLetter:
    """A decision about which a letter was refused.

    Parameters
    ----------
    prediction_id : str
        Which; masked where ids are personal.
    at, by : datetime, str
        The newest refusal, and who had asked.
    times : int
        How often a letter about it was refused.
    failed : mapping of str to str
        Check → what it found, at the newest refusal.
    is_open : bool
        Whether no letter about it was released since.
    """

    prediction_id: str
    at: datetime
    by: str
    times: int
    failed: Mapping[str, str]
    is_open: bool


@dataclass(frozen=True, slots=True)
class FailedChecks:
    """The letters that were refused.

    Parameters
    ----------
    rows : tuple of RefusedLetter
        One a decision: open ones first, then the newest.
    counts : mapping of str to int
        Check → open decisions whose newest refusal it caused, most first.
    kept_back : int
        Decisions that the reader is not told of row by row.
    is_cut : bool
        Whether there are older refusals that were not looked at.
    """

    rows: tuple[RefusedLetter, ...]
    counts: Mapping[str, int]
    kept_back: int = 0
    is_cut: bool = False

    @property
    def open(self) -> int:
        """How many decisions wait for a letter."""
        return sum(each.is_open for each in self.rows)


def failed_checks(workspace: Workspace, model_id: str, *, actor: Actor) -> FailedChecks:
    """Return the decisions of a model about which a letter was refused.

    A decision whose record is gone, by an erasure or because its time was over, is none of them.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``explanation.view``; only decisions in the actor's scope are told.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        entries = audit.list_newest(
            conn,
            kind=REFUSED,
            objects={"model": model_id},
            jurisdictions=actor.jurisdictions,
            limit=LOOKED_AT,
        )
        there = explanation_desk.records_there(conn, {e.objects["explanation"] for e in entries})
        by_decision: dict[str, list[AuditEntry]] = {}
        for each in entries:
            if each.objects["explanation"] in there:
                by_decision.setdefault(each.objects["prediction"], []).append(each)
        letters = explanation_desk.newest_letters(conn, model_id, list(by_decision))
        names = users.names_by_pseudonym(conn, {each.actor for each in entries})
    hidden = kept_back(workspace, model_id, actor, among=list(by_decision))
    is_masked = contract.is_personal("@prediction_id")
    rows = [
        _row(found, letters.get(prediction), names, is_masked=is_masked)
        for prediction, found in by_decision.items()
        if prediction not in hidden
    ]
    rows.sort(key=lambda each: (not each.is_open, -each.at.timestamp()))
    counts = Counter(name for each in rows if each.is_open for name in each.failed)
    return FailedChecks(
        tuple(rows),
        dict(counts.most_common()),
        kept_back=len(hidden & by_decision.keys()),
        is_cut=len(entries) == LOOKED_AT,
    )


def _row(
    found: list[AuditEntry],
    released: datetime | None,
    names: Mapping[str, str],
    *,
    is_masked: bool,
) -> RefusedLetter:
    newest = found[0]
    failed = newest.body.get("failed")
    told = dict(failed) if isinstance(failed, Mapping) else {}
    return RefusedLetter(
        prediction_id=MASK if is_masked else newest.objects["prediction"],
        at=newest.at,
        by=names.get(newest.actor, newest.actor),
        times=len(found),
        failed={str(name): str(what) for name, what in told.items()},
        is_open=released is None or released < newest.at,
    )
