"""Model card: what there is to say of one model, from the live record and the contract."""

import streamlit as st

from app.components import footer, note, page_header, sentence
from app.context import page_context
from app.screens.model_card import page as screen
from core.services.model_card import model_card

ctx = page_context()
t = ctx.t
model = ctx.filters.named_model()
page_header(ctx, t("Model card"), dated=False)
with st.spinner(t("The facts are gathered from the record …")):
    card = model_card(ctx.workspace, model, actor=ctx.actor, t=t)
sentence(ctx, card.sentence, card.status)
note(t("Known up to {moment}.", moment=card.as_of))
screen.show_files(ctx, card)
note(t("What your role may not see is left out, here and in the file, which says so."))
screen.show_contents(ctx, card)
screen.show_sections(ctx, card)
note(t("SHA-256 of the facts, the same in every language: {digest}", digest=card.sha256))
footer(ctx, definitions=[])
