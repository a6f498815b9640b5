"""The story of a replay as docs/soak.md."""

from collections.abc import Iterable, Mapping, Sequence

from core.services.checks import KINDS
from core.store.alerts.alarms import Alarm
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
    parts = [
        _HEAD,
        _story(months),
        _of_2006(months),
        _concept(months),
        _firsts(months),
        _course(months),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _story(months: Sequence[MonthChecked]) -> str:
    moved = _first(months, "drift_beyond_chance")
    level = _first(months, "drift")
    lines = ["## The story", ""]
    if moved:
        lines.append(f"- The inputs first moved by more than chance in the check of {moved}.")
    if level:
        lines.append(f"- The first input lay beyond its fixed level to act in {level}.")
    raised = concept_by_month(months)
    if raised:
        first = min(raised)
        lines.append(
            f"- Concept drift was first raised in the check of {raised[first][0]}, of the loans of "
            f"{first}: the model, fitted on 2000 to 2002, is off from the first month of its log."
        )
    lines += _of_2007(raised)
    total = sum(month.opened for month in months), sum(month.closed for month in months)
    lines.append(f"- Alerts opened: {total[0]}, closed by themselves: {total[1]}.")
    return "\n".join([*lines, ""])


def concept_by_month(months: Sequence[MonthChecked]) -> dict[str, tuple[str, Alarm]]:
    """Return the first check that raised concept drift of each month of loans, and its alarm."""
    found: dict[str, tuple[str, Alarm]] = {}
    for month in months:
        for alarm in month.alarms:
            if alarm.kind == "concept_drift":
                found.setdefault(alarm.chunk_key, (month.month, alarm))
    return found


def final_in(loans: str) -> str:
    """Return the check by which all loans of a month are 36 months old: the month, 3 years on."""
    return f"{int(loans[:4]) + 3}{loans[4:]}"


def _of_2007(raised: Mapping[str, tuple[str, Alarm]]) -> list[str]:
    """Say of the loans of 2007 when their drift could be known, and when it was raised."""
    of_2007 = {loans: raised[loans] for loans in sorted(raised) if loans.startswith("2007")}
    if not of_2007:
        return ["- Of the loans of 2007 no concept drift was raised."]
    late = [loans for loans, (check, _) in of_2007.items() if check > final_in(loans)]
    first, last = min(of_2007), max(of_2007)
    return [
        f"- That of the loans of 2007 could be known month by month from the check of "
        f"{final_in(first)} on, when those of {first} are all final, and was raised from "
        f"{of_2007[first][0]} on: {len(of_2007)} of 12 months, "
        + (f"{len(late)} of them later than possible." if late else "none later than possible."),
        *(
            f"- Of the loans of {loans}, {_share(alarm, 'realised')} defaulted; before labels "
            f"{_share(alarm, 'estimated')} had been estimated."
            for loans, (_, alarm) in ((first, of_2007[first]), (last, of_2007[last]))
            if _rate(alarm)
        ),
    ]


def _rate(alarm: Alarm) -> Mapping[str, float]:
    figures = alarm.evidence.get("figures")
    found = figures.get("outcome_rate", {}) if isinstance(figures, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _share(alarm: Alarm, part: str) -> str:
    return f"{_rate(alarm)[part]:.1%}" if _rate(alarm) else "–"


def _concept(months: Sequence[MonthChecked]) -> str:
    rows = [
        (
            loans,
            final_in(loans),
            check,
            str(alarm.evidence.get("metric", "")),
            _number(alarm.effect),
            _number(alarm.p_value),
            _share(alarm, "realised"),
            _share(alarm, "estimated"),
        )
        for loans, (check, alarm) in sorted(concept_by_month(months).items())
    ]
    return _table(
        "## Concept drift, by the month of the loans",
        "Each check judges the newest month whose loans are all 36 months old. The figure is the "
        "one furthest outside the band of its estimate, the effect what came less what was "
        "estimated. Beside it the share that defaulted and its estimate, where outside too.",
        (
            "loans of",
            "final in the check of",
            "raised in",
            "figure",
            "effect",
            "p",
            "defaulted",
            "estimated",
        ),
        rows,
    )


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
