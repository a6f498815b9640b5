"""Past cases like this one, and what became of them."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.errors import NotComputable
from core.i18n import N_
from core.lake.cases.resolved import Resolved, resolved_rows
from core.metrics.arrays import Booleans
from core.metrics.intervals import wilson
from core.metrics.nearest import nearest
from core.services.personal.names import MASK
from core.services.review.blind import kept_back
from core.services.review.case_source import CaseSource
from core.services.review.case_values import standard_deviations
from core.store.rights import disputes

NEIGHBOURS, LISTED, FEWEST = 50, 5, 10


@dataclass(frozen=True, slots=True)
class PastCase:
    """One prediction like the case.

    Parameters
    ----------
    prediction : str
        Its id; masked where ids are personal.
    at : datetime
        When it was made.
    decision, outcome : str
        What was decided, and what became of it.
    amount : float, optional
        Money at stake; ``None`` where amounts are personal.
    distance : float
        0 for equal values, at most 3.
    disputed : bool
        Whether the person's note on it is in force.
    """

    prediction: str
    at: datetime
    decision: str
    outcome: str
    amount: float | None
    distance: float
    disputed: bool


@dataclass(frozen=True, slots=True)
class Similar:
    """The resolved predictions most like a case.

    Parameters
    ----------
    n : int
        How many are told of.
    looked_at, resolved : int
        Predictions that were compared, drawn from all whose outcome is known.
    outcome : str
        The outcome that is counted: the positive one, or else the most frequent.
    bad, share, low, high : int, float, float, float
        Those with that outcome, their share and its 95 % interval.
    middle : tuple of float, optional
        Quartiles of outcomes that are numbers, in the place of a share.
    listed : tuple of PastCase
        The nearest five.
    """

    n: int
    looked_at: int
    resolved: int
    outcome: str
    bad: int
    share: float
    low: float
    high: float
    middle: tuple[float, float, float] | None
    listed: tuple[PastCase, ...]


def similar_cases(source: CaseSource) -> Similar:
    """Return the resolved predictions whose features are nearest to the case's.

    Distances are those of :func:`core.metrics.nearest.nearest` over all features, numbers in
    standard deviations of the reference.

    Raises
    ------
    NotFound
        If the prediction is no longer in the log.
    NotComputable
        If there is no reference, no outcome, or too few of them are known.
    """
    row = source.required_row()
    deviations = standard_deviations(source)
    resolved = _resolved(source)
    others = _nearest(source, resolved, row, deviations)
    if len(others) < FEWEST:
        raise NotComputable(N_("Too few outcomes are known to say what became of similar cases."))
    return _told(source, resolved, others)


def _nearest(
    source: CaseSource, resolved: Resolved, row: dict[str, object], deviations: dict[str, float]
) -> list[tuple[int, float]]:
    """Return places and distances of the nearest that the reader may be told of, without itself.

    That the outcome is known of what waits would tell that its case is a blind one. There are few
    of these; if too many of them are near, more rows are looked at.
    """
    point = np.array([_number(row.get(source.alias(name))) for name in source.numeric])
    spread = np.array([deviations[name] for name in source.numeric])
    same, count = _same(source, resolved, row), NEIGHBOURS + 1
    ids = resolved.rows.column("prediction_id")
    while True:
        places, distances = nearest(resolved.numbers, same, spread, point, count=count)
        near = [str(ids[int(place)].as_py()) for place in places]
        untold = kept_back(source.workspace, source.contract.id, source.actor, among=near)
        others = [
            (int(place), float(distance))
            for place, distance, each in zip(places, distances, near, strict=True)
            if each not in untold and each != source.prediction_id
        ]
        if len(others) >= NEIGHBOURS or len(near) < count:
            return others[:NEIGHBOURS]
        count *= 4


def _resolved(source: CaseSource) -> Resolved:
    if source.contract.outcome is None or source.contract.outcome.label is None:
        raise NotComputable(N_("The contract names no outcome."))
    hour = source.workspace.clock().replace(minute=0, second=0, microsecond=0)
    found = source.remember(
        "resolved",
        hour,
        answer=lambda: resolved_rows(
            source.workspace.duck,
            source.paths("predictions"),
            source.paths("resolved"),
            [source.alias(name) for name in source.numeric],
            [source.alias(name) for name in source.categorical],
            as_of=source.workspace.clock(),
            row_filter=source.row_filter,
        ),
    )
    if found is None:
        raise NotComputable(N_("No outcome is known yet."))
    return found


def _same(source: CaseSource, resolved: Resolved, row: dict[str, object]) -> Booleans:
    same = np.empty((resolved.rows.num_rows, len(source.categorical)), dtype=np.bool_)
    for place, name in enumerate(source.categorical):
        mine = row.get(source.alias(name))
        wanted = None if mine is None else str(mine)
        same[:, place] = resolved.categories[place].is_value(wanted)
    return same


def _told(source: CaseSource, resolved: Resolved, others: list[tuple[int, float]]) -> Similar:
    rows = [resolved.at(place) for place, _ in others]
    numeric = source.contract.task == "regression"
    label = source.contract.outcome.label if source.contract.outcome else None
    texts = [_outcome(each, numeric=numeric) for each in rows]
    wanted = (
        str(label.positive)
        if source.contract.task == "binary_classification" and label and label.positive is not None
        else Counter(texts).most_common(1)[0][0]
    )
    if source.contract.task == "binary_classification":
        bad = sum(each["label"] == 1 for each in rows)
    else:
        bad = sum(text == wanted for text in texts)
    interval = wilson(bad, len(rows))
    middle = None
    if numeric:
        low, half, high = np.quantile([_number(each["label"]) for each in rows], [0.25, 0.5, 0.75])
        middle = (float(low), float(half), float(high))
    hidden_id = source.contract.is_personal("@prediction_id")
    hidden_amount = source.contract.is_personal("@amount")
    nearest_ids = [str(each["prediction_id"]) for each in rows[:LISTED]]
    with source.workspace.store.read() as conn:
        disputed = disputes.disputed(conn, source.contract.id, nearest_ids)
    listed = tuple(
        PastCase(
            prediction=f"{MASK} {place}" if hidden_id else str(each["prediction_id"]),
            at=_instant(each["time"]),
            decision=str(each["decision"] or ""),
            outcome=texts[place - 1],
            amount=None if hidden_amount else _amount(each["amount"]),
            distance=distance,
            disputed=str(each["prediction_id"]) in disputed,
        )
        for place, (each, (_, distance)) in enumerate(zip(rows, others, strict=True), start=1)
        if place <= LISTED
    )
    return Similar(
        n=len(rows),
        looked_at=resolved.rows.num_rows,
        resolved=resolved.total,
        outcome=wanted,
        bad=bad,
        share=float(interval.value),
        low=float(interval.low),
        high=float(interval.high),
        middle=middle,
        listed=listed,
    )


def _outcome(row: dict[str, object], *, numeric: bool) -> str:
    if numeric:
        return f"{_number(row['label']):g}"
    return str(row["label_text"] if row["label_text"] is not None else row["label"])


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _amount(value: object) -> float | None:
    number = _number(value)
    return None if math.isnan(number) else number


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("a prediction without a time")
    return value
