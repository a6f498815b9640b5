"""By which attributes people are compared, what their groups are called, and what is favourable."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from core.contract import LocalisedText, ModelContract
from core.i18n import N_
from core.lake.groups import FavourableRule, GroupColumn
from core.lake.profiles.segments import range_labels
from core.services.personal.names import MASK

# Attribute → its name for readers and how columns that hold it are called. These six are what
# Hong Kong's default list of attributes is made of; a model's own follow them.
HONG_KONG: Mapping[str, tuple[str, frozenset[str]]] = {
    "sex": (N_("Sex"), frozenset({"sex", "gender", "性別", "性别"})),
    "marital_status": (
        N_("Marital status"),
        frozenset({"marital_status", "marital", "married", "civil_status", "婚姻狀況", "婚姻状况"}),
    ),
    "pregnancy": (N_("Pregnancy"), frozenset({"pregnancy", "pregnant", "懷孕", "怀孕"})),
    "disability": (
        N_("Disability"),
        frozenset({"disability", "disabled", "disability_status", "殘疾", "残疾"}),
    ),
    "family_status": (
        N_("Family status"),
        frozenset({"family_status", "familial_status", "家庭崗位", "家庭岗位"}),
    ),
    "race": (
        N_("Race"),
        frozenset({"race", "ethnicity", "ethnic_group", "ethnic_origin", "種族", "种族"}),
    ),
}
FAVOURABLE_WORDS = (
    "approve", "approved", "accept", "accepted", "grant", "granted", "offer", "offered", "admit",
    "admitted", "hire", "hired", "pass", "passed", "批核", "批准", "接納", "接纳", "接受", "通過",
    "通过", "錄用", "录用", "取錄", "录取", "同意",
)  # fmt: skip
_FAIR = re.compile(r"\bfair|公平", re.IGNORECASE)
_NUMERIC = frozenset({"numeric", "integer"})


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people: its key in answers, and what the contract calls it."""

    key: str
    label: LocalisedText | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column by which people are compared.

    Parameters
    ----------
    column : str
        Name in the contract.
    label : LocalisedText or None
        What the contract calls it.
    kind : str or None
        Key of :data:`HONG_KONG`, if the column's name says so.
    is_input : bool
        Whether the column is also an input of the model.
    needs_ranges : bool
        Whether it holds numbers that no segment cuts into ranges.
    groups : tuple of Group
        In the order of the contract, then by number.
    place_of_code : tuple of int
        Place in ``groups`` of each code from 1 on.
    counted : GroupColumn
        What the lake counts.
    """

    column: str
    label: LocalisedText | None
    kind: str | None
    is_input: bool
    needs_ranges: bool
    groups: tuple[Group, ...]
    place_of_code: tuple[int, ...]
    counted: GroupColumn


def compared_columns(contract: ModelContract) -> tuple[str, ...]:
    """Return the columns by which people are compared, Hong Kong's attributes first.

    These are the protected ones, those that the contract names for fairness, personal columns
    kept for that purpose, and whatever is called like an attribute of :data:`HONG_KONG`.
    """
    named = [item.column for item in contract.fairness.attributes] if contract.fairness else []
    kept = [item.name for item in contract.columns if item.personal and _FAIR.search(item.purpose)]
    alike = [name for name in contract.stored_columns if kind_of(name)]
    every = dict.fromkeys([*named, *contract.protected, *kept, *alike])
    order = list(HONG_KONG)

    def rank(name: str) -> int:
        kind = kind_of(name)
        return order.index(kind) if kind else len(order)

    return tuple(sorted(every, key=rank))


def kind_of(name: str) -> str | None:
    """Return which attribute of :data:`HONG_KONG` a column is, told from its name."""
    plain = re.sub(r"[\s\-]+", "_", name.strip().lower())
    return next((kind for kind, (_, names) in HONG_KONG.items() if plain in names), None)


def ranges_of(contract: ModelContract, column: str) -> tuple[float, ...]:
    """Return the limits of the segment that cuts a column of numbers into ranges."""
    return next((s.edges for s in contract.segments if s.source == column and s.edges), ())


def holds_numbers(contract: ModelContract, column: str) -> bool:
    """Return whether a column holds numbers, which are compared by ranges only."""
    types = {item.name: item.type for item in contract.columns}
    types |= {item.name: item.type for item in contract.features}
    return types.get(column) in _NUMERIC


def attribute_of(contract: ModelContract, column: str, values: Sequence[str]) -> Attribute:
    """Return how a column is compared.

    Parameters
    ----------
    contract : ModelContract
        The model's contract.
    column : str
        Name of a column in it.
    values : sequence of str
        Texts found in the log, in the order of their numbers; unused for ranges.
    """
    edges = ranges_of(contract, column)
    numbers = holds_numbers(contract, column)
    groups: tuple[Group, ...] = ()
    codes: tuple[int, ...] = ()
    if edges:
        groups = tuple(Group(text) for text in range_labels(edges))
        codes = tuple(range(len(groups)))
    elif not numbers:
        groups, codes = _groups(contract, column, values)
    return Attribute(
        column=column,
        label=_label(contract, column),
        kind=kind_of(column),
        is_input=any(item.name == column for item in contract.features),
        needs_ranges=numbers and not edges,
        groups=groups,
        place_of_code=codes,
        counted=GroupColumn(column, () if edges or numbers else tuple(values), edges),
    )


Whose = Literal["log", "final", "people"]
"""Whose decision groups are compared by: the log's, the one that held in the end, or people's."""
WHOSE: tuple[Whose, ...] = get_args(Whose)


def favourable_rule(
    contract: ModelContract, *, has_decisions: bool, whose: Whose = "log"
) -> FavourableRule:
    """Return which decisions people hope for: as the contract says, else by policy, else by word.

    Parameters
    ----------
    contract : ModelContract
        The model's contract.
    has_decisions : bool
        Whether there is a decisions stream.
    whose : {"log", "final", "people"}
        The log's own decision where it has one; the one that held in the end; or that of people,
        of the predictions that one of them decided.
    """
    named = tuple(word.strip().lower() for word in _named(contract))
    if contract.log.decision or has_decisions:
        source = _source(contract, has_decisions=has_decisions, whose=whose)
        if named:
            return FavourableRule(source, named)
        ruled = dict.fromkeys(policy.parts()[3].lower() for policy in contract.policy)
        hoped = tuple(word for word in ruled if word in FAVOURABLE_WORDS)
        words, hoped_for = (hoped, True) if hoped else (tuple(ruled), False)
        if not words:
            words, hoped_for = FAVOURABLE_WORDS, True
        return FavourableRule(source, words, hoped_for)
    if contract.log.prediction and named:
        return FavourableRule("prediction", named)
    return FavourableRule("flag", hoped_for=event_is_favourable(contract))


def _source(
    contract: ModelContract, *, has_decisions: bool, whose: Whose
) -> Literal["decision", "decisions", "final", "people"]:
    if has_decisions and whose == "people":
        return "people"
    if not contract.log.decision:
        return "decisions"
    return "final" if has_decisions and whose == "final" else "decision"


def event_is_favourable(contract: ModelContract) -> bool:
    """Return whether the event that the score stands for is what people hope for.

    A default, a denial or a fraud is not, so it is not unless the contract says so, be it by
    naming the prediction of the event as the favourable one.
    """
    rules = contract.fairness
    if rules is not None and rules.favourable_outcome is not None:
        return rules.favourable_outcome == "positive"
    label = contract.outcome.label if contract.outcome else None
    if label is None or contract.log.decision or not contract.log.prediction:
        return False
    positive = "1" if label.positive is None else str(label.positive)
    return positive.strip().lower() in {word.strip().lower() for word in _named(contract)}


def minimum_rows(contract: ModelContract) -> int:
    """Return the fewest rows of a group that is shown."""
    return contract.fairness.minimum_n if contract.fairness else 30


def _named(contract: ModelContract) -> tuple[str, ...]:
    return contract.fairness.favourable if contract.fairness else ()


def _label(contract: ModelContract, column: str) -> LocalisedText | None:
    own = contract.fairness.attribute(column) if contract.fairness else None
    if own is not None and own.label is not None:
        return own.label
    labels = [
        *(item.label for item in contract.segments if item.source == column and not item.edges),
        *(item.label for item in contract.features if item.name == column),
    ]
    return next((label for label in labels if label is not None), None)


def _groups(
    contract: ModelContract, column: str, values: Sequence[str]
) -> tuple[tuple[Group, ...], tuple[int, ...]]:
    """Return the groups of a column's values, and the place of each value's group.

    A name that the contract gives is shown; other values of a personal column are numbered, as
    everywhere, by their place among the values.
    """
    own = contract.fairness.attribute(column) if contract.fairness else None
    groups = [Group(item.values[0], item.label) for item in own.groups] if own else []
    codes = []
    for number, value in enumerate(values, start=1):
        named = own.label_of(value) if own else None
        if named is not None:
            codes.append([group.key for group in groups].index(named.values[0]))
            continue
        codes.append(len(groups))
        masked = contract.is_personal(column)
        groups.append(Group(f"{MASK} {number}" if masked else value))
    return tuple(groups), tuple(codes)
