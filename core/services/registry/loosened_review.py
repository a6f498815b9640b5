"""What of a new revision of a contract lets fewer people look, or looks less at how they look.

A rule is held against what it means, not only against how it is written: the parameters and
definitions put in, the columns, segments, limits, cut-offs and thresholds that its names stand for.
Whether another condition sends more or less to people is nobody's to judge but a person's.
"""

from collections.abc import Iterable, Iterator, Sequence

from core.contract import ModelContract, Review, ReviewRule
from core.contract.review_rules import (
    CONFIDENCE,
    CUT_OFF,
    DISTANCE,
    DRIFTED,
    MISSING,
    OUTSIDE,
    OVERSIGHT_LEVEL,
    QUALITY_FLAG,
    UNSEEN,
    rule_condition,
)
from core.services.registry.contract_changes import Change, changes

# What the names of conditions rest on beside the columns of the log, as beginnings of paths.
_RESTS_ON = {
    CUT_OFF: ("policy[",),
    DISTANCE: ("policy[",),
    CONFIDENCE: ("log.scores",),
    UNSEEN: ("features[", "reference."),
    OUTSIDE: ("features[", "reference."),
    MISSING: ("features[",),
    QUALITY_FLAG: ("features[", "thresholds."),
    DRIFTED: ("features[", "reference.", "thresholds."),
}
_LABELS = (
    ".label",
    ".unit",
    ".name",
    ".purpose",
    ".trained_at",
    ".actionable",
    ".training",
    ".asset",
)
# Columns of the log that say what is released, when, of whom and by which version.
_LOGGED = ("amount", "decision", "prediction_id", "released_at", "score", "time", "version")


