"""The SQL that each name of a review rule's condition stands for, over a prediction ``r``."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.contract import Feature, ModelContract, Segment
from core.contract.cut_offs import cut_offs
from core.contract.kpi_names import FLAGGED, kpi_names
from core.contract.review_rules import (
    CONFIDENCE,
    CUT_OFF,
    DISTANCE,
    DRIFTED,
    EXTRA_NAMES,
    MISSING,
    OPTED_OUT,
    OUTSIDE,
    OVERSIGHT_LEVEL,
    QUALITY_FLAG,
    UNSEEN,
)
from core.domain.windows import start_of_day
from core.lake.kpis.columns import source_of
from core.lake.labels.score_grid import usable_score_sql
from core.lake.paths import quoted
from core.lake.profiles.segments import range_labels
from core.lake.row_filter import instant_literal
from core.lake.streams import own_columns
from core.metrics.binning import BinSet, CategoricalBins, NumericBins

Span = tuple[datetime, datetime | None]
OPTED_OUT_COLUMN = "_opted_out"
"""Column of the rows, where a condition asks for it: whether their customer opted out."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of a model beside the rows themselves when they are routed.

    Parameters
    ----------
    bins : BinSet, optional
        Of the live reference; without one nobody can say what it never had.
    opted_out : frozenset of str
        Pseudonyms of those who do not want a model alone to decide.
    cut_off : float, optional
        A cut-off that is tried out for all rows, in place of the contract's: it moves what
        conditions call ``cut_off``, ``distance`` and ``flagged``.
    quality, drift : tuple of (datetime, datetime or None)
        Half-open times that alerts on data quality, and on the drift of an input, are about;
        ``None`` where one is not closed.
    """

    bins: BinSet | None = None
    quality: tuple[Span, ...] = ()
    drift: tuple[Span, ...] = ()
    opted_out: frozenset[str] = frozenset()
    cut_off: float | None = None


@dataclass(frozen=True, slots=True)
class RoutingColumns:
    """Name in a condition → its SQL, put together from words of ours."""

    columns: Mapping[str, str]


def routing_columns(
    contract: ModelContract, names: Collection[str], around: Surroundings
) -> RoutingColumns:
    """Return the SQL of names, over ``r`` with every lake column of the stream.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    names : collection of str
        Of :func:`core.contract.review_rules.review_names`.
    around : Surroundings
        What is known beside the rows.

    Raises
    ------
    KeyError
        If conditions know no such name.
    """
    return RoutingColumns({name: _column(contract, name, around) for name in sorted(set(names))})


def _column(contract: ModelContract, name: str, around: Surroundings) -> str:
    if name in EXTRA_NAMES:
        return _extra(contract, name, around)
    if name == FLAGGED and around.cut_off is not None:
        reached = f"r.score >= {float(around.cut_off)!r}::DOUBLE"
        return f"(CASE WHEN {usable_score_sql('r.score')} THEN {reached} END)"
    if name in kpi_names(contract):
        return source_of(contract, name, decided=False, happened=False).sql
    return _segment(contract, contract.segment(name))


def _extra(contract: ModelContract, name: str, around: Surroundings) -> str:
    limits = [*_out_of_limits(contract), *_within(around.quality)]
    cut_off = _cut_off(contract, around)
    found = {
        CUT_OFF: cut_off,
        DISTANCE: f"abs(r.score - {cut_off})",
        CONFIDENCE: _confidence(contract),
        UNSEEN: _count(_unseen(contract, around.bins), around.bins),
        OUTSIDE: _count(_outside(contract, around.bins), around.bins),
        MISSING: f"({_sum([_is_missing(contract, each) for each in contract.features])})",
        QUALITY_FLAG: f"({_any(limits)})",
        DRIFTED: f"({_any(list(_within(around.drift)))})",
        OVERSIGHT_LEVEL: _level(contract),
        OPTED_OUT: f"coalesce(r.{OPTED_OUT_COLUMN}, FALSE)",
    }
    return found[name]


def _cut_off(contract: ModelContract, around: Surroundings) -> str:
    """Return the cut-off in force: of the row's version, else of its day; missing without one."""
    if around.cut_off is not None:
        return f"({float(around.cut_off)!r}::DOUBLE)"
    found = cut_offs(contract)
    cases = [
        f"WHEN r.version = {quoted(version)} THEN {cut.value!r}::DOUBLE"
        for version, cut in found.by_version
    ]
    cases += [
        f"WHEN r.time >= {instant_literal(start_of_day(start, contract.timezone))}"
        f" THEN {cut.value!r}::DOUBLE"
        for start, cut in found.by_day
    ]
    return f"(CASE {' '.join(cases)} END)" if cases else "(NULL::DOUBLE)"


