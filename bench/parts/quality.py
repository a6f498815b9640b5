"""How much is tested: tests, covered code, and small changes that the tests notice."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from bench.findings import Found, Table
from bench.measure import ChildFailed
from bench.mutation import GROUPS
from bench.parts.part import Bench, Part
from bench.runner import last_document
from core.metrics.intervals import wilson

_MARKS = {
    "tests": "all",
    "of them in `make test`": "fast",
    "beside, in `make check`": "slow",
    "in a browser on the running app": "e2e",
    "that draw their own examples (hypothesis)": "hypothesis",
}
_NOTICED = ("mirror", "around", "endless")


def measure_tests(bench: Bench) -> Found:
    """Count the tests, and the lines of code and of tests."""
    where = ["tests/bench"] if bench.is_small else []
    counts = last_document(bench.python("-m", "bench.count_tests", *where).output)
    rows = [(what, int(counts[mark])) for what, mark in _MARKS.items()]
    lines = {
        "lines of the product": ("app", "core", "pages"),
        "lines of tests": ("tests",),
    }
    rows += [(what, sum(map(_lines, folders))) for what, folders in lines.items()]
    numbers = dict(rows)
    values = {"all": float(counts["all"])}
    values["per_line"] = numbers["lines of tests"] / numbers["lines of the product"]
    return Found((Table(("what", "count"), tuple((k, f"{v:,}") for k, v in rows)),), values)


def _lines(folder: str) -> int:
    return sum(
        len(path.read_text(encoding="utf-8").splitlines()) for path in Path(folder).rglob("*.py")
    )


def measure_coverage(bench: Bench) -> Found:
    """Run the tests of `make test` and see which lines and branches they reach."""
    where = ["tests/core/auth"] if bench.is_small else ["-n", "2", "--dist", "loadgroup"]
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "coverage.json"
        given = ["-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider", *where]
        # Its own file of what was reached: another run of tests in the tree would mix with it.
        env = {"COVERAGE_FILE": str(Path(scratch) / "reached")}
        told = ["--cov", "--cov-branch", f"--cov-report=json:{report}"]
        bench.python(*given, *told, codes=(0, 1), env=env)
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    folders = sorted({_folder(name) for name in files})
    parts = {each: [files[name] for name in files if _folder(name) == each] for each in folders}
    rows = [(f"`{name}`", *_covered(found)) for name, found in parts.items()]
    rows.append(("**all**", *_covered(list(files.values()))))
    head = ("folder", "lines", "lines reached", "branches reached")
    return Found((Table(head, tuple(rows)),), {"lines": _share(files.values(), "lines")})


def _folder(name: str) -> str:
    return "/".join(PurePosixPath(name).parent.parts[: 2 if name.startswith("core") else 1])


_KINDS = {
    "lines": ("covered_lines", "num_statements"),
    "branches": ("covered_branches", "num_branches"),
}


def _covered(files: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    count = sum(each["summary"]["num_statements"] for each in files)
    return f"{count:,}", *(f"{_share(files, kind):.1%}" for kind in _KINDS)


def _share(files: Any, kind: str) -> float:
    hit, whole = _KINDS[kind]
    wanted = sum(each["summary"][whole] for each in files)
    return sum(each["summary"][hit] for each in files) / wanted if wanted else 1.0


def measure_mutation(bench: Bench) -> Found:
    """Change the code of sign-in, audit and metrics in small places; count what tests notice."""
    small = ["--file", "lockout"] if bench.is_small else []
    size = ["--mutants", bench.size(150, 1), "--cache", bench.cache, *small]
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "mutation.json"
        for group in ("auth",) if bench.is_small else GROUPS:  # an hour each where others work too
            bench.python("-m", "bench.mutation", "--group", group, *size, "--json", report)
            told |= json.loads(report.read_text(encoding="utf-8"))
    return scores_of(told)


def scores_of(told: Mapping[str, Any]) -> Found:
    """Return the score of each group and its survivors, from the report of the mutants."""
    rows, values, survivors = [], {}, []
    for group, found in told.items():
        outcomes = [each["outcome"] for each in found["verdicts"] if each["outcome"] != "unfit"]
        if not outcomes:
            raise ChildFailed(f"no mutant of {group} could be judged")
        noticed = sum(each in _NOTICED for each in outcomes)
        band = wilson(noticed, len(outcomes))
        values[group] = noticed / len(outcomes)
        rows.append(
            (
                group,
                f"{found['files']}",
                f"{found['places']:,}",
                f"{len(outcomes)}",
                f"{noticed}",
                f"{noticed / len(outcomes):.1%}",
                f"{float(band.low):.1%} to {float(band.high):.1%}",
            )
        )
        survivors += [
            (f"`{each['file']}`", f"{each['line']}", _code(each["before"]), _code(each["after"]))
            for each in found["verdicts"]
            if each["outcome"] == "survived"
        ]
    head = ("code", "modules", "places", "drawn", "noticed", "score", "95 %")
    tables = [Table(head, tuple(rows))]
    if survivors:
        title = "Changes that no test noticed"
        tables.append(Table(("module", "line", "as it is", "changed"), tuple(survivors), title))
    return Found(tuple(tables), values)


def _code(line: str) -> str:
    text = line.replace("|", "\\|")
    return f"`{text}`" if text else "(gone)"


TESTS = Part(
    "tests",
    "Tests",
    "How many tests there are, and how many lines they stand beside.",
    3,
    measure_tests,
)
COVERAGE = Part(
    "coverage",
    "Coverage",
    "Lines and branches of the product that the tests of `make test` reach. What runs in a "
    "process of its own (the app in a browser, commands, writers that are killed) is not "
    "counted.",
    25,
    measure_coverage,
)
MUTATION = Part(
    "mutation",
    "Small changes that the tests notice",
    "Cosmic Ray changes one place at a time, drawn by a seed; the fast tests that mirror the "
    "module run, then those around it. The score is the share noticed. Some of what survives "
    "changes nothing that can be seen, so it is a lower bound ([how](bench.md#mutation)).",
    40,
    measure_mutation,
)
