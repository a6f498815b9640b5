"""Letters about many decisions into a folder of who asks for them, as the command line does."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_
from core.lake.files import finished_file, storage_errors
from core.services import access
from core.services.explanation.bulk import MADE
from core.services.explanation.bulk_letters import OUTCOMES, LetterFolder, Step
from core.services.explanation.bulk_making import Produced, produce
from core.services.explanation.bulk_order import BulkOrder, chosen
from core.services.workspace import Workspace
from core.store.audit import trail as audit

_ORDER = "order"


def letters_to_folder(
    workspace: Workspace,
    order: BulkOrder,
    folder: Path,
    *,
    actor: Actor,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    step: Step = lambda _: None,
) -> Produced:
    """Keep what explanations lack, and write a letter about each decision into a folder.

    A run that broke off is continued by the same order with the same folder.

    Parameters
    ----------
    workspace : Workspace
        Where.
    order : BulkOrder
        Which letters.
    folder : Path
        It must not be there, be empty, or be of such a run.
    actor : Actor
        Needs ``letter.release`` and ``explanation.make``, and says again who they are.
    progress : callable
        Told how many steps are done, of how many.
    step : callable
        As of :class:`core.services.explanation.bulk_letters.LetterFolder`.

    Raises
    ------
    Forbidden, StepUpNeeded, NotFound, ExpressionError, InvalidInput
        As :func:`core.services.explanation.bulk.order_bulk`.
    Conflict
        If the folder holds something else, or somebody was erased meanwhile.
    """
    access.require(actor, Permission.letter_release, model=order.model_id)
    access.require_recent(workspace, actor)
    among = _claimed(folder, order)
    ids = chosen(workspace, order, among=among, actor=actor).ids()  # before anything is written
    if among is None:
        _claim(folder, order, ids)
    made = produce(
        workspace,
        order,
        lambda: LetterFolder(workspace, folder, order, step=step),
        actor=actor,
        begun=workspace.clock(),
        among=ids,
        tell=progress,
    )
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=MADE,
            objects={"model": order.model_id},
            body=asdict(made),
        )
    LetterFolder(workspace, folder, order).remove_outcomes()
    return made


def _claimed(folder: Path, order: BulkOrder) -> list[str] | None:
    """Return what a run of this order that broke off chose; ``None`` where there was none."""
    note = folder / OUTCOMES / _ORDER
    with storage_errors():
        kept = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
        if kept.get("key") == order.key:
            return [str(each) for each in kept["ids"]]
        if folder.exists() and (not folder.is_dir() or next(folder.iterdir(), None) is not None):
            raise Conflict(
                N_("{folder} is not empty."),
                remedy=N_("Name a folder that is not there yet."),
                folder=str(folder),
            )
    return None


def _claim(folder: Path, order: BulkOrder, ids: Sequence[str]) -> None:
    """Note in the folder whose it is."""
    with finished_file(folder / OUTCOMES / _ORDER) as partial:
        partial.touch(mode=0o600)
        partial.write_text(json.dumps({"key": order.key, "ids": list(ids)}), encoding="utf-8")
