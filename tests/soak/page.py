"""The story of a replay as docs/soak.md."""

from collections.abc import Iterable, Sequence

from core.services.checks import KINDS
from tests.soak.replay import MonthChecked

_HEAD = """# Soak: eight years of loans, month by month

The demo's loans are replayed as they would have come: at the end of every month from January 2006
to December 2013 that month's predictions and outcomes are ingested, the clock is moved to the
first hour of the next month, and the model is checked. Predictions stop in December 2010; outcomes
go on to mature, 36 months after each loan. Written by `python -m tests.soak --write`; `make check`
replays it and compares every line.
"""


def page(months: Sequence[MonthChecked]) -> str:
    """Return the page."""
    parts = [_HEAD, _story(months), _of_2006(months), _firsts(months), _course(months)]
    return "\n".join(parts).rstrip() + "\n"


def _story(months: Sequence[MonthChecked]) -> str:
    concept = _first(months, "concept_drift")
    moved = _first(months, "drift_beyond_chance")
    level = _first(months, "drift")
    lines = ["## The story", ""]
    if moved:
        lines.append(f"- The inputs first moved by more than chance in the check of {moved}.")
    if level:
        lines.append(f"- The first input lay beyond its fixed level to act in {level}.")
    if concept:
        lines += [
            f"- Concept drift was raised in the check of {concept}.",
            "- It could not be known earlier: the outcomes of January 2006, the first month of the "
            "log, are final 36 months later, after January 2009, and those of 2007 from 2010 on.",
        ]
    total = sum(month.opened for month in months), sum(month.closed for month in months)
    lines.append(f"- Alerts opened: {total[0]}, closed by themselves: {total[1]}.")
    return "\n".join([*lines, ""])


def _of_2006(months: Sequence[MonthChecked]) -> str:
    rows = [
        (month.month, KINDS[alarm.kind], alarm.method, alarm.column, alarm.effect, alarm.p_value)
        for month in months
        if month.month.startswith("2006")
        for alarm in month.alarms
    ]
    return _table(
        "## Every alarm of 2006",
        "In the half of 2006 that is the reference nothing is judged before it is complete.",
        ("check", "kind", "figure", "about", "effect", "p"),
        [(*row[:4], _number(row[4]), _number(row[5])) for row in rows],
    )


def _firsts(months: Sequence[MonthChecked]) -> str:
    found: dict[tuple[str, str], tuple[str, float | None]] = {}
    for month in months:
        for alarm in month.alarms:
            found.setdefault((alarm.kind, alarm.column), (month.month, alarm.effect))
    rows = [
        (KINDS[kind], column or "–", first, _number(effect))
        for (kind, column), (first, effect) in sorted(
            found.items(), key=lambda item: (item[1][0], item[0])
        )
    ]
    return _table(
        "## When each matter was first raised",
        "",
        ("kind", "about", "first in the check of", "effect then"),
        rows,
    )


def _course(months: Sequence[MonthChecked]) -> str:
    rows = [
        (
            month.month,
            f"{month.predictions:,}",
            f"{month.outcomes:,}",
            str(_count(month, "drift_beyond_chance")),
            str(_count(month, "drift")),
            str(_count(month, "concept_drift")),
            str(len(month.alarms)),
            f"{month.opened} / {month.closed}",
        )
        for month in months
    ]
    return _table(
        "## Month by month",
        "",
        (
            "check", "predictions", "outcomes", "more than chance", "fixed level",
            "concept drift", "alarms in all", "alerts opened / closed",
        ),
        rows,
    )  # fmt: skip


def _table(title: str, text: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [title, ""]
    if text:
        lines += [text, ""]
    lines += ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, ""])


def _first(months: Sequence[MonthChecked], kind: str) -> str:
    return next((month.month for month in months if _count(month, kind)), "")


def _count(month: MonthChecked, kind: str) -> int:
    return sum(alarm.kind == kind for alarm in month.alarms)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
