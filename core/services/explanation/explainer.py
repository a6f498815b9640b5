"""A version's fitted model, and the rows of its training data that decisions are compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version as installed
from platform import python_version
from typing import TYPE_CHECKING

import numpy as np

from core.contract import ModelContract
from core.domain.explanation.record import Artefact as ArtefactNote
from core.domain.explanation.record import Background, Cell
from core.errors import UnreadableFile
from core.i18n import N_
from core.lake.training_sample import TrainingSample, draw_training
from core.metrics import counterfactual
from core.metrics.arrays import Floats, Integers
from core.metrics.attribution import Method, attribute_each, redraw
from core.services.explanation.decision import Decision
from core.services.explanation.frames import frame_of
from core.services.registry import artefacts
from core.services.reproduce.models import (
    REASONS,
    LoadedVersion,
    class_place,
    load_version,
    recomputed,
    registered_file,
)
from core.services.workspace import Workspace
from core.store.audit.canonical import canonical_bytes
from core.store.models import Artefact

if TYPE_CHECKING:
    import pandas as pd

POOL = 10
"""So many backgrounds are drawn from the training data, to redraw others from."""
_FEWEST = 20
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "skops")
NO_TRAINING = N_(
    "The version was registered without its training data: there is nothing to compare with."
)
TRAINING_GONE = N_("The file of the training data is gone, or is not the one registered.")
TOO_FEW = N_("The training data have too few rows to compare with.")
NOT_LOGGED = N_("The model needs an input that the contract does not name.")


@dataclass(frozen=True, slots=True)
class AskedVersion:
    """A version of a model whose decisions are to be explained.

    Parameters
    ----------
    contract, spec_sha256 : ModelContract, str
        In force now, and its hash.
    files : sequence of Artefact
        All registered files of the model, the newest first.
    version : str
        Which.
    """

    contract: ModelContract
    spec_sha256: str
    files: Sequence[Artefact]
    version: str


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    """What the decisions of a version are explained with.

    Parameters
    ----------
    loaded : LoadedVersion
        The fitted model.
    artefact, background : ArtefactNote, Background
        What a record says of them.
    pool : DataFrame, shape (rows, fields)
        Rows drawn from the training data.
    members : ndarray of int, shape (1 + redraws, n)
        Rows of the pool that make the background, and each redraw of it.
    cases : counterfactual.Background
        The pool, to hold changed rows against.
    usual : Mapping of str to float, str or None
        The background's median or most frequent value of each field.
    scores : ndarray, shape (rows, scores)
        What the model gives for the pool, in the order of :func:`score_columns`.
    method : Method
        How its attributions are found, unless the model turns out to be read wrongly for a row.
    """

    loaded: LoadedVersion
    artefact: ArtefactNote
    background: Background
    pool: "pd.DataFrame" = field(repr=False)
    members: Integers = field(repr=False)
    cases: counterfactual.Background = field(repr=False)
    usual: Mapping[str, Cell]
    scores: Floats = field(repr=False)
    method: Method


def explainer_of(workspace: Workspace, decision: Decision) -> Explainer | str:
    """Return what a decision's version is explained with, or the message that says why not.

    Raises
    ------
    NotComputable
        As :func:`explainer_for`.
    """
    asked = AskedVersion(decision.contract, decision.spec_sha256, decision.files, decision.version)
    return explainer_for(workspace, asked)


def explainer_for(workspace: Workspace, asked: AskedVersion) -> Explainer | str:
    """Return what decisions of a version are explained with, or the message that says why not.

    It is made once a process, for as long as the files and what the contract says stay the same.

    Raises
    ------
    NotComputable
        If the artefact is an ONNX model, and the extra that runs these is not installed.
    """
    contract, version = asked.contract, asked.version
    training = registered_file(asked.files, contract, version, "training")
    artefact = registered_file(asked.files, contract, version, "artefact")
    key = (
        "explainer",
        contract.id,
        version,
        None if artefact is None else artefact.sha256,
        None if training is None else training.sha256,
        asked.spec_sha256,
    )
    return workspace.memo.get(key, lambda: _make(workspace, asked, training))


def _make(workspace: Workspace, asked: AskedVersion, training: Artefact | None) -> Explainer | str:
    contract = asked.contract
    loaded = load_version(workspace, contract, asked.version, asked.files)
    if loaded.reason is not None:
        return REASONS[loaded.reason]
    kinds = {each.name: each.type for each in contract.features}
    if not set(loaded.inputs) <= set(kinds):
        return NOT_LOGGED
    if training is None:
        return NO_TRAINING
    path = workspace.settings.home / training.path
    if not path.is_file() or artefacts.sha256_of(path) != training.sha256:
        return TRAINING_GONE
    said = contract.explanation
    try:
        drawn = draw_training(
            workspace.duck,
            path,
            {name: kinds[name] for name in loaded.inputs},
            rows=POOL * said.background,
            seed=said.seed,
        )
    except UnreadableFile as error:
        return error.template
    return _explainer(asked, loaded, training, drawn)


def _explainer(
    asked: AskedVersion, loaded: LoadedVersion, training: Artefact, drawn: TrainingSample
) -> Explainer | str:
    contract, said = asked.contract, asked.contract.explanation
    frame = frame_of(contract, drawn.rows.to_pydict())
    answers = recomputed(loaded, contract, frame)
    answered = np.isfinite(answers).all(axis=1)
    if answered.sum() < _FEWEST:
        return TOO_FEW
    # Nothing can be held against rows that the model refuses, such as those that lack a value.
    pool = frame.iloc[np.flatnonzero(answered)].reset_index(drop=True)
    scores = answers[answered]
    size = min(said.background, len(pool))
    members = redraw(len(pool), size, 1 + said.redraws, seed=said.seed)
    categorical = [name for name in pool.columns if contract.feature(name).type == "categorical"]
    columns = {name: pool[name].to_numpy() for name in pool.columns}
    return Explainer(
        loaded=loaded,
        artefact=ArtefactNote(
            loaded.sha256 or "", training.sha256, asked.spec_sha256, environment_now()
        ),
        background=Background(
            _identity(
                training.sha256, loaded.inputs, members[0], drawn.total, len(pool), said.seed
            ),
            size,
            len(pool),
            drawn.total,
            said.seed,
        ),
        pool=pool,
        members=members,
        cases=counterfactual.fit_background(columns, categorical),
        usual={name: _usual(pool[name].iloc[members[0]]) for name in pool.columns},
        scores=scores,
        method=_method(contract, loaded, pool, members[0]),
    )


def _method(
    contract: ModelContract, loaded: LoadedVersion, pool: "pd.DataFrame", members: Integers
) -> Method:
    """Return how a model's attributions are found, by those of a row of the background."""
    place = class_place(loaded.pipeline, contract, 0)
    (found,) = attribute_each(
        loaded.pipeline, pool.iloc[members[:1]], pool, [members[:1]], place=place
    )
    return found.method


def _usual(column: "pd.Series[float]") -> Cell:
    """Return the median of numbers, or the most frequent category, the first of equals by name."""
    known = column.dropna()
    if known.empty:
        return None
    if known.dtype == np.float64:
        return float(known.median())
    counted = known.astype(str).value_counts()
    return str(min(counted.index[counted == counted.max()]))


def _identity(
    training: str, inputs: tuple[str, ...], members: Integers, total: int, pool: int, seed: int
) -> str:
    """Return the hash of what makes the same background again, and of which rows it is."""
    said = {
        "training_sha256": training,
        "fields": list(inputs),
        "total": total,
        "pool": pool,
        "members": members.tolist(),
        "seed": seed,
    }
    return sha256(canonical_bytes(said)).hexdigest()


def environment_now() -> dict[str, str]:
    """Return the versions of Python and of the libraries that models are run with."""
    return {"python": python_version(), **{name: installed(name) for name in _LIBRARIES}}
