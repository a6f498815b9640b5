"""Keep the tables of data/README.md equal to the manifest."""

import re
from collections.abc import Mapping
from pathlib import Path

from data.build.common import Source

Manifest = Mapping[str, Mapping[str, int | str]]


def sources_table(sources: Mapping[str, tuple[Source, str]]) -> str:
    """Return the table of carriers: package, wheel hash, member, licence."""
    lines = [
        "| set | package==version | wheel sha256 | file inside | licence as read |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {source.requirement} | `{source.sha256}` | `{inside}` | {source.licence} |"
        for name, (source, inside) in sources.items()
    ]
    return "\n".join(lines)


def files_table(manifest: Manifest) -> str:
    """Return the table of derived files: rows, bytes, hash."""
    lines = ["| file | rows | bytes | sha256 |", "|---|--:|--:|---|"]
    for name, entry in manifest.items():
        rows = f"{entry['rows']:,}" if "rows" in entry else "–"
        lines.append(f"| `{name}` | {rows} | {entry['bytes']:,} | `{entry['sha256']}` |")
    total = sum(int(entry["bytes"]) for entry in manifest.values())
    lines.append(f"| **all** | | **{total:,}** | |")
    return "\n".join(lines)


def put_block(path: Path, name: str, text: str) -> None:
    """Replace what stands between the markers of a block in a Markdown file."""
    start, end = f"<!-- {name}: written by data.build -->", f"<!-- end of {name} -->"
    old = path.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(old):
        raise RuntimeError(f"{path.name} has no block {name}")
    new = pattern.sub(lambda _: f"{start}\n{text}\n{end}", old)
    path.write_text(new, encoding="utf-8")
