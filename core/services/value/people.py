"""Groups of people by cell of the score: what fairness would become if a cut-off moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.auth.policy import allows
from core.contract.cut_offs import CutOff
from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk
from core.lake.groups import OTHER_VALUES, GroupFiles
from core.lake.labels.score_grid import lowest_scores
from core.lake.value.groups import group_cells
from core.metrics.arrays import Booleans, Floats, Integers
from core.services.fairness.attributes import (
    Attribute,
    compared_columns,
    event_is_favourable,
    minimum_rows,
)
from core.services.fairness.measure import attribute_in
from core.services.questions import Question, View, resolve
from core.services.reference.counts import row_filter
from core.services.stale import retry_when_stale
from core.services.value.cells import ValueQuestion, value_question
from core.services.workspace import Workspace

_NEARLY = 1 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class PeopleGroups:
    """The groups of one attribute; arrays of shape (k,).

    Parameters
    ----------
    attribute : Attribute
        Which.
    keys : tuple of str
        Groups in the order of ``group``.
    group, cell, reached, flagged : ndarray of int64
        Group, cell of the score, cut-offs reached, and whether the model flagged.
    n : ndarray
        Rows.
    minimum : int
        Fewest rows of a group that is compared.
    flagged_is_favourable : bool
        Whether people hope to be flagged.
    """

    attribute: Attribute
    keys: tuple[str, ...]
    group: Integers
    cell: Integers
    reached: Integers
    flagged: Integers
    n: Floats
    minimum: int
    flagged_is_favourable: bool

    @property
    def column(self) -> str:
        """Name of the attribute in the contract."""
        return self.attribute.column

    def flagged_from(self, cut_off: float, exact: Sequence[CutOff]) -> Booleans:
        """Return which entries a cut-off flags; cells are parted at ``exact``."""
        limits = np.asarray([0.0, *(cut.value for cut in exact)])
        lowest = np.maximum(lowest_scores(self.cell), limits[self.reached])
        return np.asarray(lowest >= cut_off * _NEARLY)


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """The groups of every attribute that can be compared."""

    groups: tuple[PeopleGroups, ...]


@retry_when_stale
def people(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    cut_off: float | None = None,
) -> People | None:
    """Return the groups of people behind a question about value; ``None`` for who may not see.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        As for :func:`core.services.value.value`.
    actor : Actor
        Needs ``value.view``; without ``fairness.view`` as well there is nothing to see.
    cut_off : float, optional
        As for :func:`core.services.value.value`.

    Raises
    ------
    NotComputable, NothingYet, InvalidInput
        As for :func:`core.services.value.value`.
    """
    view = resolve(workspace, question, Permission.value_view, actor=actor)
    if not allows(actor, Permission.fairness_view):
        return None
    asked = value_question(workspace, view, () if cut_off is None else (cut_off,))
    return workspace.memo.get(
        ("value people", view.key, asked.cut_offs), lambda: _people(workspace, asked)
    )


def _people(workspace: Workspace, asked: ValueQuestion) -> People:
    view = asked.view
    files = GroupFiles(predictions=workspace.lake_paths(view.data_files("predictions")))
    found = (
        _groups(workspace, asked, files, attribute_in(workspace, view, files, name))
        for name in compared_columns(view.contract)
    )
    return People(tuple(each for each in found if each is not None))


def _groups(
    workspace: Workspace, asked: ValueQuestion, files: GroupFiles, attribute: Attribute
) -> PeopleGroups | None:
    view: View = asked.view
    if len(attribute.groups) < 2 or not files.predictions:
        return None
    counted = group_cells(
        workspace.duck,
        files.predictions,
        view.contract,
        attribute.counted,
        asked.cut_offs,
        chunks=[Chunk(0, "all", view.window.start, view.window.end)],
        matured_before=asked.matured_before,
        rows=row_filter(workspace, view),
    )
    named = counted.code > OTHER_VALUES
    places = np.asarray([0, *attribute.place_of_code], dtype=np.int64)
    return PeopleGroups(
        attribute=attribute,
        keys=tuple(group.key for group in attribute.groups),
        group=places[counted.code[named]],
        cell=counted.cell[named],
        reached=counted.reached[named],
        flagged=counted.flagged[named],
        n=counted.n[named],
        minimum=minimum_rows(view.contract),
        flagged_is_favourable=event_is_favourable(view.contract),
    )
