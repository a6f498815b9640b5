"""What was aimed at, held against the kept results; shown, never asserted."""

from dataclasses import dataclass

from bench.findings import Result


@dataclass(frozen=True, slots=True)
class Aim:
    """A target.

    Parameters
    ----------
    text : str
        What was aimed at, with the limit.
    part, value : str
        Which result holds the number, and under which key.
    limit : float
        The largest number allowed, or the smallest.
    form : str
        How the number is shown.
    at_most : bool
        Whether the limit is the largest.
    why : str
        Where it is missed: why, and what was tried.
    """

    text: str
    part: str
    value: str
    limit: float
    form: str
    at_most: bool = True
    why: str = ""

    def number(self, result: Result | None) -> float | None:
        """Return what was measured; None if it was not."""
        return None if result is None else result.found.values.get(self.value)

    def is_met(self, number: float) -> bool:
        """Whether a number keeps the limit."""
        return number <= self.limit if self.at_most else number >= self.limit


_WAITS_IN_LINE = (
    "Two hundred people who act every ten seconds ask for twenty reruns a second, of two cores "
    "that run the load generator as well. What was asked before is answered with some 45 ms of "
    "CPU; another period, version or slice of a model takes up to a second, once in each process, "
    "and there are thousands of them. So a rerun takes more CPU on average than there is: nobody "
    "is turned away, all wait in line. What was done about it, and what each page costs, is told "
    "in [load](load.md#what-a-page-costs); with more cores there is a process a core."
)
_FULL_OF_WORK = (
    "All that two hundred people ask for is answered as it is asked, and most of it at once; the "
    "last twentieth are pages that cost most, behind each other "
    "([load](load.md#what-a-page-costs))."
)
_WAITS_FOR_FRESH = (
    "The onlookers ask what nobody asked before: up to a second of a core, once in each process. "
    "Whoever works on cases in the same process meanwhile waits for it. What was done about it, "
    "and what each page costs, is told in [load](load.md#what-a-page-costs)."
)
_READS_ONCE = (
    "Both cores are busy for most of it: rows are checked, stored, counted by day and version, and "
    "a report is made from the counts. nannyml reads one column after the other and keeps nothing. "
    "What is kept answers the next question in a tenth of a second, where the peer starts over; "
    "imports of two processes are a second of the rest."
)
_DAYS_CARRY_OVER = (
    "In the other worlds the rate is kept. Where days carry over into the next, a reference of 300 "
    "days says too little about months ([alarms](alarms.md)); the page of alerts says so."
)
_AS_LONG_AS_IT_TAKES = (
    "A matter of hours, not of the product: the part stops where its time is over, and begins at "
    "another place each time, so runs add up."
)
_FEW_DRAWN = (
    "150 of some 7,500 places were drawn, so the interval reaches from 77 % to 89 %. Of the 24 "
    "changes that no test noticed about half alter nothing that can be seen "
    "([which](bench.md#mutation)); ten have a test since, which the figure does not count: the "
    "same draw again would flatter it."
)
AIMS = (
    Aim(
        "`make test` within fifteen minutes of a clone", "make-test", "make_test_s", 900, "{:.0f} s"
    ),
    Aim(
        "Log file to drift report: at least 8 × faster than Evidently",
        *("log", "evidently", 8, "{:.2f} ×", False),
    ),
    Aim(
        "Log file to drift report: at least 4 × faster than nannyml",
        *("log", "nannyml", 4, "{:.2f} ×", False, _READS_ONCE),
    ),
    Aim(
        "A year of days × all features, asked later: at most 300 ms",
        *("log", "question", 300, "{:.0f} ms"),
    ),
    Aim(
        "Profile of ten million rows: at most 6 × the plain aggregate",
        *("log-10m", "profile", 6, "{:.2f} ×"),
    ),
    Aim(
        "Profile with two 50-value segments: at most 3 × the one without",
        *("log-10m", "profile_sliced", 3, "{:.2f} ×"),
    ),
    Aim(
        "Ten million rows to the report: under 2,000 MB",
        *("log-10m", "memory", 2000, "{:,.0f} MB"),
    ),
    Aim(
        "All KPIs of a bank, ten million decisions: under 3 × the plain aggregate",
        *("kpis", "ratio", 3, "{:.2f} ×"),
    ),
    Aim(
        "200 sessions that look at what a page shows first: p95 of a rerun at most 500 ms",
        *("sessions", "first_p95_ms", 500, "{:,.0f} ms", True, _FULL_OF_WORK),
    ),
    Aim(
        "200 sessions that turn what a page offers: p95 of a rerun at most 500 ms",
        *("sessions", "offered_p95_ms", 500, "{:,.0f} ms", True, _WAITS_IN_LINE),
    ),
    Aim(
        "200 sessions, each with days of its own: p95 of a rerun at most 500 ms",
        *("sessions", "own_p95_ms", 500, "{:,.0f} ms", True, _WAITS_IN_LINE),
    ),
    Aim(
        "30 reviewers: p95 of a rerun at most 500 ms",
        *("reviewers", "p95_ms", 500, "{:,.0f} ms", True, _WAITS_FOR_FRESH),
    ),
    Aim("Kills and faults: nothing lost, nothing half", "cycles", "failed", 0, "{:.0f} failed"),
    Aim(
        "A thousand cycles of kill -9 in one run",
        *("cycles", "kills", 1_000, "{:,.0f}", False, _AS_LONG_AS_IT_TAKES),
    ),
    Aim(
        "A hundred runs under faults of the disk in one run",
        *("cycles", "faults", 100, "{:,.0f}", False, _AS_LONG_AS_IT_TAKES),
    ),
    Aim("Every tampering found, no honest trail accused", "tamper", "failed", 0, "{:.0f} failed"),
    Aim(
        "Ten million inputs fuzzed in one run",
        *("fuzz", "inputs", 10_000_000, "{:,.0f}", False, _AS_LONG_AS_IT_TAKES),
    ),
    Aim("Fuzzing: no finding", "fuzz", "findings", 0, "{:.0f} findings"),
    Aim(
        "False alarms: at most the stated 1 % of months, in the worst world",
        *("alarms", "false_alarms", 0.01, "{:.2%}", True, _DAYS_CARRY_OVER),
    ),
    *(
        Aim(
            f"Small changes that the tests notice, {name}: at least 85 %",
            *("mutation", group, 0.85, "{:.1%}", False, why),
        )
        for group, name, why in (
            ("auth", "sign-in", ""),
            ("audit", "audit", ""),
            ("metrics", "metrics", _FEW_DRAWN),
        )
    ),
)
