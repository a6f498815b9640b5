"""What the reader chose, in words: the same on the chips and in the files of charts."""

import re

from app.filters import Filters, ModelChoice
from core.i18n import Translator
from core.lake.profiles.segments import MISSING, REST

_EDGE = re.compile(r"-?\d+(\.\d+)?")
_RANGE = re.compile(rf"[<≥]{_EDGE.pattern}|{_EDGE.pattern}–{_EDGE.pattern}")


def version_text(t: Translator, filters: Filters) -> str:
    """Return which version is shown."""
    if filters.version:
        return t("Version {version}", version=filters.version)
    return t("All versions")


def slice_text(t: Translator, filters: Filters, model: ModelChoice) -> str:
    """Return which rows are shown; values of personal columns stay the numbers that they are."""
    if filters.slice is None:
        return t("All rows")
    names = {each.name: each.label or each.name for each in model.slices}
    value = value_word(t, filters.slice_value or "")
    return t("{name}: {text}", name=names[filters.slice], text=value)


def value_word(t: Translator, value: str) -> str:
    """Return a slice's value as readers know it; pooled values have a mark instead of a name.

    The edges of ranges are numbers like all others: 50,000–150,000.
    """
    if _RANGE.fullmatch(value):
        return _EDGE.sub(lambda edge: _number(t, edge.group()), value)
    return {REST: t("all others"), MISSING: t("missing")}.get(value, value)


def _number(t: Translator, edge: str) -> str:
    return t.number(float(edge), len(edge.partition(".")[2]))
