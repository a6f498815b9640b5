"""What the filters offer: the models in the actor's scope, with versions, slices and dates."""

from typing import TYPE_CHECKING

from app.filters import ModelChoice, SliceChoice
from core.domain.identity import Actor
from core.i18n import Locale
from core.services import outline

if TYPE_CHECKING:
    from core.services.workspace import Workspace


def model_choices(workspace: "Workspace", actor: Actor, locale: Locale) -> tuple[ModelChoice, ...]:
    """Return the models that the actor may choose, by name in the reader's language."""
    found = outline.log_outlines(workspace, actor=actor)
    choices = [
        ModelChoice(
            id=each.contract.id,
            name=each.contract.name.get(locale),
            versions=each.versions,
            slices=tuple(
                SliceChoice(name, values, each.contract.segment(name).label_in(locale))
                for name, values in each.slices.items()
            ),
            oldest=each.first_prediction,
            newest=each.last_prediction,
            timezone=each.contract.timezone,
            generation=each.generation,
            rows=each.rows,
        )
        for each in found
    ]
    # A newcomer wants to see a model with a log, and of these one that decides by a policy.
    deciding = {each.contract.id for each in found if each.contract.policy}
    return tuple(
        sorted(choices, key=lambda each: (each.newest is None, each.id not in deciding, each.id))
    )
