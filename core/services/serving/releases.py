"""Whether a prediction may take effect: by the model's oversight, unless a person decided.

In the loop, a prediction is held until the verdict of its case is final. In command, it is held
until it was held against the rules of review, and then only while a case of it waits; without
rules, and where its case was withdrawn, until a person releases it. Out of the loop it is released
by itself. Of a customer who opted out, whatever the level, only a final verdict releases anything.
Whatever is not known is held: a prediction that was not ingested, a version without an
oversight level, another version than the one that the model was rolled back to, and everything of a
suspended model that nobody decided about, but for the version that takes over: that one goes by its
own level.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import Conflict, Forbidden, NotFound
from core.i18n import N_
from core.lake.decisions.one_prediction import (
    PredictionFiles,
    PredictionPlace,
    find_prediction,
    read_prediction,
)
from core.services import access
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.review.blind import is_kept_blind
from core.services.rights.attention import note_shown
from core.services.serving.release_answer import IN_THE_LOOP, Release, answer_of
from core.services.serving.state import checked_reason, state_of
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models, serving
from core.store.audit import trail as audit
from core.store.identity import assignments
from core.store.release_gate import Reviewed, reviewed
from core.store.review import blind
from core.store.rights import disputes, opt_outs
from core.store.serving import Decision, ReleaseRecord

ANSWERED = "release.answered"


def release_state(
    workspace: Workspace, model_id: str, prediction_id: str, *, actor: Actor
) -> Release:
    """Return whether a prediction in the actor's scope may take effect.

    Raises
    ------
    NotFound
        If the model, or the prediction's jurisdiction, lies outside the actor's scope.
    """
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        as_waiting = is_kept_blind(actor) and blind.waits(conn, model_id, prediction_id)
    found = _read(workspace, model_id, prediction_id, as_waiting=as_waiting)
    if found.jurisdiction is not None and not actor.sees_jurisdiction(found.jurisdiction):
        raise _no_prediction(prediction_id)
    return found


def read_release(workspace: Workspace, model_id: str, prediction_id: str) -> Release:
    """Return whether a prediction may take effect, for a caller whose token allows the question.

    Raises
    ------
    NotFound
        If there is no such model.
    StorageError
        If the state or the lake cannot be read; then nothing may take effect.
    """
    return _read(workspace, model_id, prediction_id)


@retry_when_stale
def _read(
    workspace: Workspace, model_id: str, prediction_id: str, *, as_waiting: bool = False
) -> Release:
    """Return the answer; as if its case waited, where a second verdict is to be given blind."""
    with workspace.store.read() as conn:
        row = models.get(conn, model_id)
        state = state_of(conn, model_id)
        decided = serving.find_release(conn, model_id, prediction_id)
        groups = _newest_first(_predictions(conn, row))
    files = PredictionFiles(model_id, [workspace.lake_paths(files) for files in groups])
    place = find_prediction(workspace.duck, workspace.id_filters, files, prediction_id)
    contract = parsed_contract(row.spec_text)
    with workspace.store.read() as conn:
        batch = "" if place is None else place.batch_id
        review = reviewed(conn, model_id, prediction_id, batch)
        if as_waiting:
            review = Reviewed(routed=True, waiting=True)
        notes = len(disputes.notes_for(conn, model_id, prediction_id))
        subject_id = _subject_id(workspace, prediction_id, place)
        out = place is not None and opt_outs.in_force(conn, subject_id, model_id) is not None
    answer = answer_of(contract, prediction_id, place, decided, state, review, opted_out=out)
    return replace(answer, dispute_notes=notes)


def _subject_id(workspace: Workspace, prediction_id: str, place: PredictionPlace | None) -> str:
    """Return the pseudonym of whom it is about, as :mod:`core.services.personal.reasons` does."""
    return workspace.keys.subject_id((place.subject if place else "") or prediction_id)


def answer_release(
    workspace: Workspace, model_id: str, prediction_id: str, *, token_id: str
) -> Release:
    """Return what :func:`read_release` does, and keep it for the trail.

    Of a version in the loop, and of who opted out, each answer is kept that differs from the one
    before: what a serving system was told, and when, can be proved.

    Parameters
    ----------
    workspace, model_id, prediction_id : Workspace, str, str
        Where, and which prediction.
    token_id : str
        Id of the token that asks, and that allows the question.

    Raises
    ------
    NotFound, StorageError
        As for :func:`read_release`; also if the answer cannot be kept.
    """
    found = read_release(workspace, model_id, prediction_id)
    if found.oversight_level == IN_THE_LOOP or found.opted_out:
        _keep_answer(workspace, found, token_id)
    if found.dispute_notes:
        asking = f"token:{token_id}"
        note_shown(workspace, model_id, [prediction_id], "release", system=asking)
    return found


def _keep_answer(workspace: Workspace, found: Release, token_id: str) -> None:
    objects = {
        "model": found.model_id,
        "prediction": found.prediction_id,
        "jurisdiction": found.jurisdiction or "",
    }
    body = {"state": found.state, "reason": found.reason, "decision": found.decision}
    with workspace.store.read() as conn:
        if _last_answer(conn, objects) == body:
            return
    with workspace.store.begin() as conn:
        if _last_answer(conn, objects) == body:
            return
        audit.append(
            conn,
            at=workspace.clock(),
            actor=f"token:{token_id}",
            role="",
            kind="release.answered",
            objects=objects,
            body=body,
        )


def _last_answer(conn: Connection, objects: Mapping[str, str]) -> Mapping[str, object] | None:
    about = {name: objects[name] for name in ("model", "prediction")}
    found = audit.list_newest(conn, kind=ANSWERED, objects=about, limit=1)
    return found[0].body if found else None


def release(
    workspace: Workspace, model_id: str, prediction_id: str, *, reason: str, actor: Actor
) -> Release:
    """Let a held prediction take effect.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, develops the model, or has to say again who they are.
    NotFound
        If it was not ingested, or lies outside the actor's scope.
    Conflict
        If its version is in the loop, or its customer opted out: then the verdict of its case
        releases it, and nothing else.
    InvalidInput
        If there is no reason, or it names a personal value of the row.
    """
    access.require(actor, Permission.release_decide, model=model_id)
    access.require_recent(workspace, actor)
    return _decide(workspace, model_id, prediction_id, "released", reason, actor=actor)


def stop(
    workspace: Workspace, model_id: str, prediction_id: str, *, reason: str, actor: Actor
) -> Release:
    """Keep a prediction from taking effect, whatever the oversight level; raises as `release`."""
    access.require(actor, Permission.release_decide, model=model_id)
    return _decide(workspace, model_id, prediction_id, "stopped", reason, actor=actor)


def _decide(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    decision: Decision,
    reason: str,
    *,
    actor: Actor,
) -> Release:
    why = checked_reason(reason)
    before = release_state(workspace, model_id, prediction_id, actor=actor)
    if before.version is None:
        raise _no_prediction(prediction_id)
    if decision == "released" and before.oversight_level == IN_THE_LOOP:
        raise Conflict(
            N_("The version {version} is in the loop: a final verdict releases its predictions."),
            remedy=N_("Decide the case of {prediction} in the review queue."),
            version=before.version,
            prediction=prediction_id,
        )
    if decision == "released" and before.opted_out:
        raise Conflict(
            N_("The customer of {prediction} opted out: only a final verdict releases it."),
            remedy=N_("Open a case of it from a request for review, and decide that."),
            prediction=prediction_id,
        )
    contract, row = _row(workspace, model_id, prediction_id)
    reasons.refuse_values(why, reasons.values_of_prediction(contract, row))
    subject_id = reasons.subject_of_prediction(workspace, contract, row)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        kinds = assignments.list_assignments(conn, user_id=actor.user_id, model_id=model_id)
        if any(each.kind == "developer" for each in kinds):
            raise Forbidden(
                "A developer of the model {model} cannot decide this.",
                remedy="Ask somebody who does not develop the model.",
                model=model_id,
            )
        reasons.refuse_known_people(workspace, conn, why)
        serving.put_release(
            conn, ReleaseRecord(model_id, prediction_id, decision, why, now, actor.audit_name)
        )
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind=f"prediction.{decision}",
            objects={
                "model": model_id,
                "prediction": prediction_id,
                "jurisdiction": before.jurisdiction or "",
            },
            body={"before": before.state},
            personal=reasons.about(subject_id, why),
        )
    return release_state(workspace, model_id, prediction_id, actor=actor)


@retry_when_stale
def _row(
    workspace: Workspace, model_id: str, prediction_id: str
) -> tuple[ModelContract, dict[str, object]]:
    """Return the contract, and the row of a prediction as the lake has it."""
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        groups = _newest_first(_predictions(conn, record))
    files = PredictionFiles(model_id, [workspace.lake_paths(files) for files in groups])
    found = read_prediction(workspace.duck, workspace.id_filters, files, prediction_id)
    if found is None:
        raise _no_prediction(prediction_id)
    return parsed_contract(record.spec_text), found


def _predictions(conn: Connection, record: models.ModelRecord) -> tuple[manifest.ManifestFile, ...]:
    return manifest.files_at(
        conn, record.id, record.lake_generation, kinds=["data"], streams=["predictions"]
    )


def _newest_first(
    files: tuple[manifest.ManifestFile, ...],
) -> list[list[manifest.ManifestFile]]:
    """Return the newest month's files, then all others."""
    newest = max((file.month or "" for file in files), default="")
    groups = [
        [file for file in files if (file.month or "") == newest],
        [file for file in files if (file.month or "") != newest],
    ]
    return [group for group in groups if group]


def _no_prediction(prediction_id: str) -> NotFound:
    return NotFound(
        "There is no prediction {prediction} in your scope.",
        remedy="Ingest it first; until then it is held.",
        prediction=prediction_id,
    )
