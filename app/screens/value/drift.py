"""What the time of each alert cost, in money."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd

from app.components import Column
from app.context import PageContext
from app.screens.value.words import interval_text
from core.auth.policy import allows
from core.contract import ModelContract
from core.domain.identity import Permission
from core.errors import InvalidInput, NotComputable, NotFound, NothingYet
from core.i18n import Translator
from core.services.alerts.words import headline
from core.services.value import AlertCost, DriftCost, alert_cost
from core.store.alerts.threads import Alert


def cost_text(t: Translator, cost: DriftCost) -> str:
    """Write what a time cost with its interval, or why nobody can say."""
    if cost.why:
        return t(cost.why)
    money = t.compact_money(abs(cost.cost), cost.currency)
    if cost.at_least and cost.cost >= 0:
        return t("at least {money} less than the reference led to expect", money=money)
    if cost.at_least:
        return t("at most {money} more than the reference led to expect", money=money)
    if cost.cost >= 0:
        limits = interval_text(t, cost.currency, cost.low, cost.high)
        return t(
            "{money} less than the reference led to expect ({range})", money=money, range=limits
        )
    limits = interval_text(t, cost.currency, -cost.high, -cost.low)
    return t("{money} more than the reference led to expect ({range})", money=money, range=limits)


def cost_fact(ctx: PageContext, alert: Alert) -> str:
    """Write what the time of an alert cost, by which KPI; empty where no money hangs on it."""
    if not allows(ctx.actor, Permission.value_view):
        return ""
    try:
        cost = alert_cost(ctx.workspace, alert, actor=ctx.actor)
    except (NotComputable, NothingYet, NotFound, InvalidInput):  # no prices, or the slice is gone
        return ""
    if cost is None:
        return ""
    t = ctx.t
    text = t.clauses(cost_text(t, cost), *([] if cost.why else [basis_text(t, cost)]))
    return t("{name}: {text}", name=t("Value of decisions"), text=text)


def basis_text(t: Translator, cost: DriftCost) -> str:
    """Say how much of it came, how much is an estimate, and what the estimate leaves out."""
    if not cost.n:
        return "–"
    if not cost.estimated:
        return t("outcomes known")
    parts = [
        t("{share} known, the rest estimated", share=t.percent(cost.realised / cost.n, 0))
        if cost.realised
        else t("estimated: no outcome is final yet")
    ]
    if not cost.why:
        parts.append(t("at what earlier rows of that score were worth; drift since is not in it"))
    if cost.lost_already > 0:
        lost = t.compact_money(cost.lost_already, cost.currency)
        parts.append(t("rows without a final outcome have lost {money} already", money=lost))
    return t.clauses(*parts)


def cost_frame(
    t: Translator, contract: ModelContract, found: Sequence[AlertCost]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return what each time cost with the alerts that share it, and the columns."""
    zone = contract.zone
    shared: dict[tuple[datetime, datetime, str], list[AlertCost]] = {}
    for each in found:
        key = (each.cost.start, each.cost.end, cost_text(t, each.cost))
        shared.setdefault(key, []).append(each)
    rows = [
        {
            "cost": text,
            "period": t.period(
                start.astimezone(zone).date(),
                (end - timedelta(microseconds=1)).astimezone(zone).date(),
            ),
            "alert": t.items(*(headline(t, contract, each.alert.alarm) for each in alike)),
            "n": alike[0].cost.n,
            "basis": basis_text(t, alike[0].cost),
        }
        for (start, end, text), alike in shared.items()
    ]
    columns = [
        Column("cost", t("Earned in that time"), wide=True),
        Column("period", t("Period")),
        Column("alert", t("Alerts"), wide=True),
        Column("n", t("Rows"), kind="count"),
        Column("basis", t("From")),
    ]
    return pd.DataFrame(rows), columns
