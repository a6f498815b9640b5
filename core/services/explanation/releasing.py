"""Releasing a letter in one step: what it is written from is kept first, where nothing was."""

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letters import WHY_WITHHELD, MadeLetter, make_letter
from core.services.personal.masking import checked_reason
from core.services.workspace import Workspace
from core.store.explanations import records as explanations


def release_letter(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    *,
    language: str,
    actor: Actor,
    form: str = "pdf",
    withhold: str | None = None,
) -> MadeLetter:
    """Write, check and give out a letter; an explanation is kept first where none was.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    language, form : str
        As :func:`core.services.explanation.letters.make_letter`.
    withhold : str, optional
        Why the reasons stay out; ``None`` to tell them, so that an empty reason is refused.
    actor : Actor
        Needs ``letter.release``, and says again who they are; where nothing is kept yet, needs
        ``explanation.make`` too.

    Raises
    ------
    Forbidden, StepUpNeeded, NotFound, InvalidInput, Conflict, LetterRefused
        As :func:`core.services.explanation.letters.make_letter`.
    """
    access.require(actor, Permission.letter_release, model=model_id)
    access.require_recent(workspace, actor)  # first: else each try would keep one more
    why = "" if withhold is None else checked_reason(withhold, remedy=WHY_WITHHELD)
    with workspace.store.read() as conn:
        kept = explanations.of_prediction(conn, model_id, prediction_id)
    if not kept:
        keep_explanation(workspace, model_id, prediction_id, actor=actor)
    return make_letter(
        workspace,
        model_id,
        prediction_id,
        language=language,
        form=form,
        withhold=why,
        actor=actor,
    )
