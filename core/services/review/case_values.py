"""A case's values beside those of people who were decided alike."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal

from core.domain.windows import Window, local_day
from core.errors import NotComputable
from core.i18n import N_
from core.lake.cases.group import Group, NumberSpread, ValueSpread, group_of
from core.lake.window_rows import window_relation
from core.services.personal.names import MASK
from core.services.review.case_source import CaseSource

FEWEST = 30
"""A group of fewer says nothing of what is usual."""
_YEAR = timedelta(days=365)
Flag = Literal["missing", "below_minimum", "above_maximum", "below", "above", "unseen"]


@dataclass(frozen=True, slots=True)
class Beside:
    """Which people a case is compared with.

    Parameters
    ----------
    n : int
        Predictions in the group.
    decision : str
        What was decided about them.
    basis : {"reference", "year"}
        The reference period, or the year before the newest prediction.
    first, last : date
        First and last local day of it.
    """

    n: int
    decision: str
    basis: Literal["reference", "year"]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class CaseValue:
    """One feature of the case.

    Parameters
    ----------
    name : str
        Of the feature.
    is_number : bool
        Whether it is numeric.
    value : float or str, optional
        What the log has; ``None`` where it has nothing, and where it is masked.
    masked : bool
        Whether it is personal: the value and its place are left out.
    usual : float or str, optional
        The group's median, or its most frequent value.
    rank : float, optional
        Share of the group below a number, half of its equals counted.
    share : float, optional
        Share of the group with the same value.
    flags : tuple of str
        What is odd about it; none of a masked value.
    """

    name: str
    is_number: bool
    value: float | str | None
    masked: bool
    usual: float | str | None
    rank: float | None
    share: float | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class ValuesBeside:
    """All features of a case, with the group where there is one.

    ``why`` is the message that says why there is none.
    """

    group: Beside | None
    values: tuple[CaseValue, ...]
    why: str = ""


def values_beside(source: CaseSource) -> ValuesBeside:
    """Return a case's values beside the group decided alike.

    Raises
    ------
    NotFound
        If the prediction is no longer in the log.
    """
    row = source.required_row()
    whole = reference_group(source)
    found = _alike(source)
    spreads = None if found is None else found[1]
    values = tuple(
        _value(source, feature.name, row.get(source.alias(feature.name)), spreads, whole)
        for feature in source.contract.features
    )
    if found is None:
        return ValuesBeside(None, values, N_("Too few were decided alike to compare with."))
    return ValuesBeside(found[0], values)


def reference_group(source: CaseSource) -> Group | None:
    """Return all rows of the reference period; ``None`` if there are none."""
    return source.remember(
        "reference", answer=lambda: _group(source, _reference_window(source), None)
    )


def standard_deviations(source: CaseSource) -> dict[str, float]:
    """Return the standard deviation of each numeric feature in the reference.

    Raises
    ------
    NotComputable
        If there is no reference.
    """
    whole = reference_group(source)
    if whole is None or whole.n < FEWEST:
        raise NotComputable(N_("There is no reference to measure differences by."))
    spreads = {name: whole.features.get(source.alias(name)) for name in source.numeric}
    return {
        name: each.deviation if isinstance(each, NumberSpread) else math.nan
        for name, each in spreads.items()
    }


def _alike(source: CaseSource) -> tuple[Beside, Group] | None:
    """Return the group decided alike: of the reference, or else of the newest year."""
    zone = source.contract.timezone
    tried: tuple[tuple[Literal["reference", "year"], Window | None], ...] = (
        ("reference", _reference_window(source)),
        ("year", _newest_year(source)),
    )
    for basis, window in tried:
        if window is None:
            continue
        group = source.remember(
            "group", source.decision, basis, answer=partial(_group, source, window, source.decision)
        )
        if group is not None and group.n >= FEWEST:
            first = local_day(window.start, zone)
            last = local_day(window.end - timedelta(microseconds=1), zone)
            return Beside(group.n, source.decision, basis, first, last), group
    return None


def _group(source: CaseSource, window: Window | None, decision: str | None) -> Group | None:
    if window is None:
        return None
    files = [
        each
        for each in source.files
        if each.stream == "predictions"
        and (each.first_time is None or each.first_time < window.end)
        and (each.last_time is None or each.last_time >= window.start)
    ]
    if not files:
        return None
    return group_of(
        source.workspace.duck,
        window_relation(source.workspace.lake_paths(files), window),
        [source.alias(name) for name in source.numeric],
        [source.alias(name) for name in source.categorical],
        row_filter=source.row_filter,
        decision=decision,
    )


def _reference_window(source: CaseSource) -> Window | None:
    wanted = source.contract.reference
    return Window.of_days(wanted.start, wanted.end, source.contract.timezone)


def _newest_year(source: CaseSource) -> Window | None:
    times = [each.last_time for each in source.files if each.stream == "predictions"]
    newest: datetime | None = max((each for each in times if each is not None), default=None)
    if newest is None:
        return None
    end = newest + timedelta(microseconds=1)
    return Window(end - _YEAR, end)


def _value(
    source: CaseSource, name: str, logged: object, group: Group | None, whole: Group | None
) -> CaseValue:
    alias, masked = source.alias(name), source.contract.is_personal(name)
    spread = None if group is None else group.features.get(alias)
    known = None if whole is None else whole.features.get(alias)
    if name in source.numeric:
        number = float(logged) if isinstance(logged, int | float) else None
        number = None if number is not None and math.isnan(number) else number
        numbers = spread if isinstance(spread, NumberSpread) else None
        return CaseValue(
            name=name,
            is_number=True,
            value=None if masked else number,
            masked=masked,
            usual=None if numbers is None else numbers.median,
            rank=None if masked or number is None or numbers is None else numbers.rank(number),
            share=None,
            flags=() if masked else _number_flags(source, name, number, known),
        )
    text = None if logged is None else str(logged)
    texts = spread if isinstance(spread, ValueSpread) and spread.n else None
    usual = None if texts is None or texts.usual is None else texts.usual[0]
    share = None if masked or text is None or texts is None else texts.counts.get(text, 0) / texts.n
    return CaseValue(
        name=name,
        is_number=False,
        value=None if masked else text,
        masked=masked,
        usual=MASK if masked and usual is not None else usual,
        rank=None,
        share=share,
        flags=() if masked else _text_flags(text, known),
    )


def _number_flags(
    source: CaseSource, name: str, value: float | None, known: object
) -> tuple[Flag, ...]:
    if value is None:
        return ("missing",)
    feature = source.contract.feature(name)
    if feature.minimum is not None and value < feature.minimum:
        return ("below_minimum",)
    if feature.maximum is not None and value > feature.maximum:
        return ("above_maximum",)
    if isinstance(known, NumberSpread) and known.quantiles:
        if value < known.quantiles[0]:
            return ("below",)
        if value > known.quantiles[-1]:
            return ("above",)
    return ()


def _text_flags(value: str | None, known: object) -> tuple[Flag, ...]:
    if value is None:
        return ("missing",)
    if isinstance(known, ValueSpread) and known.n and known.distinct == len(known.counts):
        return () if value in known.counts else ("unseen",)
    return ()
