"""What a serving system is told of a prediction, and by which rules: no storage, no clock."""

from dataclasses import dataclass
from datetime import datetime

from core.contract import ModelContract
from core.domain.windows import start_of_day
from core.lake.decisions.one_prediction import PredictionPlace
from core.services.serving.state import ModelState
from core.store.release_gate import Reviewed
from core.store.serving import ReleaseRecord

IN_THE_LOOP, OUT_OF_THE_LOOP = "in_the_loop", "out_of_the_loop"
IN_COMMAND = "in_command"


@dataclass(frozen=True, slots=True)
class Release:
    """What a serving system is told of a prediction.

    Parameters
    ----------
    model_id, prediction_id : str
        Which prediction.
    state : str
        ``held``, ``released`` or ``stopped``.
    reason : str
        Why: ``decided`` (by a person), ``reviewed`` (the verdict of its case is final),
        ``in_review`` (a case of it waits), ``case_withdrawn`` (its case was taken out of the queue
        undecided), ``opted_out`` (the customer does not want a model alone to decide, and no
        verdict is final), ``not_routed`` (nobody has looked whether it becomes a case),
        ``oversight_level``, ``undeclared`` (the contract states no level for the version),
        ``unknown`` (not ingested), ``suspended`` (and another version takes over, or none), or
        ``not_serving`` (the model was rolled back, and another version is to serve).
    version, jurisdiction, oversight_level : str, optional
        Of the prediction; ``None`` where it is not known.
    decided_at : datetime, optional
        When a person decided.
    decision : str, optional
        What people decided in its case; ``None``: what the log says.
    fallback_version : str, optional
        What takes over, while the model is suspended.
    dispute_notes : int
        Notes of the customer that are bound to the prediction, and go along with it.
    opted_out : bool
        Whether the customer stands in the register of those who opted out.
    """

    model_id: str
    prediction_id: str
    state: str
    reason: str
    version: str | None = None
    jurisdiction: str | None = None
    oversight_level: str | None = None
    decided_at: datetime | None = None
    fallback_version: str | None = None
    decision: str | None = None
    dispute_notes: int = 0
    opted_out: bool = False


def answer_of(
    contract: ModelContract,
    prediction_id: str,
    place: PredictionPlace | None,
    decided: ReleaseRecord | None,
    state: ModelState,
    review: Reviewed,
    *,
    opted_out: bool,
) -> Release:
    """Return whether a prediction may take effect, from all that is known of it.

    Parameters
    ----------
    contract : ModelContract
        In force.
    prediction_id : str
        Which prediction.
    place : PredictionPlace, optional
        Where it stands; ``None`` where it was not ingested.
    decided : ReleaseRecord, optional
        What a person decided by hand.
    state, review : ModelState, Reviewed
        How the model, and the prediction's cases, stand.
    opted_out : bool
        Whether its customer does not want a model alone to decide.
    """
    level = None if place is None else _oversight_level(contract, place.version)
    by_verdict_only = level == IN_THE_LOOP or opted_out
    if decided is not None and by_verdict_only and decided.state == "released":
        decided = None  # from before that: now a verdict alone counts
    verdict, reason = _verdict(contract, place, level, decided, state, review)
    if opted_out and verdict == "released" and reason != "reviewed":
        verdict, reason = "held", "opted_out"
    by_case = reason == "reviewed"
    when = review.final_at if by_case else decided.decided_at if decided else None
    return Release(
        model_id=contract.id,
        prediction_id=prediction_id,
        state=verdict,
        reason=reason,
        version=None if place is None else place.version,
        jurisdiction=None if place is None else place.jurisdiction,
        oversight_level=level,
        decided_at=when,
        fallback_version=state.fallback_version if state.suspended else None,
        decision=review.final_decision if by_case else None,
        opted_out=opted_out,
    )


def _verdict(
    contract: ModelContract,
    place: PredictionPlace | None,
    level: str | None,
    decided: ReleaseRecord | None,
    state: ModelState,
    review: Reviewed,
) -> tuple[str, str]:
    """Return whether a prediction is held, released or stopped, and why."""
    if decided is not None and decided.state == "stopped":
        return "stopped", "decided"
    if review.final_at is not None and place is not None:
        return "released", "reviewed"
    if decided is not None:
        return decided.state, "decided"
    if state.suspended and (place is None or place.version != state.fallback_version):
        return "held", "suspended"
    if place is None:
        return "held", "unknown"
    if not state.suspended and state.serving_version not in {None, place.version}:
        return "held", "not_serving"
    if level is None:
        return "held", "undeclared"
    if level == OUT_OF_THE_LOOP:
        return "released", "oversight_level"
    if review.waiting:
        return "held", "in_review"
    if review.withdrawn and level == IN_COMMAND:
        return "held", "case_withdrawn"
    if level == IN_THE_LOOP or not _is_routed_by_rules(contract, place):
        return "held", "oversight_level"
    return ("released", "oversight_level") if review.routed else ("held", "not_routed")


def _is_routed_by_rules(contract: ModelContract, place: PredictionPlace) -> bool:
    """Whether rules say which predictions of this time people look at."""
    review = contract.review
    if review is None or not review.rules:
        return False
    start = review.start
    return start is None or place.time >= start_of_day(start, contract.timezone)


def _oversight_level(contract: ModelContract, version: str) -> str | None:
    return next((each.oversight_level for each in contract.versions if each.id == version), None)
