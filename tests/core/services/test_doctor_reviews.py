"""Doctor and the rules in force say where what is in the loop is never reviewed."""

from pathlib import Path

from sqlalchemy import update

from core.services import doctor
from core.services.routing.rules import review_rules
from core.store import Store
from core.store.tables import model
from tests.support.builders import ADMIN, contract_text
from tests.support.reviewing import MODEL, OTHER, a_desk

IN_THE_LOOP = [{"id": "1", "oversight_level": "in_the_loop"}]
EACH = {"id": "loop", "name": "In the loop", "when": 'oversight_level = "in_the_loop"'}


def test_a_version_in_the_loop_without_a_rule_is_told(sqlite_store: Store, tmp_path: Path) -> None:
    desk = a_desk(sqlite_store, tmp_path)

    def told() -> list[tuple[str, str]]:
        report = doctor.examine(desk.workspace, actor=ADMIN)
        return [(each.level, each.subject) for each in report.findings if each.check == "reviews"]

    def register(text: str) -> None:
        with sqlite_store.begin() as conn:
            conn.execute(update(model).where(model.c.id == MODEL).values(spec_text=text))

    assert told() == [("ok", "")]
    register(contract_text(id=MODEL, versions=IN_THE_LOOP))
    assert told() == [("warning", MODEL)]
    lead = desk["lei"]
    assert review_rules(desk.workspace, MODEL, actor=lead).never_reviewed == ("1",)
    assert review_rules(desk.workspace, OTHER, actor=lead).never_reviewed == ()
    register(contract_text(id=MODEL, versions=IN_THE_LOOP, review={"rules": [EACH]}))
    assert told() == [("ok", "")]
