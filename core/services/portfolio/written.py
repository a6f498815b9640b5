"""The portfolio in a reader's language: one document for screen, Excel file and board pack."""

import math
from collections.abc import Mapping
from datetime import datetime

from core.domain.status import Status
from core.i18n import N_, Translator
from core.reports.number import Number
from core.reports.portfolio import PortfolioLine, PortfolioReport, headings
from core.services.kpis.words import stale_rates
from core.services.portfolio.rows import ModelMoney, Portfolio, PortfolioRow, Targets

STATUS_WORDS: Mapping[Status, str] = {
    Status.in_range: N_("In range"),
    Status.watch: N_("Watch"),
    Status.act: N_("Act"),
    Status.not_enough_data: N_("Not enough data"),
}
BASELINES: Mapping[str, str] = {
    "none_flagged": N_("no model, which flags nobody"),
    "all_flagged": N_("flagging everybody"),
    "random": N_("flagging as many at random"),
    "previous_policy": N_("the policy before"),
}


def written(
    t: Translator, found: Portfolio, *, made_at: datetime, made_for: str, timezone: str
) -> PortfolioReport:
    """Return the portfolio in a language.

    Parameters
    ----------
    t : Translator
        The language.
    found : Portfolio
        The models.
    made_at : datetime
        When it was put together.
    made_for : str
        Name of whom it is for.
    timezone : str
        Of that moment as it is written.
    """
    return PortfolioReport(
        language=t.locale,
        words=headings(t),
        sentence=_sentence(t, found),
        currency=found.currency,
        figures=_figures(t, found),
        lines=tuple(_line(t, found, row) for row in found.rows),
        notes=_notes(t, found),
        facts=(
            (t("Made"), t.instant(made_at, timezone)),
            (t("For"), made_for),
        ),
    )


def money(t: Translator, amount: float, currency: str) -> Number:
    """Return an amount as it is and as it is written, short."""
    return Number(amount, t.compact_money(amount, currency), "money", currency)


def _count(t: Translator, n: int, *, known: bool = True) -> Number:
    value = float(n) if known else math.nan
    return Number(value, t.number(value), "count")


def _sentence(t: Translator, found: Portfolio) -> str:
    if not found.rows:
        return t("No model is registered yet")
    parts = [_of_value(t, found), _of_targets(t, found.targets)]
    if found.knows_alerts and found.to_act:
        parts.append(
            t.n("{n} alert asks somebody to act.", "{n} alerts ask somebody to act.", found.to_act)
        )
    return t.sentences(*parts)


def _of_value(t: Translator, found: Portfolio) -> str:
    if not found.valued:
        return t("No model says yet what its decisions are worth.")
    size = t.compact_money(abs(found.gain), found.currency)
    template = (
        N_("{valued} of {n} models say what they are worth: {gain} more than their baselines.")
        if found.gain >= 0
        else N_("{valued} of {n} models say what they are worth: {gain} less than their baselines.")
    )
    return t(template, valued=found.valued, n=len(found.rows), gain=size)


def _of_targets(t: Translator, targets: Targets) -> str:
    if not targets.judged:
        return ""
    return t(
        "Of {n} targets, {good} are on track, {risk} at risk and {bad} missed.",
        n=targets.judged,
        good=targets.on_track,
        risk=targets.at_risk,
        bad=targets.missed,
    )


def _figures(t: Translator, found: Portfolio) -> tuple[tuple[str, Number], ...]:
    targets = found.targets
    return (
        (t("Value over baseline"), money(t, found.gain, found.currency)),
        (t("Lost by single decisions"), money(t, found.lost, found.currency)),
        (t("Targets missed"), _count(t, targets.missed, known=bool(targets.judged))),
        (t("Alerts to act on"), _count(t, found.to_act, known=found.knows_alerts)),
    )


def _line(t: Translator, found: Portfolio, row: PortfolioRow) -> PortfolioLine:
    contract, targets = row.model.contract, row.targets
    gain = row.money.gain if row.money else None
    low, high = (
        money(t, value, found.currency)
        for value in ((gain.low, gain.high) if gain else (math.nan, math.nan))
    )
    seen = row.glance is not None
    return PortfolioLine(
        id=contract.id,
        name=contract.name.get(t.locale),
        owner=contract.owner,
        status=row.status,
        word=t(STATUS_WORDS[row.status]),
        period=t.period(*row.view.window.days(row.view.timezone)) if row.view else "–",
        gain=money(t, row.gain, found.currency),
        low=low,
        high=high,
        interval=t("{low} to {high}", low=low.text, high=high.text)
        if low.known and high.known
        else "",
        lost=money(t, row.lost, found.currency),
        rows=_count(t, row.money.valued if row.money else 0, known=row.money is not None),
        baseline=t("against {other}", other=t(BASELINES[gain.other])) if gain else "",
        on_track=_count(t, targets.on_track if targets else 0, known=targets is not None),
        at_risk=_count(t, targets.at_risk if targets else 0, known=targets is not None),
        missed=_count(t, targets.missed if targets else 0, known=targets is not None),
        to_act=_count(t, row.to_act, known=seen),
        to_watch=_count(t, row.to_watch, known=seen),
        targets=_targets_text(t, targets),
        alerts=_alerts_text(t, row),
        remarks=_remarks(t, row),
    )


def _targets_text(t: Translator, targets: Targets | None) -> str:
    if targets is None or not targets.judged:
        return "–"
    return t(
        "{good} on track, {risk} at risk, {bad} missed",
        good=targets.on_track,
        risk=targets.at_risk,
        bad=targets.missed,
    )


def _alerts_text(t: Translator, row: PortfolioRow) -> str:
    if row.glance is None:
        return "–"
    if not row.to_act and not row.to_watch:
        return t("none open")
    return t("{act} to act on, {watch} to watch", act=row.to_act, watch=row.to_watch)


def _remarks(t: Translator, row: PortfolioRow) -> tuple[str, ...]:
    parts = []
    if row.why is not None:
        parts.append(t(row.why.template, **row.why.params))
    if row.money is not None:
        parts += _of_money(t, row.money)
    return tuple(parts)


def _of_money(t: Translator, found: ModelMoney) -> list[str]:
    parts = []
    if found.gain.why:
        parts.append(t(found.gain.why))
    rates = found.rates
    if rates is not None:
        parts.append(
            t("Converted from {currency} at each day's rate.", currency=t.currency(rates.source))
        )
    if rates is not None and rates.missing:
        parts.append(
            t(
                "There is no rate of {currency} up to {date}: {n} decisions are left out.",
                currency=t.items(*map(t.currency, rates.missing)),
                date=rates.missing_until,
                n=found.labelled - found.valued,
            )
        )
    if rates is not None and rates.stale_days:
        parts.append(stale_rates(t, rates.stale_days))
    if found.simulated:
        names = (
            t("{name} = {value}", name=each.label(t.locale), value=t.number(each.value))
            for each in found.simulated
        )
        parts.append(t("Simulated, not measured: {names}.", names=t.items(*names)))
    return parts


def _notes(t: Translator, found: Portfolio) -> tuple[str, ...]:
    return (
        t(
            "All money in {currency}. Each model: the twelve months that end with its newest "
            "prediction whose outcome is final.",
            currency=t.currency(found.currency),
        ),
        t(
            "Value over baseline: what the model's decisions were worth more than the baseline's "
            "on the same rows. Lost by single decisions: the sum of those that were worth less "
            "than nothing."
        ),
    )
