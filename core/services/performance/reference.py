"""The labelled rows that estimates are learned from: a registered data set, or a period."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.contract import ModelContract
from core.contract.cut_offs import cut_offs
from core.contract.label_words import positive_values
from core.domain.windows import Chunk, Window
from core.errors import NotComputable
from core.i18n import N_
from core.lake.labels.binary import LabelledCells
from core.lake.labels.rows import LabelledRows
from core.lake.labels.score_grid import NO_SCORE
from core.lake.row_filter import RowFilter
from core.metrics.arrays import Booleans, Floats
from core.metrics.performance import Confusion, ScoreCounts, score_counts
from core.services.performance.blocks import blocks
from core.services.performance.counting import (
    confusion_of,
    counted_labelled,
    matured_before,
)
from core.services.questions import View
from core.services.workspace import Workspace
from core.store import models

NO_REFERENCE = N_("The contract of {model} names no labelled rows to learn an estimate from.")
NO_REFERENCE_REMEDY = N_("Set 'performance_reference' to a data set or a period.")
UNLABELLED = N_("The performance reference of {model} has no labelled rows with a score.")
UNLABELLED_REMEDY = N_("Name a period whose outcomes have come, or a data set with labels.")


@dataclass(frozen=True, slots=True, eq=False)
class LabelledReference:
    """Labelled rows out of sample.

    Parameters
    ----------
    counts : ScoreCounts
        By score, shape (B,).
    centres : ndarray, shape (B,)
        Mean score of each bin.
    confusion : Confusion
        The same rows by what the policy in force makes of them, cells without dimensions.
    source : {"dataset", "period"}
        Where they come from.
    left_out : int
        Labelled rows that have a score, and no prediction though others have one.
    """

    counts: ScoreCounts
    centres: Floats
    confusion: Confusion
    source: str
    left_out: int = 0


def labelled_reference(workspace: Workspace, view: View) -> LabelledReference:
    """Return the labelled reference of a view's model; remembered.

    Raises
    ------
    NotComputable
        If the contract names none, or it has no labelled rows.
    """
    wanted = view.contract.performance_reference
    if wanted is None:
        raise NotComputable(NO_REFERENCE, remedy=NO_REFERENCE_REMEDY, model=view.contract.id)
    key: Hashable
    if wanted.dataset is not None:
        path, sha256 = holdout(workspace, view.contract)
        key = ("labelled reference", view.spec_sha256, sha256)
        found = workspace.memo.get(key, lambda: _of_file(view.contract, path))
    else:
        key = ("labelled reference", view.spec_sha256, view.generation, view.as_of)
        key = (*key, view.jurisdictions)
        found = workspace.memo.get(key, lambda: _of_period(workspace, view))
    if not found.counts.n:
        raise NotComputable(UNLABELLED, remedy=UNLABELLED_REMEDY, model=view.contract.id)
    return found


def holdout(workspace: Workspace, contract: ModelContract) -> tuple[Path, str]:
    """Return the newest registered data set of labelled rows, and its SHA-256.

    Raises
    ------
    NotComputable
        If none is registered.
    """
    with workspace.store.read() as conn:
        held = [each for each in models.artefacts(conn, contract.id) if each.role == "holdout"]
    if not held:
        raise NotComputable(NO_REFERENCE, remedy=NO_REFERENCE_REMEDY, model=contract.id)
    newest = max(held, key=lambda each: each.added_at)
    return workspace.settings.home / newest.path, newest.sha256


def _of_file(contract: ModelContract, path: Path) -> LabelledReference:
    """Read score, label, and what says whether a row was flagged; nothing else of the file."""
    outcome, log = contract.outcome, contract.log.mapping()
    label = outcome.label.name if outcome and outcome.label else ""
    names = set(pq.read_schema(path).names)
    wanted = [
        label,
        *(log[each] for each in ("score", "prediction", "version", "time") if each in log),
    ]
    table = pq.read_table(path, columns=[name for name in wanted if name in names])
    if label not in table.column_names or log.get("score") not in table.column_names:
        raise NotComputable(UNLABELLED, remedy=UNLABELLED_REMEDY, model=contract.id)
    score = table.column(log["score"]).to_numpy().astype(np.float64)
    words = {word.lower() for word in positive_values(contract)}
    positive = _is_one_of(table.column(label), words)
    known = ~table.column(label).is_null(nan_is_null=True).to_numpy() & (score >= 0) & (score <= 1)
    if "prediction" not in log or log["prediction"] not in table.column_names:
        flagged = _reached(contract, table, score)
        return _reference(score[known], positive[known], flagged[known])
    predicted = table.column(log["prediction"])
    flagged, told = _is_one_of(predicted, words), ~predicted.is_null(nan_is_null=True).to_numpy()
    chosen = known & told
    made = _reference(score[chosen], positive[chosen], flagged[chosen])
    return replace(made, left_out=int((known & ~told).sum()))


def _is_one_of(column: pa.ChunkedArray, words: set[str]) -> Booleans:
    said = [str(value).lower().removesuffix(".0") in words for value in column.to_pylist()]
    return np.asarray(said, dtype=np.bool_)


def _reached(contract: ModelContract, table: pa.Table, score: Floats) -> Booleans:
    """Return which rows the policy flags: that of their version, else the newest."""
    log, cuts = contract.log.mapping(), cut_offs(contract)
    newest = cuts.of("", date.max)
    if log.get("version") in table.column_names:
        versions = table.column(log["version"]).cast(pa.string()).to_pylist()
    else:
        versions = [""] * len(table)
    own = {each: dict(cuts.by_version).get(each, newest) for each in set(versions)}
    value = np.asarray([own[each].value for each in versions], dtype=np.float64)
    included = np.asarray([own[each].included for each in versions], dtype=np.bool_)
    return np.asarray((score > value) | (included & (score == value)))


def _reference(score: Floats, positive: Booleans, flagged: Booleans) -> LabelledReference:
    confusion = Confusion.of(
        (flagged & positive).sum(),
        (flagged & ~positive).sum(),
        (~flagged & positive).sum(),
        (~flagged & ~positive).sum(),
    )
    counts = score_counts(score, positive)
    return LabelledReference(counts, mean_scores(counts), confusion, "dataset")


def _of_period(workspace: Workspace, view: View) -> LabelledReference:
    cells = counted_labelled(workspace, reference_period(workspace, view))
    return reference_of_cells(cells.where(cells.matured))


def reference_period(workspace: Workspace, view: View) -> LabelledRows:
    """Return which labelled rows the reference period has; it is not cut by version or slice.

    Raises
    ------
    NotComputable
        If the contract names no period.
    """
    wanted = view.contract.performance_reference
    if wanted is None or wanted.start is None or wanted.end is None:
        raise NotComputable(NO_REFERENCE, remedy=NO_REFERENCE_REMEDY, model=view.contract.id)
    window = Window.of_days(wanted.start, wanted.end, view.timezone)
    return LabelledRows(
        contract=view.contract,
        resolved=tuple(workspace.lake_paths(view.data_files("resolved"))),
        chunks=(Chunk(0, "reference", window.start, window.end),),
        rows=RowFilter(jurisdictions=view.jurisdictions, until=view.as_of),
        as_of=view.as_of,
        matured_before=matured_before(view),
    )


def in_reference(view: View) -> Booleans:
    """Return which chunks of a view overlap the period that estimates are learned from.

    Returns
    -------
    ndarray of bool, shape (chunks,)
        All false where the reference is a data set or there is none.
    """
    wanted = view.contract.performance_reference
    if wanted is None or wanted.start is None or wanted.end is None:
        return np.zeros(len(view.chunks), dtype=np.bool_)
    period = Window.of_days(wanted.start, wanted.end, view.timezone)
    inside = [each.start < period.end and each.end > period.start for each in view.chunks]
    return np.asarray(inside, dtype=np.bool_)


def reference_of_cells(cells: LabelledCells) -> LabelledReference:
    """Return the reference that one period's cells make, of rows with a usable score.

    As of a file, rows of which nobody knows what was predicted are left out where it is known of
    others.
    """
    cells = cells.where(cells.cell != NO_SCORE)
    told = cells.where(cells.flagged >= 0)
    left_out = int(cells.n.sum() - told.n.sum()) if told.n.size else 0
    cells = told if told.n.size else cells
    (block,) = blocks(cells, 1)
    whole = ScoreCounts(
        *(getattr(block.counts, name)[0] for name in ScoreCounts.__dataclass_fields__)
    )
    confusion = confusion_of(cells, 1)
    flat = Confusion.of(
        confusion.true_positives[0],
        confusion.false_positives[0],
        confusion.false_negatives[0],
        confusion.true_negatives[0],
    )
    return LabelledReference(whole, mean_scores(whole), flat, "period", left_out)


def mean_scores(counts: ScoreCounts) -> Floats:
    """Return the mean score of each bin; 0 where it is empty."""
    rows = counts.rows
    return np.divide(counts.scores, rows, out=np.zeros_like(rows), where=rows > 0)
