"""Wherever single predictions are shown, the customer's note goes along, and that it did counts."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.screens.requests.dispute import mark
from core.errors import NotFound
from core.i18n import translator
from core.services import ingest
from core.services.kpis.drill import decisions_behind
from core.services.personal.names import MASK
from core.services.questions import Question, parsed_contract
from core.services.reproduce.rows import Drawn, example
from core.services.rights import disputes
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.rights import disputes as stored
from tests.support.builders import (
    ADMIN,
    VIEWER,
    a_log,
    a_row,
    a_workspace,
    contract_text,
    write_parquet,
)
from tests.support.desk import MINE, MODEL, Desk

KPI = {"id": "lent", "name": "Lent", "definition": "sum(amount)"}


def shown(workspace: Workspace) -> list[tuple[str, object]]:
    with workspace.store.read() as conn:
        found = audit.list_newest(conn, kind="dispute.shown", limit=50)
    return [(each.objects["prediction"], each.body["place"]) for each in found]


def test_rows_behind_a_kpi_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = a_workspace(tmp_path / "home", contract=contract_text(kpis=[KPI]))
    path = write_parquet(tmp_path / "log.parquet", a_log(20))
    ingest.ingest_files(workspace, MODEL, [path], actor=ADMIN)
    question = Question(MODEL)

    def look() -> set[str]:
        found = decisions_behind(workspace, question, "lent", actor=VIEWER)
        return {row.prediction for row in found.rows if row.disputed}

    assert look() == set()
    assert shown(workspace) == []
    # What a customer's request binds to a prediction, without the desk around it.
    notes = frozenset({MINE, "L999999"})
    monkeypatch.setattr(stored, "predictions_of", lambda _conn, _model: notes)
    monkeypatch.setattr(stored, "disputed", lambda _conn, _model, ids: notes & frozenset(ids))
    assert look() == {MINE}
    assert look() == {MINE}
    assert shown(workspace) == [(MINE, "kpi rows")]
    workspace.store.close()


def test_examples_of_a_reproduction_are_marked_also_where_ids_are_masked() -> None:
    contract = parsed_contract(contract_text())
    row = {**a_row(5), "prediction_id": MINE, "time": a_row(5)["approved_at"], "version": "1"}
    drawn = Drawn([row], [1], {}, {}, frozenset({MINE}))
    assert example(contract, drawn, 0, "score", "0.1", "0.2").disputed
    free = replace(drawn, disputed=frozenset({"L000006"}))
    assert not example(contract, free, 0, "score", "0.1", "0.2").disputed
    personal = contract_text(columns=[{"name": "loan_id", "type": "text", "personal": True}])
    masked = example(parsed_contract(personal), drawn, 0, "score", "0.1", "0.2")
    assert (masked.prediction, masked.disputed) == (f"{MASK} 1", True)


def test_the_mark_is_a_shape_and_a_word() -> None:
    assert mark(translator("en"), MINE, True) == f"{MINE} · ■ disputed"
    assert mark(translator("zh-HK"), MINE, True) == f"{MINE} · ■ 有爭議"
    assert mark(translator("en"), MINE, False) == MINE


def test_notes_of_a_prediction_outside_the_scope_are_not_told(desk: Desk) -> None:
    made = desk.ask_about_prediction("correction")
    disputes.attach_note(desk.workspace, made.id, "I paid.", actor=desk["connie"])
    for name in ("hong_kong", "elsewhere"):  # the log names no place, and no other model
        with pytest.raises(NotFound):
            disputes.notes_shown(desk.workspace, MODEL, MINE, "reveal", actor=desk[name])
    assert shown(desk.workspace) == []
    (note,) = disputes.notes_shown(desk.workspace, MODEL, MINE, "reveal", actor=desk["audrey"])
    assert note.text == "I paid."
