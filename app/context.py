"""What a page gets: the workspace, the actor, the language, the filters and the look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.charts import Look
from app.filters import Filters, ModelChoice
from app.palette import Palette
from core.domain.identity import Actor, Permission
from core.i18n import Translator

if TYPE_CHECKING:
    from core.services.workspace import Workspace

_KEY = "_hl_context"
_AS_OF = "_hl_as_of"


@dataclass(frozen=True, slots=True)
class PageContext:
    """Everything a page reads; made once per run by the entrypoint.

    Parameters
    ----------
    workspace : Workspace
        First argument of every service.
    actor : Actor
        Who looks; services check what they may see.
    t : Translator
        The reader's language.
    filters : Filters
        Model, version, slice, period and as-of from the URL, validated.
    models : tuple of ModelChoice
        The models in the actor's scope.
    palette : Palette
        Colours of the reader's theme.
    pages : mapping
        Key → page of what the actor may open, for links.
    header : DeltaGenerator
        Where ``page_header`` writes: above the chips.
    permission : Permission
        What opens the page; files that carry what it shows are made with it.
    """

    workspace: "Workspace"
    actor: Actor
    t: Translator
    filters: Filters
    models: tuple[ModelChoice, ...]
    palette: Palette
    pages: Mapping[str, Any]
    header: DeltaGenerator
    permission: Permission = Permission.account_manage

    @property
    def look(self) -> Look:
        """First argument of every chart."""
        return Look(self.palette, self.t)

    @property
    def model(self) -> ModelChoice | None:
        """The model that the filters name."""
        return next((each for each in self.models if each.id == self.filters.model), None)


def set_page_context(context: PageContext) -> None:
    """Make the context of this run known to the page; the entrypoint calls it."""
    st.session_state[_KEY] = context


def page_context() -> PageContext:
    """Return the context of this run; the first line of every page."""
    return cast("PageContext", st.session_state[_KEY])


def remember_as_of(text: str) -> None:
    """Keep what the page's header says of the moment that the figures stand for."""
    st.session_state[_AS_OF] = text


def shown_as_of() -> str:
    """Return what the page's header says of the moment that the figures stand for."""
    return str(st.session_state.get(_AS_OF, ""))
