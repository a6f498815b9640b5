"""A file that is made when the reader asks for it, and then taken away: one behaviour for all.

Its button says what is prepared. While it is made, that is said; what stands against it is said,
too, and who has to say again who they are is asked. Then its link stands there until something
else is asked for. Who may not have the file is offered nothing; the service behind it asks again,
and the audit trail tells of the making and of each fetching.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.components.download import download_link
from app.components.states import note
from app.components.step_up import attempt
from app.components.text import plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.services import exports

CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that can be taken: its address below the app's own, and what its link says."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class FileOffer:
    """One file that the reader may have made.

    Parameters
    ----------
    label : str
        What the button says, in the reader's language: what is prepared, and the format.
    make : callable
        Makes it on behalf of an actor; ``None`` if there is nothing to take.
    key : str
        Of the button; unique on the page.
    permission : Permission
        What it takes; who has it not sees no button.
    asked : object
        What the file answers. A link of an earlier answer is not shown.
    nothing : str
        Said where ``make`` returned ``None``; translated.
    """

    label: str
    make: Callable[[Actor], Prepared | None]
    key: str
    permission: Permission
    asked: object = None
    nothing: str = ""


def offer_files(ctx: PageContext, *offers: FileOffer) -> None:
    """Let the reader have files made, and then take them; of several, the buttons are in a row."""
    allowed = [each for each in offers if allows(ctx.actor, each.permission)]
    if len(allowed) > 1:
        with st.container(horizontal=True, gap="small"):
            for each in allowed:
                _show_button(ctx, each)
    elif allowed:
        _show_button(ctx, allowed[0])
    for each in allowed:
        _show_link(ctx, each)


def publish_csv(
    ctx: PageContext,
    actor: Actor,
    content: bytes,
    *,
    permission: Permission,
    name: str,
    text: str,
    model: str | None = None,
) -> Prepared:
    """Hand a table over as a file of the actor's, with the words of its link."""
    made = exports.publish(
        ctx.workspace, content, actor=actor, permission=permission, name=name, media_type=CSV,
        model=model,
    )  # fmt: skip
    return Prepared(made.url, text)


def _show_button(ctx: PageContext, offer: FileOffer) -> None:
    """Make the file if the button was pressed, and keep it with what was asked."""
    if not st.button(plain(offer.label), key=offer.key):
        return
    kept = _kept(offer)
    st.session_state.pop(kept, None)

    def make(actor: Actor) -> None:
        st.session_state[kept] = _question(ctx, offer), offer.make(actor)

    with st.spinner(plain(ctx.t("Preparing the file …"))):
        attempt(ctx, make)
    if kept not in st.session_state:
        st.rerun()  # what stood against it is said, or asked, by the whole page


def _show_link(ctx: PageContext, offer: FileOffer) -> None:
    asked, made = st.session_state.get(_kept(offer), (None, None))
    if asked != _question(ctx, offer):
        return
    if made is None:
        note(offer.nothing)
    else:
        download_link(ctx.t, made.url, made.text)


def _kept(offer: FileOffer) -> str:
    return f"_hl_file_{offer.key}"


def _question(ctx: PageContext, offer: FileOffer) -> tuple[object, str]:
    """Return what the file answers, and in which language."""
    return offer.asked, ctx.t.locale
