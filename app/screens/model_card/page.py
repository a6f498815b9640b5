"""The page of a model's card: its parts in order, and the card to take away."""

import streamlit as st

from app.components import download_link, note, plain
from app.components.sheet import Anchor, anchor, contents, named_texts, part, rows_table
from app.context import PageContext
from app.screens.model_card.global_view import show_global
from core.domain.identity import Permission
from core.i18n import LOCALES, N_
from core.i18n.locales import NATIVE_NAMES
from core.reports.model_card import CardSection, ModelCard
from core.reports.model_card.printed import shared_source
from core.services import exports
from core.services.model_card import CARD_FORMATS, CardFormat, card_file

_INFLUENCE = "influence"
_PREPARE: dict[CardFormat, str] = {
    "pdf": N_("Prepare PDF"),
    "html": N_("Prepare HTML"),
    "md": N_("Prepare Markdown"),
    "json": N_("Prepare facts (JSON)"),
}


def show_contents(ctx: PageContext, card: ModelCard) -> None:
    """Show the parts of the card as links to them, each with how it stands."""
    contents(ctx.t, card.words["contents"], [_anchor(each) for each in card.sections])


def show_sections(ctx: PageContext, card: ModelCard) -> None:
    """Show the parts of the card in order."""
    for each in card.sections:
        if each.key == _INFLUENCE:
            anchor(each.key)
            show_global(ctx, card.model_id)
        else:
            show_section(ctx, each)


def show_section(ctx: PageContext, section: CardSection) -> None:
    """Show one part: its facts by where they are from, then its tables."""
    t = ctx.t
    part(t, _anchor(section), section.notes)
    for said in shared_source(section):
        facts = [each for each in section.facts if each.source == said]
        named_texts(
            [(each.name, each.value.text, each.state == "known") for each in facts],
            said,
        )
    for table in section.tables:
        rows = [[value.text for value in row] for row in table.rows]
        rows_table(t, table.caption, table.heads, rows, table.levels)
        note(table.source)


def show_files(ctx: PageContext, card: ModelCard) -> None:
    """Let the reader prepare the card as a file, and then take it."""
    t = ctx.t
    with st.container(horizontal=True, vertical_alignment="bottom", key="hl_card_files"):
        language = st.selectbox(
            plain(t("Language")),
            LOCALES,
            index=LOCALES.index(t.locale),
            format_func=lambda each: NATIVE_NAMES[each],
            key="card_language",
            width=200,
        )
        for kind in CARD_FORMATS:
            st.button(
                plain(t(_PREPARE[kind])),
                key=f"card_{kind}",
                on_click=_prepare,
                args=(ctx, card.model_id, kind, language),
            )
    for kind in CARD_FORMATS:
        made = st.session_state.get(_key(card.model_id, kind, language))
        if made is not None:
            url, name = made
            download_link(t, url, t("Download {file}", file=name))


def _prepare(ctx: PageContext, model_id: str, kind: CardFormat, language: str) -> None:
    made = card_file(ctx.workspace, model_id, kind, actor=ctx.actor, language=language)
    found = exports.publish(
        ctx.workspace,
        made.content,
        actor=ctx.actor,
        permission=Permission.model_view,
        name=made.name,
        media_type=made.media_type,
        model=model_id,
    )
    st.session_state[_key(model_id, kind, language)] = found.url, made.name


def _key(model_id: str, kind: str, language: str) -> str:
    return f"_hl_card_{model_id}_{kind}_{language}"


def _anchor(section: CardSection) -> Anchor:
    return Anchor(section.key, section.heading, section.status)
