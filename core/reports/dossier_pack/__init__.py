"""The pack of a sample: its dossiers, what it was drawn from, and what checks all of it."""

from importlib.resources import files

from core.reports.dossier import packed, verifier


def programs() -> dict[str, bytes]:
    """Return the programs that go along, as they stand in these packages: name → content."""
    here = files("core.reports.dossier_pack")
    return {
        "sample.py": here.joinpath("sample.py").read_bytes(),
        "verify.py": here.joinpath("verify.py").read_bytes(),
        "verify_dossier.py": verifier(),
    }


__all__ = ["packed", "programs", "verifier"]
