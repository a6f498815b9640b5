"""A page with the screens of reproduction, skew and confidence, on a workspace of a test's own."""

from dataclasses import dataclass, field

import streamlit as st

from app.context import PageContext
from app.filters import Filters
from app.palette import LIGHT
from core.domain.identity import Actor
from core.i18n import translator
from core.services.workspace import Workspace


@dataclass
class World:
    """What the page shows, and to whom."""

    workspace: Workspace
    actor: Actor
    filters: Filters
    language: str = "en"
    shown: list[str] = field(default_factory=list)


WORLD: list[World] = []


def context() -> PageContext:
    """Return the context of the test that runs now."""
    world = WORLD[-1]
    return PageContext(
        workspace=world.workspace,
        actor=world.actor,
        t=translator(world.language),
        filters=world.filters,
        models=(),
        palette=LIGHT,
        pages={},
        header=st.container(),
    )


def page() -> None:
    """Show the three screens; Streamlit runs this as a script of its own."""
    from app.screens.drift.skew import show_skew
    from app.screens.model.reproduce import show_reproduction
    from app.screens.performance.confidence import show_confidence
    from tests.app.screens.reproduce_page import context

    ctx = context()
    show_reproduction(ctx)
    show_skew(ctx)
    show_confidence(ctx)
