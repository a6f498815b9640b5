"""docs/conformance.md, written from one run."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

from core.metrics.registry import METRICS
from tests.conformance.drift import drift
from tests.conformance.estimates import estimates
from tests.conformance.groups import groups
from tests.conformance.logs import logs
from tests.conformance.measure import ROUNDING, SAME, SAME_REASON, Comparison
from tests.conformance.peers import versions
from tests.conformance.published import of_drift, of_outcomes
from tests.conformance.scores import scores
from tests.conformance.together import together
from tests.conformance.words import AFTER, BEFORE, WITHOUT_PEER

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
HEAD = "| metric | figure | peer | cases | largest difference | of the figure | tolerance |"


QUICK = (of_drift, scores, of_outcomes, estimates, logs)
"""Comparisons beside which nobody is slow to import or to fit."""


@cache
def comparisons() -> tuple[Comparison, ...]:
    """Return every comparison, in the order of the registry."""
    sources = (drift, of_drift, together, scores, of_outcomes, estimates, groups, logs)
    places = {metric: place for place, metric in enumerate(METRICS)}
    return tuple(
        sorted(chain.from_iterable(one() for one in sources), key=lambda each: places[each.metric])
    )


def rendered(found: Sequence[Comparison]) -> str:
    """Return the whole page."""
    peers = " · ".join(f"{name} {number}" for name, number in versions().items())
    cases = sum(len(line.pairs) for line in found)
    compared = len({line.metric for line in found})
    parts = [
        BEFORE.strip(),
        f"Peers: {peers}. {len(found)} comparisons, {cases:,} cases; {compared} of "
        f"{len(METRICS)} metrics have a peer.",
        "## Differences",
        differences(found),
        "## How the two were made comparable",
        _conventions(found),
        "## Tolerances above rounding",
        _tolerances(found),
        "## Metrics without a peer",
        alone(),
        AFTER.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def differences(found: Sequence[Comparison]) -> str:
    """Return the table of the page with a line for each comparison."""
    rows = [HEAD, "|---|---|---|--:|--:|--:|--:|"]
    for line in found:
        rows.append(
            f"| {_link(line.metric)} | {line.figure} | {line.peer} | {len(line.pairs)} "
            f"| {_number(line, line.absolute)} | {_number(line, line.relative)} "
            f"| {line.tolerance:g} |"
        )
    return "\n".join(rows)


def _conventions(found: Sequence[Comparison]) -> str:
    said = [line for line in found if line.convention]
    rows = ["| metric | figure | peer | convention |", "|---|---|---|---|"]
    rows += [
        f"| {metrics} | {one.figure} | {one.peer} | {one.convention} |"
        for metrics, one in _together(said, lambda line: (line.convention,))
    ]
    return "\n".join(rows)


def _tolerances(found: Sequence[Comparison]) -> str:
    usual = [line for line in found if not _unusual(line)]
    rows = [
        f"{len(usual)} comparisons have a tolerance of {SAME:g}: {SAME_REASON}. The others:",
        "",
        "| metric | figure | peer | tolerance | why |",
        "|---|---|---|--:|---|",
    ]
    others = [line for line in found if _unusual(line)]
    rows += [
        f"| {metrics} | {one.figure} | {one.peer} | {one.tolerance:g} | {one.reason} |"
        for metrics, one in _together(others, lambda line: (line.tolerance, line.reason))
    ]
    return "\n".join(rows)


def _together(
    found: Sequence[Comparison], alike: Callable[[Comparison], tuple[object, ...]]
) -> Iterator[tuple[str, Comparison]]:
    """Yield metrics of which the same is said of the same figure and peer, once."""
    same: dict[tuple[object, ...], list[Comparison]] = {}
    for line in found:
        same.setdefault((line.figure, line.peer, *alike(line)), []).append(line)
    for lines in same.values():
        yield ", ".join(_link(line.metric) for line in lines), lines[0]


def _unusual(line: Comparison) -> bool:
    return (line.tolerance, line.reason) != (SAME, SAME_REASON)


def alone() -> str:
    """Return the table of metrics that nobody else has."""
    rows = ["| metric | why | what checks it |", "|---|---|---|"]
    rows += [
        f"| {_link(metric)} | {why} | {instead} |"
        for metric, (why, instead) in WITHOUT_PEER.items()
    ]
    return "\n".join(rows)


def _link(metric: str) -> str:
    return f"[`{metric}`](metrics/{metric}.md)"


def _number(line: Comparison, difference: float) -> str:
    if line.of_machine:
        return f"≤ {line.tolerance:g}"
    return f"≤ {ROUNDING:g}" if line.only_rounding else f"{difference:.2g}"
