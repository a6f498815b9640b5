"""Raw rows that an estimator learns from or looks at: of the log, or of a registered data set."""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.contract import ModelContract
from core.domain.windows import Chunk
from core.errors import NotComputable
from core.i18n import N_
from core.lake.labels.chunk_samples import chunk_sample
from core.metrics.arrays import AnyArray, Booleans, Floats, Integers
from core.services.performance.counting import labelled_rows, predicted_of
from core.services.performance.reference import (
    NO_REFERENCE,
    NO_REFERENCE_REMEDY,
    UNLABELLED,
    UNLABELLED_REMEDY,
    holdout,
    reference_period,
)
from core.services.performance.whole_chunks import shared_log
from core.services.questions import View
from core.services.workspace import Workspace

REFERENCE_ROWS = 40_000
"""Rows of the reference that are learned from, at most."""

CHUNK_ROWS, ROWS_IN_ALL, FEWEST_ROWS = 20_000, 60_000, 1_000
"""Rows of one chunk and of all chunks of the log that are looked at; of each at least the last."""

_SEED = 0

MISSING = N_("The performance reference of {model} has no column for {names}.")
MISSING_REMEDY = N_("Register a data set with all features, or name a period of the log.")
UNREADABLE = N_("Column {name} of the performance reference holds something else than numbers.")


@dataclass(frozen=True, slots=True, eq=False)
class RawRows:
    """Rows as an estimator reads them.

    Parameters
    ----------
    features : mapping of str to ndarray, shape (n,)
        By name: numbers, NaN where missing, or texts, None where missing. Of a regression alone.
    scores : mapping of str to ndarray, shape (n,)
        The estimate under ``score``, or by class the probability that the model gave it.
    predicted : ndarray, shape (n,)
        Class that was predicted; the likeliest where none is logged. Empty texts of a regression.
    label : ndarray, shape (n,)
        What came, a number or a class; anything where it is not known.
    """

    features: Mapping[str, AnyArray]
    scores: Mapping[str, Floats]
    predicted: AnyArray
    label: AnyArray

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.label.size)

    def where(self, chosen: Booleans | Integers) -> "RawRows":
        """Return the rows chosen by a mask of shape (n,) or by their places."""
        return RawRows(
            {name: column[chosen] for name, column in self.features.items()},
            {name: column[chosen] for name, column in self.scores.items()},
            self.predicted[chosen],
            self.label[chosen],
        )

    def digest(self) -> str:
        """Return a hash of all values: equal rows teach the same."""
        found = hashlib.sha256()
        for each in fields(self):
            part = getattr(self, each.name)
            columns = part if isinstance(part, Mapping) else {each.name: part}
            for name, column in columns.items():
                found.update(name.encode() + b"\0")
                plain = column.dtype != object
                found.update(column.tobytes() if plain else repr(column.tolist()).encode())
        return found.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class ChunkRows:
    """Rows drawn from the chunks of a view.

    Parameters
    ----------
    rows : RawRows
        Of all chunks.
    period : ndarray of int64, shape (n,)
        Place of the row's chunk among those asked for.
    mature : ndarray of bool, shape (n,)
        Whether the label is known and final.
    """

    rows: RawRows
    period: Integers
    mature: Booleans


