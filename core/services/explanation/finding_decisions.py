"""Finding decisions: of a period, by what was decided and its score; or those about one person."""

import math
import re
from dataclasses import dataclass, replace
from datetime import datetime

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.decisions.found import (
    DecisionFiles,
    FoundRow,
    Narrowed,
    found_decisions,
    logged_decisions,
)
from core.lake.labels.rows import is_text
from core.lake.row_filter import RowFilter
from core.lake.streams import identity_column
from core.lake.upkeep.keyed_hash import KeyedHash
from core.services import access
from core.services.personal.names import MASK
from core.services.questions import Question, View, resolve
from core.services.reference.counts import row_filter
from core.services.registry.versions import require_known_version
from core.services.review.hidden_score import hidden_from
from core.services.rights import attention
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store.audit import trail as audit

LISTED = 50
LOOKED_UP = "person.looked_up"
_CHOICES = 20
_PSEUDONYM = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions of a question's period are looked for; what is not given does not narrow.

    Parameters
    ----------
    decision : str, optional
        What was decided.
    low, high : float, optional
        Least and greatest score, both included.
    """

    decision: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class FoundDecision:
    """One decision that fits, as the reader may see it.

    Parameters
    ----------
    prediction_id : str
        For the server alone where ``is_masked``: then a page shows ``shown`` instead, and puts it
        into no address.
    shown : str
        The id, or a number where ids are personal.
    is_masked : bool
        Whether ids are personal.
    at, version, decision : datetime, str, str
        When, by which version, and what was decided; masked where personal.
    score, amount : float, optional
        ``None`` where unknown or personal.
    disputed : bool
        Whether the customer disputes it.
    """

    prediction_id: str
    shown: str
    is_masked: bool
    at: datetime
    version: str
    decision: str
    score: float | None
    amount: float | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class FoundDecisions:
    """Decisions that fit.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    total : int
        How many there are, in the reader's scope.
    rows : tuple of FoundDecision
        The newest.
    left_out : int
        Decisions of the model that are reviewed without their score, and were not looked at.
    choices : tuple of str
        What was decided in this log, the most frequent first; nothing where that is personal, or
        many things are.
    """

    contract: ModelContract
    total: int
    rows: tuple[FoundDecision, ...]
    left_out: int
    choices: tuple[str, ...] = ()


@retry_when_stale
def find_decisions(
    workspace: Workspace, question: Question, wanted: Wanted, *, actor: Actor
) -> FoundDecisions:
    """Return the newest decisions of a period that fit.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Model, period, version, slice and as-of, as of every page; its chunks do not matter.
    wanted : Wanted
        What they are narrowed by besides.
    actor : Actor
        Needs ``explanation.view``; only rows in the actor's scope are looked at, and none that is
        reviewed without the model's score, which a score asked for would tell.

    Raises
    ------
    Forbidden, NotFound, NothingYet
        As :func:`core.services.questions.resolve`.
    InvalidInput
        If the score or the decision asked for is personal, or the score is no range.
    """
    view = resolve(workspace, replace(question, by="all"), Permission.explanation_view, actor=actor)
    require_known_version(workspace, view)
    _check(view.contract, wanted)
    rows = row_filter(workspace, view)
    hidden = _hidden(workspace, view, actor)
    spans = [(view.window.start, view.window.end)]
    narrowed = Narrowed(wanted.decision, wanted.low, wanted.high, without=hidden)
    paths = workspace.lake_paths(view.data_files("predictions"))
    total, found = workspace.memo.get(
        ("found decisions", view.key, wanted, hidden),
        lambda: found_decisions(
            workspace.duck,
            DecisionFiles(paths),
            narrowed,
            condition=rows.condition(spans, text=is_text(view.contract, rows)),
            limit=LISTED,
        ),
    )
    return FoundDecisions(
        view.contract,
        total,
        _shown(workspace, view.contract, found, actor),
        len(hidden),
        _choices(workspace, view, paths),
    )


@retry_when_stale
def decisions_of_person(
    workspace: Workspace, model_id: str, reference: str, *, actor: Actor
) -> FoundDecisions:
    """Return the newest decisions about one person; that they were looked for is on record.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Of which model.
    reference : str
        What the log calls the person, or the person's pseudonym.
    actor : Actor
        Needs ``explanation.view`` and ``rights.view``, for all jurisdictions: all rows of a person
        are looked at.

    Raises
    ------
    Forbidden, NotFound, NothingYet
        As :func:`find_decisions`; Forbidden, too, to who is limited to some jurisdictions.
    InvalidInput
        If nobody is named.
    """
    access.require(actor, Permission.rights_view, model=model_id)
    access.require_every_jurisdiction(actor)
    view = resolve(
        workspace, Question(model_id, by="all"), Permission.explanation_view, actor=actor
    )
    named = reference.strip()
    if not named:
        raise InvalidInput(
            N_("The person's reference is missing."),
            remedy=N_("Give it exactly as the logs write it."),
        )
    hidden = _hidden(workspace, view, actor)
    is_pseudonym = _PSEUDONYM.fullmatch(named) is not None
    subject_id = named if is_pseudonym else workspace.keys.subject_id(named)
    narrowed = Narrowed(
        subject=None if is_pseudonym else named,
        pseudonym=named if is_pseudonym else None,
        without=hidden,
    )
    files = DecisionFiles(
        workspace.lake_paths(view.data_files("predictions")),
        identity_column(view.contract),
        KeyedHash(workspace.keys.derive("subject")),
    )
    total, found = found_decisions(workspace.duck, files, narrowed, condition="", limit=LISTED)
    _note(workspace, model_id, subject_id, total, actor)
    shown = _shown(workspace, view.contract, found, actor)
    return FoundDecisions(view.contract, total, shown, len(hidden))


def _check(contract: ModelContract, wanted: Wanted) -> None:
    for name, is_asked in (
        ("score", wanted.low is not None or wanted.high is not None),
        ("decision", wanted.decision is not None),
    ):
        if is_asked and contract.is_personal(f"@{name}"):
            raise InvalidInput(
                N_("{name} is personal: which decisions are chosen by it would tell its values."),
                remedy=N_("Choose by columns that are not personal."),
                name=name,
            )
    limits = [each for each in (wanted.low, wanted.high) if each is not None]
    if not all(map(math.isfinite, limits)) or limits != sorted(limits):
        raise InvalidInput(
            N_("That is not a range of scores."),
            remedy=N_("Write the lower score first."),
        )


def _hidden(workspace: Workspace, view: View, actor: Actor) -> frozenset[str]:
    with workspace.store.read() as conn:
        return hidden_from(conn, view.contract.id, actor)


def _choices(workspace: Workspace, view: View, paths: tuple[str, ...]) -> tuple[str, ...]:
    contract = view.contract
    if contract.is_personal("@decision") or contract.is_personal("@prediction"):
        return ()
    scope = RowFilter(jurisdictions=view.jurisdictions)
    key = ("logged decisions", contract.id, view.spec_sha256, view.generation, view.jurisdictions)
    found = workspace.memo.get(
        key, lambda: logged_decisions(workspace.duck, paths, scope, most=_CHOICES + 1)
    )
    return found if len(found) <= _CHOICES else ()


def _shown(
    workspace: Workspace, contract: ModelContract, found: tuple[FoundRow, ...], actor: Actor
) -> tuple[FoundDecision, ...]:
    """Return rows as readers may see them, and put on record which notes were shown."""
    disputed = attention.disputed(workspace, contract.id) & {each.prediction_id for each in found}
    if disputed:
        attention.note_shown(workspace, contract.id, disputed, "decisions found", by=actor)
    masked = contract.is_personal("@prediction_id")
    hides = {name: contract.is_personal(f"@{name}") for name in ("score", "amount", "decision")}
    return tuple(
        FoundDecision(
            prediction_id=each.prediction_id,
            shown=f"{MASK} {place}" if masked else each.prediction_id,
            is_masked=masked,
            at=each.at,
            version=each.version,
            decision=MASK if hides["decision"] and each.decision else each.decision,
            score=None if hides["score"] else each.score,
            amount=None if hides["amount"] else each.amount,
            disputed=each.prediction_id in disputed,
        )
        for place, each in enumerate(found, start=1)
    )


def _note(workspace: Workspace, model_id: str, subject_id: str, total: int, actor: Actor) -> None:
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=LOOKED_UP,
            objects={"model": model_id, "subject": subject_id},
            body={"found": total},
        )
