"""Tables that other programs of the bench print, read back."""

import re

from bench.findings import Table

_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+")


def tables_in(output: str) -> tuple[Table, ...]:
    """Return every Markdown table of a text, each named by the line with words before it.

    Parameters
    ----------
    output : str
        What a program printed.
    """
    found: list[Table] = []
    said = ""
    block: list[str] = []
    for line in [*output.splitlines(), ""]:
        if line.startswith("|"):
            block.append(line)
            continue
        if len(block) > 1 and _RULE.fullmatch(block[1]):
            head, _, *rows = map(_cells, block)
            found.append(Table(head, tuple(rows), said))
            said = ""
        block = []
        said = line.strip().lstrip("# ") or said
    return tuple(found)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
