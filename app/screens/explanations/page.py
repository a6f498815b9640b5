"""The explanations screen: the worklist, and how much was explained."""

import pandas as pd

from app.components import Column, Definition, Kpi, note, static_table
from app.context import PageContext
from core.domain.status import Status
from core.i18n import N_, Translator
from core.services.explanation.worklist import Worklist

_NOTHING = "–"
_WORDS = {
    Status.in_range: N_("all explained"),
    Status.watch: N_("some not explained"),
    Status.act: N_("score not reproduced"),
    Status.not_enough_data: N_("nothing to compare with"),
}


def summary(ctx: PageContext, found: Worklist) -> tuple[str, Status, str]:
    """Return the sentence of the page, how it stands, and the word for that."""
    t, status = ctx.t, _status(found)
    if not found.is_held:
        told = t(found.ways[0].why)
    else:
        told = t.n(
            "{n} decision differs from what was expected and has no explanation yet.",
            "{n} decisions differ from what was expected and have no explanation yet.",
            found.unexplained,
        )
    if found.kept.differing:
        told = t.sentences(
            told,
            t.n(
                "Of {n} explained decision the registered model gives another score than the log.",
                "Of {n} explained decisions the registered model gives another score than the log.",
                found.kept.differing,
            ),
        )
    return told, status, t(_WORDS[status])


def _status(found: Worklist) -> Status:
    if found.kept.differing:
        return Status.act
    if not found.is_held:
        return Status.not_enough_data
    return Status.watch if found.unexplained else Status.in_range


def figures(t: Translator, found: Worklist) -> list[Kpi]:
    """Return what was explained, and what is wrong with explanations."""
    kept = found.kept
    return [
        Kpi(
            t("Decisions without explanation"),
            t.number(found.decisions - found.explained, 0),
            t("of {n}", n=t.number(found.decisions, 0)),
        ),
        Kpi(
            t("Explained decisions"),
            t.number(kept.decisions, 0),
            t("from the model {model}, from the log {log}", model=kept.by_model, log=kept.by_log),
        ),
        Kpi(t("Not available"), t.number(kept.none, 0), t("kept with the reason")),
        Kpi(t("Unstable reasons"), t.number(kept.unsteady, 0), t("with other backgrounds")),
        Kpi(t("Reasons without a code"), t.number(kept.uncoded, 0), t("decisions")),
    ]


def show_coverage(ctx: PageContext, found: Worklist) -> None:
    """Show by version how many decisions were explained."""
    t = ctx.t
    if not found.versions:
        note(t("No decision of this model stands in the log without a person."))
        return
    rows = [
        {
            "version": each.version or _NOTHING,
            "decisions": each.decisions,
            "explained": each.explained,
            "share": each.explained / each.decisions if each.decisions else None,
            "differing": each.differing,
            "unexplained": each.unexplained,
        }
        for each in found.versions
    ]
    columns = [
        Column("version", t("Version")),
        Column("decisions", t("Decisions"), "count"),
        Column("explained", t("Explained"), "count"),
        Column("share", t("Share"), "percent"),
        Column("differing", t("Decisions that differ"), "count"),
        Column("unexplained", t("Of these unexplained"), "count"),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Decisions and explanations by version"))


def definitions(t: Translator) -> list[Definition]:
    """Return what the words on the page mean."""
    return [
        Definition(
            t("Explained"),
            t("An explanation from the model or the log was kept, with its hash in the trail."),
        ),
        Definition(
            t("Unstable reasons"),
            t("The same four reasons with fewer than four in five other backgrounds."),
        ),
    ]
