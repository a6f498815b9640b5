"""Make the contact sheet of a running demo: ``python -m docs.contact_sheet [URL] [options]``.

Pictures and notes stay in the folder, so that a part can be taken anew and the sheets be put
together of all. ``HARBOURLIGHT_HOME`` names the demo's workspace.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.bootstrap import open_workspace
from core.config import PROJECT_ROOT, load_settings
from core.domain.identity import Role
from core.i18n import LOCALES
from core.services.identity import users
from core.services.workspace import Workspace
from docs.contact_sheet.sheets import put_together, table
from docs.contact_sheet.shots import Sitting, noted, take
from docs.contact_sheet.views import THEMES, USUAL_WIDTHS, WIDTHS, chosen, page_views
from docs.screenshots import a_case
from tests.support.browsing import cookies_of

FOLDER = PROJECT_ROOT / "build" / "contact-sheet"


def main(given: Sequence[str] | None = None) -> int:
    """Take what was asked for, put the sheets together, print what was found; 1 if anything was."""
    asked = _parser().parse_args(given)
    asked.folder.mkdir(parents=True, exist_ok=True)
    if not asked.only_sheets:
        sittings = list(_sittings(open_workspace(load_settings()), asked))
        with ThreadPoolExecutor(asked.at_once) as together:
            for shots in together.map(lambda each: take(each, asked.folder), sittings):
                for shot in shots:
                    sys.stdout.write(f"{shot.file}: {len(shot.findings)} found\n")
                    sys.stdout.flush()
    shots = noted(asked.folder)
    if not shots:
        raise SystemExit(f"There is no picture in {asked.folder}.")
    put_together(asked.folder, shots)
    sys.stdout.write(f"\n{table(shots)}\n\n{len(shots)} pictures: {asked.folder / 'index.html'}\n")
    return int(any(shot.findings for shot in shots))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m docs.contact_sheet")
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8501")
    parser.add_argument("--pages", nargs="*", default=[], help="names as in addresses; all")
    parser.add_argument("--themes", nargs="+", default=THEMES, choices=THEMES)
    parser.add_argument("--languages", nargs="+", default=LOCALES, choices=LOCALES)
    parser.add_argument("--widths", nargs="+", default=USUAL_WIDTHS, choices=WIDTHS)
    parser.add_argument("--at-once", type=int, default=2, help="windows beside each other")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only-sheets", action="store_true", help="take no picture")
    return parser


def _sittings(workspace: Workspace, asked: argparse.Namespace) -> Iterator[Sitting]:
    people = {each.role: each.username for each in users.demo_users(workspace)}
    views = page_views(a_case(workspace, people[Role.compliance_lead]))
    cookies = {
        role: cookies_of(workspace, name, asked.url) if role in {v.reader for v in views} else []
        for role, name in people.items()
    }
    for reader, theme, language, mine, widths in chosen(
        views, asked.pages, asked.themes, asked.languages, asked.widths
    ):
        signed = cookies[reader] if reader else []
        yield Sitting(asked.url, reader, signed, theme, language, mine, widths)


if __name__ == "__main__":
    sys.exit(main())
