"""The decision that is to be explained, as the log has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import Forbidden, NotFound
from core.i18n import N_
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.services import access
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.review.hidden_score import is_hidden_from
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.models import Artefact


@dataclass(frozen=True, slots=True)
class Decision:
    """One prediction of a log, with what belongs to its model.

    Parameters
    ----------
    contract, spec_sha256 : ModelContract, str
        In force now, and its hash.
    files : sequence of Artefact
        All registered files of the model, the newest first.
    row : Mapping of str to object
        Every lake column.
    subject_id : str
        Pseudonym of whom it is about.
    """

    contract: ModelContract
    spec_sha256: str
    files: Sequence[Artefact]
    row: Mapping[str, object] = field(repr=False)
    subject_id: str

    @property
    def prediction_id(self) -> str:
        """As the log has it."""
        return str(self.row["prediction_id"])

    @property
    def version(self) -> str:
        """Version of the model that made it."""
        return str(self.row.get("version") or "")

    @property
    def jurisdiction(self) -> str:
        """Empty where the log names none."""
        return str(self.row.get("jurisdiction") or "")

    @property
    def decided(self) -> str:
        """As logged; else what the model predicted; else empty."""
        return str(self.row.get("decision") or self.row.get("prediction") or "")

    @property
    def predicted_at(self) -> datetime:
        """When it was made."""
        found = self.row["time"]
        if not isinstance(found, datetime):
            raise TypeError("a prediction without a time")
        return found

    def number(self, column: str) -> float | None:
        """Return a number of the row; ``None`` where it has none."""
        found = self.row.get(column)
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        return float(found) if is_number and found == found else None  # type: ignore[arg-type]

    def cell(self, feature: str) -> float | str | None:
        """Return the value of a feature; ``None`` where it is missing."""
        name = self.contract.alias(feature)
        if self.contract.feature(feature).type == "numeric":
            return self.number(name)
        found = self.row.get(name)
        return None if found is None else str(found)


def read_decision(
    workspace: Workspace, model_id: str, prediction_id: str, *, actor: Actor
) -> Decision:
    """Return a decision in the actor's scope.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which.
    actor : Actor
        Needs ``explanation.view``.

    Raises
    ------
    Forbidden
        If the actor may not, or a case of it is being reviewed without the score, which an
        explanation would tell.
    NotFound
        If there is no such decision in the actor's scope.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    found = _read(workspace, model_id, prediction_id)
    if found is None or not actor.sees_jurisdiction(found.jurisdiction):
        raise NotFound(
            N_("There is no decision {prediction} of {model}."),
            remedy=N_("Look the id up in the log; ids are written as the log has them."),
            model=model_id,
            prediction=prediction_id,
        )
    with workspace.store.read() as conn:
        hidden = is_hidden_from(conn, model_id, prediction_id, actor)
    if hidden:
        raise Forbidden(
            N_("This decision is reviewed without the model's score."),
            remedy=N_("It can be explained once the verdict is final."),
        )
    return found


@retry_when_stale
def _read(workspace: Workspace, model_id: str, prediction_id: str) -> Decision | None:
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        artefacts = models.artefacts(conn, model_id)
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    contract = parsed_contract(record.spec_text)
    if not files:
        return None
    place = PredictionFiles(model_id, [workspace.lake_paths(files)])
    row = read_prediction(workspace.duck, workspace.id_filters, place, prediction_id)
    if row is None:
        return None
    subject = reasons.subject_of_prediction(workspace, contract, row)
    return Decision(contract, record.spec_sha256, artefacts, row, subject)
