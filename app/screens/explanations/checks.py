"""Failed checks on the explanations screen: letters and dossiers refused, and what to do."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components import Column, Definition, note, static_table
from app.components.text import plain
from app.context import PageContext
from app.screens.explanations.code_book import DIRECTIONS
from app.screens.explanations.stability import decision_cell
from core.i18n import N_, Translator
from core.services.explanation.failed_checks import (
    LOOKED_AT,
    FailedChecks,
    Paper,
    Refusal,
    failed_checks,
)
from core.services.explanation.letter_words import CHECKS, REMEDIES
from core.services.registry.models import get_model

_MOST = 200
_PAPERS: Mapping[Paper, str] = {"letter": N_("Letter"), "dossier": N_("Dossier")}
# What differs where a decision is explained again.
_DIFFERENT = {
    "source": N_("where the explanation is from"),
    "decision": N_("the decision or its score"),
    "reasons": N_("the reasons"),
    "inputs": N_("the inputs"),
    "sums": N_("what fields add"),
}


def show_failed(ctx: PageContext, model: str) -> None:
    """Show which checks failed, what to do, and about which decisions."""
    t, found = ctx.t, failed_checks(ctx.workspace, model, actor=ctx.actor)
    if not found.rows and not found.kept_back:
        note(t("No letter or dossier of this model was refused."))
        return
    note(sentence_of(t, found))
    if found.counts:
        static_table(t, *_by_check(t, found), caption=t("Failed checks of open refusals"))
    settled = len(found.rows) - found.open
    with_settled = settled > 0 and st.toggle(
        plain(t.n("Also {n} settled refusal", "Also {n} settled refusals", settled)),
        key="checks_settled",
    )
    shown = [each for each in found.rows if each.is_open or with_settled][:_MOST]
    if shown:
        static_table(
            t, *_by_decision(ctx, model, shown), caption=t("What was refused, open ones first")
        )
    if found.kept_back:
        note(t.n("{n} decision waits for a second view and is not listed for you.",
                 "{n} decisions wait for a second view and are not listed for you.",
                 found.kept_back))  # fmt: skip
    if found.is_cut:
        note(t("Only the newest {n} refusals are looked at.", n=t.number(LOOKED_AT, 0)))


def sentence_of(t: Translator, found: FailedChecks) -> str:
    """Return how many letters and dossiers were refused and not given out since."""
    if not found.open:
        return t("No refusal is open: all that was refused has been given out since.")
    return t.n(
        "{n} letter or dossier was refused and has not been given out since.",
        "{n} letters and dossiers were refused and have not been given out since.",
        found.open,
    )


def definitions(t: Translator) -> list[Definition]:
    """Return what an open refusal is."""
    return [
        Definition(
            t("Open refusal"),
            t("A letter or a dossier of the decision did not pass its acceptance checks, and none "
              "was given out since. The checks are those of the newest refusal. Decisions whose "
              "record was erased or disposed of are left out."),
        )
    ]  # fmt: skip


def _by_check(t: Translator, found: FailedChecks) -> tuple[pd.DataFrame, list[Column]]:
    rows = [
        {"check": _check(t, name), "open": count, "todo": t(REMEDIES.get(name, ""))}
        for name, count in found.counts.items()
    ]
    columns = [
        Column("check", t("Check that failed"), wide=True),
        Column("open", t("Open refusals"), "count"),
        Column("todo", t("What to do"), wide=True),
    ]
    return pd.DataFrame(rows), columns


def _by_decision(
    ctx: PageContext, model: str, shown: list[Refusal]
) -> tuple[pd.DataFrame, list[Column]]:
    t = ctx.t
    contract = get_model(ctx.workspace, model, actor=ctx.actor).contract
    labels = {each.name: each.label_in(t.locale) for each in contract.features}
    rows = [
        {
            "paper": t(_PAPERS[each.paper]),
            "prediction": decision_cell(ctx, model, each.prediction_id),
            "at": t.instant(each.at, ctx.filters.timezone),
            "by": each.by,
            "times": each.times,
            "failed": t.items(*(_told(t, labels, *pair) for pair in each.failed.items())),
            "state": t("open") if each.is_open else t("given out since"),
        }
        for each in shown
    ]
    columns = [
        Column("paper", t("What")),
        Column("prediction", t("Decision")),
        Column("at", t("Refused at")),
        Column("by", t("Asked by")),
        Column("times", t("Times"), "count"),
        Column("failed", t("What failed, and what was found"), wide=True),
        Column("state", t("State")),
    ]
    return pd.DataFrame(rows), columns


def _check(t: Translator, name: str) -> str:
    return t(CHECKS[name]) if name in CHECKS else name


def _told(t: Translator, labels: Mapping[str, str], name: str, found: str) -> str:
    """Return a check with what it found, in words."""
    said = _check(t, name)
    parts = [_part(t, labels, each) for each in found.split(", ") if each]
    return t("{check} ({found})", check=said, found=t.items(*parts)) if parts else said


def _part(t: Translator, labels: Mapping[str, str], found: str) -> str:
    """Return one thing that a check found: a field, what differs, or as the check has it."""
    field, _, direction = found.partition(" ")
    if field in labels and direction in DIRECTIONS:
        return t("{name}: {text}", name=labels[field], text=t(DIRECTIONS[direction]))
    if found in labels:
        return labels[found]
    return t(_DIFFERENT[found]) if found in _DIFFERENT else found
