from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import update

from core.domain.review import Verdict
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.services.personal import masking as personal
from core.services.personal import reveals
from core.services.review import claims
from core.services.review.making import make_case
from core.services.review.proposing import record_own_view
from core.store import models
from core.store.audit import trail as audit
from core.store.tables import model, review_case
from tests.support.builders import a_row
from tests.support.reviewing import a_case
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

WHY = "Complaint C-17 of the branch"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


def trail(world: Serving) -> tuple[audit.AuditEntry, ...]:
    with world.workspace.store.read() as conn:
        return audit.list_newest(conn, kind="personal.revealed")


def test_a_value_is_revealed_with_a_reason_and_on_record(world: Serving) -> None:
    seen = personal.reveal(
        world.workspace, MODEL, prediction(1), ["sex"], reason=WHY, actor=world["compliance"]
    )
    assert seen == {"sex": a_row(1)["sex"]}
    (entry,) = trail(world)
    assert entry.objects == {"model": MODEL, "prediction": prediction(1), "jurisdiction": "HK"}
    assert entry.body.keys() == {"columns", *audit.COMMITTED}
    assert entry.body["columns"] == ["sex"]
    # The log names no subject: the prediction's id is all that is known of a person.
    assert entry.body["subject"] == world.workspace.keys.subject_id(prediction(1))
    (told,) = reveals.list_reveals(world.workspace, actor=world["auditor"])
    assert (told.prediction_id, told.columns, told.reason) == (prediction(1), ("sex",), WHY)


@pytest.mark.parametrize("name", ["business", "data_scientist", "admin"])
def test_who_lacks_the_permission_sees_nothing(world: Serving, name: str) -> None:
    with pytest.raises(Forbidden, match=r"personal\.reveal"):
        personal.reveal(
            world.workspace, MODEL, prediction(1), ["sex"], reason=WHY, actor=world[name]
        )
    assert trail(world) == ()


def test_a_reason_is_needed_that_repeats_no_value(world: Serving) -> None:
    lead = world["compliance_lead"]
    with pytest.raises(InvalidInput, match="shorter than 10"):
        personal.reveal(world.workspace, MODEL, prediction(1), ["sex"], reason=" why ", actor=lead)
    with pytest.raises(InvalidInput, match="not a personal column"):
        personal.reveal(world.workspace, MODEL, prediction(1), ["term"], reason=WHY, actor=lead)
    assert trail(world) == ()


def test_a_browser_is_asked_who_it_is_again(world: Serving) -> None:
    long_ago = world.workspace.clock() - timedelta(hours=2)
    stale = replace(world["compliance"], origin="web", authenticated_at=long_ago)
    with pytest.raises(StepUpNeeded):
        personal.reveal(world.workspace, MODEL, prediction(1), ["sex"], reason=WHY, actor=stale)
    assert trail(world) == ()


def test_rows_of_another_place_do_not_exist(world: Serving) -> None:
    there = prediction(0)  # every third row is of the Mainland
    with pytest.raises(NotFound):
        personal.reveal(
            world.workspace, MODEL, there, ["sex"], reason=WHY, actor=world["hong_kong"]
        )
    personal.reveal(
        world.workspace, MODEL, there, ["sex"], reason=WHY, actor=world["compliance_lead"]
    )
    limited = replace(world["auditor"], jurisdictions=frozenset({"HK"}))
    assert reveals.list_reveals(world.workspace, actor=limited) == ()
    assert len(reveals.list_reveals(world.workspace, actor=world["auditor"])) == 1
    with pytest.raises(NotFound):
        personal.reveal(
            world.workspace, MODEL, prediction(99), ["sex"], reason=WHY, actor=world["compliance"]
        )


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[Serving]:
    """Return a workspace whose contract declares the score and the model's reason personal."""
    made = a_serving_workspace(tmp_path / "secret", rows=8)
    with made.workspace.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text)
        document["columns"] = [
            *document.get("columns", []),
            {"name": "score", "type": "numeric", "personal": True},
            {"name": "reason_1", "type": "text", "personal": True},
        ]
        conn.execute(model.update().values(spec_text=yaml.safe_dump(document)))
    yield made
    made.workspace.store.close()


def held_without_score(world: Serving, shown: str, **changes: Any) -> int:
    with world.workspace.store.begin() as conn:
        new = replace(a_case(1), model_id=MODEL, score_shown=shown, **changes)
        made = make_case(conn, new, at=world.workspace.clock())
    assert made is not None
    return made


@pytest.mark.parametrize("column", ["score", "reason_1"])
def test_what_a_case_hides_is_not_revealed_elsewhere(secret: Serving, column: str) -> None:
    site, bo = secret.workspace, secret["compliance"]

    def look(columns: list[str], row: int = 1, who: str = "compliance") -> object:
        return personal.reveal(site, MODEL, prediction(row), columns, reason=WHY, actor=secret[who])

    case_id = held_without_score(secret, "after_own_view")
    with pytest.raises(Conflict, match="judged without its score"):
        look(["sex", column])
    assert trail(secret) == ()
    assert look(["sex"]) == {"sex": a_row(1)["sex"]}
    look([column], row=2)  # no case is about it
    look([column], who="auditor")  # who decides nothing
    mine = claims.claim(site, case_id, actor=bo)
    record_own_view(site, case_id, Verdict.uphold, actor=bo, revision=mine.revision)
    look([column])
    with pytest.raises(Conflict):
        look([column], who="compliance_lead")  # who has no own view of it


def test_a_hidden_score_is_revealed_once_nobody_is_to_judge_it(secret: Serving) -> None:
    case_id = held_without_score(secret, "never")
    asked = (secret.workspace, MODEL, prediction(1), ["score"])
    with pytest.raises(Conflict):
        personal.reveal(*asked, reason=WHY, actor=secret["compliance"])
    with secret.workspace.store.begin() as conn:
        gone = update(review_case).where(review_case.c.id == case_id).values(state="withdrawn")
        conn.execute(gone)
    found = personal.reveal(*asked, reason=WHY, actor=secret["compliance"])
    assert found == {"score": a_row(1)["score"]}


def test_a_case_that_the_actor_may_not_know_of_hides_nothing(secret: Serving) -> None:
    maker = secret["compliance"]
    held_without_score(
        secret, "never", kind="control", occasion="control:1", barred_maker_id=maker.user_id
    )
    asked = (secret.workspace, MODEL, prediction(1), ["score"])
    found = personal.reveal(*asked, reason=WHY, actor=maker)
    assert found == {"score": a_row(1)["score"]}
