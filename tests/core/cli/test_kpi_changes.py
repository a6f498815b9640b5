"""``harbourlight kpis MODEL --why KPI``: one document for programs, a sentence for people."""

import json
from pathlib import Path

import pytest

from core.services.kpi_changes import kpi_change
from core.services.questions import Question
from tests.support.builders import ADMIN
from tests.support.harbour import add_people
from tests.support.program import Run
from tests.support.valued import Valued, build_valued

KPI = {
    "id": "approvals", "name": "Approved", "definition": "share(final_decision = 'approve')",
    "unit": "share",
}  # fmt: skip
AUTUMN = ("--from", "2025-09-01", "--to", "2025-11-30")


@pytest.fixture(scope="module")
def valued(tmp_path_factory: pytest.TempPathFactory) -> Valued:
    home: Path = tmp_path_factory.mktemp("why")
    found = build_valued(home, kpis=[KPI])
    add_people(found.workspace)
    return found


@pytest.fixture
def at_valued(run: Run, valued: Valued, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(valued.workspace.settings.home))
    return run


def test_the_document_is_the_answer_of_the_service(at_valued: Run, valued: Valued) -> None:
    code, out, err = at_valued("kpis", "loans", "--why", "approvals", *AUTUMN, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    question = Question("loans", "2025-09-01", "2025-11-30")
    theirs = kpi_change(valued.workspace, question, "approvals", actor=ADMIN)
    assert found["before"]["value"] == theirs.before.value
    assert found["change"] == {"value": theirs.change, "low": theirs.low, "high": theirs.high}
    causes = [row for row in found["rows"] if not row["by"]]
    assert [(row["cause"], row["value"]) for row in causes] == [
        (str(each.cause), each.value) for each in theirs.contributions
    ]
    assert sum(row["value"] for row in causes) == pytest.approx(found["change"]["value"], abs=1e-9)
    assert sum(found["three_fold"].values()) == pytest.approx(found["change"]["value"], abs=1e-9)
    assert found["compared_with"]["start"] == "2025-05-31T16:00:00+00:00"
    assert found["segment"] == "industry"


def test_a_sentence_and_a_table_for_people(at_valued: Run) -> None:
    code, out, _ = at_valued(
        "kpis", "loans", "--why", "approvals", *AUTUMN, "--baseline", "2025-01-01..2025-03-31",
        "--slice-by", "industry",
    )  # fmt: skip
    assert code == 0
    assert out.startswith("Approved fell ")
    assert "from the policy" in out
    assert "industry food" in out


def test_what_cannot_be_told_ends_with_the_reason(at_valued: Run) -> None:
    code, _, err = at_valued(
        "kpis", "loans", "--why", "approvals", *AUTUMN, "--baseline", "last-year"
    )
    assert code == 1
    assert "log begins" in err
