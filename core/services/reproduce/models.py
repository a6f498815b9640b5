"""The registered artefact of a version, checked by its hash, and the scores that it gives today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from core.contract import ModelContract
from core.errors import InvalidInput, UnreadableFile
from core.i18n import N_
from core.metrics.arrays import AnyArray, Booleans, Floats
from core.services.registry import artefacts
from core.services.workspace import Workspace
from core.store.models import Artefact

if TYPE_CHECKING:
    import pandas as pd


class Reason(StrEnum):
    """Why a row cannot be reproduced."""

    not_registered = "not_registered"
    no_artefact = "no_artefact"
    artefact_gone = "artefact_gone"
    artefact_differs = "artefact_differs"
    artefact_unreadable = "artefact_unreadable"
    feature_missing = "feature_missing"
    score_missing = "score_missing"
    scoring_failed = "scoring_failed"


REASONS: Mapping[Reason, str] = {
    Reason.not_registered: N_("The log names a version that is not registered."),
    Reason.no_artefact: N_("The version was registered without its fitted model."),
    Reason.artefact_gone: N_("The file of the fitted model is gone."),
    Reason.artefact_differs: N_(
        "The file of the fitted model is not the one registered: its hash differs."
    ),
    Reason.artefact_unreadable: N_("The file of the fitted model cannot be loaded."),
    Reason.feature_missing: N_("The log does not hold an input that the model needs."),
    Reason.score_missing: N_("The log holds no score."),
    Reason.scoring_failed: N_("The model refused the logged inputs."),
}


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """A version's fitted model, or why there is none.

    Parameters
    ----------
    version : str
        As the log has it.
    sha256 : str, optional
        Hash of the registered artefact.
    reason : Reason, optional
        Why it was not loaded.
    pipeline : object, optional
        The fitted pipeline.
    inputs : tuple of str
        Features that it needs, in its own order.
    """

    version: str
    sha256: str | None = None
    reason: Reason | None = None
    pipeline: Any = field(default=None, repr=False)
    inputs: tuple[str, ...] = ()


def registered_file(
    files: Sequence[Artefact], contract: ModelContract, version: str, role: str
) -> Artefact | None:
    """Return a version's file of a role: the one whose hash the contract states, or the newest.

    Parameters
    ----------
    files : sequence of Artefact
        All files of the model, the newest first.
    contract : ModelContract
        The contract in force.
    version, role : str
        Which file.
    """
    found = [file for file in files if (file.version, file.role) == (version, role)]
    stated = next((each.sha256 for each in contract.versions if each.id == version), None)
    if role == "artefact" and stated is not None:
        found = [file for file in found if file.sha256 == stated]
    return found[0] if found else None


def load_version(
    workspace: Workspace, contract: ModelContract, version: str, files: Sequence[Artefact]
) -> LoadedVersion:
    """Load a version's artefact if its file still has the hash that was registered.

    Never raises for what is wrong with the version or its file; the reason says it.

    Raises
    ------
    NotComputable
        If the artefact is an ONNX model, and the extra that runs these is not installed.
    """
    if version not in {each.id for each in contract.versions}:
        return LoadedVersion(version, reason=Reason.not_registered)
    file = registered_file(files, contract, version, "artefact")
    if file is None:
        return LoadedVersion(version, reason=Reason.no_artefact)
    path = workspace.settings.home / file.path
    if not path.is_file():
        return LoadedVersion(version, file.sha256, Reason.artefact_gone)
    if artefacts.sha256_of(path) != file.sha256:
        return LoadedVersion(version, file.sha256, Reason.artefact_differs)
    try:
        pipeline = artefacts.load_pipeline(path)
    except (UnreadableFile, InvalidInput):
        return LoadedVersion(version, file.sha256, Reason.artefact_unreadable)
    names = getattr(pipeline, "feature_names_in_", ())
    return LoadedVersion(version, file.sha256, None, pipeline, tuple(map(str, names)))


def score_columns(contract: ModelContract) -> tuple[str, ...]:
    """Return the lake columns of the scores that the log has: one, or one for each class."""
    named = contract.log.mapping()
    if contract.task == "multiclass_classification":
        return tuple(f"score_{place}" for place in range(len(contract.log.scores)))
    return ("score",) if "score" in named else ()


def recomputed(loaded: LoadedVersion, contract: ModelContract, frame: "pd.DataFrame") -> Floats:
    """Return the scores that the model gives for logged inputs.

    Parameters
    ----------
    loaded : LoadedVersion
        With its pipeline.
    contract : ModelContract
        The model's contract.
    frame : DataFrame, shape (rows, inputs)
        Inputs by name, missing values as NaN.

    Returns
    -------
    ndarray, shape (rows, scores)
        In the order of :func:`score_columns`; NaN for rows that the model refuses.
    """
    if frame.empty:
        return np.empty((0, len(score_columns(contract))))
    found = _predicted(loaded.pipeline, contract, frame)
    if found is not None:
        return found
    # One row may spoil all of them: each is asked for by itself.
    nothing = np.full((1, len(score_columns(contract))), np.nan)
    each = (
        _predicted(loaded.pipeline, contract, frame.iloc[[place]]) for place in range(len(frame))
    )
    return np.vstack([nothing if row is None else row for row in each])


def unreadable_rows(
    loaded: LoadedVersion, contract: ModelContract, absent: Mapping[str, Booleans], rows: int
) -> Booleans:
    """Return which rows lack an input that the model needs, shape (rows,).

    An input is lacking where the contract does not know it, or the row's file has no column for
    it; a value that is missing in its row is a missing value, as it was for the model.
    """
    known = {feature.name for feature in contract.features}
    found = np.zeros(rows, dtype=np.bool_)
    for name in loaded.inputs:
        if name not in known:
            return np.ones(rows, dtype=np.bool_)
        found |= absent.get(contract.alias(name), np.zeros(rows, dtype=np.bool_))
    return found


def _predicted(pipeline: Any, contract: ModelContract, frame: "pd.DataFrame") -> Floats | None:
    try:
        if contract.task == "regression":
            return np.asarray(pipeline.predict(frame), dtype=np.float64).reshape(-1, 1)
        shares = np.asarray(pipeline.predict_proba(frame), dtype=np.float64)
        return shares[:, _places(pipeline, contract)]
    except Exception:  # whatever a foreign estimator raises, for whatever it does not like
        return None


def class_place(pipeline: Any, contract: ModelContract, score: int) -> int | None:
    """Return which of a pipeline's classes a score of the log is of; ``None`` for numbers.

    Parameters
    ----------
    pipeline : object
        The fitted pipeline.
    contract : ModelContract
        The model's contract.
    score : int
        Place of the score among :func:`score_columns`.
    """
    return None if contract.task == "regression" else _places(pipeline, contract)[score]


def _places(pipeline: Any, contract: ModelContract) -> list[int]:
    """Return where the classes that the log has scores of stand among the pipeline's own."""
    classes: AnyArray = np.asarray(pipeline.classes_)
    known = classes.tolist()
    if contract.task == "multiclass_classification":
        names = [str(name) for name in known]
        return [names.index(str(name)) for name in contract.log.scores]
    label = contract.outcome.label if contract.outcome else None
    positive = label.positive if label else None
    if positive is None:
        return [len(known) - 1]
    return [
        next(
            place
            for place, name in enumerate(known)
            if name == positive or str(name) == str(positive)
        )
    ]
