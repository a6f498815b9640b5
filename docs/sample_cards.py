"""Make the model cards in docs/samples: ``python -m docs.sample_cards``.

They are of the demo's loan model, made from a demo of its own on a fixed day, as its compliance
lead sees it. The people are simulated.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from core.bootstrap import create_workspace, open_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.i18n.locales import LOCALES
from core.services.checks.run import check
from core.services.demo.build import build_demo
from core.services.identity import users
from core.services.model_card import card_file
from core.services.workspace import Workspace
from core.store.identity import users as stored

SAMPLES = Path(__file__).parent / "samples"
MODEL = "sba-loan-default"
_DAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


def make_cards(folder: Path) -> None:
    """Write the card as a PDF in each language.

    Parameters
    ----------
    folder : Path
        Where to; files of these names are replaced.
    """
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(Path(home), f"sqlite:///{home}/state.db", threads=2)
        create_workspace(settings).store.close()
        workspace = open_workspace(settings, clock=lambda: _DAY)
        clerk = Actor("u-demo", "demo", frozenset({Role.admin}), origin="cli")
        build_demo(workspace, actor=clerk, progress=_quietly)
        check(workspace, MODEL, actor=clerk)
        lead = _lead(workspace)
        for language in LOCALES:
            made = card_file(workspace, MODEL, "pdf", actor=lead, language=language)
            (folder / f"model-card-{language}.pdf").write_bytes(made.content)
        workspace.store.close()


def _quietly(share: float, what: str) -> None:
    """Say nothing of how far the demo is."""
    del share, what


def _lead(workspace: Workspace) -> Actor:
    """Return the compliance lead of the demo."""
    named = {each.role: each.username for each in users.demo_users(workspace)}
    with workspace.store.read() as conn:
        found = stored.find_by_username(conn, named[Role.compliance_lead])
    if found is None:
        raise LookupError("the demo has no compliance lead")
    return found.actor("cli")


if __name__ == "__main__":
    make_cards(SAMPLES)
