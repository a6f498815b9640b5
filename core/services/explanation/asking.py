"""Asking why a decision was made: the record without personal values, and told in a language."""

from dataclasses import dataclass

from core.domain.explanation import CodeBook
from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services import access
from core.services.explanation.code_books import book_of
from core.services.explanation.finding import find_explanation
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.telling import (
    ToldChange,
    ToldReason,
    shown,
    told_changes,
    told_reasons,
)
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import models
from core.store.explanations import code_books
from core.store.explanations.records import KeptExplanation


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision explained.

    Parameters
    ----------
    record : ExplanationRecord
        What was found; personal values are masked.
    reasons : tuple of ToldReason
        In the language that was asked for.
    changes : tuple of ToldChange
        What would have led to another result.
    kept : KeptExplanation, optional
        What was kept of it.
    """

    record: ExplanationRecord
    reasons: tuple[ToldReason, ...]
    changes: tuple[ToldChange, ...]
    kept: KeptExplanation | None = None


def explain_decision(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    *,
    t: Translator,
    actor: Actor,
    keep: bool = False,
) -> Explained:
    """Say why a decision was made, in a language, without personal values.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    t : Translator
        The language.
    actor : Actor
        Needs ``explanation.view``, and ``explanation.make`` to keep it.
    keep : bool
        Whether the record is kept, with all its values, sealed.

    Raises
    ------
    Forbidden, NotFound
        As :func:`core.services.explanation.finding.find_explanation`.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    kept = None
    if keep:
        kept, record = keep_explanation(workspace, model_id, prediction_id, actor=actor)
    else:
        record = find_explanation(workspace, model_id, prediction_id, actor=actor)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        in_force = code_books.in_force(conn, model_id)
    book = CodeBook(()) if in_force is None else book_of(in_force)
    return Explained(
        shown(contract, record),
        told_reasons(t, contract, book, record),
        told_changes(t, contract, record),
        kept,
    )
