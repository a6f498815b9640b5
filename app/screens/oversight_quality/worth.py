"""Oversight quality: what overturned verdicts were worth beside the model's decisions."""

from app.components import note
from app.context import PageContext
from core.i18n import Translator
from core.services.oversight.quality import Quality
from core.services.oversight.worth import VerdictWorth


def show_worth(ctx: PageContext, found: Quality) -> None:
    """Say in money what the overturned cases whose outcome is known were worth both ways."""
    text = worth_text(ctx.t, found)
    if text:
        note(text)


def worth_text(t: Translator, found: Quality) -> str:
    """Return the sentences; empty where no overturned case has a final outcome."""
    worth = found.worth
    if worth is None:
        if found.says_worth or not found.plan.outcomes_tell:
            return ""
        return t(
            "The contract does not say what a decision is worth (part 'value'), so verdicts are "
            "not set against the model's decisions in money."
        )
    if not worth.n:
        return ""
    if not worth.is_shown:
        return t(
            "What {n} overturned cases were worth is kept back: it would tell of one person.",
            n=t.number(worth.n),
        )
    return _told(t, worth)


def _told(t: Translator, worth: VerdictWorth) -> str:
    def money(amount: float) -> str:
        return t.money(amount, worth.currency)

    parts = [
        t(
            "The {n} overturned cases whose outcome is final were worth {people} as people said; "
            "as the model had said it would have been {model}: {gain} apart ({low} to {high}).",
            n=t.number(worth.n),
            people=money(worth.by_people),
            model=money(worth.by_model),
            gain=money(worth.gain),
            low=money(worth.low),
            high=money(worth.high),
        ),
        t(
            "It speaks only of cases whose outcome came, which of declined ones is mostly never; "
            "and who got which cases was not drawn by chance."
        ),
    ]
    if worth.is_simulated:
        parts.append(t("A number of the contract that it is computed with is made up."))
    return t.sentences(*parts)
