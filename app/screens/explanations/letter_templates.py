"""The letters' fixed words on the explanations screen: what is in force, and how it came about."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table, subsection
from app.components.text import plain
from app.context import PageContext
from app.screens.explanations.letter_template_editor import PART_WORDS, show_editor
from core.auth.policy import allows
from core.domain.explanation import LANGUAGES
from core.domain.explanation.letter_template import LetterTemplate
from core.domain.identity import Permission
from core.i18n import Translator
from core.i18n.locales import native_name
from core.services.explanation import template_desk
from core.services.explanation.templates import SHIPPED, TemplateVersion, show_template
from core.store.explanations.letter_templates import TemplateRecord

_NOTHING = "–"


def show_templates(ctx: PageContext) -> None:
    """Show the words in force and how they came about; whoever may, writes others."""
    t = ctx.t
    force = show_template(ctx.workspace, actor=ctx.actor)
    names = template_desk.template_names(ctx.workspace, actor=ctx.actor)
    _say_in_force(ctx, force, names)
    if template_desk.waiting_template(ctx.workspace, actor=ctx.actor) is not None:
        note(t("Other words are proposed already: a second person decides under Approvals."))
    _show_versions(ctx, names)
    if not allows(ctx.actor, Permission.template_propose):
        note(t("Other words are proposed by compliance: it takes the permission {permission}.",
               permission=str(Permission.template_propose)))  # fmt: skip
        return
    subsection(t("Write other words"))
    show_editor(ctx, force.template)


def _say_in_force(ctx: PageContext, force: TemplateVersion, names: Mapping[str, str]) -> None:
    t, record = ctx.t, force.record
    if record is None:
        note(t("The shipped words are in force, version 0: nobody has put others in their place."))
        return
    note(
        t(
            "Version {number} is in force, proposed by {proposer}, approved by {approver} on "
            "{day}.",
            number=force.number,
            proposer=names.get(record.proposed_by, record.proposed_by),
            approver=names.get(record.approved_by, record.approved_by),
            day=t.date(record.approved_at, ctx.filters.timezone),
        )
    )


def _show_versions(ctx: PageContext, names: Mapping[str, str]) -> None:
    t = ctx.t
    found = template_desk.template_history(ctx.workspace, actor=ctx.actor)
    with st.expander(plain(t("All words, and all versions"))):
        static_table(
            t, *_versions(ctx, found, names), caption=t("Approved versions, the newest first")
        )
        numbers = [each.number for each in found] + [SHIPPED]
        chosen = st.selectbox(plain(t("Words of version")), numbers, key="letter_version")
        version = show_template(ctx.workspace, chosen, actor=ctx.actor)
        static_table(t, *_words(t, version.template), caption=t("The fixed words of letters"))


def _versions(
    ctx: PageContext, found: tuple[TemplateRecord, ...], names: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Column]]:
    t = ctx.t
    rows = [
        {
            "number": str(each.number),
            "proposer": names.get(each.proposed_by, each.proposed_by),
            "approver": names.get(each.approved_by, each.approved_by),
            "at": t.instant(each.approved_at, ctx.filters.timezone),
            "hash": each.sha256,
        }
        for each in found
    ]
    shipped = dict.fromkeys(("approver", "at", "hash"), _NOTHING)
    rows.append({"number": str(SHIPPED), "proposer": t("comes with the program"), **shipped})
    columns = [
        Column("number", t("Version")),
        Column("proposer", t("Proposed by")),
        Column("approver", t("Approved by")),
        Column("at", t("In force from")),
        Column("hash", "SHA-256"),
    ]
    return pd.DataFrame(rows), columns


def _words(t: Translator, template: LetterTemplate) -> tuple[pd.DataFrame, list[Column]]:
    rows = [
        {"part": t(said), **{each: template.words[each][part] for each in LANGUAGES}}
        for part, said in PART_WORDS.items()
    ]
    columns = [
        Column("part", t("Part")),
        *(Column(each, native_name(each), wide=True) for each in LANGUAGES),
    ]
    return pd.DataFrame(rows), columns
