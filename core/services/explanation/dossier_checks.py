"""Acceptance checks of a dossier: those of a letter that are about the record and its reasons."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.explanation import LANGUAGES
from core.domain.explanation.record import ExplanationRecord
from core.errors import Conflict
from core.i18n import translator
from core.services.explanation.checks import Check, record_checks, told_checks
from core.services.explanation.decision import Decision
from core.services.explanation.dossier_words import SOURCES
from core.services.explanation.finding import explained
from core.services.explanation.letter_material import book_of_kept, record_of, scores_now
from core.services.explanation.telling import told_reasons
from core.services.workspace import Workspace
from core.store.explanations.records import KeptExplanation


class DossierRefused(Conflict):
    """A dossier did not pass its acceptance checks, and was not asked for in spite of them.

    Parameters
    ----------
    template, remedy, **params : str, str, object
        As of every error.
    checks : tuple of Check
        All that were made; some of them failed.
    """

    def __init__(
        self, template: str, *, checks: tuple[Check, ...], remedy: str = "", **params: object
    ) -> None:
        self.checks = checks
        super().__init__(template, remedy=remedy, **params)


def failed_of(checks: Sequence[Check]) -> list[str]:
    """Return the names of those that failed."""
    return [each.name for each in checks if not each.passed]


def dossier_checks(
    workspace: Workspace,
    decision: Decision,
    kept: KeptExplanation,
    document: Mapping[str, Any],
    *,
    by: str,
) -> tuple[Check, ...]:
    """Return what came of the checks of a dossier's record.

    Parameters
    ----------
    workspace : Workspace
        Where.
    decision : Decision
        As the log has it now.
    kept, document : KeptExplanation, mapping
        The record, and what it says.
    by : str
        Who asked (pseudonym).
    """
    record, contract = record_of(document), decision.contract
    with workspace.store.read() as conn:
        book = book_of_kept(conn, kept)
    again = explained(workspace, decision, by=by)
    scores = scores_now(workspace, decision, record)
    first = record_checks(contract, book, record, again, scores)
    strange = "inputs" in failed_of(first)
    told = {
        each: ()
        if strange
        else told_reasons(translator(each), contract, book, record, masked=False)
        for each in LANGUAGES
    }
    return (_source(record), *first, *told_checks(told))


def _source(record: ExplanationRecord) -> Check:
    return Check("named_source", record.source in SOURCES, record.source)
