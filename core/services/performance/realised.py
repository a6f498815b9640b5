"""The realised figures of a view by the kind of its model, and how exact they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.lake.labels.binary import LabelledCells
from core.lake.labels.errors import class_cells, class_score_cells, error_cells
from core.lake.labels.exact_scores import exact_scores
from core.lake.labels.score_grid import NO_SCORE
from core.metrics.arrays import Booleans, Floats
from core.metrics.performance import CellValues
from core.services.performance.counting import labelled_rows, sums_of
from core.services.performance.crowding import EXACT_ENOUGH
from core.services.performance.figures import (
    Figures,
    bounds_of_binary,
    of_binary,
    of_classes,
    of_regression,
    used_rows,
    with_exact,
)
from core.services.questions import View
from core.services.workspace import Workspace

DRAWN_PERIODS = 120
"""Periods with labels whose limits are drawn by themselves, where there is no formula; of more only
if they are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Realised:
    """What labels say; arrays have one entry a chunk.

    Parameters
    ----------
    figures : mapping of str to Interval
        By metric id; the business value is that of a prediction.
    comparable : mapping of str to Interval
        The same figures of the rows that estimates speak of alone: those with a usable score and a
        prediction.
    bounds : mapping of str to ndarray
        How far a figure of counts can lie from that of the rows.
    counted : ndarray
        Labelled rows with a score, or an estimate, that can be judged.
    """

    figures: Figures
    comparable: Figures
    bounds: Mapping[str, Floats]
    counted: Floats


def realised(
    workspace: Workspace,
    view: View,
    labelled: LabelledCells,
    early: Booleans,
    *,
    bootstrap: bool,
    exact: bool,
) -> Realised:
    """Measure what the labels of a view say.

    Parameters
    ----------
    workspace : Workspace
        Where.
    view : View
        The question made exact.
    labelled : LabelledCells
        Its labelled rows.
    early : ndarray of bool, shape (chunks,)
        Chunks that are read from early labels.
    bootstrap, exact : bool
        As in :func:`core.services.performance.measure.performance`.
    """
    periods, wanted = len(view.chunks), labelled_rows(workspace, view)
    if view.contract.task == "binary_classification":
        return _of_scores(workspace, view, labelled, early, bootstrap, exact)
    if view.contract.task == "regression":
        errors = error_cells(workspace.duck, wanted)
        used = used_rows(errors.period, errors.matured, early)
        figures = of_regression(errors, used, periods)
        return Realised(figures, figures, {}, figures["mae"].n)
    scores = {
        name: class_score_cells(workspace.duck, wanted, place)
        for place, name in enumerate(view.contract.log.scores)
    }
    figures = of_classes(class_cells(workspace.duck, wanted), scores, early)
    # Nothing is stated of the area under the ROC curves of several classes.
    bounds = {"roc_auc": np.full(periods, np.nan)}
    counted = figures["accuracy"].n if figures else np.zeros(periods)
    return Realised(figures, figures, bounds, counted)


def _of_scores(
    workspace: Workspace,
    view: View,
    labelled: LabelledCells,
    early: Booleans,
    bootstrap: bool,
    exact: bool,
) -> Realised:
    periods, values = early.size, cell_values(view)
    used = labelled.where(used_rows(labelled.period, labelled.matured, early))
    judged = used
    if "score" in view.contract.log.mapping():
        judged = used.where(used.cell != NO_SCORE)
    told = judged.where(judged.flagged >= 0)
    few = np.unique(used.period).size <= DRAWN_PERIODS
    figure = partial(of_binary, remember=workspace.memo.get)
    figures = comparable = figure(used, told, periods, values, bootstrap=bootstrap or few)
    if told.n.size < used.n.size:
        comparable = figure(told, told, periods, values, bootstrap=False)
    bounds = bounds_of_binary(used, periods)
    coarse = _coarse(bounds, periods) | exact
    if coarse.any():
        found = exact_scores(workspace.duck, labelled_rows(workspace, view))
        figures = with_exact(figures, found, coarse)
        bounds = {name: np.where(coarse, 0.0, bound) for name, bound in bounds.items()}
        comparable = comparable if told.n.size < used.n.size else figures
    return Realised(figures, comparable, bounds, sums_of(judged.period, judged.n, periods))


def _coarse(bounds: Mapping[str, Floats], periods: int) -> Booleans:
    """Return in which periods counts do not tell every figure closely enough, shape (periods,)."""
    found = np.zeros(periods, dtype=np.bool_)
    for bound in bounds.values():
        found |= np.nan_to_num(bound) > EXACT_ENOUGH
    return found


def cell_values(view: View) -> CellValues | None:
    """Return what a row of each cell of the confusion matrix is worth, if the contract says."""
    worth = view.contract.confusion_values
    if worth is None:
        return None
    return CellValues(
        worth.true_positive, worth.false_positive, worth.false_negative, worth.true_negative
    )
