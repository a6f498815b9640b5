"""Verdicts as labelled data: who is in it, what of them, and who may have it."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.auth.policy import POLICY
from core.domain.identity import Actor, Permission, Role
from core.domain.review import Verdict
from core.errors import Forbidden, NotFound, NothingYet, StepUpNeeded
from core.services import exports, ingest
from core.services.review import appeals, making, verdicts
from core.services.review.override_export import export_verdicts
from core.store.audit import trail as audit
from core.store.rights import disputes
from core.store.tables import model
from tests.support.builders import (
    ADMIN,
    a_log,
    contract_document,
    contract_text,
    outcome_rows,
    write_parquet,
)
from tests.support.disputing import dispute
from tests.support.reviewing import MODEL, UPHOLD, Desk, a_case, a_desk

OVERTURN = verdicts.Proposal(
    Verdict.overturn, "approve", "data_wrong", "Of another year.", ("Tax return",)
)


@pytest.fixture
def desk(sqlite_store: Any, tmp_path: Path) -> Desk:
    found = a_desk(sqlite_store, tmp_path)
    log = write_parquet(tmp_path / "log.parquet", a_log(30))
    outcomes = write_parquet(tmp_path / "outcomes.parquet", outcome_rows(range(2)))
    ingest.ingest_files(found.workspace, MODEL, [log], actor=ADMIN)
    ingest.ingest_files(found.workspace, MODEL, [outcomes], stream="outcomes", actor=ADMIN)
    return found


def table(desk: Desk, actor: Actor) -> list[dict[str, str]]:
    made = export_verdicts(desk.workspace, MODEL, actor=actor).made
    _, content = exports.fetch(desk.workspace, made.id, actor=actor)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_row_has_features_both_decisions_and_the_outcome(desk: Desk) -> None:
    desk.make(3)
    desk.decide("ada", UPHOLD)
    desk.decide("bo", OVERTURN)
    desk.check("lei")
    desk.decide("bo", OVERTURN)  # is not checked yet
    found = table(desk, desk["data_scientist"])
    assert [each["prediction_id"] for each in found] == ["L000000", "L000001"]
    said = ("model_decision", "human_decision", "verdict", "reason_code", "tier", "outcome")
    assert [tuple(each[name] for name in said) for each in found] == [
        ("decline", "decline", "uphold", "risk_confirmed", "normal", "1.0"),
        ("decline", "approve", "overturn", "data_wrong", "normal", "0.0"),
    ]
    rows = a_log(2)
    features = [each["name"] for each in contract_document()["features"]]
    for row, logged in zip(found, rows, strict=True):
        for name in features:
            wanted = logged[name]
            assert row[name] == str(wanted) or float(row[name]) == float(wanted)
    assert {each["simulated"] for each in found} == {"0"}
    assert not {"seconds", "maker_id", "rule", "subject_id"} & set(found[0])


def test_what_the_customer_disputes_is_marked(desk: Desk) -> None:
    desk.make(2)
    for _ in range(2):
        desk.decide("ada", UPHOLD)
    note = dispute(desk.workspace, MODEL, "L000001", by=desk["ada"].user_id)
    marked = [each["disputed"] for each in table(desk, desk["data_scientist"])]
    assert marked == ["0", "1"]
    with desk.workspace.store.begin() as conn:
        disputes.withdraw(conn, note, by=desk["ada"].user_id, at=desk.clock())
    assert {each["disputed"] for each in table(desk, desk["data_scientist"])} == {"0"}


def test_controls_and_second_reviews_are_left_out_and_an_appeal_takes_the_place(desk: Desk) -> None:
    for kind in ("control", "second"):
        desk.make(1, kind=kind, occasion=f"{kind}:1")
        desk.decide("ada", UPHOLD)
    with pytest.raises(NothingYet):
        export_verdicts(desk.workspace, MODEL, actor=desk["data_scientist"])
    desk.make(1)
    first = desk.decide("ada", UPHOLD)
    assert [each["kind"] for each in table(desk, desk["data_scientist"])] == ["routed"]
    desk.clock.advance(hours=1)
    appeals.appeal(desk.workspace, first, actor=desk["lei"])
    desk.decide("lok", OVERTURN)
    desk.check("lam")
    (only,) = table(desk, desk["data_scientist"])
    assert (only["kind"], only["human_decision"]) == ("appeal", "approve")


def test_what_is_no_longer_in_the_log_is_counted_and_left_out(desk: Desk) -> None:
    with desk.workspace.store.begin() as conn:
        making.make_case(conn, a_case(999), at=desk.clock())
    desk.decide("ada", UPHOLD)
    found = export_verdicts(desk.workspace, MODEL, actor=desk["data_scientist"])
    assert (found.rows, found.overturned, found.gone) == (0, 0, 1)


def test_the_trail_tells_of_the_file(desk: Desk) -> None:
    desk.make(1)
    desk.decide("ada", UPHOLD)
    actor = desk["data_scientist"]
    found = export_verdicts(desk.workspace, MODEL, actor=actor)
    with desk.workspace.store.read() as conn:
        (told,) = [each for each in audit.read(conn) if each.kind == "export.made"]
    assert told.actor == actor.audit_name
    assert told.objects["model"] == MODEL
    assert told.body["sha256"] == found.made.record.sha256


@pytest.mark.parametrize("role", list(Role))
def test_who_may(desk: Desk, role: Role) -> None:
    desk.make(1)
    desk.decide("ada", UPHOLD)
    name = (
        "lei" if role is Role.compliance_lead else "ada" if role is Role.compliance else str(role)
    )
    if Permission.review_export in POLICY[role]:
        assert export_verdicts(desk.workspace, MODEL, actor=desk[name]).rows == 1
    else:
        with pytest.raises(Forbidden):
            export_verdicts(desk.workspace, MODEL, actor=desk[name])


def test_scope_and_personal_columns(desk: Desk) -> None:
    desk.make(1)
    desk.decide("ada", UPHOLD)
    with pytest.raises(NotFound):
        export_verdicts(desk.workspace, MODEL, actor=desk["elsewhere"])
    with pytest.raises(Forbidden):
        export_verdicts(desk.workspace, MODEL, actor=desk["data_scientist"], with_personal=True)


def test_personal_columns_need_their_own_permission(desk: Desk) -> None:
    features = [
        {"name": "loan amount", "type": "numeric", "personal": True},
        {"name": "industry", "type": "categorical"},
    ]
    with desk.workspace.store.begin() as conn:
        text = contract_text(id=MODEL, features=features)
        conn.execute(update(model).where(model.c.id == MODEL).values(spec_text=text))
    desk.make(1)
    desk.decide("ada", UPHOLD)
    masked = export_verdicts(desk.workspace, MODEL, actor=desk["lei"])
    assert masked.left_out == ("loan amount",)
    assert not masked.made.record.personal
    assert "loan amount" not in table(desk, desk["lei"])[0]
    clear = export_verdicts(desk.workspace, MODEL, actor=desk["lei"], with_personal=True)
    assert clear.left_out == ()
    assert clear.made.record.personal
    browser = replace(desk["lei"], origin="web")
    with pytest.raises(StepUpNeeded):
        export_verdicts(desk.workspace, MODEL, actor=browser, with_personal=True)
