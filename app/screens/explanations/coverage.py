"""The coverage of explanations: by tier, and model by model."""

from collections.abc import Sequence

import pandas as pd

from app.components import Column, Definition, static_table
from app.context import PageContext
from core.domain.status import Status
from core.i18n import N_, Translator
from core.services.explanation.coverage import Coverage, TierCoverage, by_tier, coverage

_NOTHING = "–"
_WORDS = {
    Status.in_range: N_("as asked for"),
    Status.watch: N_("fewer than asked for"),
    Status.not_enough_data: N_("nothing asked for"),
}


def show_model_coverage(ctx: PageContext) -> None:
    """Show for every model in scope how many decisions have no explanation."""
    t = ctx.t
    found = coverage(ctx.workspace, actor=ctx.actor)
    tiers = by_tier(found)
    if len(found) > 1:
        _show_tiers(t, tiers)
    is_asked = any(each.wanted is not None for each in found)
    rows = [_row(t, each) for each in found]
    columns = [
        Column("tier", t("Tier")),
        Column("model", t("Model"), wide=True),
        Column("decisions", t("Decisions"), "count"),
        Column("automated", t("Without a person"), "count"),
        Column("explained", t("Explained"), "count"),
        Column("without", t("Without explanation"), "count"),
        Column("share", t("Share"), "percent"),
        Column("why", t("Why this tier"), wide=True),
    ]
    if is_asked:
        columns[-1:-1] = [
            Column("wanted", t("Share asked for"), "percent"),
            Column("status", t("Status"), "status", words=_WORDS),
        ]
    caption = t("Decisions without explanation, by model")
    static_table(t, pd.DataFrame(rows), columns, caption=caption)


def _show_tiers(t: Translator, tiers: Sequence[TierCoverage]) -> None:
    rows = [
        {
            "tier": _tier(t, each.tier),
            "models": each.models,
            "automated": each.automated,
            "explained": each.explained,
            "without": each.automated - each.explained,
            "share": each.share,
        }
        for each in tiers
    ]
    columns = [
        Column("tier", t("Tier")),
        Column("models", t("Models"), "count"),
        Column("automated", t("Without a person"), "count"),
        Column("explained", t("Explained"), "count"),
        Column("without", t("Without explanation"), "count"),
        Column("share", t("Share"), "percent"),
    ]
    caption = t("Decisions without explanation, by tier")
    static_table(t, pd.DataFrame(rows), columns, caption=caption)


def _row(t: Translator, each: Coverage) -> dict[str, object]:
    reason = each.contract.tier_reason
    status = Status.not_enough_data if each.wanted is None else Status.in_range
    return {
        "tier": _tier(t, each.contract.tier),
        "model": each.contract.name.get(t.locale),
        "decisions": each.decisions,
        "automated": each.automated,
        "explained": each.explained,
        "without": each.without,
        "share": each.share,
        "why": _NOTHING if reason is None else reason.get(t.locale),
        "wanted": each.wanted,
        "status": str(Status.watch if each.is_below else status),
    }


def _tier(t: Translator, tier: int | None) -> str:
    return _NOTHING if tier is None else t.number(tier, 0)


def definitions(t: Translator) -> list[Definition]:
    """Return what the words on coverage mean."""
    return [
        Definition(
            t("Tier"),
            t(
                "How much hangs on a model, by its contract: from 1, the most, to 4. A less strict "
                "one takes two people."
            ),
        ),
        Definition(
            t("Without explanation"),
            t(
                "Decisions that no person took, of which no explanation from the model or the log "
                "was kept."
            ),
        ),
    ]
