"""Stability on the explanations screen: how often other backgrounds give the same reasons."""

import pandas as pd

from app.charts import labels_for, steadiness
from app.components import Column, Definition, Link, note, show_chart, static_table
from app.context import PageContext
from app.screens.decision.page import decision_address
from core.i18n import Translator
from core.services.explanation.stability_list import Stability, stability
from core.services.personal.names import MASK
from core.store.explanations.records import STEADY

_NOTHING = "–"


def show_stability(ctx: PageContext, model: str) -> Stability:
    """Show the distribution, the figures by version, and the least stable decisions."""
    t, found = ctx.t, stability(ctx.workspace, model, actor=ctx.actor)
    if found.since is None or found.until is None:
        note(t("No kept explanation says how stable its reasons are: none is from the model "
               "itself, or the contract asks for no redraws."))  # fmt: skip
        return found
    note(sentence_of(t, found))
    labels = labels_for(
        t,
        title=t("Stability of reasons"),
        x=t("Redraws with the same reasons"),
        y=t("Decisions"),
        n=found.decisions,
        first=found.since,
        last=found.until,
    )
    show_chart(
        t,
        steadiness(ctx.look, labels, counts=found.counts, limit=STEADY, redraws=found.redraws),
        key="explanation_stability",
    )
    static_table(t, *_by_version(t, found), caption=t("Stability of reasons by version"))
    if found.least:
        static_table(
            t, *_least(ctx, model, found), caption=t("Unstable reasons, the least stable first")
        )
        note(t("The first {shown} of {all}.", shown=len(found.least), all=found.unsteady))
    return found


def sentence_of(t: Translator, found: Stability) -> str:
    """Return how many decisions have unstable reasons."""
    return t(
        "Of {all} explained decisions, {unsteady} ({share}) have reasons that fewer than {limit} "
        "of the redraws give again.",
        all=t.number(found.decisions, 0),
        unsteady=t.number(found.unsteady, 0),
        share=t.percent(found.unsteady / found.decisions, 1),
        limit=t.percent(STEADY, 0),
    )


def definition(t: Translator, redraws: int) -> Definition:
    """Return what stability is, and how it is computed."""
    return Definition(
        t("Stability"),
        t(
            "The share of k other backgrounds, drawn from the same training data, beside which the "
            "decision has the same set of at most four reasons: (number with the same set) / k. "
            "The contract says k = {k} now. Below {limit} reasons are called unstable. Of each "
            "decision the newest record counts; the interval is Wilson's, 95%.",
            k=redraws,
            limit=t.percent(STEADY, 0),
        ),
    )


def _by_version(t: Translator, found: Stability) -> tuple[pd.DataFrame, list[Column]]:
    rows = [
        {
            "version": each.version or _NOTHING,
            "decisions": each.decisions,
            "unsteady": each.unsteady,
            "share": each.share,
            "interval": t("{low} to {high}", low=t.percent(each.low), high=t.percent(each.high)),
            "mean": each.mean,
            "lowest": each.lowest,
        }
        for each in found.versions
    ]
    columns = [
        Column("version", t("Version")),
        Column("decisions", t("Decisions"), "count"),
        Column("unsteady", t("Unstable reasons"), "count"),
        Column("share", t("Share"), "percent"),
        Column("interval", t("95% interval")),
        Column("mean", t("Mean stability"), "percent"),
        Column("lowest", t("Lowest"), "percent", digits=0),
    ]
    return pd.DataFrame(rows), columns


def _least(ctx: PageContext, model: str, found: Stability) -> tuple[pd.DataFrame, list[Column]]:
    t = ctx.t
    rows = [
        {
            "prediction": decision_cell(ctx, model, each.prediction_id),
            "version": each.version or _NOTHING,
            "stability": each.stability,
            "record": str(each.number),
            "at": t.date(each.made_at, ctx.filters.timezone),
        }
        for each in found.least
    ]
    columns = [
        Column("prediction", t("Decision")),
        Column("version", t("Version")),
        Column("stability", t("Stability"), "percent", digits=0),
        Column("record", t("Record")),
        Column("at", t("Kept at")),
    ]
    return pd.DataFrame(rows), columns


def decision_cell(ctx: PageContext, model: str, prediction: str) -> Link | str:
    """Return a decision's id, and the way to its page where the id may stand in an address."""
    address = "" if prediction == MASK else decision_address(ctx, model, prediction)
    return Link(prediction, address) if address else prediction
