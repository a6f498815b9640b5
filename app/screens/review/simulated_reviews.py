"""Saying that the demo's past verdicts were never given by anybody."""

from app.components import note
from app.context import PageContext
from core.i18n import N_
from core.services.demo import build as demo

_SAID = N_("Demo: verdicts of people marked (simulated) were drawn by chance; nobody gave them.")


def say_simulated(ctx: PageContext) -> None:
    """Say in the demo that verdicts of the people marked as simulated were drawn by chance."""
    if demo.is_demo(ctx.workspace):
        note(ctx.t(_SAID))
