"""Columns of values as the frame that a pipeline was fitted on."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.contract import ModelContract

if TYPE_CHECKING:
    import pandas as pd


def frame_of(contract: ModelContract, columns: Mapping[str, Iterable[object]]) -> "pd.DataFrame":
    """Return columns of features as a frame: numbers as doubles, missing values as NaN.

    Parameters
    ----------
    contract : ModelContract
        Whose features they are.
    columns : mapping of str to iterable
        Values of each feature; ``None`` where missing.
    """
    import pandas as pd  # noqa: PLC0415  # a quarter second, and most commands need none

    arrays = {}
    for name, values in columns.items():
        is_number = contract.feature(name).type == "numeric"
        known = [np.nan if each is None else each for each in values]
        arrays[name] = np.array(known, dtype=np.float64 if is_number else object)
    return pd.DataFrame(arrays, columns=list(arrays))
