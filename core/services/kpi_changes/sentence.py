"""The change of a KPI in one sentence: how much, and from what.

A cause is named if it is beyond chance; what is left is said to be within it. A KPI rose or fell
only if that is beyond chance and not written as nothing. Amounts are in the KPI's unit: points for
shares, money, days.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.i18n import N_, Translator
from core.metrics.decomposition import Cause
from core.services.kpis.words import stale_rates

_FEW_ALIKE = 0.5  # of the rows with like ones in both periods: below it the sentence says so
_SOME_LEFT_OUT = 0.01  # of the rows
_LITTLE_LEFT = 0.02  # of all that causes added: less is not worth a word

_LARGE = 10_000  # written short: 12.3K
_FEW = 10  # smaller counts are written with decimals: causes share them
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

_Named = Sequence[tuple[Cause, float]]


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
    young : float
        Share of the rows that are left out because they are not old enough yet.
    aged : bool
        Whether those wait for an age of the KPI's own, not for a result.
    unknown : float
        Share of the rows that are old enough, but of which no result is known.
    over : bool
        Whether the period is over and wholly in the log.
    stale_days : int
        Days of which money was converted at an old rate.
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
    young: float = 0.0
    aged: bool = False
    unknown: float = 0.0
    over: bool = True
    stale_days: int = 0

    @property
    def largest(self) -> float:
        """Size of the largest number in the sentence, which decides how many figures it needs."""
        return max(abs(self.change), *(abs(value) for _, value, beyond in self.causes if beyond), 0)


def change_sentence(told: Told, t: Translator) -> str:
    """Return why a KPI changed, and what limits what can be said."""
    return t.sentences(_what_changed(told, t), _limits(told, t))


def _what_changed(told: Told, t: Translator) -> str:
    up, down = _named(told, t)
    if not told.beyond_chance or not _is_seen(told, t, told.change):
        return _within_chance(told, t, up, down)
    words = {"name": told.name, "change": whole_amount(t, told, told.change)}
    rose = _is_up(told.change)
    same, other = (up, down) if rose else (down, up)
    if same and other:
        template = (
            N_("{name} rose {change}: {causes}; the other way, {others}.")
            if rose
            else N_("{name} fell {change}: {causes}; the other way, {others}.")
        )
    elif same:
        template = (
            N_("{name} rose {change}: {causes}.") if rose else N_("{name} fell {change}: {causes}.")
        )
    elif other:
        template = (
            N_("{name} rose {change}; all that is beyond chance worked the other way: {others}.")
            if rose
            else N_(
                "{name} fell {change}; all that is beyond chance worked the other way: {others}."
            )
        )
    else:
        template = (
            N_("{name} rose {change}; no single cause is beyond chance.")
            if rose
            else N_("{name} fell {change}; no single cause is beyond chance.")
        )
    return t(template, **words, causes=_listed(told, t, same), others=_listed(told, t, other))


def _within_chance(told: Told, t: Translator, up: _Named, down: _Named) -> str:
    """Say that the KPI neither rose nor fell, and what pushed it, if anything did."""
    if not up and not down and not _is_seen(told, t, told.change):
        return t("{name} did not change.", name=told.name)
    if up and down:
        template = N_(
            "{name} did not change beyond chance ({change}). Pushing it up: {up}; pushing it down: "
            "{down}."
        )
    elif up:
        template = N_("{name} did not change beyond chance ({change}). Pushing it up: {up}.")
    elif down:
        template = N_("{name} did not change beyond chance ({change}). Pushing it down: {down}.")
    else:
        template = N_("{name} did not change beyond chance ({change}).")
    return t(
        template,
        name=told.name,
        change=_signed(told, t, told.change),
        up=_listed(told, t, up),
        down=_listed(told, t, down),
    )


def _named(told: Told, t: Translator) -> tuple[_Named, _Named]:
    """Return the causes to name: those upwards, and those downwards."""
    named = [
        (cause, value)
        for cause, value, beyond in told.causes
        if beyond and _is_shown(told, t, value)
    ]
    return [each for each in named if _is_up(each[1])], [
        each for each in named if not _is_up(each[1])
    ]


def _is_shown(told: Told, t: Translator, value: float) -> bool:
    """Whether a cause is written as anything but nothing."""
    return amount(t, told, value) != amount(t, told, 0.0)


def _is_seen(told: Told, t: Translator, change: float) -> bool:
    """Whether a change is written as anything but nothing."""
    return whole_amount(t, told, change) not in {
        whole_amount(t, told, 0.0), _with_unit(t, told, _written(t, told, 0.0, change)),
    }  # fmt: skip


def _signed(told: Told, t: Translator, change: float) -> str:
    sign = ("+" if _is_up(change) else "−") if _is_seen(told, t, change) else ""
    return sign + whole_amount(t, told, change)


def _limits(told: Told, t: Translator) -> str:
    every = sum(abs(value) for _, value, _ in told.causes)
    rest = [value for _, value, beyond in told.causes if not beyond]
    up, down = _named(told, t)
    named = up if _is_up(told.change) else down
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
    if not told.over:
        texts.append(t("The period is not over, or not wholly in the log."))
    if told.stale_days:
        texts.append(stale_rates(t, told.stale_days))
    if told.young >= _SOME_LEFT_OUT:
        text = (
            N_("{share} of the cases are too young to count yet and are left out.")
            if told.aged
            else N_("{share} of the cases have no final result yet and are left out.")
        )
        texts.append(t(text, share=t.percent(told.young, 0)))
    if told.unknown >= _SOME_LEFT_OUT:
        share = t.percent(told.unknown, 0)
        texts.append(
            t(
                "{share} of the cases are old enough but have no result; they are left out.",
                share=share,
            )
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
    return _with_unit(t, told, _written(t, told, value, value if hidden else told.largest))


def _with_unit(t: Translator, told: Told, size: str) -> str:
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
    whole = told.unit == "count" and abs(largest) >= _FEW
    return t.number(round(size) if whole else _rounded(size, largest))


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
