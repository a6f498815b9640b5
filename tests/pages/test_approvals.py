"""Approvals on the page: what each would change, in words, and deciding it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from core.services.identity import people
from core.services.registry import models as registry
from core.services.registry.registrations import Registered
from core.store import models
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences, texts
from tests.support.serving import MODEL, Serving, a_serving_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=4)
    yield made
    made.workspace.store.close()


def in_force(world: Serving) -> models.ModelRecord:
    with world.workspace.store.read() as conn:
        return models.get(conn, MODEL)


def loosen(world: Serving, folder: Path) -> Registered:
    document = yaml.safe_load(in_force(world).spec_text)
    document["versions"][0]["oversight_level"] = "out_of_the_loop"
    spec = folder / "model.yaml"
    spec.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return registry.register_model(
        world.workspace, spec, actor=world["data_scientist"], reason="The trial is over."
    )


def test_a_lead_sees_what_a_contract_guards_less_and_approves(
    open_page: Open, world: Serving, tmp_path: Path
) -> None:
    waiting = loosen(world, tmp_path)
    test = open_page(world.workspace, world["compliance_lead"], "approvals", lang="en")
    assert "One proposal waits for you." in sentences(test)[0]
    shown = html_of(test)
    assert "Version 1: oversight level" in shown
    assert "in the loop" in shown
    assert "out of the loop" in shown
    assert in_force(world).spec_sha256 in shown
    yes = next(each for each in test.button if each.label == "Approve and carry out")
    yes.click().run()
    assert in_force(world).spec_revision == 2
    assert waiting.revision == 1


def test_its_author_sees_it_wait_and_may_withdraw_it(
    open_page: Open, world: Serving, tmp_path: Path
) -> None:
    loosen(world, tmp_path)
    test = open_page(world.workspace, world["data_scientist"], "approvals", lang="zh-HK")
    assert "版本 1：監督程度" in html_of(test)
    assert not [each for each in test.button if each.label == "批准並執行"]
    next(each for each in test.button if "撤回" in each.label).click().run()
    assert in_force(world).spec_revision == 1


def test_a_new_password_for_a_lead_is_proposed_and_confirmed(
    open_page: Open, world: Serving
) -> None:
    lead, admin = world["compliance_lead"], world["admin"]
    test = open_page(world.workspace, admin, "people", lang="en")
    ids = [each.user.id for each in people.list_people(world.workspace, actor=admin)]
    rows = {"rows": [ids.index(lead.user_id)], "columns": [], "cells": []}
    test.session_state["people_list"] = {"selection": rows}
    test = test.run()
    labels = {each.label for each in test.button}
    assert "Reset the password" not in labels
    assert "This person decides about others" in " ".join(texts(test))
    test.text_input(key=f"people_reason_{lead.user_id}").input("Called from the desk.")
    test = test.button(key="people_propose").click().run()
    assert "Password of compliance_lead for one sign-in" in html_of(test)
    other = open_page(world.workspace, world["second_lead"], "approvals", lang="en")
    shown = html_of(other)
    assert "the person&#x27;s own" in shown
    assert "one-time" in shown
    next(each for each in other.button if each.label == "Approve and carry out").click().run()
    told = html_of(open_page(world.workspace, lead, "overview", lang="en"))
    assert "Somebody else reset your password on" in told
    assert "tell a compliance lead at once" in told
