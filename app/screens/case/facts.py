"""The left side of a case: what was decided, by what, why somebody looks at it, and its clocks."""

from datetime import datetime

from app.components import panels
from app.components.panels import Html
from app.context import PageContext
from app.screens.review.words import (
    CHECKS,
    KINDS,
    STATES,
    TIERS,
    VERDICTS,
    clock,
    due_status,
    due_words,
    holder,
    reason_words,
    rule_name,
)
from app.screens.serving.page import LEVELS
from core.domain.review import CaseState
from core.i18n import N_, Translator
from core.services.personal.names import MASK
from core.services.review.case_view import CaseView
from core.services.review.cases import Step
from core.services.review.changing import WORKER

NEVER_SHOWN = N_("not shown for this case")
HIDDEN = N_("hidden until your own view")
UNCHECKED = N_("hidden: the check is made without it")
# What of a step is told in words.
ACTIONS = {
    "made": N_("came into the queue"),
    "claimed": N_("claimed"),
    "own_view": N_("own view recorded"),
    "proposed": N_("verdict proposed"),
    "final": N_("final"),
    "check_taken": N_("check begun"),
    "checked": N_("checked and agreed"),
    "sent_back": N_("sent back"),
    "given_back": N_("given back"),
    "taken_back": N_("verdict taken back by its maker"),
    "expired": N_("went back, time over"),
    "escalated": N_("escalated"),
    "asked_customer": N_("customer asked"),
    "customer_answered": N_("customer answered"),
    "no_answer": N_("back in the queue: no answer from the customer"),
    "assigned": N_("assigned"),
    "priority_set": N_("priority changed"),
    "linked": N_("linked to a request"),
    "routed": N_("chosen by a rule as well"),
    "suspended": N_("model suspended"),
    "resumed": N_("model resumed"),
    "withdrawn": N_("taken out of the queue"),
    "unmasked": N_("shown to be a blind control"),
}


def left_side(ctx: PageContext, view: CaseView, now: datetime) -> Html:
    """Return the left side."""
    return Html(
        "".join((_decision(ctx, view), _why(ctx, view), _clocks(ctx, view, now), _steps(ctx, view)))
    )


def score_words(t: Translator, view: CaseView) -> str:
    """Return the score, or why it is not shown; masked where scores are personal."""
    case = view.case
    if case.score_hidden:
        if case.score_shown == "never":
            return t(NEVER_SHOWN)
        return t(UNCHECKED) if case.state is CaseState.checking else t(HIDDEN)
    if view.contract.is_personal("@score"):
        return MASK
    return "–" if case.score is None else t.number(case.score, 4)


def amount_words(t: Translator, view: CaseView) -> str:
    """Return the money at stake; masked where amounts are personal."""
    amount, currency = view.case.amount, view.contract.currency
    if view.contract.is_personal("@amount"):
        return MASK
    if amount is None:
        return "–"
    return t.money(amount, currency) if currency else t.number(amount, 0)


def _decision(ctx: PageContext, view: CaseView) -> Html:
    t, case = ctx.t, view.case
    found = [
        (t("Amount"), panels.words(amount_words(t, view))),
        (t("Score"), panels.words(score_words(t, view))),
        (t("Policy"), panels.words(view.policy.rule if view.policy else "–")),
        (t("Model"), panels.words(view.contract.name.get(t.locale))),
        (t("Version"), panels.words(case.version or "–")),
        (
            t("Oversight level"),
            panels.words(t(LEVELS[view.oversight_level]) if view.oversight_level else "–"),
        ),
        (t("Decided at"), panels.words(t.instant(case.predicted_at, view.contract.timezone))),
    ]
    return panels.panel(
        t("The model's decision"), panels.strong(case.decision), panels.pairs(found)
    )


