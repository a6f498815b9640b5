"""Charts drawn once: the same figures in the same look give the same chart.

Building a Plotly figure takes tens of milliseconds, most of it spent on checking our own constants;
readers of one model ask for the same charts again and again. The key is made of everything that a
builder is given, values included, so that a chart can be as old as it likes and still be right.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from functools import partial, wraps
from types import FunctionType, MethodType
from typing import ParamSpec

import numpy as np
import pandas as pd

from app.charts.base import Chart
from core.i18n import Translator
from core.services.memo import Memo

_KEPT = 1_024
_MEMO = Memo(_KEPT)

Arguments = ParamSpec("Arguments")


def remembered(draw: Callable[Arguments, Chart]) -> Callable[Arguments, Chart]:
    """Let a builder of charts draw each chart once; its charts are shared and must stay as are."""
    name = f"{draw.__module__}.{draw.__qualname__}"

    @wraps(draw)
    def drawn(*arguments: Arguments.args, **options: Arguments.kwargs) -> Chart:
        key = (name, fingerprint(arguments), fingerprint(options))
        return _MEMO.get(key, lambda: draw(*arguments, **options))

    return drawn


def fingerprint(value: object) -> Hashable:
    """Return what two values share exactly if a chart cannot tell them apart.

    Raises
    ------
    TypeError
        For a value of a kind that no chart is given.
    """
    if value is None or isinstance(value, str | int | float | date):
        # 1, 1.0 and True are equal to each other, but not written alike; NaN equals nothing.
        return (type(value).__name__, repr(value) if isinstance(value, float) else value)
    if isinstance(value, Translator):
        return value.locale
    if isinstance(value, MethodType):  # how figures are written: a method of the translator
        return (value.__qualname__, fingerprint(value.__self__))
    if isinstance(value, np.ndarray):
        flat = value.tolist() if value.dtype == object else value.tobytes()
        content = fingerprint(flat) if isinstance(flat, list) else flat
        return (value.dtype.str, value.shape, content)
    if isinstance(value, np.generic):
        return (value.dtype.str, value.tobytes())
    if isinstance(value, pd.DataFrame):
        columns = [fingerprint(value[name].to_numpy()) for name in value.columns]
        return (fingerprint(list(value.columns)), fingerprint(list(value.index)), tuple(columns))
    if is_dataclass(value) and not isinstance(value, type):
        found = tuple(fingerprint(getattr(value, each.name)) for each in fields(value))
        return (type(value).__qualname__, found)
    if isinstance(value, Mapping):
        return tuple((fingerprint(name), fingerprint(each)) for name, each in value.items())
    if isinstance(value, Sequence):
        return tuple(fingerprint(each) for each in value)
    if isinstance(value, partial):
        return (value.func, fingerprint(value.args), fingerprint(value.keywords))
    if isinstance(value, FunctionType):
        return value
    raise TypeError(f"a chart cannot be remembered by {type(value).__name__}")
