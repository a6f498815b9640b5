"""What is noted on a time axis, by whom, and what the contract notes by itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.identity import Actor, Permission, Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.services.annotations import (
    annotate,
    happenings,
    list_annotations,
    remove_annotation,
)
from core.services.ingest import ingest_files
from core.services.questions import Question, resolve
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, a_log, a_workspace, contract_text, write_parquet

COMPLIANCE = Actor("u3", "connie", frozenset({Role.compliance}))
BUSINESS = Actor("u4", "ben", frozenset({Role.business}))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    workspace = a_workspace(tmp_path / "home")
    path = write_parquet(tmp_path / "log.parquet", a_log(400))
    ingest_files(workspace, "loans", [path], actor=ADMIN)
    yield workspace
    workspace.store.close()


def noted(site: Workspace, **changes: str) -> str:
    given = {"kind": "incident", "at": "2025-01-10", "label": "Feed down", **changes}
    return annotate(site, "loans", actor=COMPLIANCE, **given).id


def shown(site: Workspace) -> list[tuple[str, str]]:
    view = resolve(site, Question("loans"), Permission.drift_view, actor=ADMIN)
    return [(each.kind, each.label) for each in happenings(site, view)]


def test_what_is_noted_stands_on_the_time_axis(site: Workspace) -> None:
    noted(site, label="  Feed   down ")
    noted(site, kind="note", at="1999-01-01", label="Long ago")  # outside the log
    assert shown(site) == [("incident", "Feed down")]
    (entry,) = list_annotations(site, "loans", actor=BUSINESS)[1:]
    # The local day includes its last moment, as every date of a question does.
    assert entry.at.astimezone(UTC).date() == datetime(2025, 1, 10, tzinfo=UTC).date()


def test_it_is_in_the_audit_trail_and_so_is_its_removal(site: Workspace) -> None:
    made = noted(site)
    remove_annotation(site, made, actor=ADMIN)
    assert shown(site) == []
    with site.store.read() as conn:
        kinds = [entry.kind for entry in audit.list_newest(conn, limit=2)]
        assert audit.list_newest(conn, kind="annotation.made")[0].body["label"] == "Feed down"
    assert kinds == ["annotation.removed", "annotation.made"]
    with pytest.raises(NotFound):
        remove_annotation(site, made, actor=ADMIN)


def test_a_change_of_thresholds_is_noted_by_itself(site: Workspace) -> None:
    at = datetime(2025, 1, 15, tzinfo=UTC)
    with site.store.begin() as conn:
        text = contract_text(thresholds={"psi": {"watch": 0.05, "act": 0.2}})
        models.register(conn, model_id="loans", spec_text=text, actor="ada", at=at)
    assert shown(site) == [("thresholds_changed", "2")]
    with site.store.begin() as conn:  # another revision, but the same thresholds
        text = contract_text(thresholds={"psi": {"watch": 0.05, "act": 0.2}}, owner="Retail")
        models.register(conn, model_id="loans", spec_text=text, actor="ada", at=at)
    assert shown(site) == [("thresholds_changed", "2")]


@pytest.mark.parametrize(
    "changes",
    [{"kind": "party"}, {"label": "  "}, {"label": "x" * 61}, {"at": "yesterday"}],
)
def test_what_cannot_be_noted_is_refused(site: Workspace, changes: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        noted(site, **changes)
    assert shown(site) == []


def test_who_may_note(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        annotate(site, "loans", actor=BUSINESS, kind="note", at="2025-01-10", label="x")
    elsewhere = replace(COMPLIANCE, models=frozenset({"other"}))
    with pytest.raises(NotFound):
        annotate(site, "loans", actor=elsewhere, kind="note", at="2025-01-10", label="x")
    made = noted(site)
    with pytest.raises(NotFound):
        remove_annotation(site, made, actor=elsewhere)
    with pytest.raises(NotFound):
        list_annotations(site, "loans", actor=elsewhere)
