"""Drawn rows as the comparison needs them: inputs, logged scores, and how one is shown."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.contract import ModelContract
from core.lake.profiles.columns import OK_WORDS
from core.lake.sample_rows import LoggedDecision
from core.metrics.arrays import Booleans, Floats
from core.services.personal.names import MASK
from core.services.reproduce.models import score_columns
from core.services.reproduce.result import Mismatch

if TYPE_CHECKING:
    import pandas as pd

_OK_CODE = re.compile(r"[123]\d{2}")


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Rows of one version in the order of the draw.

    Parameters
    ----------
    rows : sequence of dict
        Lake columns of each row.
    places : sequence of int
        Place of each in the whole draw, from 1.
    absent : mapping of str to ndarray of bool, shape (rows,)
        Lake columns that the files of some rows do not have.
    decided : mapping of str to sequence of LoggedDecision
        Prediction id → what was decided, the oldest first.
    disputed : frozenset of str
        Predictions that a note of the customer is bound to.
    """

    rows: Sequence[Mapping[str, Any]]
    places: Sequence[int]
    absent: Mapping[str, Booleans]
    decided: Mapping[str, Sequence[LoggedDecision]]
    disputed: frozenset[str] = frozenset()

    def decisions(self, place: int) -> Sequence[LoggedDecision]:
        """Return what was decided about a row."""
        return self.decided.get(self.rows[place]["prediction_id"], ())


def logged_scores(contract: ModelContract, drawn: Drawn) -> Floats:
    """Return the logged scores, shape (rows, scores); NaN where there is none."""
    names = score_columns(contract)
    values = [[_number(row[name]) for name in names] for row in drawn.rows]
    return np.array(values, dtype=np.float64).reshape(len(drawn.rows), len(names))


def input_frame(
    contract: ModelContract, inputs: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> "pd.DataFrame":
    """Return logged inputs as the frame that a pipeline was fitted on; missing values are NaN."""
    import pandas as pd  # noqa: PLC0415  # a quarter second, and most commands need none

    columns: dict[str, object] = {}
    for name in inputs:
        alias, is_number = contract.alias(name), contract.feature(name).type == "numeric"
        values = [math.nan if row[alias] is None else row[alias] for row in rows]
        columns[name] = np.array(values, dtype=np.float64 if is_number else object)
    return pd.DataFrame(columns, columns=list(inputs))


def has_failed(row: Mapping[str, Any]) -> bool:
    """Whether the log says that the request of a row failed."""
    text = str(row["status"] or "ok").strip().lower()
    return text not in OK_WORDS and _OK_CODE.fullmatch(text) is None


def example(
    contract: ModelContract,
    drawn: Drawn,
    place: int,
    kind: Literal["score", "decision"],
    logged: str,
    expected: str,
    *,
    policy: str = "",
) -> Mismatch:
    """Return a row as an example, without what is personal in it.

    Parameters
    ----------
    contract : ModelContract
        The contract in force.
    drawn : Drawn
        The rows that were drawn.
    place : int
        Which of them.
    kind : {"score", "decision"}
        What differs.
    logged : str
        What the log says.
    expected : str
        What the model or the policy gives.
    policy : str
        Version of the policy; empty for a score.
    """
    row = drawn.rows[place]
    masked = contract.is_personal("@prediction_id")
    hidden = contract.is_personal(f"@{kind}")
    return Mismatch(
        prediction=f"{MASK} {drawn.places[place]}" if masked else str(row["prediction_id"]),
        kind=kind,
        version=str(row["version"] or ""),
        time=row["time"],
        logged=MASK if hidden else logged,
        expected=MASK if hidden else expected,
        policy=policy,
        disputed=row["prediction_id"] in drawn.disputed,
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
