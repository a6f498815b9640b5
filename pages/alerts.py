"""Alerts: what is wrong with which model, since when, and who sees to it."""

import streamlit as st

from app.components import footer, note, page_header, ranked_table, section, sentence, static_table
from app.context import page_context
from app.screens.alerts import board as screen
from app.screens.alerts.channels import show_channels
from app.screens.alerts.rules import show_rules
from core.auth.policy import allows
from core.domain.identity import Permission
from core.services import alerts
from core.services.checks import newest_runs

ctx = page_context()
t = ctx.t
page_header(ctx, t("Alerts"), dated=False)
if ctx.actor.jurisdictions is not None:
    sentence(ctx, t("Checks look at rows of all jurisdictions, and you see those of some."))
    footer(ctx)
    st.stop()
board = alerts.list_alerts(ctx.workspace, actor=ctx.actor)
runs = newest_runs(ctx.workspace, actor=ctx.actor)
if not runs:
    sentence(ctx, t("No model has been checked yet."))
    note(t("Models are checked once a day and after each ingest, or at once by this command."))
    st.code("harbourlight check", language=None)
else:
    sentence(ctx, *screen.summary(t, board))
    screen.show_failures(ctx, runs)
    of = screen.contracts(ctx, board)
    live = [each for each in board.alerts if each.live]
    closed = [each for each in board.alerts if not each.live]
    if live:
        section(t("Open"), t("Choose one to see its evidence and to deal with it."))
        asked = screen.asked_for(live)
        place = ranked_table(
            t,
            *screen.frame(ctx, board, live, of),
            key=f"alerts_live_{live[asked].id}" if asked else "alerts_live",
            alt=t("Open alerts"),
            selected=asked,
        )
        chosen = live[place or 0]
        story = alerts.story(ctx.workspace, chosen.id, actor=ctx.actor)
        screen.show_story(ctx, story, of[chosen.model_id])
        screen.deal_with(ctx, story)
    if closed:
        section(t("Closed"), t("By a check that found them well, or by a person with a reason."))
        table, columns = screen.frame(ctx, board, closed, of)
        static_table(t, table, columns, caption=t("Closed alerts, newest first"))
    alerts.mark_seen(ctx.workspace, board, actor=ctx.actor)
if allows(ctx.actor, Permission.alert_manage):
    show_rules(ctx)
if allows(ctx.actor, Permission.workspace_maintain):
    show_channels(ctx)
footer(ctx, definitions=screen.definitions(t))
