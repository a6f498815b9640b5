"""docs/figures.md, written from the kept results: every figure with command, date and machine."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from bench.aims import AIMS, Aim
from bench.findings import RESULTS, Result, Table, kept
from bench.parts import PARTS, Part
from bench.runner import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "figures.md"
_INTRODUCTION = """# Figures

What was measured, by which command, when, and on what machine; a peer's figure stands beside ours
where there is one. Each part is measured by itself and keeps its own date: `make bench` measures
those that take minutes, a name another one, `--all` every one.

```bash
make bench
.venv/bin/python -m bench --list
.venv/bin/python -m bench sessions mutation
```

Nothing here is a test: a busy machine is no defect. A part says how many cores other work used
meanwhile, and is called quiet up to a quarter of a core. What each program does is told in
[bench](bench.md) and [load](load.md). This page is written by `python -m bench page` from
`bench/results/`; a test holds it against them.
"""


def rendered(folder: Path = RESULTS) -> str:
    """Return the page as the results of a folder have it."""
    results = {part.name: kept(part.name, folder) for part in PARTS}
    blocks = [
        _INTRODUCTION,
        _aims(results),
        _when(results),
        *(_section(part, results[part.name]) for part in PARTS),
    ]
    return "\n".join(blocks)


def _aims(results: dict[str, Result | None]) -> str:
    lines = ["## Targets", ""]
    rows = [_aim(each, results[each.part]) for each in AIMS]
    lines += _markdown(("target", "measured", "", "on"), rows)
    for each in AIMS:
        number = each.number(results[each.part])
        if number is not None and not each.is_met(number) and each.why:
            lines += ["", f"**{each.text}: missed.** {each.why}"]
    return "\n".join([*lines, ""])


def _aim(aim: Aim, result: Result | None) -> tuple[str, ...]:
    number = aim.number(result)
    if result is None or number is None:
        return aim.text, "not measured", "–", ""
    quiet = "" if result.is_quiet else ", busy"
    verdict = "met" if aim.is_met(number) else "**missed**"
    return aim.text, aim.form.format(number), verdict, f"{_day(result)}{quiet}"


def _when(results: dict[str, Result | None]) -> str:
    rows = []
    for part in PARTS:
        result = results[part.name]
        if result is None:
            rows.append((f"`{part.command}`", "never", *[""] * 5))
            continue
        rows.append(
            (
                f"`{result.command}`",
                datetime.fromisoformat(result.at).strftime("%Y-%m-%d %H:%M"),
                _took(result.seconds),
                f"`{result.commit}`",
                f"{result.load_before:.1f}",
                f"{result.others:.2f}",
                "quiet" if result.is_quiet else "busy",
            )
        )
    head = ("command", "began (UTC)", "took", "commit", "load before", "cores others used", "")
    lines = ["## What was measured when", "", *_markdown(head, rows), ""]
    if any(result and result.commit.endswith("+") for result in results.values()):
        lines += ["`+`: with changes that were not committed yet.", ""]
    return "\n".join(lines)


def _section(part: Part, result: Result | None) -> str:
    lines = [f"## {part.title}", "", part.about, ""]
    if result is None:
        return "\n".join([*lines, f"Not measured yet: `.venv/bin/{part.command}`.", ""])
    state = "quiet" if result.is_quiet else f"busy: others used {result.others:.1f} cores"
    lines += [
        f"`{result.command}`, {_day(result)}, {_machine(result)}, {state}.",
        "",
    ]
    for table in result.found.tables:
        lines += [*([f"{table.title}:", ""] if table.title else []), *_shown(table), ""]
    lines += [f"- {note}" for note in result.found.notes]
    return "\n".join([*lines, ""] if result.found.notes else lines)


def _shown(table: Table) -> list[str]:
    return _markdown(table.head, table.rows)


def _machine(result: Result) -> str:
    about = result.machine
    return (
        f"{about['cores']} cores, {about['memory_gb']} GB, {about['system']}, "
        f"Python {about['python']}"
    )


def _day(result: Result) -> str:
    began = datetime.fromisoformat(result.at)
    return f"{began.day} {began:%B %Y}"


def _took(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; columns whose cells all begin with a figure stand to the right."""
    listed = list(rows)
    sides = ["---"] + [
        "--:" if _are_figures([row[place] for row in listed]) else "---"
        for place in range(1, len(head))
    ]
    return [f"| {' | '.join(cells)} |" for cells in (head, sides, *listed)]


def _are_figures(cells: Sequence[str]) -> bool:
    """Whether cells begin with a figure, those apart that have none."""
    told = [cell.strip("*") for cell in cells if cell not in {"–", ""}]
    return bool(told) and all(cell[:1].isdigit() for cell in told)