def loosened_review(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what sends less to human review, lets a verdict count with fewer people, or tests less.

    Parameters
    ----------
    before, after : ModelContract
        The revision in force and the one that is proposed.
    """
    yield from _routing(before, after)
    yield from _meaning(before, after)
    yield from _logged(before, after)
    if before.review is not None:
        now = after.review or Review()
        yield from _checking(before.review, now)
        yield from _tested(before.review, now)


def _routing(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what makes fewer cases, or may; another condition is nobody's to judge but a person's.

    The first rules of a model in command count too: without any, everything of it is held.
    """
    old, new = (each.review.rules if each.review else () for each in (before, after))
    levels = {each.oversight_level for each in before.versions}
    if new and not old and "in_command" in levels:
        yield Change("review.rules", None, ", ".join(rule.id for rule in new))
    for rule in old:
        now, path = next((each for each in new if each.id == rule.id), None), _rule_path(rule.id)
        if now is None:
            yield Change(path, rule.when, None)
            continue
        if now.when != rule.when:
            yield Change(f"{path}.when", rule.when, now.when)
        if now.share < rule.share:
            yield Change(f"{path}.share", str(rule.share), str(now.share))
        if rule.tier == "high" and now.tier != "high":
            yield Change(f"{path}.tier", rule.tier, now.tier)
        for field in ("skill", "language"):
            old_one, new_one = getattr(rule, field), getattr(now, field)
            if new_one is not None and new_one != old_one:  # perhaps nobody has it
                yield Change(f"{path}.{field}", old_one, new_one)
        if rule.per is not None and (
            now.per is None
            or now.per.column != rule.per.column
            or now.per.at_least < rule.per.at_least
        ):
            left = now.per.at_least if now.per and now.per.column == rule.per.column else None
            told = None if left is None else str(left)
            yield Change(f"{path}.per.at_least", str(rule.per.at_least), told)
    yield from _leading(old, new)
    starts = [str(each.review.start) if each.review else None for each in (before, after)]
    if old and starts[0] != starts[1]:
        yield Change("review.from", *starts)


def _leading(old: Sequence[ReviewRule], new: Sequence[ReviewRule]) -> Iterator[Change]:
    """Yield what puts a rule of the normal tier before one of the high tier that it was behind.

    A case has the highest tier of its rules, but the leading one says who needs which skill and
    how soon it comes up; so one person alone puts nothing lesser before what is serious.
    """
    before = {rule.id: rule for rule in old}
    was, now = _places(old), _places(new)
    found: dict[str, Change] = {}
    for high in (rule for rule in new if rule.tier == "high" and rule.id in before):
        for rule in (rule for rule in new if rule.tier != "high"):
            known = before.get(rule.id)
            behind = known is None or was[rule.id] > was[high.id]
            if behind and now[rule.id] < now[high.id]:
                change = _passing(rule, known, high, before[high.id])
                found[change.path] = change
    yield from found.values()


def _places(rules: Sequence[ReviewRule]) -> dict[str, int]:
    """Return each rule's place among those that may lead, the first 1."""
    ordered = sorted(rules, key=lambda rule: -rule.priority)  # of equals the first stays first
    return {rule.id: place for place, rule in enumerate(ordered, start=1)}


def _passing(
    rule: ReviewRule, known: ReviewRule | None, high: ReviewRule, high_before: ReviewRule
) -> Change:
    """Return the field by which a rule came to lead before one of the high tier."""
    path = f"{_rule_path(rule.id)}.priority"
    if known is None:
        return Change(path, None, str(rule.priority))
    if rule.priority > known.priority:
        return Change(path, str(known.priority), str(rule.priority))
    if high.priority < high_before.priority:
        path = f"{_rule_path(high.id)}.priority"
        return Change(path, str(high_before.priority), str(high.priority))
    return Change("review.rules", f"{high.id}, {rule.id}", f"{rule.id}, {high.id}")


def _rule_path(rule_id: str) -> str:
    return f"review.rules[{rule_id}]"


def _meaning(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what makes a rule that is written as before mean something else."""
    kept = {rule.id: rule for rule in (after.review.rules if after.review else ())}
    beginnings: set[str] = set()
    for rule in before.review.rules if before.review else ():
        now = kept.get(rule.id)
        if now is None or now.when != rule.when:
            continue
        old, new = rule_condition(before, rule), rule_condition(after, now)
        if old.node != new.node:
            beginnings |= {"parameters.", "definitions."}
        beginnings |= _rests_on(old.columns | new.columns)
    yield from _changed(before, after, beginnings)


def same_choice(before: ModelContract, after: ModelContract, rule_id: str) -> bool:
    """Whether a rule stands in both contracts and chooses by either what it does by the other.

    What it is called, and how soon its cases are worked, choose nothing.

    Parameters
    ----------
    before, after : ModelContract
        Two revisions of one contract.
    rule_id : str
        Which rule.
    """
    old, new = (each.review.rule(rule_id) if each.review else None for each in (before, after))
    if old is None or new is None or (old.share, old.per) != (new.share, new.per):
        return False
    was, now = rule_condition(before, old), rule_condition(after, new)
    if was.node != now.node:
        return False
    if OVERSIGHT_LEVEL in was.columns and _levels(before) != _levels(after):
        return False
    return not any(_changed(before, after, _rests_on(was.columns)))


def _levels(contract: ModelContract) -> dict[str, str | None]:
    return {each.id: each.oversight_level for each in contract.versions}


def _rests_on(names: Iterable[str]) -> set[str]:
    """Return the beginnings of the paths that names of a condition rest on."""
    found: set[str] = set()
    for name in names:
        found |= {*_RESTS_ON.get(name, ()), f"log.{name}", f"segments[{name}]"}
    return found


def _changed(before: ModelContract, after: ModelContract, paths: Iterable[str]) -> Iterator[Change]:
    """Yield what was changed of paths with these beginnings."""
    starts = tuple(sorted(paths))
    for change in changes(before, after):
        told = any(f"{label}." in change.path or change.path.endswith(label) for label in _LABELS)
        # What is new changes nothing of before, but for a threshold: it had a default.
        added = change.before is None and not change.path.startswith("thresholds.")
        if change.path.startswith(starts) and not told and not added:
            yield change


def _logged(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what is read from another column of the log, where people oversee the model."""
    overseen = before.review is not None or any(
        version.oversight_level in {"in_the_loop", "in_command"} for version in before.versions
    )
    for field in _LOGGED if overseen else ():
        old, new = getattr(before.log, field), getattr(after.log, field)
        if old is not None and old != new:
            yield Change(f"log.{field}", old, new)


def _checking(old: Review, new: Review) -> Iterator[Change]:
    """Yield what lets a verdict be final without a second person, and so with one alone."""
    check, now = old.check, new.check
    for tier in sorted(set(check.tiers) - set(now.tiers)):
        yield Change(f"review.check.tiers[{tier}]", tier, None)
    if check.amount is not None and (now.amount is None or now.amount > check.amount):
        raised = None if now.amount is None else str(now.amount)
        yield Change("review.check.amount", str(check.amount), raised)
    if check.overturn and not now.overturn:
        yield Change("review.check.overturn", "true", "false")
    if now.share < check.share:
        yield Change("review.check.share", str(check.share), str(now.share))


def _tested(old: Review, new: Review) -> Iterator[Change]:
    """Yield what tests less whether people really look, or gives cases longer to wait."""
    shares = (
        ("review.controls.share", old.controls.share, new.controls.share),
        ("review.doubles.share", old.doubles.share, new.doubles.share),
        ("review.score.hidden_share", old.score.hidden_share, new.score.hidden_share),
    )
    for path, was, now in shares:
        if now < was:
            yield Change(path, str(was), str(now))
    if old.score.judge_first and not new.score.judge_first:
        yield Change("review.score.judge_first", "true", "false")
    clocks = (
        ("review.sla_days.high", old.sla_days.high, new.sla_days.high),
        ("review.sla_days.normal", old.sla_days.normal, new.sla_days.normal),
    )
    for path, days, days_now in clocks:
        if days_now > days:
            yield Change(path, str(days), str(days_now))
    for decision in old.decisions:
        if decision not in new.decisions:
            yield Change(f"review.decisions[{decision}]", decision, None)
