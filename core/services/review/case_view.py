"""All that the page of a case shows, in one call; a part that cannot be shown says why."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from core.auth.policy import allows
from core.contract import ModelContract
from core.contract.governance import PolicyVersion
from core.contract.review import Review
from core.domain.identity import Actor, Permission
from core.domain.review import CaseState
from core.errors import HarbourlightError, SignedOut
from core.i18n import N_
from core.services import access
from core.services.questions import parsed_contract
from core.services.reproduce.policy import policy_of
from core.services.review.case_flags import (
    DayFlags,
    LoggedReason,
    day_flags,
    logged_reasons,
)
from core.services.review.case_history import History, Said, history, said
from core.services.review.case_similar import Similar, similar_cases
from core.services.review.case_source import CaseSource, Part, read_source
from core.services.review.case_values import ValuesBeside, values_beside
from core.services.review.cases import Case, Step, case_steps, read_case
from core.services.review.hidden_score import goes_with_score
from core.services.rights import attention
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import models
from core.unforeseen import account_of

Found = TypeVar("Found")
Stage = Literal["read", "own_view", "maker", "checker"]

HIDDEN = N_("Hidden with the score: the model's reasons would give it away.")
FAILED = N_("This part could not be read. What went wrong is in the log of the server.")
_LOG = logging.getLogger(__name__)
_DEFAULTS = Review()


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case and what is known about it.

    Parameters
    ----------
    case : Case
        As the reader may know it.
    contract : ModelContract
        Of its model, as it stands now.
    review : Review
        Its part on human review; the defaults where it has none.
    policy : PolicyVersion, optional
        The rule that made the decision.
    oversight_level : str, optional
        Of the version.
    stage : {"read", "own_view", "maker", "checker"}
        What this reader may do with it now.
    decisions : tuple of str
        What an overturned decision may become.
    personal : tuple of str
        Columns of the log that are masked, and may be revealed.
    values, similar, reasons, flags, history, said, steps : Part
        What there is to judge by.
    """

    case: Case
    contract: ModelContract
    review: Review
    policy: PolicyVersion | None
    oversight_level: str | None
    stage: Stage
    decisions: tuple[str, ...]
    personal: tuple[str, ...]
    values: Part[ValuesBeside]
    similar: Part[Similar]
    reasons: Part[tuple[LoggedReason, ...]]
    flags: Part[DayFlags]
    history: Part[History]
    said: Part[tuple[Said, ...]]
    steps: Part[tuple[Step, ...]]


@retry_when_stale
def case_view(workspace: Workspace, case_id: int, *, actor: Actor) -> CaseView:
    """Return all that the page of a case shows.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        Which case.
    actor : Actor
        Who looks: needs ``review.view``. Personal values are masked; who holds the case, or
        checks it, is told what to do with it.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    Forbidden
        If the actor may not look at cases.
    """
    access.require(actor, Permission.review_view)
    case = read_case(workspace, case_id, actor=actor)
    source = read_source(
        workspace,
        case.model_id,
        case.prediction_id,
        actor=actor,
        version=case.version,
        decision=case.decision,
        predicted_at=case.predicted_at,
    )
    contract = source.contract
    review = contract.review or _DEFAULTS
    return CaseView(
        case=case,
        contract=contract,
        review=review,
        policy=_policy(source, case),
        oversight_level=_level(contract, case.version),
        stage=_stage(case, actor),
        decisions=tuple(each for each in review.decisions if each != case.decision),
        personal=_personal(source, case),
        values=part(lambda: values_beside(source)),
        similar=part(lambda: similar_cases(source)),
        reasons=(Part(None, HIDDEN) if case.score_hidden else part(lambda: logged_reasons(source))),
        flags=part(lambda: day_flags(source)),
        history=part(lambda: history(source, case.id, case.subject_id, case.kind)),
        said=part(lambda: _said(source, case.id, actor)),
        steps=part(lambda: case_steps(workspace, case_id, actor=actor)),
    )


def _said(source: CaseSource, case_id: int, actor: Actor) -> tuple[Said, ...]:
    """Return what is said of a case; that the customer's note was shown is put on record."""
    found = said(source, case_id)
    if any(each.kind == "dispute" for each in found):
        shown = [source.prediction_id]
        attention.note_shown(source.workspace, source.contract.id, shown, "case", by=actor)
    return found


def _stage(case: Case, actor: Actor) -> Stage:
    """Return what a reader may do with a case now.

    Who is to judge first and has not yet is asked for an own view; who holds a claimed case
    proposes, who holds one that is checked agrees or sends it back; all others read.
    """
    if not case.is_mine or not allows(actor, Permission.review_work):
        return "read"
    if case.state is CaseState.checking:
        return "checker"
    if case.state is not CaseState.claimed:
        return "read"
    first = case.score_shown == "after_own_view" and case.own_view is None
    return "own_view" if first else "maker"


def part(read: Callable[[], Found]) -> Part[Found]:
    """Return what was read, or why it could not be."""
    try:
        return Part(read())
    except SignedOut:
        raise
    except HarbourlightError as error:
        return Part(None, error.template, dict(error.params))
    except Exception as error:
        _LOG.error("a part of a case was not read: %s", account_of(error))
        return Part(None, FAILED)


def _policy(source: CaseSource, case: Case) -> PolicyVersion | None:
    named = next(
        (each for each in source.contract.policy if each.version == case.policy_version), None
    )
    return named or policy_of(source.contract, case.version, source.day)


def _level(contract: ModelContract, version: str) -> str | None:
    return next((each.oversight_level for each in contract.versions if each.id == version), None)


def _personal(source: CaseSource, case: Case) -> tuple[str, ...]:
    """Return the masked columns; none where the row is gone, or the reader may not reveal.

    While the score is hidden neither it nor what makes it up is among them.
    """
    if source.row is None or not allows(source.actor, Permission.personal_reveal):
        return ()
    names = source.contract.personal_log_columns
    if case.score_hidden:
        names = frozenset(each for each in names if not goes_with_score(source.contract, each))
    return tuple(sorted(names))


def contracts_of(
    workspace: Workspace, model_ids: Iterable[str], *, actor: Actor
) -> dict[str, ModelContract]:
    """Return the contracts of models; those outside the actor's scope are left out."""
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        return {
            each: parsed_contract(models.get(conn, each).spec_text)
            for each in sorted(set(model_ids))
            if actor.sees_model(each)
        }
