"""A dossier whose record does not hold leaves only where that is asked for, and says so."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Role
from core.services.explanation import dossier_checks
from core.services.explanation.decision import read_decision
from core.services.explanation.dossier_checks import DossierRefused
from core.services.explanation.finding import explained
from core.store.audit import trail as audit
from tests.support.demo_slices import SBA
from tests.support.dossiers import ORDER, a_dossier, files_of, printed_text
from tests.support.explained import Explained, an_explained_workspace, put_code_book

PLAIN = replace(ORDER, despite=False)
NAMES = [
    "named_source",
    "score",
    "inputs",
    "coded",
    "reproduces",
    "advice",
    "other_results",
    "specific",
    "languages",
]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path / "home")
    yield made
    made.workspace.store.close()


def given(world: Explained, kind: str) -> list[audit.AuditEntry]:
    with world.workspace.store.read() as conn:
        return list(audit.list_newest(conn, kind=kind))


def test_each_check_is_in_the_dossier_and_its_print(world: Explained) -> None:
    put_code_book(world)

    made = a_dossier(world, order=PLAIN)

    facts = json.loads(files_of(made)["dossier.json"])
    assert [each["name"] for each in facts["checks"]] == NAMES
    assert all(each["passed"] for each in facts["checks"])
    text = printed_text(made)
    assert "Checks before release" in text
    assert "did not pass" not in text
    assert given(world, "dossier.given")[0].body["failed"] == []


def test_a_record_without_codes_lets_no_dossier_out(world: Explained) -> None:
    with pytest.raises(DossierRefused) as refused:
        a_dossier(world, order=PLAIN)

    assert [each.name for each in refused.value.checks if not each.passed] == ["coded"]
    assert refused.value.remedy.startswith("Propose a code book")
    (entry,) = given(world, "dossier.refused")
    failed: Any = entry.body["failed"]
    assert list(failed) == ["coded"]
    assert given(world, "dossier.made") == given(world, "dossier.given") == []


def test_what_failed_is_said_where_it_was_asked_for_in_spite_of_that(world: Explained) -> None:
    made = a_dossier(world)

    assert [each.name for each in made.checks if not each.passed] == ["coded"]
    text = printed_text(made)
    assert "1 check failed; the dossier was asked for in spite of it." in text
    assert "did not pass" in text


def test_a_decision_that_is_explained_otherwise_now_is_found(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_code_book(world)
    lead = world.people[Role.compliance_lead]
    other = read_decision(world.workspace, SBA, world.worst(1), actor=lead)
    a_dossier(world, order=PLAIN)  # keeps the record

    monkeypatch.setattr(
        dossier_checks, "explained", lambda workspace, _, by: explained(workspace, other, by=by)
    )

    with pytest.raises(DossierRefused) as refused:
        a_dossier(world, order=PLAIN)
    assert [each.name for each in refused.value.checks if not each.passed] == ["reproduces"]
