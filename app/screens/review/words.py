"""Words of human review: states, kinds, tiers, due times, and who has a case."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.components.footer import Definition
from core.contract.review import Review
from core.domain.review import FINISHED, REASONS, CaseState, Verdict
from core.domain.status import Status
from core.i18n import N_, Translator
from core.services.review.cases import Case

STATES: Mapping[CaseState, str] = {
    CaseState.open: N_("open"),
    CaseState.claimed: N_("claimed"),
    CaseState.proposed: N_("to check"),
    CaseState.checking: N_("being checked"),
    CaseState.final: N_("decided"),
    CaseState.awaiting_customer: N_("awaiting the customer"),
    CaseState.escalated: N_("escalated"),
    CaseState.suspended_model: N_("model suspended"),
    CaseState.withdrawn: N_("taken out of the queue"),
}
KINDS: Mapping[str, str] = {
    "routed": N_("by a rule"),
    "request": N_("at the customer's request"),
    "appeal": N_("appeal"),
    "control": N_("blind control"),
    "second": N_("blind second review"),
}
TIERS: Mapping[str, str] = {"normal": N_("normal"), "high": N_("high")}
VERDICTS: Mapping[str, str] = {Verdict.uphold: N_("upheld"), Verdict.overturn: N_("overturned")}
CHECKS: Mapping[str, str] = {
    "tier": N_("the tier is high"),
    "amount": N_("the amount is large"),
    "disagreement": N_("people differ about it"),
    "override": N_("the model's decision is overturned"),
    "sample": N_("it was drawn at random"),
}
# What made a case where no rule of the contract did.
_OCCASIONS: Mapping[str, str] = {
    "request": N_("The customer asked for a person"),
    "appeal": N_("The customer appealed"),
}
_SOON = timedelta(hours=4)


def clock(t: Translator, at: datetime, now: datetime, timezone: str) -> str:
    """Return a moment as one reads a clock: the time alone if it is of today."""
    zone = ZoneInfo(timezone)
    local = at.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{local:%H:%M}"
    return f"{t.date(at, timezone)} {local:%H:%M}"


def due_status(case: Case, now: datetime) -> Status | None:
    """Return how pressing a case is; ``None`` if its clock does not run."""
    if case.state in FINISHED or case.state is CaseState.awaiting_customer:
        return None
    if case.due_at < now:
        return Status.act
    return Status.watch if case.due_at - now < _SOON else Status.in_range


def due_words(t: Translator, case: Case, now: datetime, timezone: str) -> str:
    """Return when a case is due and how long that is from now."""
    if case.state in FINISHED:
        done = case.final_at or case.due_at
        return t("done {time}", time=clock(t, done, now, timezone))
    if case.state is CaseState.awaiting_customer and case.follow_up_on is not None:
        return t("ask again {day}", day=case.follow_up_on)
    if case.due_at < now:
        return t("overdue by {span}", span=_span(t, now - case.due_at))
    left = case.due_at - now
    when = clock(t, case.due_at, now, timezone)
    return t("due {time}, {span} left", time=when, span=_span(t, left))


def rule_name(t: Translator, review: Review, rule_id: str) -> str:
    """Return what a routing rule is called, or what made a case where no rule did.

    It is the id alone where the contract no longer has the rule.
    """
    rule = review.rule(rule_id)
    if rule is not None:
        return rule.name.get(t.locale)
    return t(_OCCASIONS[rule_id]) if rule_id in _OCCASIONS else rule_id


def reason_words(t: Translator, code: str | None) -> str:
    """Return what a reason code says."""
    reason = REASONS.get(code or "")
    return t(reason.label) if reason is not None else (code or "")


def holder(t: Translator, case: Case) -> str:
    """Return who has a case, or for whom it is."""
    if case.is_mine:
        return t("you")
    if case.holder_name:
        return case.holder_name
    return t("for {name}", name=case.assigned_name) if case.assigned_name else "–"


def definitions(t: Translator) -> list[Definition]:
    """Return what the words of the page mean."""
    return [
        Definition(
            t("Order"),
            t("Cases of higher priority first, then those due earlier. The contract sets both."),
        ),
        Definition(
            t("Due"),
            t("Counted in working days of Hong Kong; it stands still while the customer is asked."),
        ),
        Definition(
            t("Claim"),
            t(
                "A case is yours for some minutes, and longer while you work on it. Then it goes "
                "back; what you wrote is kept."
            ),
        ),
        Definition(
            t("To check"),
            t(
                "A second person agrees with what the first proposed, or sends it back. Nobody "
                "checks their own."
            ),
        ),
    ]


def _span(t: Translator, span: timedelta) -> str:
    """Return a length of time, no finer than a reader needs."""
    if span >= timedelta(days=2):
        return t.duration(timedelta(days=span.days))
    minutes = max(1, int(span.total_seconds() // 60))
    if minutes >= 60:
        return t.duration(timedelta(hours=minutes // 60))
    return t.duration(timedelta(minutes=minutes))
