"""What the figures are held to. Printed, never asserted: a busy machine is no defect."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Clock, Figure, ratio

_MILLION = 1_000_000
_Measure = Callable[[Mapping[str, Figure], Clock], float | None]


@dataclass(frozen=True, slots=True)
class Target:
    """A limit, and how its figure is read off a run.

    Parameters
    ----------
    key, text : str
        Stable name, and the target in words.
    stated_rows : int
        Size of the log that it is stated for.
    measure : callable
        From the figures by key and a clock to the value; None if something was not timed.
    limit : float
        The largest value allowed, or the smallest.
    at_most : bool
        Whether ``limit`` is the largest.
    form : str
        Format of the value.
    """

    key: str
    text: str
    stated_rows: int
    measure: _Measure
    limit: float
    at_most: bool
    form: str = "{:.2f} ×"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target beside what was measured.

    Parameters
    ----------
    target : Target
        What was aimed at.
    measured : str
        The figure by the clock on the wall, which the target is meant by.
    by_cpu : str
        The same by processor time, for a machine that was busy with other work.
    met : bool or None
        Whether the first one keeps the limit; None if nothing was measured.
    """

    target: Target
    measured: str
    by_cpu: str
    met: bool | None

    @property
    def mark(self) -> str:
        """``✓``, ``✗`` or ``–``."""
        return "–" if self.met is None else "✓" if self.met else "✗"


def _ratio_of(part: str, whole: str) -> _Measure:
    return lambda figures, clock: ratio(figures.get(part), figures.get(whole), clock)


def _milliseconds(figures: Mapping[str, Figure], clock: Clock) -> float | None:
    later = figures.get("question_later")
    seconds = later.seconds(clock) if later else None
    return None if seconds is None else seconds * 1000.0


def _peak_mb(figures: Mapping[str, Figure], clock: Clock) -> float | None:
    report = figures.get("report")
    usage = report.usage if report else None
    return None if usage is None or clock is Clock.cpu else usage.peak_bytes / 1e6


TARGETS = (
    Target(
        "profile",
        "profile of all columns, no slices: at most 6 × the plain aggregate",
        10 * _MILLION,
        _ratio_of("profile", "plain_inside"),
        6.0,
        True,
    ),
    Target(
        "profile_sliced",
        "profile with two 50-value segments: at most 3 × the one without",
        10 * _MILLION,
        _ratio_of("profile_sliced", "profile"),
        3.0,
        True,
    ),
    Target(
        "evidently",
        "log file to drift report: at least 8 × faster than Evidently",
        _MILLION,
        _ratio_of("evidently", "report"),
        8.0,
        False,
    ),
    Target(
        "nannyml",
        "log file to drift report: at least 4 × faster than nannyml",
        _MILLION,
        _ratio_of("nannyml", "report"),
        4.0,
        False,
    ),
    Target(
        "question",
        "a year of days × all features, asked later: at most 300 ms",
        _MILLION,
        _milliseconds,
        300.0,
        True,
        "{:.0f} ms",
    ),
    Target(
        "memory",
        "log file to drift report: peak memory under 2,000 MB",
        10 * _MILLION,
        _peak_mb,
        2000.0,
        True,
        "{:,.0f} MB",
    ),
)


def verdicts(figures: Sequence[Figure], rows: int) -> tuple[Verdict, ...]:
    """Compare a run's figures with every target.

    Parameters
    ----------
    figures : sequence of Figure
        The run.
    rows : int
        Rows of its log; the verdict on a target stated for another size says so.
    """
    named = {figure.key: figure for figure in figures}
    return tuple(_verdict(target, named, rows) for target in TARGETS)


def _verdict(target: Target, figures: Mapping[str, Figure], rows: int) -> Verdict:
    value = target.measure(figures, Clock.wall)
    by_cpu = target.measure(figures, Clock.cpu)
    worked = "–" if by_cpu is None else target.form.format(by_cpu)
    if value is None:
        return Verdict(target, "not measured", worked, None)
    measured = target.form.format(value)
    if rows != target.stated_rows:
        measured += f" at {rows:,} rows"
    met = value <= target.limit if target.at_most else value >= target.limit
    return Verdict(target, measured, worked, met)
