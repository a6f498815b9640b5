"""Telling of which letter a check code is, and whether it is what was made."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from core.domain.explanation.check_code import as_kept
from core.domain.identity import Actor, Permission
from core.errors import NotFound, StorageError
from core.i18n import N_
from core.services import access
from core.services.explanation.letters import PURPOSE, code_of
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import models
from core.store.explanations import letters as explanation_letters
from core.store.explanations.letters import LetterRecord


@dataclass(frozen=True, slots=True)
class LetterStanding:
    """What a check code is of.

    Parameters
    ----------
    reference, model_id, prediction_id, language : str
        Which letter; the prediction is masked where its id is personal.
    withheld : bool
        Whether it leaves the reasons out.
    made_at : datetime
        When it was made.
    is_intact : bool
        Whether what is kept of it is what was made.
    form : str, optional
        The format in which a given file is the letter, byte for byte; ``None`` if it is not.
    """

    reference: str
    model_id: str
    prediction_id: str
    language: str
    withheld: bool
    made_at: datetime
    is_intact: bool
    form: str | None = None


def check_letter(
    workspace: Workspace, code: str, *, content: bytes | None = None, actor: Actor
) -> LetterStanding:
    """Return which letter a code is of, and whether it, and a file of it, is unchanged.

    Parameters
    ----------
    workspace : Workspace
        Where.
    code : str
        As somebody typed it.
    content : bytes, optional
        A file that is said to be the letter.
    actor : Actor
        Needs ``explanation.view``.

    Raises
    ------
    NotFound
        If no letter in the actor's scope has this code.
    """
    access.require(actor, Permission.explanation_view)
    with workspace.store.read() as conn:
        found = explanation_letters.by_code(conn, as_kept(code))
        if found is None or not _is_visible(found, actor):
            raise NotFound(
                N_("No letter has this code."),
                remedy=N_(
                    "Compare the code with the letter. If it is the same, the letter is not ours, "
                    "or was removed since: when its time was over, or with the person."
                ),
            )
        contract = parsed_contract(models.get(conn, found.model_id).spec_text)
    digest = None if content is None else sha256(content).hexdigest()
    return LetterStanding(
        reference=found.reference,
        model_id=found.model_id,
        prediction_id=MASK if contract.is_personal("@prediction_id") else found.prediction_id,
        language=found.language,
        withheld=found.withheld,
        made_at=found.made_at,
        is_intact=_is_intact(workspace, found),
        form=next((form for form, each in found.files.items() if each == digest), None),
    )


def _is_visible(found: LetterRecord, actor: Actor) -> bool:
    return actor.sees_model(found.model_id) and actor.sees_jurisdiction(found.jurisdiction)


def _is_intact(workspace: Workspace, found: LetterRecord) -> bool:
    try:
        content = workspace.keys.unseal(PURPOSE, found.sealed)
    except StorageError:
        return False
    digest = sha256(content).hexdigest()
    return digest == found.sha256 and code_of(workspace, digest) == found.code
