"""A case as it is stored, and one that is about to be made."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from core.domain.review import CaseState, Verdict


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be made.

    Parameters
    ----------
    model_id, prediction_id, occasion : str
        Which prediction, and why it is looked at; there is one case for the three.
    kind : {"routed", "request", "appeal", "control", "second"}
        What made it.
    subject_id : str
        Pseudonym of whom the prediction is about.
    jurisdiction, version : str
        Of the prediction.
    predicted_at : datetime
        When the model decided.
    decision : str
        What the model, or its policy, decided.
    rules_sha256 : str
        Of the review rules in force.
    rule, rules : str, sequence of str
        The rule that counts, and all that held.
    due_at : datetime
        By when it is to be decided.
    score, amount, policy_version
        Of the prediction, where known.
    tier : {"normal", "high"}
        How much is at stake.
    priority : int
        0 to 100; higher ones are claimed first.
    language, skill : str, optional
        What a reviewer has to know.
    score_shown : {"at_once", "after_own_view", "never"}
        When a reviewer sees the score.
    in_check_sample : bool
        Whether it is checked in any case.
    parent_id, request_id : int, optional
        The case that an appeal or second review is about; the customer's request.
    assigned_to : str, optional
        The user who is to take it.
    barred_maker_id, barred_checker_id : str, optional
        Users who may not: the maker and the checker of the parent.
    """

    model_id: str
    prediction_id: str
    occasion: str
    kind: str
    subject_id: str
    jurisdiction: str
    version: str
    predicted_at: datetime
    decision: str
    rules_sha256: str
    rule: str
    due_at: datetime
    rules: Sequence[str] = ()
    score: float | None = None
    amount: float | None = None
    policy_version: str | None = None
    tier: str = "normal"
    priority: int = 50
    language: str | None = None
    skill: str | None = None
    score_shown: str = "at_once"
    in_check_sample: bool = False
    parent_id: int | None = None
    request_id: int | None = None
    assigned_to: str | None = None
    barred_maker_id: str | None = None
    barred_checker_id: str | None = None

    def values(self) -> dict[str, Any]:
        """Return the columns; the rules as a list."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return found | {"rules": list(self.rules)}


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case with every column of its table; see the columns of :class:`NewCase`.

    Parameters
    ----------
    id : int
        Its key.
    state : CaseState
        Where it stands.
    revision : int
        How often it was changed.
    holder_id, lease_until : str, datetime, optional
        Who has it, and until when.
    maker_id, checker_id : str, optional
        Who proposed the verdict that stands, and who agreed.
    verdict, reason_code : Verdict, str, optional
        The verdict that stands, and why.
    proposed_decision, final_decision : str, optional
        The decision that the verdict leads to; final once nothing can change it.
    check_reason : str, optional
        Why a checker is asked (see :func:`core.domain.review.check_needed`).
    created_at, proposed_at, final_at, escalated_at : datetime, optional
        Its times.
    follow_up_on : date, optional
        When to ask the customer again.
    fed_batch : str, optional
        The batch of the decisions stream that has its verdict.
    """

    id: int
    model_id: str
    prediction_id: str
    occasion: str
    kind: str
    parent_id: int | None
    request_id: int | None
    subject_id: str
    jurisdiction: str
    version: str
    predicted_at: datetime
    decision: str
    score: float | None
    amount: float | None
    policy_version: str | None
    rules_sha256: str
    rule: str
    rules: tuple[str, ...]
    tier: str
    priority: int
    language: str | None
    skill: str | None
    score_shown: str
    in_check_sample: bool
    state: CaseState
    revision: int
    holder_id: str | None
    lease_until: datetime | None
    assigned_to: str | None
    maker_id: str | None
    checker_id: str | None
    barred_maker_id: str | None
    barred_checker_id: str | None
    verdict: Verdict | None
    proposed_decision: str | None
    final_decision: str | None
    reason_code: str | None
    check_reason: str | None
    created_at: datetime
    due_at: datetime
    follow_up_on: date | None
    escalated_at: datetime | None
    proposed_at: datetime | None
    final_at: datetime | None
    fed_batch: str | None

    @property
    def is_escalated(self) -> bool:
        """Whether it was ever escalated."""
        return self.escalated_at is not None


def case_of(row: Row[Any]) -> CaseRecord:
    """Return a row of the table as a case."""
    found = dict(row._mapping)
    verdict = found["verdict"]
    return CaseRecord(
        **{
            **found,
            "rules": tuple(found["rules"]),
            "state": CaseState(found["state"]),
            "verdict": None if verdict is None else Verdict(verdict),
        }
    )
