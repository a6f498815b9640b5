"""How a version of a model uses its fields as a whole, over rows of its training data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats, Integers
from core.metrics.attribution import Attribution, Method, attribute_each, raw_output
from core.metrics.global_view import (
    Association,
    Dependence,
    Importance,
    Interaction,
    associations,
    category_grid,
    dependence,
    importance,
    interactions,
    number_grid,
)
from core.metrics.one_thread import one_thread
from core.services import access
from core.services.explanation.explainer import AskedVersion, Explainer, explainer_for
from core.services.questions import parsed_contract
from core.services.reproduce.models import class_place, recomputed, score_columns
from core.services.serving.rollback import version_choices
from core.services.serving.state import check_listed
from core.services.workspace import Workspace
from core.store import models

if TYPE_CHECKING:
    import pandas as pd

ROWS = 2_000
"""Most rows of the training data that importance is a mean over."""

NO_VERSION = N_("The contract names no version of this model.")
NO_SCORE = N_("The log has no score that the model could be asked for.")
CURVES = 12
"""Most fields with a curve."""

TOGETHER, TOGETHER_ROWS = 6, 100
"""Fields whose pairs are looked at, and over how many rows."""

_SAMPLED_ROWS, _SAMPLED_BESIDE = 100, 50  # where a model is only asked, each row takes long


@dataclass(frozen=True, slots=True)
class GlobalSample:
    """What the figures were made of, so that anybody with the files can make them again.

    Parameters
    ----------
    artefact_sha256, training_sha256, background_id : str
        Hashes of the model, of its training data, and of which rows were compared with.
    total : int
        Rows of the training data.
    rows, beside : int
        Rows that importance is a mean over, and those that they are compared with; curves are
        means over the whole background. Rows that the model refuses are
        in neither.
    together : int
        Rows that interactions are over, evenly spaced ones of ``beside``.
    seed : int
        Of the draws.
    """

    artefact_sha256: str
    training_sha256: str
    background_id: str
    total: int
    rows: int
    beside: int
    together: int
    seed: int


@dataclass(frozen=True, slots=True)
class GlobalView:
    """How a version of a model uses its fields as a whole; nothing in it is about one person.

    Parameters
    ----------
    contract : ModelContract
        In force now: labels of the fields are in it.
    version : str
        Which; empty where the contract names none.
    why : str
        Why there is nothing to show, a message to be translated; empty where there is.
    score : str
        Class that the score is of, of a model with several classes; empty otherwise.
    method, scale : str
        How attributions were found, and the scale of importance and of interactions' strength
        (:class:`core.metrics.attribution.Space`); curves are on the scale of the score.
    sample : GlobalSample, optional
        What the figures were made of.
    importance : tuple of Importance
        Of every field, the greatest first.
    curves : tuple of Dependence
        Of the most important fields, in that order; none of ``withheld``.
    interactions : tuple of Interaction
        Of the pairs of the most important fields, the strongest first.
    associations : tuple of Association
        Pairs of fields that closely go together in the training data, the closest first.
    withheld : tuple of str
        Most important fields without a curve, since the contract calls their categories personal.
    """

    contract: ModelContract
    version: str
    why: str = ""
    score: str = ""
    method: str = ""
    scale: str = ""
    sample: GlobalSample | None = None
    importance: tuple[Importance, ...] = ()
    curves: tuple[Dependence, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    associations: tuple[Association, ...] = ()
    withheld: tuple[str, ...] = ()


def global_view(
    workspace: Workspace,
    model_id: str,
    version: str | None = None,
    *,
    actor: Actor,
    score: int = 0,
) -> GlobalView:
    """Return how a version of a model uses its fields as a whole.

    It is found once a process, for as long as model, training data and contract stay the same.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    version : str, optional
        Which version; by default the one in use.
    actor : Actor
        Needs ``model.view``.
    score : int
        Which score, of a model with several.

    Raises
    ------
    Forbidden
        If the actor may not.
    NotFound
        If there is no such model, or it is outside the actor's scope.
    InvalidInput
        If the contract lists no such version, or the model has no such score.
    """
    access.require(actor, Permission.model_view, model=model_id)
    chosen = version or version_choices(workspace, model_id, actor=actor).now
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = models.artefacts(conn, model_id)
    contract = parsed_contract(record.spec_text)
    if chosen is None:
        return GlobalView(contract, "", NO_VERSION)
    check_listed(contract, version)
    names = score_columns(contract)
    if not names:
        return GlobalView(contract, chosen, NO_SCORE)
    if not 0 <= score < len(names):
        raise InvalidInput(
            N_("{model} has no score {place}."),
            remedy=N_("Choose a class of the model."),
            model=model_id,
            place=score,
        )
    try:
        explainer = explainer_for(
            workspace, AskedVersion(contract, record.spec_sha256, files, chosen)
        )
    except NotComputable as error:  # an ONNX model without the extra that runs it
        return GlobalView(contract, chosen, error.template)
    if isinstance(explainer, str):
        return GlobalView(contract, chosen, explainer)
    key = (
        "global view",
        model_id,
        chosen,
        score,
        record.spec_sha256,
        explainer.artefact.sha256,
        explainer.background.id,
    )
    return workspace.memo.get(key, lambda: _found(explainer, contract, chosen, score))


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What is asked for which score.

    Parameters
    ----------
    explainer, contract, score : Explainer, ModelContract, int
        The version, its contract, and the place of the score.
    """

    explainer: Explainer
    contract: ModelContract
    score: int

    @property
    def beside(self) -> Integers:
        """Places in the pool of the background's rows."""
        found: Integers = self.explainer.members[0]
        return found

    @property
    def place(self) -> int | None:
        """Which of the pipeline's classes the score is of."""
        return class_place(self.explainer.loaded.pipeline, self.contract, self.score)

    def table(self, places: Integers) -> "pd.DataFrame":
        """Return some rows of the pool."""
        return self.explainer.pool.iloc[places]

    def is_number(self, name: str) -> bool:
        """Whether a field is a number."""
        return self.contract.feature(name).type == "numeric"


