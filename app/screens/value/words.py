"""Words of the page Value: other ways to decide, and what the page says in a sentence."""

from collections.abc import Mapping

from app.components import Definition
from core.domain.status import Status
from core.i18n import N_, Translator
from core.metrics.intervals import Interval
from core.services.performance.maturity import ENOUGH
from core.services.value import Compared, Other, ValueAnswer, simulated_parameters

OTHER_WAYS: Mapping[Other, str] = {
    "none_flagged": N_("no model, which flags nobody"),
    "all_flagged": N_("flagging everybody"),
    "random": N_("flagging as many at random"),
    "previous_policy": N_("the policy before"),
    "reviewers": N_("reviewers' final decisions"),
    "hold_out": N_("the hold-out, per prediction"),
}
MEANINGS: Mapping[Other, str] = {
    "none_flagged": N_("Every row is worth what the contract says of rows that are not flagged."),
    "all_flagged": N_("Every row is worth what the contract says of rows that are flagged."),
    "random": N_("The exact expectation over all ways to flag as many rows; nothing is drawn."),
    "previous_policy": N_("The cut-off of the policy before, on the same rows."),
    "reviewers": N_("What was decided in the end, where a person or an appeal decided again."),
    "hold_out": N_("Rows that the model did not act on, logged as such; Welch's interval."),
}


def interval_text(t: Translator, currency: str, low: float, high: float) -> str:
    """Write the limits of an amount; a dash where there are none."""
    if low != low:  # NaN differs from itself
        return "–"
    return t(
        "{low} to {high}",
        low=t.compact_money(low, currency),
        high=t.compact_money(high, currency),
    )


def summary(t: Translator, answer: ValueAnswer) -> tuple[str, Status]:
    """Return the sentence of the page, and the status it stands for."""
    if answer.why:
        return t(answer.why), Status.not_enough_data
    found = answer.over_baseline
    return t.sentences(_over_baseline(t, answer, found), best_text(t, answer)), answer.status


def _over_baseline(t: Translator, answer: ValueAnswer, found: Compared) -> str:
    if found.why:
        return t.sentences(
            t("Beside {other} nothing can be told.", other=t(OTHER_WAYS[found.other])),
            t(found.why),
        )
    words = {
        "other": t(OTHER_WAYS[found.other]),
        "gain": t.compact_money(abs(found.gain), answer.currency),
        "range": interval_text(t, answer.currency, found.low, found.high),
        "n": found.n,
    }
    if not found.sure:
        return t(
            "Only {apart} of {n} predictions were decided otherwise than by {other}: too few to "
            "say what the model is worth.",
            apart=round(found.apart),
            **words,
        )
    if found.low > 0:
        return t(
            "The model's decisions earned {gain} more than {other} ({range} at 95%), over {n} "
            "predictions whose outcome is known.",
            **words,
        )
    if found.high < 0:
        return t(
            "The model's decisions earned {gain} less than {other} ({range} at 95%), over {n} "
            "predictions whose outcome is known.",
            **words,
        )
    return t(
        "Nobody can tell the model's decisions from {other}: the difference lies within {range} "
        "at 95%, over {n} predictions whose outcome is known.",
        **words,
    )


def best_text(t: Translator, answer: ValueAnswer) -> str:
    """Say whether another cut-off would have been worth more."""
    table = answer.table
    if table is None or table.best < 0:
        return ""
    gain = table.beyond_today
    if not float(gain.low) > 0:
        return t("No other cut-off was worth more beyond chance.")
    words = {
        "gain": t.compact_money(float(gain.value), answer.currency),
        "range": interval_text(t, answer.currency, float(gain.low), float(gain.high)),
    }
    share = float(table.flagged[table.best])
    if share == 0:
        return t("Flagging nobody would have earned {gain} more ({range} at 95%).", **words)
    if share == 1:
        return t("Flagging everybody would have earned {gain} more ({range} at 95%).", **words)
    return t(
        "The cut-off {cut_off}, which flags {share}, would have earned {gain} more on these rows "
        "({range} at 95%).",
        share=t.percent(share),
        cut_off=t.number(float(table.cut_off[table.best])),
        **words,
    )


def gain_text(t: Translator, currency: str, found: Interval) -> str:
    """Write an amount with its interval."""
    value = float(found.value)
    if value != value:  # NaN differs from itself
        return "–"
    limits = interval_text(t, currency, float(found.low), float(found.high))
    return t("{name} ({text})", name=t.compact_money(value, currency), text=limits)


def queue_definition(t: Translator, answer: ValueAnswer) -> Definition:
    """Say how the work that a cut-off brings people is counted."""
    review = answer.view.contract.review
    if review is not None and review.rules:
        return Definition(
            t("Cases for people, by the rules of review"),
            t(
                "How many of these predictions the contract's rules would send to the review "
                "queue. Checks by a second person and blind cases come on top."
            ),
        )
    return Definition(
        t("Near the cut-off"),
        t(
            "Odds within a factor of 1.25 of the cut-off's: a convention, since the contract has "
            "no rules of review. What people really reviewed stands beside it where it is logged."
        ),
    )


def verdict(t: Translator, found: Compared) -> str:
    """Say how the model stands beside another way, in a few words."""
    if found.why:
        return t(found.why)
    if found.apart < ENOUGH:
        return t("too few decided otherwise")
    if found.low > 0:
        return t("the model earns more")
    return t("the model earns less") if found.high < 0 else t("may be chance")


def simulated_text(t: Translator, answer: ValueAnswer) -> str:
    """Name the numbers of the contract that are made up; empty if there are none."""
    found = simulated_parameters(answer.view.contract)
    if not found:
        return ""
    names = (
        t("{name} = {value}", name=each.label(t.locale), value=t.number(each.value))
        for each in found
    )
    return t("Simulated, not measured: {names}.", names=t.items(*names))
