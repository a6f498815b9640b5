"""What was predicted and what happened, cell by cell, and the figures of each class."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from core.domain.status import NOT_JUDGED
from core.lake.labels.errors import ClassCells, ClassScoreCells, class_cells, class_score_cells
from core.lake.labels.score_grid import NO_SCORE
from core.metrics.arrays import Booleans, Floats
from core.metrics.intervals import Interval
from core.metrics.performance import ClassMatrix
from core.metrics.performance.figures import multiclass_figures
from core.services.figures import chunk_entry
from core.services.performance.counting import confusion_of, labelled_of, labelled_rows
from core.services.performance.figures import class_counts, class_matrix, used_rows
from core.services.performance.measure import Performance
from core.services.performance.rows import PerformanceRow
from core.services.workspace import Workspace

POSITIVE, NEGATIVE = "positive", "negative"
_BLOCK = 16  # periods that are laid out beside each other at a time

ClassFigures = Mapping[str, Mapping[str, Interval]]


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeMatrix:
    """The confusion matrix of every chunk, and what each class fares like.

    Parameters
    ----------
    classes : tuple of str
        ``positive`` and ``negative`` of a binary model, else the contract's classes.
    counts : ndarray, shape (chunks, K, K)
        Labelled rows that the chunk's figures are computed from, by what happened (rows) and what
        was predicted (columns).
    worth : ndarray, shape (K, K), optional
        What one row of each cell is worth, in the contract's currency.
    figures : mapping of str to mapping of str to Interval
        By metric, by class against all others, arrays of shape (chunks,); empty for a binary model.
    """

    classes: tuple[str, ...]
    counts: Floats
    worth: Floats | None
    figures: ClassFigures


@dataclass(frozen=True, slots=True)
class ClassRow(PerformanceRow):
    """A figure of one class against all others; it has no thresholds, and no estimate."""

    of_class: str


def outcome_matrix(workspace: Workspace, found: Performance) -> OutcomeMatrix | None:
    """Return the confusion matrix of every chunk; ``None`` for a regression.

    Parameters
    ----------
    workspace : Workspace
        Where.
    found : Performance
        Measured under a permission; its rows are read again from memory.
    """
    task = found.view.contract.task
    if task == "regression":
        return None
    early = np.asarray([each.basis == "early" for each in found.maturity], dtype=np.bool_)
    measure = _of_two if task == "binary_classification" else _of_classes
    return workspace.memo.get(
        ("outcome matrix", found.view.key), lambda: measure(workspace, found, early)
    )


def _of_two(workspace: Workspace, found: Performance, early: Booleans) -> OutcomeMatrix:
    cells, contract = labelled_of(workspace, found.view), found.view.contract
    used = used_rows(cells.period, cells.matured, early)
    if "score" in contract.log.mapping():
        used &= cells.cell != NO_SCORE
    made = confusion_of(cells.where(used), len(found.chunks))
    counts = np.stack(
        [
            np.stack([made.true_positives, made.false_negatives], axis=-1),
            np.stack([made.false_positives, made.true_negatives], axis=-1),
        ],
        axis=-2,
    )
    worth = None
    if (values := contract.confusion_values) is not None:
        worth = np.asarray(
            [
                [values.true_positive, values.false_negative],
                [values.false_positive, values.true_negative],
            ],
            dtype=np.float64,
        )
    return OutcomeMatrix((POSITIVE, NEGATIVE), counts, worth, {})


def _of_classes(workspace: Workspace, found: Performance, early: Booleans) -> OutcomeMatrix:
    wanted = labelled_rows(workspace, found.view)
    scores = {
        name: class_score_cells(workspace.duck, wanted, place)
        for place, name in enumerate(found.view.contract.log.scores)
    }
    cells = class_cells(workspace.duck, wanted)
    return each_class(cells, scores, early)


def each_class(
    cells: ClassCells, scores: Mapping[str, ClassScoreCells], early: Booleans
) -> OutcomeMatrix:
    """Return the matrix and the figures of every class.

    Parameters
    ----------
    cells : ClassCells
        By actual and predicted class.
    scores : mapping of str to ClassScoreCells
        By class in the contract's order: the same rows by the cell of its score.
    early : ndarray of bool, shape (periods,)
        Periods that are read from early labels.
    """
    classes, periods = tuple(scores), early.size
    used = used_rows(cells.period, cells.matured, early)
    counts = class_matrix(cells, used, periods, classes).counts
    parts = []
    for start in range(0, periods, _BLOCK):
        places = slice(start, min(start + _BLOCK, periods))
        by_score = {name: class_counts(each, early, places) for name, each in scores.items()}
        parts.append(multiclass_figures(ClassMatrix(classes, counts[places]), by_score))
    figures = {
        name: {each: _joined([part[name].classes[each] for part in parts]) for each in classes}
        for name in (parts[0] if parts else ())
    }
    return OutcomeMatrix(classes, counts, None, figures)


def _joined(parts: list[Interval]) -> Interval:
    return Interval(
        *(
            np.concatenate([getattr(p, name) for p in parts])
            for name in ("value", "low", "high", "n")
        )
    )


def class_rows(found: Performance, matrix: OutcomeMatrix | None) -> list[ClassRow]:
    """Return every figure of every class and chunk as a row."""
    if matrix is None:
        return []
    whole = {(row.metric, str(row.chunk["key"])): row for row in found.rows()}
    rows = []
    for name, classes in matrix.figures.items():
        for each, figure in classes.items():
            for index, chunk in enumerate(found.chunks):
                row = whole[name, chunk.key]
                rows.append(_class_row(row, each, figure, index))
    return rows


def _class_row(row: PerformanceRow, name: str, figure: Interval, index: int) -> ClassRow:
    value = float(figure.value[index])
    final = row.basis != "early"  # what came early is no sample, and has no interval of one
    changed: dict[str, object] = {
        "realised": value,
        "value": value,
        "realised_low": float(figure.low[index]) if final else float("nan"),
        "realised_high": float(figure.high[index]) if final else float("nan"),
        "n": int(np.nan_to_num(figure.n[index])),
        "threshold": None,
        "alert": False,
        "level": NOT_JUDGED,
        "status": row.status if np.isfinite(value) or row.status != "ok" else "not_computable",
        "of_class": name,
    }
    return ClassRow(**{**asdict(row), **changed})


def matrix_rows(found: Performance, matrix: OutcomeMatrix | None) -> list[dict[str, object]]:
    """Return every cell of every chunk: rows, and what they are worth together if it is known."""
    if matrix is None:
        return []
    rows: list[dict[str, object]] = []
    for index, chunk in enumerate(found.chunks):
        for one, actual in enumerate(matrix.classes):
            for two, predicted in enumerate(matrix.classes):
                n = float(matrix.counts[index, one, two])
                rows.append(
                    {
                        "chunk": chunk_entry(chunk, found.maturity[index].n),
                        "slice": found.view.slice_text,
                        "maturity": found.maturity[index].state,
                        "actual": actual,
                        "predicted": predicted,
                        "n": int(n),
                        "value": None
                        if matrix.worth is None
                        else n * float(matrix.worth[one, two]),
                    }
                )
    return rows
