"""The checker's part: to agree, or to send a verdict back to its maker."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.review import Action, CaseState, Verdict
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.review import words
from core.services.review.acting import act, refuse_personal, with_text
from core.services.review.cases import Case, shown
from core.services.review.changing import NO_PROPOSAL, apply, by, look_up_held
from core.services.review.finishing import tell_final
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import in_scope, require_trained
from core.services.review.unmasking import unmask
from core.services.workspace import Workspace
from core.store.review import cases, drafts, steps, texts
from core.store.review.records import CaseRecord


def agree(
    workspace: Workspace, case_id: int, *, actor: Actor, revision: int, text: str = ""
) -> Case:
    """Agree with a proposed verdict as its checker; it is final then.

    Raises
    ------
    NotFound, Conflict, Forbidden
        As :func:`propose`.
    InvalidInput
        If the words are too long or repeat a personal value, or what bore the verdict out is gone.
    """
    access.require(actor, Permission.review_check)
    why = words.checked(text, needed=False)
    refuse_personal(workspace, case_id, actor, [why])
    return _agree(workspace, case_id, actor=actor, revision=revision, text=why)


@repeat_when_busy
def _agree(workspace: Workspace, case_id: int, *, actor: Actor, revision: int, text: str) -> Case:
    at, who = workspace.clock(), by(actor)
    with workspace.store.begin() as conn:
        now = in_scope(cases.get(conn, case_id, lock=True), actor)
        if now.state is CaseState.final and (now.checker_id, now.revision) == (
            actor.user_id,
            revision + 1,
        ):
            return shown(workspace, conn, [now], actor)[0]
        found = look_up_held(conn, case_id, actor, revision=revision, action=Action.agree)
        require_trained(workspace, conn, actor)
        _require_evidence(conn, found)
        said = with_text(conn, found, text, "check", actor, at)
        values = {
            "checker_id": actor.user_id,
            "final_decision": found.proposed_decision,
            "final_at": at,
        }
        drafts.remove_of_case(conn, case_id)
        after = apply(conn, found, Action.agree, who, at=at, values=values, said=said)
        tell_final(conn, after, actor, at, CaseState.checking)
        unmask(conn, after, who, at)
        return shown(workspace, conn, [after], actor)[0]


def _require_evidence(conn: Connection, found: CaseRecord) -> None:
    if found.verdict is not Verdict.overturn:
        return
    said = steps.newest(conn, found.id, Action.propose)
    if (said is None or not said.body.get("evidence")) and not texts.count_files(conn, found.id):
        raise InvalidInput(
            N_("To overturn a decision takes evidence."),
            remedy=N_("Send the verdict back, so that its maker bears it out."),
        )


def send_back(
    workspace: Workspace, case_id: int, *, actor: Actor, revision: int, text: str
) -> Case:
    """Send a proposed verdict back to its maker, whose draft is there still.

    Raises
    ------
    NotFound, Conflict, Forbidden
        As :func:`propose`.
    InvalidInput
        If there are no words, or they repeat a personal value.
    """
    access.require(actor, Permission.review_check)

    def values(found: CaseRecord) -> Mapping[str, Any]:
        return {**NO_PROPOSAL, "assigned_to": found.maker_id}

    return act(
        workspace, case_id, Action.send_back, text, values, kind="check", holder=actor,
        revision=revision,
    )  # fmt: skip
