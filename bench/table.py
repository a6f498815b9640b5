"""The table and the targets as text, in Markdown so that they can be pasted as they are."""

from collections.abc import Mapping, Sequence

from bench.figures import Figure, Scope, ratio
from bench.targets import Verdict

REPORT = "report"
PLAIN = {Scope.process: "plain_process", Scope.inside: "plain_inside"}
_HEADERS = (
    "what",
    "scope",
    "runs",
    "wall s",
    "CPU s",
    "peak MB",
    "rows/s",
    "× plain aggregate",
    "× log to report",
)
_DASH = "–"


def figures_table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table, with ratios to the two yardsticks.

    The plain aggregate of the same scope is the one yardstick; Harbourlight's own way from log
    file to drift report is the other, for whole processes only.
    """
    by_key = {figure.key: figure for figure in figures}
    lines = [_cells(figure, by_key) for figure in figures]
    return _markdown(_HEADERS, lines)


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Return the targets beside what was measured."""
    return _markdown(
        ("target", "stated for", "measured", "by CPU time", ""),
        [
            (
                item.target.text,
                f"{item.target.stated_rows:,} rows",
                item.measured,
                item.by_cpu,
                item.mark,
            )
            for item in verdicts
        ],
    )


def missing_notes(figures: Sequence[Figure]) -> list[str]:
    """Return a sentence for each figure that is missing."""
    return [f"No figure for “{item.label}”: {item.missing}." for item in figures if item.missing]


def _cells(figure: Figure, by_key: Mapping[str, Figure]) -> tuple[str, ...]:
    usage = figure.usage
    if usage is None:
        return (figure.label, figure.scope.value, "0", *([_DASH] * 6))
    to_plain = ratio(figure, by_key.get(PLAIN[figure.scope]))
    to_report = ratio(figure, by_key.get(REPORT)) if figure.scope is Scope.process else None
    return (
        figure.label,
        figure.scope.value,
        str(len(figure.runs)),
        _seconds(usage.wall_s),
        _seconds(usage.cpu_s),
        f"{usage.peak_bytes / 1e6:,.0f}",
        f"{figure.rows / usage.wall_s:,.0f}" if figure.rows else _DASH,
        _times(to_plain),
        _times(to_report),
    )


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _times(value: float | None) -> str:
    if value is None:
        return _DASH
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _markdown(headers: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    widths = [
        max(len(headers[place]), *(len(line[place]) for line in lines)) if lines else 1
        for place in range(len(headers))
    ]

    def row(cells: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = "|".join(
        "-" * (width + 2) if place < 2 else "-" * (width + 1) + ":"
        for place, width in enumerate(widths)
    )
    return "\n".join([row(headers), f"|{rule}|", *(row(line) for line in lines)])
