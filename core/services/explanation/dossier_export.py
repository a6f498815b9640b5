"""A dossier made in the app: given to whoever asked as a file of their own, for a day."""

from dataclasses import dataclass

from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services import access
from core.services.explanation.dossier import Dossier, Order, make_dossier
from core.services.exports import MadeExport, publish
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MadeDossier:
    """A dossier, and the file to take away.

    Parameters
    ----------
    dossier : Dossier
        As it was given.
    export : MadeExport
        Its file, for a day.
    """

    dossier: Dossier
    export: MadeExport


def export_dossier(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    order: Order,
    *,
    t: Translator,
    actor: Actor,
) -> MadeDossier:
    """Make the dossier of a decision, and offer it to whoever made it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    order : Order
        For whom, why, and with what.
    t : Translator
        The language of what is to be read.
    actor : Actor
        Needs ``dossier.make``; for personal values ``personal.export`` and a step-up besides.

    Raises
    ------
    Forbidden, NotFound, StepUpNeeded, Conflict, InvalidInput
        As :func:`core.services.explanation.dossier.make_dossier`.
    """
    access.require(actor, Permission.dossier_make, model=model_id)
    made = make_dossier(workspace, model_id, prediction_id, order, t=t, actor=actor)
    export = publish(
        workspace,
        made.content,
        actor=actor,
        permission=Permission.dossier_make,
        name=made.name,
        media_type="application/zip",
        model=model_id,
        personal=order.values,
    )
    return MadeDossier(made, export)
