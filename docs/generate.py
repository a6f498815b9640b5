"""Rewrite the generated parts of the documentation: ``python -m docs.generate``.

A part stands between ``<!-- generated:NAME -->`` and ``<!-- end -->``; :data:`BLOCKS` maps each
name to the function that writes it. A test fails while a page on disk differs from the code.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from functools import partial
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.nav import ENTRIES
from core.auth.policy import POLICY, role_table
from core.contract.kpi_sets import kpi_set_names
from core.domain.identity import Role
from docs.audit_events import event_tables
from docs.commands import command_reference
from docs.folders import folder_table
from docs.kpi_sets import index_table, set_tables
from docs.permissions import command_table
from docs.review_tables import reason_table, transition_table

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"(<!-- generated:([a-z-]+) -->\n).*?(<!-- end -->)", re.S)
_WIDTH = 66


def page_table() -> str:
    """Return which role opens which page, from the menu and the policy."""
    lines = ["| page | permission | " + " | ".join(Role) + " |", "|---" * (len(Role) + 2) + "|"]
    for entry in ENTRIES:
        marks = ["✓" if entry.permission in POLICY[role] else "" for role in Role]
        lines.append(f"| {entry.title} | `{entry.permission}` | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def layer_diagram() -> str:
    """Return the layers of ``.importlinter`` as boxes, the outermost on top."""
    outside, inside = (_layers(name) for name in ("outside", "inside"))
    rows = [" · ".join(row) for row in outside if row != ["core"]]
    rows += [f"{' · '.join(row):<{_WIDTH - 9}}{'core/':>7}" for row in inside]
    rule = "─" * _WIDTH
    lines = f"\n├{rule}┤\n".join(f"│ {row:<{_WIDTH - 2}} │" for row in rows)
    return f"```text\n┌{rule}┐\n{lines}\n└{rule}┘\n```"


def _layers(contract: str) -> list[list[str]]:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    rows = parser[f"importlinter:contract:{contract}"]["layers"].split("\n")
    return [[name.strip() for name in row.split("|")] for row in rows if row.strip()]


def dependency_table() -> str:
    """Return each direct dependency with what is asked for and what is locked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([A-Za-z0-9][\w.\-]*)==([^\s;\\]+)", lock, re.M)
    }
    wanted = [Requirement(text) for text in project["dependencies"]]
    lines = ["| package | asked for | locked |", "|---|---|---|"]
    for item in sorted(wanted, key=lambda requirement: requirement.name.lower()):
        asked = str(item.specifier).replace(",", ", ")
        lines.append(f"| {item.name} | `{asked}` | {locked[canonicalize_name(item.name)]} |")
    return "\n".join(lines)


def sample_script() -> str:
    """Return the program that draws a sample again, as it goes along in packs."""
    script = (ROOT / "core" / "reports" / "dossier_pack" / "sample.py").read_text(encoding="utf-8")
    return f"```python\n{script}```"


BLOCKS: Mapping[str, Callable[[], str]] = {
    "permissions": role_table,
    "pages": page_table,
    "service-commands": command_table,
    "layers": layer_diagram,
    "folders": folder_table,
    "dependencies": dependency_table,
    "commands": command_reference,
    "audit-events": event_tables,
    "sample-script": sample_script,
    "kpi-sets": index_table,
    "review-transitions": transition_table,
    "review-reasons": reason_table,
    **{f"kpis-{name.replace('_', '-')}": partial(set_tables, name) for name in kpi_set_names()},
}


def rendered(text: str) -> str:
    """Return a page with its generated parts as the code has them now.

    Raises
    ------
    KeyError
        If the page names a part that nobody writes.
    """
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found[2]]()}\n{found[3]}", text)


def pages() -> list[Path]:
    """Return every page that may hold a generated part."""
    return sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def stale_pages() -> list[Path]:
    """Return the pages that differ from what the code says."""
    texts = {path: path.read_text(encoding="utf-8") for path in pages()}
    return [path for path, text in texts.items() if rendered(text) != text]


def main() -> int:
    """Rewrite what is stale, and name it."""
    for path in stale_pages():
        path.write_text(rendered(path.read_text(encoding="utf-8")), encoding="utf-8")
        sys.stdout.write(f"Rewrote {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
