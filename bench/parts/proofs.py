"""Kill and fault cycles, tampering and fuzzing: how often it was tried, and what was lost."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from bench.environments import Peer, python_of
from bench.findings import Found, Table
from bench.measure import ChildFailed
from bench.parts.part import Bench, Part
from bench.runner import PROJECT_ROOT

TAMPER_FILES = (
    "tests/core/services/test_audit_tampering.py",
    "tests/core/services/audit/test_verify.py",
    "tests/core/services/audit/test_export_proofs.py",
    "tests/core/services/examiner/test_packs.py",
    "tests/core/reports/dossier/test_verify.py",
    "tests/docs/test_verify.py",
)
_COUNTS = {"kill -9 cycles": "kills", "runs under faults": "faults", "trails": "trails"}
_COUNTED = re.compile(rf"([\d,]+) ({'|'.join(_COUNTS)})")
_ATHERIS = Peer("atheris", "atheris", "")
# What these are given to answers thousands a second, the others tens to hundreds.
_FAST_TARGETS = ("page-address", "csv-writer")
_TIMEOUT_S = 3 * 3600.0


def measure_cycles(bench: Bench) -> Found:
    """Run every proof with kills and faults, the long ones too."""
    small = ["-m", "not slow", "tests/faults/test_audit.py"]
    return _proved(small if bench.is_small else ["tests/faults"])


def measure_tamper(bench: Bench) -> Found:
    """Run every proof with tampered trails, exports, packs and dossiers, the long ones too."""
    return _proved(["-m", "not slow", TAMPER_FILES[-1]] if bench.is_small else TAMPER_FILES)


def measure_fuzz(bench: Bench) -> Found:
    """Give every entry from outside made-up bytes for a while."""
    folder = bench.cache / "fuzz"
    # An environment of its own holds atheris alone; the interpreter and all else are ours.
    guide = python_of(_ATHERIS, bench.cache)
    packages = next((guide.parents[1] / "lib").glob("python*/site-packages"))
    env = {**os.environ, "PYTHONPATH": str(packages)}
    said = _fuzz(folder, bench.size(60, 1), env=env)
    if not bench.is_small:
        said += _fuzz(folder, 450, *_FAST_TARGETS, env=env)
    told = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    if not told:
        raise ChildFailed(f"nothing was fuzzed: {said[-300:]}")
    rows = tuple(
        (
            f"`{each['target']}`",
            f"{each['cpu_s']:.0f} s",
            f"{each['executions']:,}",
            each["finding"] or "none",
        )
        for each in told
    )
    executions = sum(each["executions"] for each in told)
    total = ("**all**", f"{sum(each['cpu_s'] for each in told):.0f} s", f"{executions:,}", "")
    table = Table(("target", "CPU", "inputs", "finding"), (*rows, total))
    findings = sum(bool(each["finding"]) for each in told)
    return Found((table,), {"inputs": executions, "findings": findings})


def _fuzz(folder: Path, seconds: int, *targets: str, env: Mapping[str, str]) -> str:
    """Fuzz all targets or some, each for so long; return what was said of errors."""
    command = [sys.executable, "-m", "tests.fuzz", *targets]
    command += ["--keep", str(folder), "--seconds", str(seconds)]
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return done.stderr


class Case(NamedTuple):
    """A test that ran: its name, its seconds, how it ended, and what it printed."""

    name: str
    seconds: float
    outcome: str
    said: str

    @property
    def test(self) -> str:
        """The test without its parameters."""
        return self.name.partition("[")[0]


def _proved(arguments: Sequence[str]) -> Found:
    cases = _run(arguments)
    failed = sum(each.outcome == "failed" for each in cases)
    values = {"cases": len(cases), "failed": failed, **counts_of(cases)}
    return Found((table_of(cases),), values, told_by(cases))


def _run(arguments: Sequence[str]) -> list[Case]:
    """Run tests and return what became of each."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "junit.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-o", "junit_logging=system-out", f"--junitxml={report}", *arguments]
        done = subprocess.run(
            command,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode not in (0, 1):
            raise ChildFailed(f"pytest ended with {done.returncode}: {done.stdout[-300:]}")
        tree = ElementTree.parse(report)  # noqa: S314  # pytest's own
    return [
        Case(
            f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}",
            float(case.get("time", 0)),
            _outcome(case),
            case.findtext("system-out") or "",
        )
        for case in tree.iter("testcase")
    ]


def _outcome(case: ElementTree.Element) -> str:
    tags = {child.tag for child in case}
    failed = tags & {"failure", "error"}
    return "failed" if failed else "skipped" if "skipped" in tags else "passed"


def table_of(cases: Sequence[Case]) -> Table:
    """Return a row for each test, its parameters together."""
    rows = []
    for test in dict.fromkeys(each.test for each in cases):
        mine = [each for each in cases if each.test == test]
        where, _, name = test.partition("::test_")
        what = f"{where.removeprefix('test_')}: {name}".replace("_", " ")
        ended = ", ".join(sorted({each.outcome for each in mine}))
        took = f"{sum(each.seconds for each in mine):,.0f} s"
        rows.append((what, str(len(mine)), ended, took))
    return Table(("proof", "cases", "outcome", "took"), tuple(rows))


def told_by(cases: Sequence[Case]) -> tuple[str, ...]:
    """Return the sentences in which proofs said how much they tried."""
    lines = [line.strip() for each in cases for line in each.said.splitlines()]
    return tuple(f"{line}." for line in lines if _COUNTED.match(line))


def counts_of(cases: Sequence[Case]) -> dict[str, int]:
    """Return how much proofs tried, by what they call it."""
    found: Counter[str] = Counter()
    for each in cases:
        for count, what in _COUNTED.findall(each.said):
            found[_COUNTS[what]] += int(count.replace(",", ""))
    return dict(found)


CYCLES = Part(
    "cycles",
    "Kills and faults",
    "A writer killed at random moments and at every step, disks that fill up or fail, exceptions "
    "at any step: afterwards nothing that was acknowledged is lost, nothing is half there, and "
    "the trail verifies.",
    35,
    measure_cycles,
)
TAMPER = Part(
    "tamper",
    "Tampering",
    "Trails, exports and dossiers that somebody with the files has changed: each is found, and "
    "no honest one is accused.",
    25,
    measure_tamper,
)
FUZZ = Part(
    "fuzz",
    "Fuzzing",
    "Whatever takes bytes from outside is given damaged and made-up ones, led by the coverage of "
    "the code ([what each is given to](fuzzing.md)). A crash, or an answer that must not be, is "
    "a finding.",
    23,
    measure_fuzz,
)
