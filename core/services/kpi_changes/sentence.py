"""The change of a KPI in one sentence: how much, and from what.

A cause is named if it is beyond chance; what is left is said to be within it. Amounts are in the
KPI's unit: points for shares, money, days.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.i18n import N_, Translator
from core.metrics.decomposition import Cause

_FEW_ALIKE = 0.5  # of the rows with like ones in both periods: below it the sentence says so
_SOME_LEFT_OUT = 0.01  # of the rows
_LITTLE_LEFT = 0.02  # of all that causes added: less is not worth a word

_LARGE = 10_000  # written short: 12.3K
_MOST_DECIMALS = 4
_TIMES = {
    "days": (N_("{size} day"), N_("{size} days")),
    "hours": (N_("{size} hour"), N_("{size} hours")),
    "minutes": (N_("{size} minute"), N_("{size} minutes")),
}

_FROM: dict[Cause, str] = {
    Cause.volume: N_("{value} from the number of cases"),
    Cause.mix: N_("{value} from the mix of cases"),
    Cause.version: N_("{value} from the model version"),
    Cause.policy: N_("{value} from the policy"),
    Cause.overrides: N_("{value} from reviewers"),
    Cause.behaviour: N_("{value} from what similar cases were like"),
}
_APPLICANTS = N_("{value} from who applied")
_NEW_VERSION = N_("{value} from the new version")
_OUTCOMES = N_("{value} from how similar cases turned out")
_AUTOMATED = N_("{value} from automated decisions")

_NAMES: dict[Cause, str] = {
    Cause.volume: N_("Number of cases"),
    Cause.mix: N_("Mix of cases"),
    Cause.version: N_("Model version"),
    Cause.policy: N_("Policy"),
    Cause.overrides: N_("Reviewers"),
    Cause.behaviour: N_("What similar cases were like"),
}
_NAMED_APPLICANTS = N_("Who applied")
_NAMED_NEW_VERSION = N_("New version")
_NAMED_OUTCOMES = N_("How similar cases turned out")
_NAMED_AUTOMATED = N_("Automated decisions")


@dataclass(frozen=True, slots=True)
class Told:
    """What the sentence is made of.

    Parameters
    ----------
    name : str
        Of the KPI, in the reader's language.
    unit, currency : str
        Of the KPI; the currency is empty for all but money.
    change : float
        Difference of the two periods.
    beyond_chance : bool
        Whether it is.
    causes : tuple of (Cause, float, bool)
        What each added, and whether that is beyond chance.
    applicants, outcomes, policy : bool
        Whether rows are applications, whether the KPI counts what became of them, and whether the
        contract has a policy that decides.
    new_version : bool
        Whether a version decides that did not before.
    comparable : float
        Share of the rows in cells which both periods have.
    left_out : float
        Share of the rows that are not final yet.
    """

    name: str
    unit: str
    currency: str
    change: float
    beyond_chance: bool
    causes: tuple[tuple[Cause, float, bool], ...]
    applicants: bool = False
    outcomes: bool = False
    policy: bool = True
    new_version: bool = False
    comparable: float = 1.0
    left_out: float = 0.0

    @property
    def largest(self) -> float:
        """Size of the largest number in the sentence, which decides how many figures it needs."""
        return max(abs(self.change), *(abs(value) for _, value, beyond in self.causes if beyond), 0)


def change_sentence(told: Told, t: Translator) -> str:
    """Return why a KPI changed, and what limits what can be said."""
    return t.sentences(_what_changed(told, t), _limits(told, t))


def _what_changed(told: Told, t: Translator) -> str:
    named = [(cause, value) for cause, value, beyond in told.causes if beyond]
    same = [each for each in named if _is_up(each[1]) == _is_up(told.change)]
    other = [each for each in named if _is_up(each[1]) != _is_up(told.change)]
    if not told.beyond_chance:
        return _within_chance(told, t, named)
    words = {"name": told.name, "change": whole_amount(t, told, told.change)}
    up = _is_up(told.change)
    if not same:
        template = (
            N_("{name} rose {change}; no single cause is beyond chance.")
            if up
            else N_("{name} fell {change}; no single cause is beyond chance.")
        )
        return t(template, **words)
    words["causes"] = _listed(told, t, same)
    if not other:
        return t(
            N_("{name} rose {change}: {causes}.") if up else N_("{name} fell {change}: {causes}."),
            **words,
        )
    template = (
        N_("{name} rose {change}: {causes}; the other way, {others}.")
        if up
        else N_("{name} fell {change}: {causes}; the other way, {others}.")
    )
    return t(template, **words, others=_listed(told, t, other))


def _within_chance(told: Told, t: Translator, named: Sequence[tuple[Cause, float]]) -> str:
    up = [each for each in named if _is_up(each[1])]
    down = [each for each in named if not _is_up(each[1])]
    if told.change == 0 and not named:
        return t("{name} did not change.", name=told.name)
    if up and down:
        return t(
            "{name} did not change beyond chance: {up}; the other way, {down}.",
            name=told.name, up=_listed(told, t, up), down=_listed(told, t, down),
        )  # fmt: skip
    words = {"name": told.name, "change": whole_amount(t, told, told.change)}
    rose = _is_up(told.change)
    if named:
        template = (
            N_("{name} rose {change}, which as a whole is within chance; beyond it is {causes}.")
            if rose
            else N_(
                "{name} fell {change}, which as a whole is within chance; beyond it is {causes}."
            )
        )
        return t(template, **words, causes=_listed(told, t, named))
    return t(
        N_("{name} rose {change}, which is within chance.")
        if rose
        else N_("{name} fell {change}, which is within chance."),
        **words,
    )


def _limits(told: Told, t: Translator) -> str:
    every = sum(abs(value) for _, value, _ in told.causes)
    rest = [value for _, value, beyond in told.causes if not beyond]
    named = any(beyond for _, _, beyond in told.causes)
    texts = []
    if named and told.beyond_chance and any(abs(value) > _LITTLE_LEFT * every for value in rest):
        texts.append(t("The rest is within chance."))
    if told.comparable < _FEW_ALIKE:
        share = t.percent(told.comparable, 0)
        texts.append(
            t(
                "Only {share} of the cases have like ones in both periods: what else changed with "
                "the new version cannot be told apart from it.",
                share=share,
            )
            if told.new_version
            else t("Only {share} of the cases have like ones in both periods.", share=share)
        )
    if told.left_out >= _SOME_LEFT_OUT:
        share = t.percent(told.left_out, 0)
        texts.append(
            t("{share} of the cases have no final result yet and are left out.", share=share)
        )
    return t.sentences(*texts)


def cause_name(told: Told, cause: Cause, t: Translator) -> str:
    """Return what a cause is called in a table or a chart."""
    if cause is Cause.mix and told.applicants:
        return t(_NAMED_APPLICANTS)
    if cause is Cause.version and told.new_version:
        return t(_NAMED_NEW_VERSION)
    if cause is Cause.behaviour and told.outcomes:
        return t(_NAMED_OUTCOMES)
    if cause is Cause.policy and not told.policy:
        return t(_NAMED_AUTOMATED)
    return t(_NAMES[cause])


def _listed(told: Told, t: Translator, causes: Sequence[tuple[Cause, float]]) -> str:
    ordered = sorted(causes, key=lambda each: -abs(each[1]))
    return t.items(
        *(t(_words(told, cause), value=amount(t, told, value)) for cause, value in ordered)
    )


def _words(told: Told, cause: Cause) -> str:
    if cause is Cause.mix and told.applicants:
        return _APPLICANTS
    if cause is Cause.version and told.new_version:
        return _NEW_VERSION
    if cause is Cause.behaviour and told.outcomes:
        return _OUTCOMES
    if cause is Cause.policy and not told.policy:
        return _AUTOMATED
    return _FROM[cause]


def amount(t: Translator, told: Told, value: float) -> str:
    """Write the size of an effect; its unit stands with the change as a whole."""
    return _written(t, told, value, told.largest)


def whole_amount(t: Translator, told: Told, value: float) -> str:
    """Write the size of a change with its unit; one that is small is not written as nothing."""
    points = 100 * abs(value)
    hidden = round(points, _decimals(100 * told.largest)) == 0
    size = _written(t, told, value, value if hidden else told.largest)
    if told.unit in {"share", "relative"}:
        return t("{size} points", size=size)
    if told.unit in _TIMES:
        one, many = _TIMES[told.unit]
        return t(one if size == "1" else many, size=size)
    return size


def _written(t: Translator, told: Told, value: float, largest: float) -> str:
    size = abs(value)
    if told.unit in {"share", "relative"}:
        return t.number(100 * size, _decimals(100 * largest))
    if told.currency:
        return t.compact_money(size, told.currency)
    if size >= _LARGE:
        return t.compact_number(size)
    return t.number(round(size) if told.unit == "count" else _rounded(size, largest))


def _decimals(points: float) -> int:
    """Return the decimals that show a change in points: one, and more for less than a point."""
    if points == 0 or abs(points) >= 1:
        return 1
    return min(_MOST_DECIMALS, 1 - math.floor(math.log10(abs(points))))


def _rounded(size: float, largest: float) -> float:
    """Round a number to the place of the third figure of the largest one."""
    whole = max(abs(largest), size)
    return round(size, 2 - math.floor(math.log10(whole))) if whole > 0 else size


def _is_up(value: float) -> bool:
    return value > 0
