"""The dossier of one decision: its printed part, and the program that checks all of it."""

from importlib.resources import files

from core.reports.dossier.document import DossierPage, Section
from core.reports.dossier.printed import printed
from core.reports.dossier.verify import packed


def verifier() -> bytes:
    """Return the program that goes along, as it stands in this package."""
    return files("core.reports.dossier").joinpath("verify.py").read_bytes()


__all__ = ["DossierPage", "Section", "packed", "printed", "verifier"]
