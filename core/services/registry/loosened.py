"""What of a new revision of a contract guards people less than before.

One person alone must not loosen it: it decides which values are masked, whose row scope holds, or
what takes effect without anybody looking.
"""

from collections.abc import Iterator, Mapping

from core.contract import ModelContract
from core.services.registry.contract_changes import Change, changes
from core.services.registry.loosened_card import loosened_card
from core.services.registry.loosened_origins import loosened_origins
from core.services.registry.loosened_review import loosened_review
from core.services.registry.loosened_tier import COVERAGE, loosened_tier

# How closely people oversee; without a level a prediction is held, as in command.
_OVERSIGHT: Mapping[str | None, int] = {
    "in_the_loop": 2,
    "in_command": 1,
    None: 1,
    "out_of_the_loop": 0,
}


def loosened(before: ModelContract, after: ModelContract) -> tuple[Change, ...]:
    """Return what guards people less than before.

    These are: a column that is personal, protected, the subject or the jurisdiction no more; a
    version that is overseen less closely, or a new one that is overseen less closely than one
    before it; a version that goes by another policy, and a policy that says something else; a
    value of a masked column that the page on fairness may name, and smaller groups shown there;
    what sends less to human review, or lets a verdict count with fewer people; whatever alters
    which changes a person may be told of as a way to another result, or what decisions are
    compared with to explain them; what says otherwise of the past, or of where data rest;
    what the model card says of its validation, or says no more of prohibited uses and limits; and
    a tier that is less strict, or a smaller share of decisions that are to be explained.
    """
    found = [*_columns(before, after), *_versions(before, after), *_policies(before, after)]
    found += [*_fairness(before, after), *loosened_review(before, after)]
    found += [*_advised(before, after), *loosened_origins(before, after)]
    found += [*loosened_card(before, after), *loosened_tier(before, after)]
    return tuple(sorted(set(found), key=lambda change: change.path))


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


def _advised(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what alters the changes and reasons that a person may be told of, either way.

    A wider choice may send somebody after what nobody should advise, a narrower one keeps a way
    from a person, and another background gives other reasons.
    """
    told = {item.name for each in (before, after) for item in each.features if item.actionable}
    limits = ("actionable", "minimum", "maximum")
    starts = tuple(f"features[{name}].{limit}" for name in told for limit in limits)
    starts += ("explanation.",)
    for change in changes(before, after):
        if change.path.startswith(starts) and change.path != COVERAGE:
            yield change
