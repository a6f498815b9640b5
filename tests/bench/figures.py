"""Figures for the tests of this folder."""

from bench.figures import Figure, Scope
from bench.findings import Found, Result, Table
from bench.measure import Usage


def figure(key: str, *seconds: float, scope: Scope = Scope.process, peak_mb: float = 100) -> Figure:
    """Return a figure whose runs took these seconds on a million rows."""
    runs = tuple(Usage(second, second / 2, int(peak_mb * 1e6)) for second in seconds)
    missing = "" if runs else "it broke"
    return Figure(key, f"the {key}", scope, 1_000_000, runs, missing)


FOUND = Found((Table(("what", "took"), (("數據 a", "1 s"),), "First"),), {"a": 1.5}, ("Said.",))


def result(others: float = 0.1, found: Found = FOUND, part: str = "log") -> Result:
    machine = {"cores": 2, "memory_gb": 25, "python": "3.11", "system": "Linux"}
    at = "2026-11-22T13:50:01+00:00"
    return Result(part, f"python -m bench {part}", at, 61.0, "abc123", machine, 0.4, others, found)