def _level(contract: ModelContract) -> str:
    cases = [
        f"WHEN r.version = {quoted(version.id)} THEN {quoted(version.oversight_level)}"
        for version in contract.versions
        if version.oversight_level is not None
    ]
    return f"(CASE {' '.join(cases)} END)" if cases else "(NULL::VARCHAR)"


def _confidence(contract: ModelContract) -> str:
    if not contract.log.scores:
        usable = usable_score_sql("r.score")
        return f"(CASE WHEN {usable} THEN greatest(r.score, 1 - r.score) END)"
    places = range(len(contract.log.scores))
    scores = [
        f"(CASE WHEN isfinite(r.score_{int(place)}) THEN r.score_{int(place)} END)"
        for place in places
    ]
    return f"greatest({', '.join(scores)})"


def _is_missing(contract: ModelContract, feature: Feature) -> str:
    column = f"r.{contract.alias(feature.name)}"
    if feature.type == "numeric":
        return f"({column} IS NULL OR isnan({column}))"
    return f"({column} IS NULL)"


def _unseen(contract: ModelContract, bins: BinSet | None) -> Iterator[str]:
    for feature in contract.features:
        known = bins.features.get(feature.name) if bins else None
        if isinstance(known, CategoricalBins) and known.complete:
            listed = ", ".join([quoted(value) for value in (*known.values, *known.rest)])
            column = f"r.{contract.alias(feature.name)}"
            yield f"({column} NOT IN ({listed}))" if listed else f"({column} IS NOT NULL)"


def _outside(contract: ModelContract, bins: BinSet | None) -> Iterator[str]:
    for feature in contract.features:
        known = bins.features.get(feature.name) if bins else None
        if isinstance(known, NumericBins) and known.edges:
            column = f"r.{contract.alias(feature.name)}"
            low, high = float(known.edges[0]), float(known.edges[-1])
            beyond = f"{column} <= {low!r}::DOUBLE OR {column} > {high!r}::DOUBLE"
            yield f"(NOT isnan({column}) AND ({beyond}))"


def _out_of_limits(contract: ModelContract) -> Iterator[str]:
    types = own_columns(contract)
    for feature in contract.features:
        column = f"r.{contract.alias(feature.name)}"
        if types[contract.alias(feature.name)] != "DOUBLE":
            continue
        if feature.minimum is not None:
            yield f"({column} < {float(feature.minimum)!r}::DOUBLE)"
        if feature.maximum is not None:
            yield f"({column} > {float(feature.maximum)!r}::DOUBLE AND NOT isnan({column}))"


def _within(spans: Sequence[Span]) -> Iterator[str]:
    for start, end in spans:
        until = "" if end is None else f" AND r.time < {instant_literal(end)}"
        yield f"(r.time >= {instant_literal(start)}{until})"


def _count(tests: Iterator[str], bins: BinSet | None) -> str:
    return "(NULL::DOUBLE)" if bins is None else f"({_sum(list(tests))})"


def _sum(tests: Sequence[str]) -> str:
    return " + ".join([f"coalesce({test}, FALSE)::INTEGER" for test in tests]) or "0"


def _any(tests: Sequence[str]) -> str:
    return " OR ".join([f"coalesce({test}, FALSE)" for test in tests]) or "FALSE"


def _segment(contract: ModelContract, segment: Segment) -> str:
    """Return the value of a segment as text: of ranges their name, else the column's own."""
    column = f"r.{contract.alias(segment.source)}"
    if not segment.edges:
        return f"({column}::VARCHAR)"
    labels = range_labels(segment.edges)
    cases = [
        f"WHEN {column}::DOUBLE < {float(edge)!r}::DOUBLE THEN {quoted(label)}"
        for edge, label in zip(segment.edges, labels, strict=False)
    ]
    known = f"{column} IS NOT NULL AND NOT isnan({column}::DOUBLE)"
    return f"(CASE WHEN NOT ({known}) THEN NULL {' '.join(cases)} ELSE {quoted(labels[-1])} END)"
