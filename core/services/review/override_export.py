"""What people decided, as labelled data: the features of each prediction beside both decisions.

For retraining and for analysis. What only measures (controls, second reviews) and how long people
took are no part of it; it says nothing about any reviewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.review import Verdict
from core.errors import NothingYet
from core.i18n import N_
from core.lake.labels.known import known_labels
from core.lake.rows_by_id import rows_by_id
from core.services import access, exports
from core.services.demo.verdicts import SIMULATED
from core.services.exports import MadeExport
from core.services.questions import parsed_contract
from core.services.safe_csv import csv_bytes
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.review.final_verdicts import final_verdicts
from core.store.review.records import CaseRecord
from core.store.rights import disputes

_ID = "prediction_id"
_BEFORE = ("predicted_at", "version")
_AFTER = (
    "model_decision",
    "human_decision",
    "verdict",
    "reason_code",
    "tier",
    "kind",
    "decided_at",
    "outcome",
    "simulated",
    "disputed",
)


@dataclass(frozen=True, slots=True)
class VerdictExport:
    """A file of verdicts.

    Parameters
    ----------
    made : MadeExport
        Where it is to be fetched.
    rows, overturned : int
        Verdicts in it, and those of them that overturned the model.
    gone : int
        Verdicts left out because their prediction is no longer in the log.
    left_out : tuple of str
        Personal columns that are not in it.
    """

    made: MadeExport
    rows: int
    overturned: int
    gone: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands beside verdicts: the outcomes, and which predictions have a note in force."""

    labels: Mapping[str, float]
    disputed: frozenset[str]


def export_verdicts(
    workspace: Workspace, model_id: str, *, actor: Actor, with_personal: bool = False
) -> VerdictExport:
    """Write a model's final verdicts with the features they were about; one row a prediction.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose.
    actor : Actor
        Needs ``review.export``; gets what lies in the own jurisdictions.
    with_personal : bool
        Whether personal columns are in it: that takes ``personal.export`` and a step-up.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, or has to say again who they are.
    NotFound
        If the model lies outside the actor's scope.
    NothingYet
        If no verdict is final.
    """
    access.require(actor, Permission.review_export, model=model_id)
    if with_personal:
        access.require(actor, Permission.personal_export, model=model_id)
        access.require_recent(workspace, actor)
    contract, found, rows, known = _read(workspace, model_id, actor)
    if not found:
        raise NothingYet(
            N_("No verdict about {model} is final yet."),
            remedy=N_("Decide cases in the review queue."),
            model=model_id,
        )
    kept = [each for each in found if each.prediction_id in rows]
    shown, left_out = _columns(contract, with_personal)
    header = [*(_heading(each) for each in shown), *_AFTER]
    body = [_line(contract, each, rows[each.prediction_id], known, shown) for each in kept]
    made = exports.publish(
        workspace,
        csv_bytes(header, body),
        actor=actor,
        permission=Permission.review_export,
        name=f"verdicts-{model_id}-{workspace.clock():%Y%m%d}.csv",
        media_type="text/csv; charset=utf-8",
        model=model_id,
        personal=with_personal,
    )
    overturned = sum(each.verdict is Verdict.overturn for each in kept)
    return VerdictExport(made, len(kept), overturned, len(found) - len(kept), left_out)


@retry_when_stale
def _read(
    workspace: Workspace, model_id: str, actor: Actor
) -> tuple[ModelContract, list[CaseRecord], dict[str, tuple[Any, ...]], _Known]:
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        contract = parsed_contract(record.spec_text)
        found = [
            each
            for each in final_verdicts(conn, model_id)
            if actor.sees_jurisdiction(each.jurisdiction)
        ]
        files = {
            stream: workspace.lake_paths(
                manifest.files_at(
                    conn, model_id, record.lake_generation, kinds=["data"], streams=[stream]
                )
            )
            for stream in ("predictions", "resolved")
        }
        ids = [each.prediction_id for each in found]
        disputed = disputes.disputed(conn, model_id, ids)
    aliases = [contract.alias(each.name) for each in contract.features]
    rows = rows_by_id(workspace.duck, files["predictions"], ids, aliases)
    labels = known_labels(workspace.duck, files["resolved"], ids, as_of=workspace.clock())
    return contract, found, rows, _Known(labels, disputed)


def _columns(contract: ModelContract, with_personal: bool) -> tuple[list[str], tuple[str, ...]]:
    """Return what stands before the verdict, and what of it is left out because it is personal."""
    wanted = [_ID, *_BEFORE, *(f"={each.name}" for each in contract.features)]
    personal = [
        each
        for each in wanted
        if each not in _BEFORE and contract.is_personal(each.removeprefix("="))
    ]
    if with_personal:
        return wanted, ()
    left_out = tuple(each.removeprefix("=") for each in personal)
    return [each for each in wanted if each not in personal], left_out


def _heading(column: str) -> str:
    """Return a feature's own name, unless a column of the verdict has it."""
    name = column.removeprefix("=")
    is_taken = column != name and name in {_ID, *_BEFORE, *_AFTER}
    return f"feature_{name}" if is_taken else name


def _line(
    contract: ModelContract,
    case: CaseRecord,
    values: Sequence[Any],
    beside: _Known,
    shown: Sequence[str],
) -> list[object]:
    features = dict(zip((f"={each.name}" for each in contract.features), values, strict=True))
    known: dict[str, object] = {
        _ID: case.prediction_id,
        "predicted_at": case.predicted_at.isoformat(),
        "version": case.version,
        **features,
    }
    return [
        *(known[each] for each in shown),
        case.decision,
        case.final_decision,
        str(case.verdict),
        case.reason_code,
        case.tier,
        case.kind,
        case.final_at.isoformat() if case.final_at else None,
        beside.labels.get(case.prediction_id),
        int(case.fed_batch == SIMULATED),
        int(case.prediction_id in beside.disputed),
    ]
