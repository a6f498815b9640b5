"""Dossiers of the demo's credit model, and somebody who checks them without Harbourlight."""

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from core.domain.identity import Role
from core.i18n import translator
from core.reports.dossier.verify import unpacked
from core.services.explanation.dossier import Dossier, Order, make_dossier
from tests.support.apart import run_apart
from tests.support.demo_slices import SBA
from tests.support.explained import Explained

ORDER = Order("An examiner's office", "Examination 12", despite=True)
"""Most worlds of tests have no code book, so that a check fails."""
PERSONAL: Mapping[str, str] = {
    "  - name: loan_amount\n    type: numeric\n": (
        "  - name: loan_amount\n    type: numeric\n    personal: true\n"
    ),
    "\ncolumns:\n": "\ncolumns:\n  - {name: loan_id, type: text, personal: true}\n",
}
"""Changes of the contract: the amount and the id are personal."""


def a_dossier(
    world: Explained,
    *,
    order: Order = ORDER,
    language: str = "en",
    role: Role = Role.compliance_lead,
    place: int = 0,
    recently: bool = False,
) -> Dossier:
    """Make the dossier of one of the worst loans."""
    return make_dossier(
        world.workspace,
        SBA,
        world.worst(place),
        order,
        t=translator(language),
        actor=replace(
            world.people[role], authenticated_at=world.workspace.clock() if recently else None
        ),
    )


def files_of(dossier: Dossier) -> dict[str, bytes]:
    """Return the files in a dossier."""
    return unpacked(dossier.content)


def printed_text(dossier: Dossier) -> str:
    """Return the text of the printed part."""
    pages = PdfReader(BytesIO(files_of(dossier)["dossier.pdf"])).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def check_apart(folder: Path, dossier: bytes, *arguments: str) -> tuple[int, str]:
    """Run the verifier of a dossier where nothing but cryptography can be imported.

    Returns
    -------
    tuple
        Exit code and what was printed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    zipped, program = folder / "dossier.zip", folder / "verify.py"
    zipped.write_bytes(dossier)
    program.write_bytes(unpacked(dossier)["verify.py"])
    return run_apart(program, str(zipped), *arguments)
