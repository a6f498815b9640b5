import json

import pytest

from tests import audit_dependencies
from tests.audit_dependencies import Audit, read_report

CLEAN = {"name": "alembic", "version": "1.2", "vulns": []}
SKIPPED = {"name": "secret", "skip_reason": "not found"}
FOUND = {
    "name": "duckdb",
    "version": "0.1",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["0.2", "0.3"]},
        {"id": "PYSEC-2", "fix_versions": []},
    ],
}


def _report(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_found_vulnerability_is_named_with_its_remedy() -> None:
    audit = read_report(_report(CLEAN, FOUND))
    assert audit.text.splitlines() == [
        "2 known vulnerability(ies) in requirements.lock:",
        "  duckdb 0.1: PYSEC-1 (mended in 0.2, 0.3)",
        "  duckdb 0.1: PYSEC-2 (mended in no release yet)",
    ]


def test_a_clean_answer_says_how_many_were_asked_about() -> None:
    assert read_report(_report(CLEAN)).text == "No known vulnerability in 1 of 1 packages."
    assert read_report(_report(CLEAN, SKIPPED)).text == (
        "No known vulnerability in 1 of 2 packages; 1 not known there and not audited."
    )


@pytest.mark.parametrize("text", ["", "no network", "[]", "{}"])
def test_no_report_is_not_reachable(text: str) -> None:
    audit = read_report(text)
    assert audit.asked > 50
    assert audit.text.startswith("Advisories not reachable: none of")


def test_a_report_that_skips_everything_is_not_reachable_either() -> None:
    assert read_report(_report(SKIPPED)).text == (
        "Advisories not reachable: none of 1 packages was audited."
    )


@pytest.mark.parametrize(("findings", "code"), [((), 0), (("  x 1: PYSEC-1",), 1)])
def test_only_a_finding_fails(
    findings: tuple[str, ...],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(audit_dependencies, "ask", lambda: Audit(1, 1, findings))
    assert audit_dependencies.main() == code
    assert capsys.readouterr().out.endswith("\n")
