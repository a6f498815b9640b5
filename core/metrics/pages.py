"""The generated parts of the metric pages: ``python -m core.metrics.pages docs/metrics``."""

import sys
from pathlib import Path

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.metric import Metric
from core.metrics.registry import METRICS, glossary_table, range_text, threshold_text

START = "<!-- generated: python -m core.metrics.pages docs/metrics -->"
END = "<!-- end of generated part -->"

_UNITS = {
    "none": "none",
    "share": "share of rows",
    "milliseconds": "ms",
    "hours": "h",
    "standard_deviations": "standard deviations of the reference",
    "own": "that of the column",
    "own_squared": "the square of that of the column",
    "relative": "share of the actual value",
    "money": "the contract's currency",
}


def facts_block(entry: Metric) -> str:
    """Return the facts of a metric's page as a Markdown table.

    Parameters
    ----------
    entry : Metric
        A registry entry.

    Returns
    -------
    str
        One line per fact.
    """
    facts = {
        "Id": f"`{entry.id}`",
        "Family": entry.family.replace("_", " "),
        "Applies to": ", ".join(sorted(entry.applies_to)) or "the whole log",
        "Formula": f"`{entry.formula}`".replace("|", "\\|"),
        "Meaning": entry.meaning,
        "Range": range_text(entry),
        "Unit": _UNITS[entry.unit],
        "Direction": entry.direction.replace("_", " "),
        "Watch": threshold_text(entry, entry.watch),
        "Act": threshold_text(entry, entry.act),
        "Rows needed": _rows_text(entry),
        "Source": entry.source,
    }
    lines = ["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in facts.items())]
    return "\n".join(lines)


def _rows_text(entry: Metric) -> str:
    if entry.minimum_n_per_group:
        return f"{entry.minimum_n}, and {entry.minimum_n_per_group} per group of the reference"
    return str(entry.minimum_n)


def with_block(page: str, block: str) -> str:
    """Return a page with the text between its two markers replaced.

    Parameters
    ----------
    page : str
        Markdown with both markers.
    block : str
        Text to put between them.

    Returns
    -------
    str
        The page.

    Raises
    ------
    core.errors.InvalidInput
        If a marker is missing.
    """
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise InvalidInput(N_("The page lacks the markers of its generated part."))
    return f"{before}{START}\n{block}\n{END}{after}"


def expected_pages(folder: Path) -> dict[Path, str]:
    """Return every page as it should be, from the prose on disk and the registry.

    Parameters
    ----------
    folder : Path
        The folder of the metric pages; every metric needs its page there.

    Returns
    -------
    dict of Path to str
        Pages and their text, the overview included.
    """
    blocks = {folder / f"{entry.id}.md": facts_block(entry) for entry in METRICS.values()}
    blocks[folder / "README.md"] = glossary_table()
    return {
        path: with_block(path.read_text(encoding="utf-8"), block) for path, block in blocks.items()
    }


def main(arguments: list[str]) -> None:
    """Rewrite the generated part of every page in the folder named on the command line."""
    folder = Path(arguments[0] if arguments else "docs/metrics")
    for path, text in expected_pages(folder).items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
