"""Words about a case: how long they may be, and that they name no personal value of the row."""

from collections.abc import Sequence

from core.contract import ModelContract
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.manifest import ManifestFile

MOST_CHARACTERS = 4000


def checked(text: str, *, needed: bool) -> str:
    """Return words without blanks around them.

    Raises
    ------
    InvalidInput
        If they are needed and missing, or too long.
    """
    found = text.strip()
    if len(found) > MOST_CHARACTERS or (needed and not found):
        raise InvalidInput(
            N_("Words of 1 to {most} characters are needed here."),
            remedy=N_("Write what the next reader of the case has to know."),
            most=MOST_CHARACTERS,
        )
    return found


def refuse_personal(
    workspace: Workspace, model_id: str, prediction_id: str, texts: Sequence[str]
) -> None:
    """Refuse words with a personal value of the prediction, or with a person known here.

    The prediction is read from the lake, so call it outside of a transaction.

    Raises
    ------
    InvalidInput
        If they have one.
    """
    written = "\n".join(each for each in texts if each)
    if not written:
        return
    contract, row = prediction_row(workspace, model_id, prediction_id)
    if row is not None:
        reasons.refuse_values(written, reasons.values_of_prediction(contract, row))
    with workspace.store.read() as conn:
        reasons.refuse_known_people(workspace, conn, written)


@retry_when_stale
def prediction_row(
    workspace: Workspace, model_id: str, prediction_id: str
) -> tuple[ModelContract, dict[str, object] | None]:
    """Return the contract, and a prediction as the lake has it; ``None`` if it does not.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(
            conn, record.id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    contract = parsed_contract(record.spec_text)
    groups = [workspace.lake_paths(group) for group in _newest_first(files)]
    if not groups:
        return contract, None
    found = read_prediction(
        workspace.duck, workspace.id_filters, PredictionFiles(model_id, groups), prediction_id
    )
    return contract, found


def _newest_first(files: Sequence[ManifestFile]) -> list[list[ManifestFile]]:
    """Return the newest month's files, then all others."""
    newest = max((each.month or "" for each in files), default="")
    groups = [
        [each for each in files if (each.month or "") == newest],
        [each for each in files if (each.month or "") != newest],
    ]
    return [group for group in groups if group]
