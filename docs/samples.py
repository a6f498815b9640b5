"""Make the letters and the dossier in docs/samples: ``python -m docs.samples``.

They are about one loan of the demo, by the demo's model and code book. The clock stands still, the
sender is invented, and keys live as long as the command: nobody else's key is in them.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from core.domain.identity import Actor, Role
from core.i18n import translator
from core.i18n.locales import LOCALES
from core.services import exports
from core.services.approvals import four_eyes as approvals
from core.services.audit.checkpoints import verifier_of
from core.services.checks.run import check
from core.services.demo.code_books import FILE
from core.services.explanation.code_books import code_book_document, propose_code_book
from core.services.explanation.dossier import Order, make_dossier
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letters import make_letter
from core.services.rights.sender import set_sender
from tests.support.demo_slices import DEMO, SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace

SAMPLES = Path(__file__).parent / "samples"
DOSSIER, KEY = "dossier.zip", "dossier-public-key.txt"
_SINCE = pd.Timestamp("2006-08-01", tz="UTC")
"""After the reference: a check of the day of the decision has something to compare."""
_SENDER = ("Harbour Example Bank (invented)", "1 Example Road, Hong Kong")
_ORDER = Order("An examiner's office (invented)", "Sample for the documentation")


def make_samples(folder: Path) -> None:
    """Write a letter in each language, a dossier, and the public key to check it with.

    Parameters
    ----------
    folder : Path
        Where to; files of these names are replaced.
    """
    with _workspace() as (world, loan):
        workspace = world.workspace
        clerk = _recently(world, Role.compliance)
        lead = _recently(world, Role.compliance_lead)
        for language in LOCALES:
            made = make_letter(workspace, SBA, loan, language=language, actor=clerk)
            _, content = exports.fetch(workspace, made.export.id, actor=clerk)
            (folder / f"letter-{language}.pdf").write_bytes(content)
        dossier = make_dossier(workspace, SBA, loan, _ORDER, t=translator("en"), actor=lead)
        (folder / DOSSIER).write_bytes(dossier.content)
        (folder / KEY).write_text(verifier_of(workspace).text() + "\n", encoding="utf-8")


@contextmanager
def _workspace() -> Iterator[tuple[Explained, str]]:
    """Yield a workspace of its own with the demo's model, and the loan that is told about."""
    with tempfile.TemporaryDirectory() as folder:
        world = an_explained_workspace(Path(folder) / "home", log=sba_log(every=20))
        workspace, lead = world.workspace, _recently(world, Role.compliance_lead)
        document = code_book_document(DEMO / SBA / FILE)
        clerk = _recently(world, Role.compliance)
        asked = propose_code_book(workspace, SBA, document, reason="For samples", actor=clerk)
        approvals.approve(workspace, asked.id, actor=lead)
        set_sender(workspace, _SENDER, actor=lead)
        loan = _turned(world, clerk)
        day = world.row(loan)["approved_at"].date()
        check(workspace, SBA, actor=world.people[Role.data_scientist], as_of=day.isoformat())
        yield world, loan
        workspace.store.close()


def _turned(world: Explained, clerk: Actor) -> str:
    """Return the loan of the highest score that a change within reach would have turned."""
    late = world.log[world.log["approved_at"] >= _SINCE]
    for loan in late.sort_values("default_score", ascending=False)["loan_id"].astype(str):
        _, record = keep_explanation(world.workspace, SBA, loan, actor=clerk)
        if record.others is not None and record.others.found:
            return str(loan)
    raise LookupError("no loan of the sample has another result")


def _recently(world: Explained, role: Role) -> Actor:
    return replace(world.people[role], authenticated_at=world.workspace.clock())


if __name__ == "__main__":
    make_samples(SAMPLES)
