"""The page of a model's card: its parts in order, and the card to take away."""

import streamlit as st

from app.components import FileOffer, Prepared, note, offer_files, plain
from app.components.sheet import Anchor, anchor, contents, named_texts, part, rows_table
from app.context import PageContext
from app.screens.model_card.global_view import show_global
from core.domain.identity import Actor, Permission
from core.i18n import LOCALES, N_
from core.i18n.locales import native_name
from core.reports.model_card import CardSection, ModelCard
from core.reports.model_card.printed import shared_source
from core.services import exports
from core.services.model_card import CARD_FORMATS, CardFormat, card_file

_INFLUENCE = "influence"
_PREPARE: dict[CardFormat, str] = {
    "pdf": N_("Prepare the card (PDF)"),
    "html": N_("Prepare the card (HTML)"),
    "md": N_("Prepare the card (Markdown)"),
    "json": N_("Prepare the facts (JSON)"),
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
    """Let the reader take the card as a file, in a language."""
    t = ctx.t
    language = st.selectbox(
        plain(t("Language")),
        LOCALES,
        index=LOCALES.index(t.locale),
        format_func=native_name,
        key="card_language",
        width=200,
    )
    offer_files(ctx, *(_offer(ctx, card.model_id, kind, language) for kind in CARD_FORMATS))


def _offer(ctx: PageContext, model: str, kind: CardFormat, language: str) -> FileOffer:
    return FileOffer(
        ctx.t(_PREPARE[kind]),
        lambda actor: _prepared(ctx, actor, model, kind, language),
        key=f"card_{kind}",
        permission=Permission.model_view,
        asked=(model, language),
    )


def _prepared(
    ctx: PageContext, actor: Actor, model: str, kind: CardFormat, language: str
) -> Prepared:
    made = card_file(ctx.workspace, model, kind, actor=actor, language=language)
    found = exports.publish(
        ctx.workspace,
        made.content,
        actor=actor,
        permission=Permission.model_view,
        name=made.name,
        media_type=made.media_type,
        model=model,
    )
    return Prepared(found.url, ctx.t("Download {file}", file=made.name))


def _anchor(section: CardSection) -> Anchor:
    return Anchor(section.key, section.heading, section.status)
