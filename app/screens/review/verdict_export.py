"""Taking the final verdicts of a model away as labelled data."""

from app.components import FileOffer, Prepared, offer_files, section
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.errors import NothingYet
from core.services.review.override_export import export_verdicts


def show_verdict_export(ctx: PageContext, model: str) -> None:
    """Let whoever may export prepare the file, and then take it; others see nothing of it."""
    if not allows(ctx.actor, Permission.review_export):
        return
    t = ctx.t
    section(
        t("Verdicts as labelled data"),
        t("What people decided beside what the model decided, with the features; for retraining."),
    )
    offer_files(
        ctx,
        FileOffer(
            t("Prepare the verdicts (CSV)"),
            lambda actor: _prepared(ctx, actor, model),
            key="verdicts_prepare",
            permission=Permission.review_export,
            asked=model,
            nothing=t("No verdict is final yet."),
        ),
    )


def _prepared(ctx: PageContext, actor: Actor, model: str) -> Prepared | None:
    try:
        found = export_verdicts(ctx.workspace, model, actor=actor)
    except NothingYet:
        return None
    text = ctx.t(
        "Download the verdicts: {n}, {overturned} of them overturned (CSV)",
        n=found.rows,
        overturned=found.overturned,
    )
    return Prepared(found.made.url, text)
