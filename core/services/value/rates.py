"""What turns the money that decisions are worth into the currency that the contract counts in."""

from collections.abc import Mapping
from datetime import datetime

from core.contract.kpi_names import money_names
from core.contract.kpis import Value
from core.domain.money import DailyRates
from core.domain.windows import local_day
from core.lake.value.cells import ValueRule
from core.services.kpis.judged import NO_RATE
from core.services.questions import View
from core.services.rates import rate_table
from core.services.workspace import Workspace

__all__ = ["NO_RATE", "lacks_rate", "money_rates"]


def money_rates(
    workspace: Workspace, view: View, block: Value, rule: ValueRule
) -> dict[str, DailyRates]:
    """Return what converts the money that the expressions read, by the currency it is logged in.

    Amount, amounts of outcomes and amounts of events are converted row by row, at the rate of each
    row's day; all other numbers are taken for what the contract writes them as.
    """
    target = block.currency or view.contract.currency
    money = money_names(view.contract)
    read = rule.flagged.columns | rule.not_flagged.columns
    sources = {money[name] for name in read if name in money} - {target}
    if not sources:
        return {}
    start = max(view.window.start, view.first_prediction)
    end = max(start, min(view.window.end, view.last_prediction))
    days = local_day(start, view.timezone), local_day(end, view.timezone)
    table = rate_table(workspace)
    return {source: table.daily(source, target, *days) for source in sorted(sources)}


def lacks_rate(
    rates: Mapping[str, DailyRates], start: datetime, end: datetime, timezone: str
) -> bool:
    """Whether money of a half-open time cannot all be converted: a day of it has no rate."""
    first, last = local_day(start, timezone), local_day(end, timezone)
    return any(
        each.missing_until is not None and first <= each.missing_until and last >= each.first
        for each in rates.values()
    )
