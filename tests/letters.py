"""A workspace whose declined loan has a kept explanation, ready for a letter."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from core.domain.identity import Actor, Role
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letter_material import Material, material_of
from tests.demo_slices import SBA, sba_log
from tests.explained import Explained, an_explained_workspace, put_code_book

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
    """Build it: the demo's contract, a part of its log, and a code book of every field."""
    world = an_explained_workspace(home, log=sba_log(every=600))
    put_code_book(world)
    officer = replace(world.people[Role.compliance], authenticated_at=world.workspace.clock())
    prediction_id = world.worst(WITH_OTHER_RESULT)
    keep_explanation(world.workspace, SBA, prediction_id, actor=officer)
    return Lettered(world, officer, prediction_id)
