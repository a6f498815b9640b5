"""A workspace whose declined loan has a kept explanation, ready for a letter."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from core.domain.identity import Actor, Role
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letter_material import Material, material_of
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace, opened, put_code_book
from tests.support.templates import built_once

WITH_OTHER_RESULT = 1
"""Place of the worst declined loan that a change within the person's reach would have turned."""


class Lettered(NamedTuple):
    """The workspace, who releases letters there, and the decision that one is about."""

    world: Explained
    officer: Actor
    prediction_id: str

    def material(self) -> Material:
        """Return what a letter about the decision is written from."""
        return material_of(
            self.world.workspace,
            SBA,
            self.prediction_id,
            None,
            reference="LT-00000-00000",
            actor=self.officer,
        )


def a_lettered_workspace(home: Path) -> Lettered:
    """Return it: the demo's contract, a part of its log, and a code book of every field.

    It is a copy of one that is built once for all tests.
    """
    log = sba_log(every=600)

    def build(folder: Path) -> None:
        desk = _desk(an_explained_workspace(folder / "home", log=log))
        put_code_book(desk.world)
        keep_explanation(desk.world.workspace, SBA, desk.prediction_id, actor=desk.officer)
        desk.world.workspace.store.close()

    shutil.copytree(built_once("lettered", build) / "home", home, dirs_exist_ok=True)
    return _desk(opened(home, log))


def _desk(world: Explained) -> Lettered:
    officer = replace(world.people[Role.compliance], authenticated_at=world.workspace.clock())
    return Lettered(world, officer, world.worst(WITH_OTHER_RESULT))
