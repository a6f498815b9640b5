"""What a model adds to a score, computed once for what is the same in many tests.

Tests open copies of one workspace and explain the same decisions of the same model over and over.
What is shared depends on nothing but what it is asked; core/metrics/attribution asks each time.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.metrics.attribution import attribute_each
from core.services.explanation import by_model, explainer, global_view

_KEPT = 256


class _Known:
    """The newest answers, and what has to live on so that a key means the same."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[Any, Any]] = OrderedDict()

    def get(self, key: Hashable, lives: object, answer: Callable[[], Any]) -> Any:
        if key not in self._answers:
            self._answers[key] = lives, answer()
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        return self._answers[key][1]


@contextmanager
def quick_reasons() -> Iterator[None]:
    """Prepare each version of a model once, and attribute the same rows to it once."""
    known, make = _Known(), explainer._explainer

    def attributed(pipeline: Any, rows: Any, pool: Any, draws: Any, **more: Any) -> Any:
        places = [np.asarray(each, dtype=np.int64) for each in draws]
        key = (
            id(pipeline),
            _of_frame(rows),
            _of_frame(pool),
            tuple(each.tobytes() for each in places),
            tuple(sorted(more.items())),
        )
        found = known.get(
            key, pipeline, lambda: attribute_each(pipeline, rows, pool, places, **more)
        )
        return list(found)

    def prepared(asked: Any, loaded: Any, training: Any, drawn: Any) -> Any:
        said = asked.contract.explanation
        key = (asked.spec_sha256, asked.version, loaded.sha256, training.sha256, said)
        return known.get(key, None, lambda: make(asked, loaded, training, drawn))

    with pytest.MonkeyPatch.context() as patch:
        for module in (by_model, explainer, global_view):
            patch.setattr(module, "attribute_each", attributed)
        patch.setattr(explainer, "_explainer", prepared)
        yield


def _of_frame(frame: pd.DataFrame) -> Hashable:
    kinds = tuple(map(str, frame.dtypes))
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()
    return tuple(frame.columns), kinds, rows
