"""Ask the public advisories about every locked package: ``python -m tests.audit_dependencies``.

Ends with 1 if a package has a known vulnerability. Without a way to the advisories it says so
and ends with 0: a closed network is no finding, and no proof either.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Parameters
    ----------
    asked, answered : int
        Packages in the lock, and those that the advisories knew.
    findings : tuple of str
        One line for each known vulnerability.
    """

    asked: int
    answered: int
    findings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The result in plain lines."""
        if self.findings:
            count = f"{len(self.findings)} known vulnerability(ies) in {LOCK.name}:"
            return "\n".join((count, *self.findings))
        if self.answered == 0:
            return f"Advisories not reachable: none of {self.asked} packages was audited."
        missing = self.asked - self.answered
        rest = f"; {missing} not known there and not audited" if missing else ""
        return f"No known vulnerability in {self.answered} of {self.asked} packages{rest}."


def read_report(text: str) -> Audit:
    """Read pip-audit's JSON report; a text that is none counts as no answer at all."""
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        return Audit(asked=_locked(), answered=0, findings=())
    # A package that the service could not find is skipped, and pip-audit still ends with 0.
    answered = [package for package in packages if "skip_reason" not in package]
    findings = tuple(
        f"  {package['name']} {package['version']}: {found['id']}"
        f" (mended in {', '.join(found['fix_versions']) or 'no release yet'})"
        for package in answered
        for found in package["vulns"]
    )
    return Audit(len(packages), len(answered), findings)


def _locked() -> int:
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return sum("==" in line and not line.startswith(("#", " ")) for line in lines)


def ask() -> Audit:
    """Run pip-audit over the lock; it installs nothing."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format", "json"]
    command += ["--progress-spinner", "off", "--requirement", str(LOCK)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return read_report("")
    return read_report(run.stdout)


def main() -> int:
    """Print the audit; 1 if anything was found."""
    audit = ask()
    sys.stdout.write(audit.text + "\n")
    return 1 if audit.findings else 0


if __name__ == "__main__":
    sys.exit(main())
