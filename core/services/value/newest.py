"""The value over the baseline of the newest year that is wholly old enough: what checks keep."""

from dataclasses import dataclass

from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk
from core.services.questions import Question, resolve
from core.services.stale import retry_when_stale
from core.services.value.cells import cells_by_period, value_question
from core.services.value.compared import Compared, compared
from core.services.workspace import Workspace

MONTHS = 12


@dataclass(frozen=True, slots=True)
class NewestValue:
    """The newest months of which every prediction is old enough, at most :data:`MONTHS`.

    Parameters
    ----------
    chunk : Chunk
        The months as one.
    found : Compared
        The gain over the contract's baseline.
    currency : str
        ISO code of the money.
    """

    chunk: Chunk
    found: Compared
    currency: str


@retry_when_stale
def newest_value(workspace: Workspace, question: Question, *, actor: Actor) -> NewestValue | None:
    """Return the value over the baseline of the newest matured months.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, and what was known when; by month.
    actor : Actor
        Needs ``value.view`` for the model.

    Returns
    -------
    NewestValue or None
        ``None`` while no month is wholly old enough.

    Raises
    ------
    NotComputable, NothingYet, InvalidInput
        As for :func:`core.services.value.value`.
    """
    view = resolve(workspace, question, Permission.value_view, actor=actor)
    asked = value_question(workspace, view)
    old = [place for place, each in enumerate(view.chunks) if asked.is_final(each)]
    if not old:
        return None
    first, last = max(0, old[-1] - MONTHS + 1), old[-1]
    cells = cells_by_period(workspace, asked)
    inside = cells.where((cells.period >= first) & (cells.period <= last))
    start, end = view.chunks[first], view.chunks[last]
    key = end.key if first == last else f"{start.key}..{end.key}"
    chunk = Chunk(0, key, start.start, end.end)
    return NewestValue(chunk, compared(asked, inside, asked.block.baseline, chunk), asked.currency)
