"""The explanations screen: the worklist, and how much was explained."""

import pandas as pd

from app.components import Column, Definition, Kpi, Link, note, static_table
from app.context import PageContext
from app.screens.decision import decision_address
from core.domain.status import Status
from core.i18n import N_, Translator
from core.lake.unexpected_rows import Unexpected
from core.services.explanation.worklist import Worklist
from core.services.personal_names import MASK

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
    if found.why:
        told = t(found.why)
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
    if found.why or not found.decisions:
        return Status.not_enough_data
    return Status.watch if found.unexplained else Status.in_range


def figures(t: Translator, found: Worklist) -> list[Kpi]:
    """Return what was explained, and what is wrong with explanations."""
    kept = found.kept
    return [
        Kpi(
            t("Decisions without explanation"),
            _NOTHING if found.why else t.number(found.decisions - found.explained, 0),
            "" if found.why else t("of {n}", n=t.number(found.decisions, 0)),
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


def show_worklist(ctx: PageContext, found: Worklist) -> None:
    """Show the decisions that differ, unexplained ones first."""
    t = ctx.t
    if found.why:
        note(t(found.why))
        return
    if not found.rows:
        note(t("No decision differs from what was expected."))
        return
    rows = [_row(ctx, found.model_id, each) for each in found.rows]
    columns = [
        Column("prediction", t("Decision")),
        Column("time", t("Made at")),
        Column("version", t("Version")),
        Column("decision", t("Decided")),
        Column("score", t("Score"), "number", digits=4),
        Column("differs", t("Differs from"), wide=True),
        Column("explained", t("Explained")),
    ]
    static_table(
        t, pd.DataFrame(rows), columns, caption=t("Decisions to look at, unexplained first")
    )
    note(t("The first {shown} of {all}.", shown=len(rows), all=found.differing))


def _row(ctx: PageContext, model: str, each: Unexpected) -> dict[str, object]:
    t = ctx.t
    is_masked = each.prediction_id.startswith(MASK)
    address = "" if is_masked else decision_address(ctx, model, each.prediction_id)
    ways = [t("the policy's rule")] if each.by_policy else []
    ways += [t("what became known later")] if each.by_outcome else []
    return {
        "prediction": Link(each.prediction_id, address) if address else each.prediction_id,
        "time": t.instant(each.time, ctx.filters.timezone),
        "version": each.version or _NOTHING,
        "decision": each.decision or _NOTHING,
        "score": each.score,
        "differs": t.items(*ways),
        "explained": t("yes") if each.explained else t("no"),
    }


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
            "by_policy": each.by_policy,
            "by_outcome": each.by_outcome,
        }
        for each in found.versions
    ]
    columns = [
        Column("version", t("Version")),
        Column("decisions", t("Decisions"), "count"),
        Column("explained", t("Explained"), "count"),
        Column("share", t("Share"), "percent"),
        Column("by_policy", t("Against the policy"), "count"),
        Column("by_outcome", t("Against the outcome"), "count"),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Decisions and explanations by version"))


def definitions(t: Translator) -> list[Definition]:
    """Return what the words on the page mean."""
    return [
        Definition(
            t("Against the policy"),
            t(
                "The rule of the policy in force, applied to the logged score, gives another "
                "decision. A score within 0.000001 of the cut-off is left out, because logs round."
            ),
        ),
        Definition(
            t("Against the outcome"),
            t(
                "The outcome that became known is that of the other side of the cut-off. One such "
                "decision says nothing against a model: many of one kind do."
            ),
        ),
        Definition(
            t("Explained"),
            t("An explanation from the model or the log was kept, with its hash in the trail."),
        ),
        Definition(
            t("Unstable reasons"),
            t("The same four reasons with fewer than four in five other backgrounds."),
        ),
    ]
