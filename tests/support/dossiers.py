"""Dossiers of the demo's credit model, and somebody who checks them without Harbourlight."""

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader

from core.domain.identity import Role
from core.i18n import translator
from core.reports.dossier.verify import unpacked
from core.services.explanation.dossier import Dossier, Order, make_dossier
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
_RUN = """
import runpy, sys
sys.path[:] = [each for each in sys.path if "site-packages" not in each] + [{folder!r}]
try:
    import core
    raise SystemExit("Harbourlight is here")
except ImportError:
    pass
sys.argv = ["verify.py", *{arguments!r}]
runpy.run_path({program!r}, run_name="__main__")
"""


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
    zipped, program, only = folder / "dossier.zip", folder / "verify.py", folder / "only"
    zipped.write_bytes(dossier)
    program.write_bytes(unpacked(dossier)["verify.py"])
    only.mkdir(exist_ok=True)
    for name in ("cryptography", "cffi", "_cffi_backend"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        origin = Path(found.origin)
        source = origin.parent if found.submodule_search_locations else origin
        if not (only / source.name).exists():
            (only / source.name).symlink_to(source)
    code = _RUN.format(folder=str(only), program=str(program), arguments=[str(zipped), *arguments])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
