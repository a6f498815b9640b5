"""Names of columns and of groups of values in the reader's language."""

import math
from dataclasses import replace

from core.contract import ModelContract
from core.i18n import Translator
from core.i18n.format import CURRENCIES
from core.metrics.drift import GroupKind
from core.metrics.drift.groups import Group
from core.services.drift.measure import OUTPUT_LABELS


def column_label(t: Translator, contract: ModelContract, column: str) -> str:
    """Return the label of a feature, or of the score, prediction or decision."""
    if column in OUTPUT_LABELS:
        return t(OUTPUT_LABELS[column])
    return contract.feature(column).label_in(t.locale)


def column_unit(t: Translator, contract: ModelContract, column: str) -> str:
    """Return the unit of a feature; empty for the outputs."""
    return "" if column in OUTPUT_LABELS else contract.feature(column).unit_in(t.locale)


def value_text(t: Translator, value: float, unit: str) -> str:
    """Write a value with its unit; money as money."""
    if unit in CURRENCIES:
        return t.compact_money(value, unit)
    if unit == "%":
        return f"{t.number(value)}%"
    return t("{value} {unit}", value=value, unit=unit) if unit else t.number(value)


def nearly(t: Translator, share: float) -> str:
    """Write a share as a percentage that is 0% or 100% only where none or all is meant."""
    if share in (0.0, 1.0) or math.isnan(share) or 0.005 <= share < 0.995:
        return t.percent(share, 0)
    if share < 0.0005:
        return f"<{t.percent(0.001, 1)}"
    return f">{t.percent(0.999, 1)}" if share >= 0.9995 else t.percent(share, 1)


def named_group(t: Translator, contract: ModelContract, column: str, group: Group) -> Group:
    """Return a group as people call it: a category of a feature by its label in the contract."""
    if not group.category or column in OUTPUT_LABELS:
        return group
    return replace(group, category=contract.feature(column).value_in(group.category, t.locale))


def group_text(t: Translator, group: Group, unit: str) -> str:
    """Name a group of values as an axis would: "under US$25K", "CA", "missing"."""
    named = {
        GroupKind.missing: t("missing"),
        GroupKind.rest: t("other known values"),
        GroupKind.unseen: t("values unseen before"),
    }
    if group.kind in named:
        return named[group.kind]
    if group.kind is GroupKind.category:
        return group.category or t("(empty text)")
    return _range_text(t, group, unit)


def group_phrase(t: Translator, group: Group, unit: str) -> str:
    """Name a group of values inside a sentence: "values under US$25K", “CA”, "missing values"."""
    named = {
        GroupKind.missing: t("missing values"),
        GroupKind.rest: t("other known values"),
        GroupKind.unseen: t("values unseen before"),
    }
    if group.kind in named:
        return named[group.kind]
    if group.kind is GroupKind.category:
        return t("“{category}”", category=group.category) if group.category else t("empty texts")
    text = _range_text(t, group, unit)
    if group.lower is None and group.upper is None:
        return text
    open_below = group.lower is None
    open_above = group.upper is None and not group.includes_lower
    if open_below or open_above:
        return t("values {range}", range=text)
    return t("values of {range}", range=text)


def _range_text(t: Translator, group: Group, unit: str) -> str:
    lower = None if group.lower is None else value_text(t, group.lower, unit)
    upper = None if group.upper is None else value_text(t, group.upper, unit)
    if lower is not None and lower == upper:
        return lower
    if lower is None:
        return _upper_only(t, group, upper)
    if upper is None:
        return t("{value} and over", value=lower) if group.includes_lower else _over(t, lower)
    if group.lower is not None and unit not in CURRENCIES:
        lower = t.number(group.lower)  # the unit is written once: 42 to 56 years
    return t("{lower} to {upper}", lower=lower, upper=upper)


def _upper_only(t: Translator, group: Group, upper: str | None) -> str:
    if upper is None:
        return t("all values")
    if group.includes_upper:
        return t("up to {value}", value=upper)
    return t("under {value}", value=upper)


def _over(t: Translator, lower: str) -> str:
    return t("over {value}", value=lower)
