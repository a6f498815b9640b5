"""The middle of a case: the values beside others, similar cases, history, flags and notes."""

from typing import Any

from app.components import panels
from app.components.panels import Html, ValueRow
from app.context import PageContext
from app.screens.case.facts import standing_step
from app.screens.requests.dispute import mark
from app.screens.review.words import STATES, VERDICTS
from app.screens.words import column_label, nearly, value_text
from core.contract import Feature, ModelContract
from core.domain.review import CaseState
from core.domain.status import Status
from core.i18n import N_, Translator
from core.i18n.format import CURRENCIES
from core.services.drift.measure import OUTPUT_LABELS
from core.services.personal.names import MASK
from core.services.review.case_flags import DayFlag
from core.services.review.case_similar import Similar
from core.services.review.case_source import Part
from core.services.review.case_values import CaseValue, ValuesBeside
from core.services.review.case_view import CaseView

FLAGS = {
    "missing": N_("missing"),
    "below_minimum": N_("below the contract's minimum"),
    "above_maximum": N_("above the contract's maximum"),
    "below": N_("below all of the reference"),
    "above": N_("above all of the reference"),
    "unseen": N_("never seen in the reference"),
}
_SAID = {
    "dispute": N_("The person"),
    "verdict": N_("Verdict"),
    "check": N_("Check"),
    "comment": N_("Comment"),
    "evidence": N_("Evidence"),
}


def values_side(ctx: PageContext, view: CaseView) -> Html:
    """Return what the person disputes, and the values beside those of the group."""
    t = ctx.t
    said = view.said.found or ()
    disputed = [each.text for each in said if each.kind == "dispute"]
    parts = [panels.warned(t("The person disputes this"), disputed)] if disputed else []
    table = values_beside_others(t, view.contract, view.values, own=t("This case"))
    parts.append(panels.panel(t("Values beside others"), table))
    return Html("".join(parts))


def similar_side(ctx: PageContext, view: CaseView) -> Html:
    """Return similar cases and the person's history."""
    similar = similar_panel(ctx.t, view.contract, view.similar)
    return Html("".join((similar, _history(ctx, view))))


def flags_side(ctx: PageContext, view: CaseView) -> Html:
    """Return reasons of the log, flags of the day, and notes."""
    return Html("".join((_reasons(ctx, view), _flags(ctx, view), _notes(ctx, view))))


def _why_not(t: Translator, part: Part[Any]) -> Html:
    return panels.quiet(t(part.why, **part.params))


def values_beside_others(
    t: Translator, contract: ModelContract, values: Part[ValuesBeside], *, own: str
) -> Html:
    """Return a table of values beside those of the group; ``own`` heads the former."""
    found = values.found
    if found is None:
        return _why_not(t, values)
    head = [t("Value"), own, _usual(t, found), t("Place in the group")]
    rows = [_row(t, contract, each, grouped=found.group is not None) for each in found.values]
    return panels.values_table(_group(t, found), head, rows)


def _usual(t: Translator, found: ValuesBeside) -> str:
    return (
        t("Usual")
        if found.group is None
        else t("Usual ({decision})", decision=found.group.decision)
    )


def _group(t: Translator, found: ValuesBeside) -> str:
    group = found.group
    if group is None:
        return t(found.why)
    n, decision = group.n, group.decision
    span = t.period(group.first, group.last)
    if group.basis == "reference":
        return t(
            "Beside {n} decided alike ({decision}) in the reference period, {span}",
            n=n, decision=decision, span=span,
        )  # fmt: skip
    return t(
        "Beside {n} decided alike ({decision}) in the newest year, {span}",
        n=n, decision=decision, span=span,
    )  # fmt: skip


def _row(t: Translator, contract: ModelContract, value: CaseValue, *, grouped: bool) -> ValueRow:
    feature = contract.feature(value.name)
    place, note = value.rank, ""
    if value.masked:
        note = t("masked")
    elif value.rank is not None:
        note = t("above {share} of them", share=nearly(t, value.rank))
    elif value.share is not None:
        note = t("as {share} of them", share=nearly(t, value.share))
    elif grouped and value.value is None:
        note = "–"
    odd = t.items(*(t(FLAGS[each]) for each in value.flags)) if value.flags else ""
    return ValueRow(
        column_label(t, contract, value.name),
        MASK if value.masked else _written(t, feature, value.value),
        _written(t, feature, value.usual),
        place,
        note,
        odd,
    )


