"""A rule of those who opted out makes a case of each of their predictions by itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Actor, Role
from core.services import ingest
from core.services.rights import intake, opt_outs
from core.services.routing.run import route_model
from core.services.routing.simulate import simulate
from core.services.serving import releases
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.rights import opt_outs as register
from core.store.rights import requests
from core.store.rights.opt_outs import EVERY_MODEL, OptOut
from tests.support.builders import ADMIN, a_row, contract_document, write_parquet
from tests.support.fakes import START
from tests.support.routed import a_reviewed_workspace, cases_of
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

RULE: Mapping[str, Any] = {"id": "own_wish", "name": "Own wish", "when": "opted_out"}
OUT_OF_THE_LOOP = (2, 6, 10)


def opt_out(workspace: Workspace, reference: str, actor: Actor) -> int:
    asked = intake.intake(workspace, "opt_out", reference, words="No model", actor=actor)
    intake.identify(workspace, asked.id, "document", actor=actor)
    opt_outs.enter(workspace, asked.id, actor=actor)
    return asked.id


@pytest.fixture
def world(tmp_path: Path) -> Serving:
    return a_serving_workspace(tmp_path / "home", rows=12, review={"rules": [dict(RULE)]})


def test_each_prediction_of_the_register_becomes_a_case(world: Serving) -> None:
    workspace, connie = world.workspace, world["compliance"]
    ended = opt_out(workspace, prediction(10), connie)
    opt_outs.end(workspace, ended, actor=connie)
    opt_out(workspace, prediction(2), connie)
    opt_out(workspace, prediction(5), connie)
    tried = simulate(workspace, MODEL, actor=world["auditor"])
    assert (tried.tried.cases, tried.at_once) == (2, 2)
    assert route_model(workspace, MODEL).cases == 2
    assert {each.prediction_id for each in cases_of(workspace)} == {prediction(2), prediction(5)}
    answers = {
        number: releases.read_release(workspace, MODEL, prediction(number)).reason
        for number in OUT_OF_THE_LOOP
    }
    assert answers == {2: "opted_out", 6: "oversight_level", 10: "oversight_level"}
    opt_out(workspace, prediction(6), connie)  # after its batch was routed: a request makes it
    assert route_model(workspace, MODEL).cases == 0
    workspace.store.close()


def test_whom_the_log_names_is_found_by_the_pseudonym(tmp_path: Path) -> None:
    """The same customer has several predictions; without a name the prediction stands for it."""
    columns = {**contract_document()["log"], "subject": "customer"}
    site = a_reviewed_workspace(tmp_path / "home", rules=[RULE], log=columns)
    names = {0: "C-1", 1: "C-2", 2: "C-1", 3: None, 4: None, 5: "C-3"}
    rows = [a_row(number, customer=name) for number, name in names.items()]
    path = write_parquet(tmp_path / "named.parquet", rows)
    ingest.ingest_files(site, MODEL, [path], actor=ADMIN)
    asked = {"kind": "opt_out", "channel": "letter", "language": "en", "sealed": b"x",
             "words": "No model", "received_at": START, "due_on": START.date(),
             "state": "received", "taken_by": "amy"}  # fmt: skip
    with site.store.begin() as conn:
        users.create(
            conn, user_id="amy", username="amy", display_name="", at=START, roles=[Role.compliance]
        )
        for name, model in (("C-1", EVERY_MODEL), (prediction(3), MODEL), ("C-3", "cards")):
            subject = site.keys.subject_id(name)
            number = requests.add(conn, {**asked, "subject_id": subject})
            register.add(conn, OptOut(subject, model, START, number, None))
    assert route_model(site, MODEL).cases == 3
    made = {each.prediction_id: each.subject_id for each in cases_of(site)}
    assert set(made) == {prediction(0), prediction(2), prediction(3)}
    assert made[prediction(0)] == made[prediction(2)] == site.keys.subject_id("C-1")
    site.store.close()
