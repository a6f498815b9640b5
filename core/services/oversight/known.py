"""The verdict that the known outcome of a prediction calls for."""

from collections.abc import Sequence
from datetime import datetime

from core.contract import ModelContract
from core.lake.cases.outcomes import CaseOutcome, case_outcomes
from core.services.questions import parsed_contract
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models


def has_known_verdicts(contract: ModelContract) -> bool:
    """Whether an outcome says which of two decisions was right."""
    review = contract.review
    two = review is None or len(review.decisions) == 2
    outcome = contract.outcome
    label = outcome is not None and outcome.label is not None
    return contract.task == "binary_classification" and label and two


def expected_verdict(outcome: CaseOutcome) -> str:
    """Return the verdict that an outcome calls for."""
    return "uphold" if outcome.model_was_right else "overturn"


def matured_before(contract: ModelContract, now: datetime) -> datetime:
    """Return up to when predictions have a final outcome."""
    return contract.outcome.matures_after.before(now) if contract.outcome else now


@retry_when_stale
def known_outcomes(
    workspace: Workspace, model_id: str, prediction_ids: Sequence[str]
) -> dict[str, CaseOutcome]:
    """Return prediction → outcome of those whose outcome is final; for a caller who has asked."""
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        contract = parsed_contract(record.spec_text)
        if not has_known_verdicts(contract):
            return {}
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["resolved"]
        )
    now = workspace.clock()
    return case_outcomes(
        workspace.duck,
        contract,
        workspace.lake_paths(files),
        sorted(set(prediction_ids)),
        as_of=now,
        matured_before=matured_before(contract, now),
    )
