"""What of a model in the loop stays held for good: it was routed, and no rule made a case of it."""

from collections.abc import Iterable, Mapping

from core.domain.windows import start_of_day
from core.lake.releases.facts import ReleaseFiles, ReviewTimes
from core.lake.releases.held import HeldFiles, held_without_case
from core.lake.row_filter import RowFilter
from core.services.questions import parsed_contract
from core.services.serving.release_answer import IN_THE_LOOP
from core.services.workspace import Workspace
from core.store.models import ModelRecord


def held_rows(
    workspace: Workspace,
    record: ModelRecord,
    files: ReleaseFiles,
    times: ReviewTimes,
    batches: frozenset[str],
) -> Mapping[str, int]:
    """Return version → predictions that no verdict will ever release.

    Only versions that are in the loop now: what is in command needs no case. A prediction that
    waits to be routed may still become one, and one from before ``review.from`` is not to.

    Parameters
    ----------
    workspace : Workspace
        Where.
    record : ModelRecord
        The model, with its contract in force.
    files : ReleaseFiles
        Its log, and the rows of it that the reader sees.
    times : ReviewTimes
        What people did about its predictions.
    batches : frozenset of str
        Those of its batches that were held against the rules.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    contract = parsed_contract(record.spec_text)
    loop = tuple(each.id for each in contract.versions if each.oversight_level == IN_THE_LOOP)
    if not loop:
        return {}
    start = contract.review.start if contract.review else None
    looked_at = HeldFiles(
        files.predictions,
        files.decisions,
        RowFilter(versions=loop, jurisdictions=files.rows.jurisdictions),
        None if start is None else start_of_day(start, contract.timezone),
    )
    settled = frozenset(_settled(times))
    key = ("held_without_case", record.id, record.lake_generation, looked_at.rows, looked_at.start)
    return workspace.memo.get(
        (*key, batches, hash(settled)),
        lambda: held_without_case(workspace.duck, looked_at, batches=batches, settled=settled),
    )


def _settled(times: ReviewTimes) -> Iterable[str]:
    """Yield the predictions with a case whose verdict counts, and those that a person stopped."""
    yield from (prediction for prediction, *_ in times.waits)
    last = {prediction: said for prediction, _, said in times.by_hand}
    yield from (prediction for prediction, said in last.items() if said == "stopped")
