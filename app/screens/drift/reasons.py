"""Why something drifted, in sentences."""

from collections.abc import Sequence

from app.chosen import value_word
from app.screens.words import group_phrase
from core.i18n import Translator
from core.metrics.alarms import Fault, Flow, FrozenFeed, NewValue, NullBurst, SlicePart, UnitChange
from core.services.registry.versions import VersionSeen

_SMALLEST_PART = 0.002
_MOST_SLICES = 3


def fault_text(t: Translator, fault: Fault) -> str:
    """Say what is wrong with the data themselves."""
    if isinstance(fault, NewValue):
        return t(
            "Check the data first: {share} of the rows have a value that the reference does not "
            "know.",
            share=t.percent(fault.share),
        )
    if isinstance(fault, NullBurst):
        return t(
            "Check the data first: missing values rose from {before} to {after}.",
            before=t.percent(fault.before),
            after=t.percent(fault.after),
        )
    if isinstance(fault, UnitChange):
        return t(
            "Check the data first: {share} of the values are {factor} times what they were, as if "
            "the unit had changed.",
            share=t.percent(fault.share),
            factor=t.number(fault.factor),
        )
    return _frozen_text(t, fault)


def _frozen_text(t: Translator, fault: FrozenFeed) -> str:
    return t.n(
        "Check the data first: on the newest day every row has the same value.",
        "Check the data first: for {n} days on end every row has the same value.",
        fault.days,
    )


def flow_text(t: Translator, flow: Flow, unit: str) -> str:
    """Say from where to where rows moved."""
    return t(
        "{share} of the rows moved from {origin} to {destination}.",
        share=t.percent(flow.share),
        origin=group_phrase(t, flow.origin, unit),
        destination=group_phrase(t, flow.destination, unit),
    )


def slice_text(t: Translator, segment: str, parts: Sequence[SlicePart]) -> str:
    """Say which values of a segment have most to do with it; empty if none has much."""
    largest = [part for part in parts if part.part >= _SMALLEST_PART][:_MOST_SLICES]
    total = sum(part.part for part in parts)
    if not largest or total <= 0:
        return ""
    named = [
        t(
            "{value} ({share})",
            value=value_word(t, part.value),
            share=t.percent(part.part / total, 0),
        )
        for part in largest
    ]
    return t("By {segment}, most of it is in {values}.", segment=segment, values=t.items(*named))


def version_text(t: Translator, seen: VersionSeen, timezone: str) -> str:
    """Say which model version began about then."""
    return t(
        "Version {version} of the model began on {date}.",
        version=seen.version,
        date=t.date(seen.first, timezone),
    )
