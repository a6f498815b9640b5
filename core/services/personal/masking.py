"""Personal data: masked by default; revealed one prediction at a time, with a reason, on record."""

from collections.abc import Mapping, Sequence

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import N_
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.services import access
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.review.hidden_score import goes_with_score, is_hidden_from
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.audit import trail as audit

WHAT_FOR = N_("Write what the values are needed for.")
SHORTEST_REASON = 10


def lake_column(contract: ModelContract, name: str) -> str:
    """Return the lake's column of a column of the log."""
    named = {source: canonical for canonical, source in contract.log.mapping().items()}
    return named.get(name) or contract.alias(name)


def reveal(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    columns: Sequence[str],
    *,
    reason: str,
    actor: Actor,
) -> Mapping[str, object]:
    """Return personal values of one prediction; the trail says who saw which columns, and why.

    The entry is committed before a value leaves this function.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which prediction.
    columns : sequence of str
        Personal columns of the log, by the names that the log has.
    reason : str
        At least ten characters; kept under the key of whom the prediction is about.
    actor : Actor
        Who looks.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, or has to say again who they are.
    NotFound
        If there is no such prediction in the actor's scope.
    InvalidInput
        If the reason is too short or names a personal value of the row, also of a column that is
        not asked for; or a column is not personal.
    Conflict
        If the score is hidden from the actor, who may be asked to decide the prediction's case.
    """
    access.require(actor, Permission.personal_reveal, model=model_id)
    why = checked_reason(reason)
    access.require_recent(workspace, actor)
    contract, row = _row(workspace, model_id, prediction_id)
    if row is None or not actor.sees_jurisdiction(str(row.get("jurisdiction") or "")):
        raise NotFound(
            "There is no prediction {id}.",
            remedy="Look the id up in the log; ids are written as the log has them.",
            id=prediction_id,
        )
    check_columns(contract, columns)
    _require_not_hidden(workspace, contract, prediction_id, columns, actor)
    values = {name: row.get(lake_column(contract, name)) for name in columns}
    reasons.refuse_values(why, reasons.values_of_prediction(contract, row))
    subject_id = reasons.subject_of_prediction(workspace, contract, row)
    objects = {
        "model": model_id,
        "prediction": prediction_id,
        "jurisdiction": str(row.get("jurisdiction") or ""),
    }
    with workspace.store.begin() as conn:
        reasons.refuse_known_people(workspace, conn, why)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="personal.revealed",
            objects=objects,
            body={"columns": list(columns)},
            personal=reasons.about(subject_id, why),
        )
    return values


def checked_reason(reason: str, *, remedy: str = WHAT_FOR) -> str:
    """Return a reason without blanks around it, or refuse one that is too short."""
    why = reason.strip()
    if len(why) < SHORTEST_REASON:
        raise InvalidInput(
            "The reason is shorter than {count} characters.",
            remedy=remedy,
            count=SHORTEST_REASON,
        )
    return why


def check_columns(contract: ModelContract, columns: Sequence[str]) -> None:
    """Refuse columns that are not personal: what they hold is shown without asking."""
    for name in columns:
        if name not in contract.personal_log_columns:
            raise InvalidInput(
                "{column} is not a personal column of {model}.",
                remedy="Choose from: {known}.",
                column=name,
                model=contract.id,
                known=", ".join(sorted(contract.personal_log_columns)) or "–",
            )


def _require_not_hidden(
    workspace: Workspace,
    contract: ModelContract,
    prediction_id: str,
    columns: Sequence[str],
    actor: Actor,
) -> None:
    """Refuse the score, and what would give it away, to whoever is to judge without it."""
    if not any(goes_with_score(contract, each) for each in columns):
        return
    with workspace.store.read() as conn:
        hidden = is_hidden_from(conn, contract.id, prediction_id, actor)
    if hidden:
        raise Conflict(
            N_("A case of this prediction is to be judged without its score."),
            remedy=N_("Decide the case first; or leave out the score and the model's reasons."),
        )


@retry_when_stale
def _row(
    workspace: Workspace, model_id: str, prediction_id: str
) -> tuple[ModelContract, dict[str, object] | None]:
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    place = PredictionFiles(model_id, [workspace.lake_paths(files)])
    found = read_prediction(workspace.duck, workspace.id_filters, place, prediction_id)
    return parsed_contract(record.spec_text), found