def chunk_rows(workspace: Workspace, view: View, chunks: Sequence[Chunk]) -> ChunkRows:
    """Draw rows of some chunks of a view, the same ones whenever they are asked for.

    A month's are as many, whatever other months a question shows.
    """
    filled = np.unique(predicted_of(workspace, shared_log(view)).period).size
    drawn = chunk_sample(
        workspace.duck,
        replace(labelled_rows(workspace, view), chunks=tuple(chunks)),
        workspace.lake_paths(view.data_files("predictions")),
        _lake_columns(view.contract),
        numbers=_score_columns(view.contract),
        size=min(CHUNK_ROWS, max(FEWEST_ROWS, ROWS_IN_ALL // max(filled, 1))),
        seed=_SEED,
    )
    rows = _of_lake(view.contract, drawn.rows)
    usable = _told(view.contract, rows.predicted)
    mature = drawn.mature & _known(view.contract, rows.label)
    return ChunkRows(rows.where(usable), drawn.period[usable], mature[usable])


def reference_rows(workspace: Workspace, view: View) -> RawRows:
    """Return labelled rows of the reference of a view's model, a sample of many; remembered.

    Raises
    ------
    NotComputable
        If the contract names none, it lacks a feature or holds something else than numbers where
        these are needed, or no row has both a label and a score.
    """
    contract, wanted = view.contract, view.contract.performance_reference
    if wanted is None:
        raise NotComputable(NO_REFERENCE, remedy=NO_REFERENCE_REMEDY, model=contract.id)
    key: Hashable
    if wanted.dataset is not None:
        path, sha256 = holdout(workspace, contract)
        key = ("raw reference", view.spec_sha256, sha256)
        found = workspace.memo.get(key, lambda: _sampled(_of_file(contract, path), contract))
    else:
        key = ("raw reference", view.spec_sha256, view.generation, view.as_of, view.jurisdictions)
        found = workspace.memo.get(key, lambda: _sampled(_of_period(workspace, view), contract))
    if not found.n:
        raise NotComputable(UNLABELLED, remedy=UNLABELLED_REMEDY, model=contract.id)
    return found


def _sampled(rows: RawRows, contract: ModelContract) -> RawRows:
    """Return the rows with score and label, or as many of them as are learned from."""
    known = _known(contract, rows.label) & _told(contract, rows.predicted)
    for score in rows.scores.values():
        known &= np.isfinite(score)
    places = np.flatnonzero(known)
    if places.size > REFERENCE_ROWS:
        draw = np.random.default_rng(_SEED)
        places = np.sort(draw.choice(places, REFERENCE_ROWS, replace=False))
    return rows.where(places)


def _of_period(workspace: Workspace, view: View) -> RawRows:
    drawn = chunk_sample(
        workspace.duck,
        reference_period(workspace, view),
        workspace.lake_paths(view.data_files("predictions")),
        _lake_columns(view.contract),
        numbers=_score_columns(view.contract),
        size=REFERENCE_ROWS,
        seed=_SEED,
        labelled=True,
    )
    return _of_lake(view.contract, drawn.rows).where(drawn.mature)


def _of_file(contract: ModelContract, path: Path) -> RawRows:
    names = set(pq.read_schema(path).names)
    log, outcome = contract.log.mapping(), contract.outcome
    features = {each: each for each in _features(contract)}
    outputs = {each: log[each] for each in (*_score_columns(contract), "prediction") if each in log}
    if log.get("prediction") not in names:
        outputs.pop("prediction", None)
    label = outcome.label.name if outcome and outcome.label else ""
    if label not in names or len(outputs.keys() & set(_score_columns(contract))) == 0:
        raise NotComputable(UNLABELLED, remedy=UNLABELLED_REMEDY, model=contract.id)
    sources = [*features.values(), *outputs.values(), label]
    if missing := sorted(set(sources) - names):
        raise NotComputable(
            MISSING, remedy=MISSING_REMEDY, model=contract.id, names=", ".join(missing)
        )
    table = pq.read_table(path, columns=list(dict.fromkeys(sources)))
    return _rows(contract, table, features, {**outputs, "label": label})


def _of_lake(contract: ModelContract, table: pa.Table) -> RawRows:
    features = {each: contract.alias(each) for each in _features(contract)}
    label = "label" if contract.task == "regression" else "label_text"
    outputs = {each: each for each in _lake_columns(contract) if each not in features.values()}
    return _rows(contract, table, features, {**outputs, "label": label})


def _rows(
    contract: ModelContract,
    table: pa.Table,
    features: Mapping[str, str],
    outputs: Mapping[str, str],
) -> RawRows:
    """Return the rows of a table, its columns named by ours."""
    numeric = {each.name for each in contract.features if each.type == "numeric"}
    found = {
        name: _numbers(table, source) if name in numeric else _texts(table, source)
        for name, source in features.items()
    }
    if contract.task == "regression":
        scores = {"score": _numbers(table, outputs["score"])}
        said: AnyArray = np.full(len(table), "", dtype=object)
        return RawRows(found, scores, said, _numbers(table, outputs["label"]))
    scores = {
        name: _numbers(table, outputs[f"score_{place}"])
        for place, name in enumerate(contract.log.scores)
    }
    if "prediction" in outputs:
        said = _texts(table, outputs["prediction"])
    else:
        likeliest = np.argmax(np.stack(list(scores.values())), axis=0)
        said = np.asarray(list(scores), dtype=object)[likeliest]
    return RawRows(found, scores, said, _texts(table, outputs["label"]))


def _features(contract: ModelContract) -> tuple[str, ...]:
    """Return the features that are read: classes are estimated from their scores alone."""
    named = contract.task == "regression"
    return tuple(each.name for each in contract.features) if named else ()


def _lake_columns(contract: ModelContract) -> list[str]:
    if contract.task == "regression":
        return ["score", *(contract.alias(feature) for feature in _features(contract))]
    logged = ["prediction"] if "prediction" in contract.log.mapping() else []
    return [*_score_columns(contract), *logged]


def _score_columns(contract: ModelContract) -> list[str]:
    if contract.task == "regression":
        return ["score"]
    return [f"score_{int(place)}" for place in range(len(contract.log.scores))]


def _known(contract: ModelContract, label: AnyArray) -> Booleans:
    """Return which labels are a number, or a class that has a score."""
    if contract.task == "regression":
        return np.asarray(np.isfinite(label))
    return np.asarray(np.isin(label.astype(str), list(contract.log.scores)), dtype=np.bool_)


def _told(contract: ModelContract, predicted: AnyArray) -> Booleans:
    """Return where a class with a score was predicted; everywhere for a regression."""
    if contract.task == "regression":
        return np.ones(predicted.size, dtype=np.bool_)
    return np.asarray(np.isin(predicted.astype(str), list(contract.log.scores)), dtype=np.bool_)


def _numbers(table: pa.Table, name: str) -> Floats:
    try:
        return np.asarray(table.column(name).to_numpy(), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise NotComputable(UNREADABLE, name=name) from error


def _texts(table: pa.Table, name: str) -> AnyArray:
    """Return a column as the lake would hold it: whole numbers without their ``.0``."""
    words: AnyArray = np.empty(len(table), dtype=object)
    words[:] = [_word(value) for value in table.column(name).to_pylist()]
    return words


def _word(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