def _why(ctx: PageContext, view: CaseView) -> Html:
    t, case = ctx.t, view.case
    if case.score_hidden:
        told = panels.quiet(t("Told after your verdict: the rule would give the score away."))
    else:
        ids = list(dict.fromkeys([case.rule, *case.rules]))
        lines = []
        for each in ids:
            rule, name = view.review.rule(each), rule_name(t, view.review, each)
            if rule is not None and rule.when != "true":
                name = t("{name} ({text})", name=name, text=rule.when)
            lines.append(panels.words(name))
        told = panels.bullets(lines)
    return panels.panel(
        t("Why it is here"),
        told,
        panels.pairs(
            [
                (t("Came"), panels.words(t(KINDS.get(case.kind, KINDS["routed"])))),
                (t("Tier"), panels.words(t(TIERS[case.tier]))),
            ]
        ),
    )


def _clocks(ctx: PageContext, view: CaseView, now: datetime) -> Html:
    t, case, zone = ctx.t, view.case, ctx.filters.timezone
    found = [
        (t("State"), panels.words(t(STATES[case.state]))),
        (t("Due"), panels.badge(t, due_status(case, now), due_words(t, case, now, zone))),
        (t("In the queue since"), panels.words(clock(t, case.created_at, now, zone))),
        (t("Who has it"), panels.words(holder(t, case))),
    ]
    if case.maker_name:
        found.append((t("Maker"), panels.words(case.maker_name)))
    if case.checker_name:
        found.append((t("Checker"), panels.words(case.checker_name)))
    return panels.panel(t("Where it stands"), panels.pairs(found))


def _steps(ctx: PageContext, view: CaseView) -> Html:
    t, zone = ctx.t, ctx.filters.timezone
    if view.steps.found is None:
        return panels.panel(t("Steps"), panels.quiet(t(view.steps.why, **view.steps.params)))
    lines = [_step(t, each, zone) for each in reversed(view.steps.found)]
    title = t.n("One step", "{n} steps", len(lines))
    return panels.fold(title, "steps", panels.bullets(lines))


def _step(t: Translator, step: Step, zone: str) -> Html:
    words = t(
        "{when} · {who}: {what}",
        when=t.instant(step.at, zone),
        who="Harbourlight" if step.actor_id == WORKER.user_id else step.actor_name,
        what=t(ACTIONS.get(step.action, step.action)),
    )
    if step.verdict:
        words = t("{words}, {verdict}", words=words, verdict=t(VERDICTS[step.verdict]))
    if step.reason_code:
        words = t("{words} ({reason})", words=words, reason=reason_words(t, step.reason_code))
    return panels.words(words)


def standing_step(view: CaseView) -> Step | None:
    """Return the step in which the verdict that stands was handed in."""
    if view.case.verdict is None:
        return None
    steps = reversed(view.steps.found or ())
    return next(
        (each for each in steps if each.action in {"proposed", "final"} and each.verdict), None
    )


def makers_verdict(ctx: PageContext, view: CaseView) -> Html | None:
    """Return what the maker says, for who checks it and who reads; ``None`` if nothing stands."""
    t, case = ctx.t, view.case
    if case.verdict is None:
        return None
    step = standing_step(view)
    found = [
        (t("Verdict"), panels.words(t(VERDICTS[case.verdict]))),
        (
            t("Decision then"),
            panels.words(case.final_decision or case.proposed_decision or case.decision),
        ),
        (t("Reason"), panels.words(reason_words(t, case.reason_code))),
        (t("Maker"), panels.words(case.maker_name)),
    ]
    if case.check_reason:
        why = CHECKS.get(case.check_reason)
        known = why is not None and case.check_reason != "sample"
        found.append(
            (t("Checked because"), panels.words(t(why) if known and why else t("the rules ask")))
        )
    words = [panels.quiet(step.text)] if step is not None and step.text else []
    evidence = [panels.words(each) for each in (step.evidence if step is not None else ()) if each]
    proof = [panels.quiet(t("Evidence")), panels.bullets(evidence)] if evidence else []
    return panels.panel(t("What the maker says"), panels.pairs(found), *words, *proof)
