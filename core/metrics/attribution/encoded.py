"""Which of the customer's own fields each column is made of that a pipeline's last step sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.metrics.arrays import Integers

if TYPE_CHECKING:
    import pandas as pd

Sources = list[int]
"""For each column of a matrix, the place of the field that it is made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """How a pipeline makes the matrix of its estimator, every column of one field alone.

    Parameters
    ----------
    fields : tuple of str
        The pipeline's inputs, in its order.
    steps : tuple
        Fitted transformers before the estimator.
    estimator : object
        The last step.
    field_of : ndarray of int, shape (columns,)
        The place in `fields` that each column of the estimator's matrix comes from.
    """

    fields: tuple[str, ...]
    steps: tuple[Any, ...]
    estimator: Any
    field_of: Integers

    def transform(self, frame: "pd.DataFrame") -> Any:
        """Return what the estimator is given for rows: a matrix or a data frame, never sparse."""
        found: Any = frame[list(self.fields)]
        for step in self.steps:
            found = step.transform(found)
        return found.toarray() if hasattr(found, "toarray") else found


def encoding_of(pipeline: Any) -> Encoding | None:
    """Return how a pipeline encodes its fields, or None where a column may be of several fields.

    Known are the transformers of :func:`_rules` and of :func:`_containers`; what is not known is
    not guessed at.

    Parameters
    ----------
    pipeline : object
        A fitted scikit-learn pipeline, or a fitted estimator by itself, with the names of its
        inputs.
    """
    from sklearn.pipeline import Pipeline  # noqa: PLC0415  # half a second

    fields = tuple(str(name) for name in getattr(pipeline, "feature_names_in_", ()))
    if not fields:
        return None
    before, estimator = [], pipeline
    while type(estimator) is Pipeline:
        before += [step for _, step in estimator.steps[:-1] if not _is_passed(step)]
        estimator = estimator.steps[-1][1]
    sources = _through_all(before, list(range(len(fields))))
    if sources is None or len(sources) != getattr(estimator, "n_features_in_", -1):
        return None
    return Encoding(fields, tuple(before), estimator, np.asarray(sources, dtype=np.int64))


def _is_passed(step: Any) -> bool:
    return step is None or (isinstance(step, str) and step == "passthrough")


def _through_all(steps: Sequence[Any], sources: Sources) -> Sources | None:
    found: Sources | None = sources
    for step in steps:
        if found is None:
            return None
        found = _through(step, found)
    return found


def _through(step: Any, sources: Sources) -> Sources | None:
    """Return the fields of the columns that a transformer makes of columns of these fields."""
    if _is_passed(step):
        return sources
    container = _containers().get(type(step))
    if container is not None:
        return container(step, sources)
    places = _places(step)
    if places is None or any(place >= len(sources) for place in places):
        return None
    return [sources[place] for place in places]


def _containers() -> Mapping[type, Callable[[Any, Sources], Sources | None]]:
    """Return how transformers that hold others are read."""
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415
    from sklearn.pipeline import FeatureUnion, Pipeline  # noqa: PLC0415

    return {
        ColumnTransformer: _through_columns,
        Pipeline: lambda step, sources: _through_all([each for _, each in step.steps], sources),
        FeatureUnion: _through_union,
    }


def _through_columns(step: Any, sources: Sources) -> Sources | None:
    """Follow each part of a column transformer, and check it against where its columns stand."""
    names = [str(name) for name in getattr(step, "feature_names_in_", ())]
    slices = step.output_indices_
    found: dict[int, int] = {}
    for name, part, columns in step.transformers_:
        chosen = _chosen(columns, names, len(sources))
        if chosen is None:
            return None
        if isinstance(part, str) and part == "drop":
            continue
        made = _through(part, [sources[place] for place in chosen]) if chosen else []
        at = range(slices[name].start, slices[name].stop)
        if made is None or len(made) != len(at):
            return None
        found.update(zip(at, made, strict=True))
    return [found[place] for place in sorted(found)]


def _chosen(columns: Any, names: Sequence[str], width: int) -> list[int] | None:
    """Return the places of the columns that a part of a column transformer takes, or None."""
    if isinstance(columns, slice) and not isinstance(columns.start or columns.stop, str):
        return list(range(*columns.indices(width)))
    try:
        wanted = np.atleast_1d(np.asarray(columns))
        if wanted.dtype == np.bool_:
            return [int(place) for place in np.flatnonzero(wanted)]
        if wanted.dtype.kind in "iu":
            return [int(place) % width for place in wanted]
        return [names.index(str(name)) for name in wanted.tolist()]
    except ValueError:
        return None


def _through_union(step: Any, sources: Sources) -> Sources | None:
    found: Sources = []
    for _, part in step.transformer_list:
        if isinstance(part, str) and part == "drop":
            continue
        made = _through(part, sources)
        if made is None:
            return None
        found += made
    return found


def _places(step: Any) -> list[int] | None:
    """Return for each column that a transformer makes the input column that it is made of."""
    from sklearn.feature_selection import SelectorMixin  # noqa: PLC0415

    rule = _rules().get(type(step))
    if rule is not None:
        return rule(step)
    if isinstance(step, SelectorMixin):
        return [int(place) for place in step.get_support(indices=True)]
    return None


def _rules() -> Mapping[type, Callable[[Any], list[int] | None]]:
    """Return the transformers that make each column of one other, with how they order them."""
    from sklearn import preprocessing as made  # noqa: PLC0415
    from sklearn.impute import MissingIndicator, SimpleImputer  # noqa: PLC0415

    each = {
        getattr(made, name): _one_for_one
        for name in (
            "Binarizer",
            "MaxAbsScaler",
            "MinMaxScaler",
            "OrdinalEncoder",
            "PowerTransformer",
            "QuantileTransformer",
            "RobustScaler",
            "StandardScaler",
        )
    }
    return {
        **each,
        made.FunctionTransformer: lambda step: None if step.func else _one_for_one(step),
        made.KBinsDiscretizer: _bins,
        made.OneHotEncoder: _one_hot,
        made.TargetEncoder: _targets,
        SimpleImputer: _imputed,
        MissingIndicator: lambda step: [int(place) for place in step.features_],
    }


def _one_for_one(step: Any) -> list[int]:
    return list(range(step.n_features_in_))


def _one_hot(step: Any) -> list[int]:
    dropped = step.drop_idx_
    rare = getattr(step, "infrequent_categories_", None)
    found = []
    for place, categories in enumerate(step.categories_):
        width = len(categories)
        if rare is not None and rare[place] is not None:
            width -= len(rare[place]) - 1
        if dropped is not None and dropped[place] is not None:
            width -= 1
        found += [place] * width
    return found


def _bins(step: Any) -> list[int]:
    if step.encode == "ordinal":
        return _one_for_one(step)
    return [place for place, bins in enumerate(step.n_bins_) for _ in range(int(bins))]


def _targets(step: Any) -> list[int]:
    if step.target_type_ != "multiclass":
        return _one_for_one(step)
    return [place for place in range(step.n_features_in_) for _ in step.classes_]


def _imputed(step: Any) -> list[int]:
    """Return the places of an imputer's columns: some may be gone, and indicators follow."""
    kept = np.arange(step.n_features_in_)
    if not step.keep_empty_features:
        gone = [isinstance(value, float) and value != value for value in step.statistics_]
        kept = kept[~np.asarray(gone, dtype=np.bool_)]
    found = [int(place) for place in kept]
    if step.indicator_ is not None:
        found += [int(place) for place in step.indicator_.features_]
    return found
