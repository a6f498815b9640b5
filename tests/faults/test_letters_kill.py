"""Letters in bulk killed at any of their steps: the same order completes them, each once."""

from pathlib import Path

import pytest
from sqlalchemy import select

from core.domain.identity import Actor, Role
from core.services.audit import verify as audit_verify
from core.services.explanation.bulk_folder import letters_to_folder
from core.services.explanation.bulk_order import BulkOrder
from core.store.tables import explanation_letter
from tests.support.builders import ADMIN
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import an_explained_workspace, put_code_book
from tests.support.processes import die_at, killed, opened_again

STEPS = ("stored", "released", "noted")


def _die(home: Path, order: BulkOrder, folder: Path, officer: Actor, name: str) -> None:
    letters_to_folder(opened_again(home), order, folder, actor=officer, step=die_at(name, after=1))


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_the_same_order_completes_what_was_killed(tmp_path: Path, step: str) -> None:
    world = an_explained_workspace(tmp_path / "home", log=sba_log(every=600))
    put_code_book(world)
    world.workspace.store.close()
    score = world.row(world.worst(2))["default_score"]
    order = BulkOrder(SBA, where=f"score >= {score:.9f}", letters=True, form="text")
    officer, folder = world.people[Role.compliance], tmp_path / "letters"
    officer = Actor(officer.user_id, officer.username, officer.roles, origin="cli")
    killed(_die, tmp_path / "home", order, folder, officer, step, within=240)

    site = opened_again(tmp_path / "home")
    try:
        made = letters_to_folder(site, order, folder, actor=officer)
        assert (made.decisions, made.letters, made.refused) == (3, 3, 0)
        with site.store.read() as conn:
            on_record = list(conn.execute(select(explanation_letter)))
        assert sorted(each.prediction_id for each in on_record) == sorted(
            world.worst(place) for place in range(3)
        )
        files = {path.stem for path in (folder / "letters").iterdir()}
        assert files == {each.reference for each in on_record}
        assert not (folder / "outcomes").exists()
        assert audit_verify.verify(site, actor=ADMIN).passed
    finally:
        site.store.close()