def _found(explainer: Explainer, contract: ModelContract, version: str, score: int) -> GlobalView:
    asked = _Asked(explainer, contract, score)
    found = _attributed(asked)
    ranked = importance(found.values, found.fields)
    moving = [each.field for each in ranked if each.mean > 0]
    hidden = [name for name in moving[:CURVES] if _is_withheld(contract, name)]
    few = evenly(asked.beside, TOGETHER_ROWS)
    raw = raw_output(explainer.loaded.pipeline, found.space, asked.place)
    with one_thread():
        curves = _curves(asked, [name for name in moving[:CURVES] if name not in hidden])
        pairs = interactions(raw, asked.table(few), moving[:TOGETHER])
    return GlobalView(
        contract,
        version,
        score=list(contract.log.scores)[score] if contract.log.scores else "",
        method=str(found.method),
        scale=str(found.space),
        sample=GlobalSample(
            artefact_sha256=explainer.artefact.sha256,
            training_sha256=explainer.artefact.training_sha256,
            background_id=explainer.background.id,
            total=explainer.background.total,
            rows=len(found.values),
            beside=len(asked.beside),
            together=len(few),
            seed=explainer.background.seed,
        ),
        importance=ranked,
        curves=curves,
        interactions=pairs,
        associations=_close(asked),
        withheld=tuple(hidden),
    )


def _is_withheld(contract: ModelContract, name: str) -> bool:
    """Return whether a curve would name personal categories; numbers are rounded ones of many."""
    return contract.is_personal(name) and contract.feature(name).type == "categorical"


def _curves(asked: _Asked, fields: Sequence[str]) -> tuple[Dependence, ...]:
    def predict(frame: "pd.DataFrame") -> Floats:
        return recomputed(asked.explainer.loaded, asked.contract, frame)[:, asked.score]

    beside, pool = asked.table(asked.beside), asked.explainer.pool
    found = []
    for name in fields:
        is_number, column = asked.is_number(name), pool[name].to_numpy()
        grid = number_grid(column) if is_number else category_grid(column)
        if len(grid.values) > 1:
            found.append(dependence(predict, beside, name, grid, is_number=is_number))
    return tuple(found)


def _close(asked: _Asked) -> tuple[Association, ...]:
    pool = asked.explainer.pool
    columns = {str(name): pool[name].to_numpy() for name in pool.columns}
    words = {name for name in columns if not asked.is_number(name)}
    return tuple(each for each in associations(columns, words) if each.is_close)


def _attributed(asked: _Asked) -> Attribution:
    """Return what each field adds to the output of many rows."""
    most, beside = ROWS, asked.beside
    if asked.explainer.method is Method.sampled:
        most, beside = _SAMPLED_ROWS, evenly(beside, _SAMPLED_BESIDE)
    (found,) = attribute_each(
        asked.explainer.loaded.pipeline,
        asked.table(evenly(np.arange(len(asked.explainer.pool)), most)),
        asked.explainer.pool,
        [beside],
        place=asked.place,
        seed=asked.contract.explanation.seed,
    )
    return found


def evenly(members: Integers, most: int) -> Integers:
    """Return at most so many of some rows, evenly spaced: they are in the order of the file."""
    places = np.linspace(0, len(members) - 1, min(most, len(members))).round()
    return np.asarray(members[places.astype(np.int64)])
