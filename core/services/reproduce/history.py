"""When a model's log was last reproduced, and with what verdict, as the audit trail has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.reproduce.result import Verdict, verdict_of
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry

_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class PastReproduction:
    """A verdict on record; the counts are sums over the versions.

    Parameters
    ----------
    at : datetime
        When, in UTC.
    verdict : str
        Key of :data:`core.services.reproduce.result.VERDICTS`.
    seed, drawn, population : int
        Seed of the draw, rows drawn, and rows drawn from.
    scores, score_mismatches : int
        Scores recomputed, and those of them that differ.
    decisions, decision_mismatches : int
        Decisions replayed, and those of them that the policy does not make.
    overridden, not_judged : int
        Rows that a person decided otherwise, and those whose decision nothing is held against.
    not_reproducible : int
        Rows whose score could not be recomputed.
    """

    at: datetime
    verdict: Verdict
    seed: int
    drawn: int
    population: int
    scores: int
    score_mismatches: int
    decisions: int
    decision_mismatches: int
    overridden: int
    not_judged: int
    not_reproducible: int


def last_reproduction(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> PastReproduction | None:
    """Return the newest verdict on a model; ``None`` if there is none that the actor may see.

    A verdict that counts rows outside the actor's jurisdictions is passed over.
    """
    access.require(actor, Permission.quality_view, model=model_id)
    with workspace.store.read() as conn:
        entries = audit.list_newest(
            conn, kind="model.reproduced", objects={"model": model_id}, limit=_LOOKED_AT
        )
    return next((_past(each) for each in entries if _in_scope(each, actor)), None)


def _in_scope(entry: AuditEntry, actor: Actor) -> bool:
    drawn_from: Any = entry.body["jurisdictions"]
    if actor.jurisdictions is None:
        return True
    return drawn_from is not None and actor.jurisdictions.issuperset(drawn_from)


def _past(entry: AuditEntry) -> PastReproduction:
    body: Mapping[str, Any] = entry.body
    versions: list[Mapping[str, Any]] = body["versions"]

    def total(name: str) -> int:
        return sum(int(each[name]) for each in versions)

    lost = sum(sum(each["not_reproducible"].values()) for each in versions)
    wrong = total("score_mismatches") + total("decision_mismatches")
    return PastReproduction(
        at=entry.at,
        verdict=verdict_of(wrong + lost, total("scores"), total("decisions")),
        seed=int(body["seed"]),
        drawn=int(body["drawn"]),
        population=int(body["population"]),
        scores=total("scores"),
        score_mismatches=total("score_mismatches"),
        decisions=total("decisions"),
        decision_mismatches=total("decision_mismatches"),
        overridden=total("overridden"),
        not_judged=total("not_judged"),
        not_reproducible=lost,
    )
