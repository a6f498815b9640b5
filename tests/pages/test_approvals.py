"""Approvals on the page: what each would change, in words, and deciding it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from core.services import registry
from core.services.registrations import Registered
from core.store import models
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences
from tests.serving import MODEL, Serving, a_serving_workspace


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
