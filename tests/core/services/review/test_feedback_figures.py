"""A verdict in the queue changes what figures say of people and of the decision in the end."""

from pathlib import Path

import pytest
from sqlalchemy import update

from core.services import ingest
from core.services.kpis import kpi_figures
from core.services.questions import Question
from core.services.review import appeals, feedback
from core.store import Store
from core.store.tables import model
from tests.support.builders import ADMIN, a_log, contract_text, write_parquet
from tests.support.reviewing import MODEL, OVERTURN, UPHOLD, Desk, a_desk

ROWS = 40
DECLINED = ROWS // 4


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Desk:
    """A queue of a model with the KPIs of bank credit; every fourth of its rows is declined."""
    found = a_desk(sqlite_store, tmp_path)
    text = contract_text(id=MODEL, kpi_set="bank_credit")
    with found.workspace.store.begin() as conn:
        conn.execute(update(model).where(model.c.id == MODEL).values(spec_text=text))
    log = write_parquet(tmp_path / "log.parquet", a_log(ROWS))
    ingest.ingest_files(found.workspace, MODEL, [log], actor=ADMIN)
    found.make(1)  # about row 0, which was declined
    return found


def figures(desk: Desk) -> tuple[float, float]:
    """Return the override and the approval rate over the whole log."""
    ids = ["override_rate", "approval_rate"]
    found = kpi_figures(desk.workspace, Question(MODEL), actor=ADMIN, ids=ids).kpis
    known = {each.definition.id: each.whole.value for each in found}
    return known["override_rate"], known["approval_rate"]


def test_an_overturned_decision_is_an_override_and_another_final_decision(desk: Desk) -> None:
    before = (0.0, (ROWS - DECLINED) / ROWS)
    assert figures(desk) == pytest.approx(before)
    desk.decide("ada", OVERTURN)
    desk.check("lei")
    assert figures(desk) == pytest.approx(before)  # not in the stream yet
    assert feedback.feed_model(desk.workspace, MODEL) == 1
    assert figures(desk) == pytest.approx((1 / ROWS, (ROWS - DECLINED + 1) / ROWS))


def test_an_upheld_decision_changes_nothing_but_who_decided(desk: Desk) -> None:
    desk.decide("ada", UPHOLD)
    assert feedback.feed_model(desk.workspace, MODEL) == 1
    assert figures(desk) == pytest.approx((0.0, (ROWS - DECLINED) / ROWS))
    found = kpi_figures(
        desk.workspace, Question(MODEL), actor=ADMIN, ids=["approval_rate"], by_source=True
    ).kpis[0]
    assert sum(each.n for each in found.parts if each.chunk is None) == ROWS
    assert len([each for each in found.parts if each.chunk is None and each.n]) == 2


def test_an_appeal_has_the_last_word(desk: Desk) -> None:
    first = desk.decide("ada", OVERTURN)
    desk.check("lei")
    feedback.feed_model(desk.workspace, MODEL)
    desk.clock.advance(days=1)
    appeals.appeal(desk.workspace, first, actor=desk["lok"])
    desk.decide("lam", UPHOLD)
    assert feedback.feed_model(desk.workspace, MODEL) == 1
    assert figures(desk)[1] == pytest.approx((ROWS - DECLINED) / ROWS)
