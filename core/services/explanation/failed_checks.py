"""Letters and dossiers that were refused: of which decision, and by which checks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.explanation import dossier_trail
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.review.blind import kept_back
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from core.store.explanations import desk as explanation_desk
from core.store.identity import users

Paper = Literal["letter", "dossier"]
REFUSED: Mapping[Paper, str] = {"letter": "letter.refused", "dossier": dossier_trail.REFUSED}
"""Paper → the kind of entry in the trail that tells of its refusal."""
LOOKED_AT = 2_000
"""So many of the newest refusals of either paper are looked at."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision of which a letter or a dossier was refused.

    Parameters
    ----------
    paper : {"letter", "dossier"}
        What was refused.
    prediction_id : str
        Which decision; masked where ids are personal.
    at, by : datetime, str
        The newest refusal, and who had asked.
    times : int
        How often it was refused.
    failed : mapping of str to str
        Check → what it found, at the newest refusal.
    is_open : bool
        Whether none was given out since.
    """

    paper: Paper
    prediction_id: str
    at: datetime
    by: str
    times: int
    failed: Mapping[str, str]
    is_open: bool


@dataclass(frozen=True, slots=True)
class FailedChecks:
    """What was refused.

    Parameters
    ----------
    rows : tuple of Refusal
        One a decision and paper: open ones first, then the newest.
    counts : mapping of str to int
        Check → open refusals that it caused, most first.
    kept_back : int
        Decisions that the reader is not told of row by row.
    is_cut : bool
        Whether there are older refusals that were not looked at.
    """

    rows: tuple[Refusal, ...]
    counts: Mapping[str, int]
    kept_back: int = 0
    is_cut: bool = False

    @property
    def open(self) -> int:
        """How many letters and dossiers wait to be given out."""
        return sum(each.is_open for each in self.rows)


def failed_checks(workspace: Workspace, model_id: str, *, actor: Actor) -> FailedChecks:
    """Return the decisions of a model of which a letter or a dossier was refused.

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
        entries = {paper: _newest(conn, kind, model_id, actor) for paper, kind in REFUSED.items()}
        every = [each for found in entries.values() for each in found]
        refused = {paper: _by_decision(conn, found) for paper, found in entries.items()}
        given = {
            "letter": explanation_desk.newest_letters(conn, model_id, list(refused["letter"])),
            "dossier": _given(conn, model_id, actor) if refused["dossier"] else {},
        }
        names = users.names_by_pseudonym(conn, {each.actor for each in every})
    decisions = sorted({each for found in refused.values() for each in found})
    hidden = kept_back(workspace, model_id, actor, among=decisions)
    is_masked = contract.is_personal("@prediction_id")
    rows = [
        _row(paper, MASK if is_masked else decision, told, given[paper].get(decision), names)
        for paper, found in refused.items()
        for decision, told in found.items()
        if decision not in hidden
    ]
    rows.sort(key=lambda each: (not each.is_open, -each.at.timestamp()))
    counts = Counter(name for each in rows if each.is_open for name in each.failed)
    return FailedChecks(
        tuple(rows),
        dict(counts.most_common()),
        kept_back=len(hidden & set(decisions)),
        is_cut=any(len(found) == LOOKED_AT for found in entries.values()),
    )


def _newest(conn: Connection, kind: str, model_id: str, actor: Actor) -> tuple[AuditEntry, ...]:
    """Return the newest entries of a kind about a model, in the actor's scope."""
    return audit.list_newest(
        conn,
        kind=kind,
        objects={"model": model_id},
        jurisdictions=actor.jurisdictions,
        limit=LOOKED_AT,
    )


def _by_decision(conn: Connection, entries: Sequence[AuditEntry]) -> dict[str, list[AuditEntry]]:
    """Return decision → its entries, the newest first; none of a record that is gone."""
    of_record = explanation_desk.decisions_of(conn, {e.objects["explanation"] for e in entries})
    found: dict[str, list[AuditEntry]] = {}
    for each in entries:
        decision = of_record.get(each.objects["explanation"])
        if decision is not None:
            found.setdefault(decision, []).append(each)
    return found


def _given(conn: Connection, model_id: str, actor: Actor) -> dict[str, datetime]:
    """Return decision → when its newest dossier was given to somebody."""
    entries = _newest(conn, dossier_trail.GIVEN, model_id, actor)
    return {decision: told[0].at for decision, told in _by_decision(conn, entries).items()}


def _row(
    paper: Paper,
    shown_id: str,
    found: Sequence[AuditEntry],
    given: datetime | None,
    names: Mapping[str, str],
) -> Refusal:
    newest = found[0]
    failed = newest.body.get("failed")
    told = dict(failed) if isinstance(failed, Mapping) else {}
    return Refusal(
        paper=paper,
        prediction_id=shown_id,
        at=newest.at,
        by=names.get(newest.actor, newest.actor),
        times=len(found),
        failed={str(name): str(what) for name, what in told.items()},
        is_open=given is None or given < newest.at,
    )
