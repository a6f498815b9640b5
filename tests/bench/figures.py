"""Figures for the tests of this folder."""

from bench.figures import Figure, Scope
from bench.measure import Usage


def figure(key: str, *seconds: float, scope: Scope = Scope.process, peak_mb: float = 100) -> Figure:
    """Return a figure whose runs took these seconds on a million rows."""
    runs = tuple(Usage(second, second / 2, int(peak_mb * 1e6)) for second in seconds)
    missing = "" if runs else "it broke"
    return Figure(key, f"the {key}", scope, 1_000_000, runs, missing)
