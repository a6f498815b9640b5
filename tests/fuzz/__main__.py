"""Fuzz one target, or all: ``python -m tests.fuzz [TARGET …] [--seconds 300] [--write]``.

With atheris installed the inputs follow the coverage of the code; without it, sound inputs are
damaged by dice. Each target runs in a process of its own and ends at its first finding, which is
kept as a file. ``--write`` writes the last run of every target to docs/fuzzing.md; without targets
and with ``--seconds 0`` it runs nothing anew.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fuzz.page import PAGE, rendered
from tests.fuzz.words import WHAT

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the targets one after the other; 1 if one of them found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(WHAT))
    parser.add_argument("--seconds", type=float, default=300.0, help="of the processor, for each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=ROOT / "var" / "fuzz", help="findings go here")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    unknown = set(options.targets) - WHAT.keys()
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    options.keep.mkdir(parents=True, exist_ok=True)
    names = options.targets or list(WHAT)
    found = [_apart(name, options) for name in names] if options.seconds else []
    if options.write:
        reports = [options.keep / f"{name}.json" for name in WHAT]
        PAGE.write_text(rendered([_told(each) for each in reports]), encoding="utf-8")
    return int(any(each["finding"] for each in found))


def _apart(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fuzz one target in a process of its own and return what it told."""
    report = options.keep / f"{name}.json"
    report.unlink(missing_ok=True)
    words = [name, str(options.seconds), str(options.seed), str(options.keep)]
    command = [sys.executable, "-m", "tests.fuzz.run", *words]
    _tell(f"{name} …")
    done = subprocess.run(command, cwd=ROOT, check=False)
    if not report.is_file():
        return {"finding": f"the process ended with {done.returncode}"}
    told = _told(report)
    _tell(f"{told['executions']:,} executions, finding: {told['finding'] or 'none'}")
    return told


def _told(report: Path) -> dict[str, Any]:
    return dict(json.loads(report.read_text(encoding="utf-8")))


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
