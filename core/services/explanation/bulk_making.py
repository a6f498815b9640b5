"""Making what an order asks for: explanations, then letters; in steps that can be repeated."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from core.domain.identity import Actor, Permission
from core.i18n import translator
from core.services import access
from core.services.explanation.batch import CHUNK
from core.services.explanation.bulk_letters import LetterFolder
from core.services.explanation.bulk_order import BulkOrder, chosen
from core.services.explanation.choosing import Chosen
from core.services.explanation.finding import book_in_force, explained_each
from core.services.explanation.keeping_many import keep_many
from core.services.rights import attention
from core.services.workspace import Workspace
from core.store.explanations import desk as explanation_desk
from core.store.explanations import records as explanations
from core.store.retention import tombstones

Tell = Callable[[int, int], None]
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Produced:
    """What came of an order.

    Parameters
    ----------
    decisions : int
        That it chose.
    kept : int
        Those whose explanation was kept for it, also by a run that broke off.
    had : int
        Those that had one before.
    letters, refused : int
        Letters that were released and refused, also by a run that broke off.
    stopped : bool
        Whether somebody stopped it.
    """

    decisions: int
    kept: int
    had: int
    letters: int = 0
    refused: int = 0
    stopped: bool = False


def produce(
    workspace: Workspace,
    order: BulkOrder,
    folder: Callable[[], LetterFolder] | None,
    *,
    actor: Actor,
    begun: datetime,
    among: Collection[str] | None = None,
    tell: Tell = lambda _done, _of: None,
    stopped: Stopped = lambda: False,
) -> Produced:
    """Keep an explanation of each decision that has none, and write the letters.

    Parameters
    ----------
    workspace : Workspace
        Where.
    order : BulkOrder
        What is wanted.
    folder : callable, optional
        Opens the folder of the letters; ``None`` without letters.
    actor : Actor
        As of :func:`core.services.explanation.bulk_order.chosen`; the caller asks again who they
        are where letters are wanted.
    begun : datetime
        What was kept since is of this order, so it is not kept again.
    among : collection of str, optional
        As of :func:`core.services.explanation.bulk_order.chosen`.
    tell : callable
        Told how many steps are done, of how many.
    stopped : callable
        Asked between steps; what was made until then stays.

    Raises
    ------
    Conflict
        If somebody was erased meanwhile; what was made before stays.
    """
    access.require(actor, Permission.explanation_make, model=order.model_id)
    with workspace.store.read() as conn:
        buried = tombstones.marker(conn, order.model_id)
        own = explanation_desk.kept_since(conn, order.model_id, begun)
        before = explanations.explained_ids(conn, order.model_id) - own
    found = chosen(workspace, order, among=among, actor=actor)
    ids = found.ids()
    steps = len(ids) * (1 if folder is None else 2)
    had, kept = len(before.intersection(ids)), len(own.intersection(ids))
    for done, count in _kept(workspace, found, before | own, buried, actor=actor):
        kept += count
        tell(done, steps)
        if stopped():
            return Produced(len(ids), kept, had, stopped=True)
    if folder is None:
        return Produced(len(ids), kept, had)
    letters, ended = folder(), False
    for place, prediction_id in enumerate(ids, start=1):
        ended = stopped()
        if ended:
            break
        letters.write(prediction_id, actor=actor)
        tell(len(ids) + place, steps)
    letters.finish(ids, translator(order.language))
    outcomes = [letters.outcomes[each] for each in ids if each in letters.outcomes]
    released = sum(bool(each.reference) for each in outcomes)
    return Produced(len(ids), kept, had, released, len(outcomes) - released, ended)


def _kept(
    workspace: Workspace,
    found: Chosen,
    explained: frozenset[str],
    buried: int,
    *,
    actor: Actor,
) -> Iterator[tuple[int, int]]:
    """Keep what lacks; yield how many decisions are done, and how many of these were kept."""
    model_id = found.contract.id
    book, done = book_in_force(workspace, model_id), 0
    for decisions in found.chunks(workspace, CHUNK):
        wanted = [each for each in decisions if each.prediction_id not in explained]
        if wanted:
            records = explained_each(workspace, wanted, book, by=actor.audit_name)
            keep_many(workspace, model_id, records, buried=buried, actor=actor)
            ids = [each.prediction_id for each in wanted]
            attention.note_shown(workspace, model_id, ids, "explanation", by=actor)
        done += len(decisions)
        yield done, len(wanted)
