"""What each of a customer's own fields adds to a model's score: exactly where that can be done."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput, MissingColumn
from core.i18n import N_
from core.metrics.arrays import Floats, Integers
from core.metrics.attribution.encoded import Encoding, encoding_of
from core.metrics.attribution.enumerated import MOST_FIELDS, enumerated_attributions
from core.metrics.attribution.linear import Linear, read_linear
from core.metrics.attribution.result import Attribution, Method
from core.metrics.attribution.sampled import PAIRS, sampled_attributions
from core.metrics.attribution.sklearn_trees import Trees, read_trees
from core.metrics.attribution.spaces import Space
from core.metrics.one_thread import one_thread

if TYPE_CHECKING:
    import pandas as pd

BACKGROUND_MESSAGE = N_("Attributions need at least one row to compare with.")
NAMES_MESSAGE = N_("The fitted model does not know its inputs by name.")
FEATURE_MESSAGE = N_("The feature {feature} is missing.")


def attribute(
    pipeline: Any,
    rows: "pd.DataFrame",
    background: "pd.DataFrame",
    *,
    place: int | None = None,
    pairs: int = PAIRS,
    seed: int = 0,
) -> Attribution:
    """Return what each field adds to the score of each row, beside a background.

    Players are the fields that the pipeline is given, whatever columns it makes of them: all
    columns of a field change hands together. Linear models and tree ensembles of scikit-learn are
    told exactly, if every column that they see is of one field and the parts were found to add up
    to the model's own scores. Other models are asked for scores: of every set of fields where they
    are few, which is exact too, else of some, drawn at random. Nothing is told of a surrogate.

    Parameters
    ----------
    pipeline : object
        A fitted pipeline or model with ``feature_names_in_``, and ``predict_proba`` or ``predict``.
    rows : DataFrame, shape (rows, fields)
        The decisions. Columns that the pipeline does not take are left out.
    background : DataFrame, shape (m, fields)
        What they are compared with; the same columns, of the same types.
    place : int, optional
        Which of the pipeline's classes the score is of; None for a model of numbers.
    pairs, seed : int
        Of the orders, where it is sampled.

    Raises
    ------
    InvalidInput
        If there is no background, or the model does not name its inputs.
    MissingColumn
        If rows or background lack a field.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> table = pd.DataFrame({"income": [1.0, 2.0, 3.0], "loans": [0.0, 2.0, 1.0]})
    >>> model = LinearRegression().fit(table, [1.0, 6.0, 5.0])
    >>> found = attribute(model, table.iloc[[1]], table)
    >>> found.method.value, round(found.base, 6), found.values.round(6).tolist()
    ('linear', 4.0, [[0.0, 2.0]])
    """
    whole = np.arange(len(background))
    (found,) = attribute_each(
        pipeline, rows, background, [whole], place=place, pairs=pairs, seed=seed
    )
    return found


def attribute_each(
    pipeline: Any,
    rows: "pd.DataFrame",
    pool: "pd.DataFrame",
    draws: Iterable[ArrayLike],
    *,
    place: int | None = None,
    pairs: int = PAIRS,
    seed: int = 0,
) -> list[Attribution]:
    """Return attributions beside each of several backgrounds, the model being read once.

    Parameters
    ----------
    pipeline, rows, place, pairs, seed
        As for :func:`attribute`.
    pool : DataFrame, shape (p, fields)
        What backgrounds are drawn from.
    draws : iterable of array_like of int
        The places in the pool of each background's rows, as
        :func:`core.metrics.attribution.stability.redraw` gives them.

    Returns
    -------
    list of Attribution
        One a background, each what :func:`attribute` gives beside it.

    Raises
    ------
    InvalidInput, MissingColumn
        As for :func:`attribute`.
    """
    fields = tuple(str(name) for name in getattr(pipeline, "feature_names_in_", ()))
    if not fields:
        raise InvalidInput(NAMES_MESSAGE)
    places = [np.asarray(draw, dtype=np.int64) for draw in draws]
    if any(draw.size == 0 for draw in places):
        raise InvalidInput(BACKGROUND_MESSAGE)
    rows, pool = _only(rows, fields), _only(pool, fields)
    with one_thread():
        found = _exact(pipeline, rows, pool, places, place)
        if found is not None:
            return found
        return [_asked(pipeline, rows, pool.iloc[draw], place, pairs, seed) for draw in places]


def _only(frame: "pd.DataFrame", fields: tuple[str, ...]) -> "pd.DataFrame":
    for name in fields:
        if name not in frame.columns:
            raise MissingColumn(FEATURE_MESSAGE, feature=name)
    return frame[list(fields)]


def _exact(
    pipeline: Any,
    rows: "pd.DataFrame",
    pool: "pd.DataFrame",
    draws: Sequence[Integers],
    place: int | None,
) -> list[Attribution] | None:
    """Return exact attributions, or None where the model or its encoding is none that is known."""
    encoding = encoding_of(pipeline)
    model = None if encoding is None else _read(encoding, place)
    if encoding is None or model is None or not draws:
        return None
    used, at = np.unique(np.concatenate(draws), return_inverse=True)
    tables = rows, pool.iloc[used]
    beside = model.matrix(encoding.transform(tables[1]))
    # Transformers refuse a table without rows.
    here = model.matrix(encoding.transform(rows)) if len(rows) else beside[:0]
    outputs = [model.output(matrix) for matrix in (here, beside)]
    for table, output in zip(tables, outputs, strict=True):
        if not _is_own(pipeline, table, output, model.space, place):
            return None
    drawn = np.split(at, np.cumsum([draw.size for draw in draws])[:-1])
    values = model.attributions_each(here, beside, drawn, len(encoding.fields))
    found = [
        Attribution(
            base=float(outputs[1][draw].mean()),
            values=added,
            fields=encoding.fields,
            space=model.space,
            method=Method.linear if isinstance(model, Linear) else Method.tree,
            background_rows=draw.size,
        )
        for draw, added in zip(drawn, values, strict=True)
    ]
    add_up = all(np.allclose(each.outputs, outputs[0], rtol=1e-9, atol=1e-9) for each in found)
    return found if add_up else None


def _read(encoding: Encoding, place: int | None) -> Linear | Trees | None:
    linear = read_linear(encoding.estimator, place, encoding.field_of)
    return linear or read_trees(encoding.estimator, place, encoding.field_of)


def _is_own(
    pipeline: Any, frame: "pd.DataFrame", outputs: Floats, space: Space, place: int | None
) -> bool:
    """Return whether outputs are those of the model itself, as it is asked for them."""
    if len(frame) == 0:
        return True
    if space is Space.class_score:
        own = np.asarray(pipeline.decision_function(frame), dtype=np.float64)[:, place]
    else:
        own = _scores(pipeline, frame, place)
    return bool(np.allclose(space.score(outputs), own, rtol=1e-6, atol=1e-9))


def _scores(pipeline: Any, frame: "pd.DataFrame", place: int | None) -> Floats:
    if place is None:
        return np.asarray(pipeline.predict(frame), dtype=np.float64).reshape(len(frame))
    return np.asarray(pipeline.predict_proba(frame), dtype=np.float64)[:, place]


def _asked(
    pipeline: Any,
    rows: "pd.DataFrame",
    background: "pd.DataFrame",
    place: int | None,
    pairs: int,
    seed: int,
) -> Attribution:
    """Return attributions of a model that is only asked for scores."""

    def predict(frame: "pd.DataFrame") -> Floats:
        return _scores(pipeline, frame, place)

    fields = tuple(str(name) for name in rows.columns)
    space = Space.identity if place is None else Space.probability
    if len(fields) <= MOST_FIELDS:
        base, values = enumerated_attributions(predict, rows, background)
        return Attribution(base, values, fields, space, Method.enumerated, len(background))
    found = sampled_attributions(predict, rows, background, pairs=pairs, seed=seed)
    return Attribution(
        base=found.base,
        values=found.values,
        fields=fields,
        space=space,
        method=Method.sampled,
        background_rows=len(background),
        error=found.error,
        walks=found.walks,
    )
