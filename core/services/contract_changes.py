"""What a new revision of a contract changes, and what of it guards people less than before.

A change is named by the path of its field, such as ``columns[hkid].personal``: parts of a list
go by their name, not their place. Two sorts of fields are told apart: what a reader compares, and
what one person alone must not loosen, because it decides which values are masked, whose row
scope holds, or what takes effect without anybody looking.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.contract import ModelContract, ReviewRule
from core.contract.review import ReviewCheck

# How closely people oversee; without a level a prediction is held, as in command.
_OVERSIGHT: Mapping[str | None, int] = {
    "in_the_loop": 2,
    "in_command": 1,
    None: 1,
    "out_of_the_loop": 0,
}
_NAMES = ("name", "id", "version")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that two contracts state differently; ``None`` where one does not state it."""

    path: str
    before: str | None
    after: str | None


def changes(before: ModelContract, after: ModelContract) -> tuple[Change, ...]:
    """Return the fields that differ, by path."""
    old, new = (
        dict(_leaves("", each.model_dump(mode="json", by_alias=True))) for each in (before, after)
    )
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return tuple(Change(path, old.get(path), new.get(path)) for path in paths)


def loosened(before: ModelContract, after: ModelContract) -> tuple[Change, ...]:
    """Return what guards people less than before.

    These are: a column that is personal, protected, the subject or the jurisdiction no more; a
    version that is overseen less closely, or a new one that is overseen less closely than one
    before it; a version that goes by another policy, and a policy that says something else; a
    value of a masked column that the page on fairness may name, and smaller groups shown there; and
    what sends less to human review, or lets a verdict count with fewer people.
    """
    found = [*_columns(before, after), *_versions(before, after), *_policies(before, after)]
    found += [*_fairness(before, after), *_routing(before, after), *_checking(before, after)]
    return tuple(sorted(found, key=lambda change: change.path))


def _columns(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    features = {item.name for item in before.features}
    for name in sorted(before.personal_columns - after.personal_columns):
        part = "features" if name in features else "columns"
        declared = name in after.stored_columns
        yield Change(f"{part}[{name}].personal", "true", "false" if declared else None)
    for name in sorted(set(before.protected) - set(after.protected)):
        yield Change(f"protected[{name}]", name, None)
    for field in ("subject", "jurisdiction"):
        old, new = getattr(before.log, field), getattr(after.log, field)
        if old is not None and old != new:
            yield Change(f"log.{field}", old, new)


def _versions(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    old = {each.id: each for each in before.versions}
    new = {each.id: each for each in after.versions}
    # A version that was never declared is held; so a new one is measured by the closest so far.
    closest = max((_OVERSIGHT[each.oversight_level] for each in old.values()), default=1)
    for name, version in new.items():
        known = old.get(name)
        level = known.oversight_level if known else None
        rank = _OVERSIGHT[level] if known else closest
        if _OVERSIGHT[version.oversight_level] < rank:
            yield Change(f"versions[{name}].oversight_level", level, version.oversight_level)
    for name, known in old.items():
        left = new.get(name)
        if left is None and known.oversight_level == "in_the_loop":
            yield Change(f"versions[{name}].oversight_level", known.oversight_level, None)
        if known.policy is not None and (left is None or left.policy != known.policy):
            yield Change(f"versions[{name}].policy", known.policy, left.policy if left else None)


def _policies(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    new = {each.version: each for each in after.policy}
    used = {each.policy for each in before.versions}
    for each in before.policy:
        now = new.get(each.version)
        if each.version not in used or now is None or now == each:
            continue
        if now.start != each.start:
            yield Change(f"policy[{each.version}].from", str(each.start), str(now.start))
        if now.rule != each.rule:
            yield Change(f"policy[{each.version}].rule", each.rule, now.rule)


def _fairness(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    least, least_now = (
        each.fairness.minimum_n if each.fairness else 30 for each in (before, after)
    )
    if least_now < least:
        yield Change("fairness.minimum_n", str(least), str(least_now))
    known = _named_groups(before)
    for (column, value), label in sorted(_named_groups(after).items()):
        if (column, value) not in known and before.is_personal(column):
            yield Change(f"fairness.attributes[{column}].groups[{value}]", None, label)


def _named_groups(contract: ModelContract) -> dict[tuple[str, str], str]:
    """Return the values of columns that a contract names as groups, and the names."""
    attributes = contract.fairness.attributes if contract.fairness else ()
    return {
        (item.column, value): group.label.en
        for item in attributes
        for group in item.groups
        for value in group.values
    }


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


def _checking(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what lets a verdict be final without a second person, and so with one alone."""
    if before.review is None:
        return
    old, new = before.review.check, after.review.check if after.review else ReviewCheck()
    for tier in sorted(set(old.tiers) - set(new.tiers)):
        yield Change(f"review.check.tiers[{tier}]", tier, None)
    if old.amount is not None and (new.amount is None or new.amount > old.amount):
        raised = None if new.amount is None else str(new.amount)
        yield Change("review.check.amount", str(old.amount), raised)
    if old.overturn and not new.overturn:
        yield Change("review.check.overturn", "true", "false")
    if new.share < old.share:
        yield Change("review.check.share", str(old.share), str(new.share))


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Return path → text of every field that says something."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), part)
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _leaves(f"{path}[{_name_of(part, place)}]", part)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, str(value)


def _name_of(part: object, place: int) -> str:
    """Return what a part of a list goes by: its name; a word itself; else its place."""
    if isinstance(part, Mapping):
        named = next((part[key] for key in _NAMES if isinstance(part.get(key), str)), None)
        return str(named) if named else str(place)
    return part if isinstance(part, str) else str(place)