def _written(t: Translator, feature: Feature, value: float | str | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return feature.value_in(value, t.locale)
    unit = feature.unit_in(t.locale)
    return t.money(value, unit) if unit in CURRENCIES else value_text(t, value, unit)


def _money(t: Translator, contract: ModelContract, amount: float | None) -> str:
    currency = contract.currency
    if amount is None:
        return "–"
    return t.money(amount, currency) if currency else t.number(amount, 0)


def similar_panel(t: Translator, contract: ModelContract, similar: Part[Similar]) -> Html:
    """Return the resolved predictions most like one, and what became of them."""
    found = similar.found
    title = t("Similar past cases")
    if found is None:
        return panels.panel(title, _why_not(t, similar))
    label = contract.outcome.label if contract.outcome else None
    name = label.label_in(t.locale) if label is not None else t("Outcome")
    if found.middle is not None:
        low, half, high = found.middle
        main = t(
            "{name} of the {n} nearest: half of them {low} to {high}, the middle {half}",
            name=name, n=found.n, low=low, half=half, high=high,
        )  # fmt: skip
    else:
        main = t(
            "{name} = {outcome}: {bad} of the {n} nearest, {share} (95% interval {low} to {high})",
            name=name, outcome=found.outcome, bad=found.bad, n=found.n,
            share=t.percent(found.share), low=t.percent(found.low), high=t.percent(found.high),
        )  # fmt: skip
    looked = t(
        "Nearest by all features, in the reference's standard deviations, among {looked} of {all} "
        "predictions whose outcome is known.",
        looked=found.looked_at,
        all=found.resolved,
    )
    zone = contract.timezone
    rows = [
        (
            t.date(each.at, zone),
            mark(t, each.decision or "–", each.disputed),
            each.outcome,
            _money(t, contract, each.amount),
            t.number(each.distance, 2),
        )
        for each in found.listed
    ]
    head = [t("Day"), t("Decision"), name, t("Amount"), t("Distance")]
    return panels.panel(
        title,
        panels.strong(main),
        panels.small_table(t("The five nearest"), head, rows),
        panels.fold(t("How they were found"), "similar", panels.quiet(looked)),
    )


def _history(ctx: PageContext, view: CaseView) -> Html:
    t, found = ctx.t, view.history.found
    title = t("This person before")
    if found is None:
        return panels.panel(title, _why_not(t, view.history))
    parts: list[Html] = []
    zone = view.contract.timezone
    if not found.named:
        parts.append(panels.quiet(t("The log of this model names no person.")))
    elif not found.decisions:
        parts.append(panels.quiet(t("No other decision of this model about this person.")))
    else:
        rows = [
            (t.date(each.at, zone), mark(t, each.decision or "–", each.disputed),
             each.version or "–", _money(t, view.contract, each.amount))
            for each in found.decisions
        ]  # fmt: skip
        caption = t.n("One decision in all", "{n} decisions in all", found.total)
        head = [t("Day"), t("Decision"), t("Version"), t("Amount")]
        parts += [panels.quiet(caption), panels.small_table(caption, head, rows)]
    if found.cases:
        lines = []
        for each in found.cases:
            ended = t(VERDICTS[each.verdict]) if each.verdict else t(STATES[CaseState(each.state)])
            lines.append(
                panels.words(
                    t(
                        "{case}, {day}: {decision}, {ended}",
                        case=f"R-{each.id:06d}", day=t.date(each.at, zone),
                        decision=mark(t, each.decision, each.disputed), ended=ended,
                    )
                )
            )  # fmt: skip
        parts += [panels.quiet(t("Other cases about this person")), panels.bullets(lines)]
    return panels.panel(title, *parts)


def _reasons(ctx: PageContext, view: CaseView) -> Html:
    t, found = ctx.t, view.reasons.found
    title = t("Logged reasons")
    if found is None:
        return panels.panel(title, _why_not(t, view.reasons))
    if not found:
        return panels.panel(
            title,
            panels.quiet(
                t("The log holds no reasons or attributions of the model, and none is made up.")
            ),
        )
    known = {each.name for each in view.contract.features}
    rows = [
        (
            column_label(t, view.contract, each.name) if each.name in known else each.name,
            each.code or t.number(each.weight, 3),
        )
        for each in found
    ]
    return panels.panel(title, panels.small_table(title, [t("Of what"), t("Logged")], rows))


def _flags(ctx: PageContext, view: CaseView) -> Html:
    t, found = ctx.t, view.flags.found
    title = t("Data quality and drift that day")
    if found is None:
        return panels.panel(title, _why_not(t, view.flags))
    if found.period is None:
        return panels.panel(title, panels.quiet(t("No check of the model covers that day.")))
    period = t.period(*found.period.days(view.contract.timezone))
    if not found.flags:
        text = t("Nothing out of range in {period}.", period=period)
        return panels.panel(title, panels.badge(t, Status.in_range, text))
    kinds = {"drift": t("Drift"), "quality": t("Data quality")}
    grouped: dict[tuple[Status, str], list[str]] = {}
    for each in found.flags:
        grouped.setdefault((each.status, each.family), []).append(_column(t, view, each))
    lines = [
        panels.badge(
            t,
            status,
            t(
                "{kind}: {names}",
                kind=kinds[family],
                names=t.items(*(each for each in names if each)),
            ),
        )
        for (status, family), names in grouped.items()
    ]
    return panels.panel(title, panels.quiet(t("In {period}", period=period)), panels.bullets(lines))


def _column(t: Translator, view: CaseView, flag: DayFlag) -> str:
    known = {each.name for each in view.contract.features} | set(OUTPUT_LABELS)
    return column_label(t, view.contract, flag.column) if flag.column in known else flag.column


def _notes(ctx: PageContext, view: CaseView) -> Html:
    t, found = ctx.t, view.said.found
    title = t("Notes and disputes")
    if found is None:
        return panels.panel(title, _why_not(t, view.said))
    step = standing_step(view)
    told = {step.text, *step.evidence} if step is not None else set()  # beside the verdict already
    found = tuple(
        each for each in found if each.kind not in {"verdict", "evidence"} or each.text not in told
    )
    if not found:
        return panels.panel(title, panels.quiet(t("None.")))
    zone = ctx.filters.timezone
    lines = [
        panels.said(
            t(
                "{kind} · {who} · {when}",
                kind=t(_SAID.get(each.kind, each.kind)),
                who=each.author or "–",
                when=t.instant(each.at, zone),
            ),
            each.text,
        )
        for each in found
    ]
    return panels.panel(title, panels.bullets(lines))
