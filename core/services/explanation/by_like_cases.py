"""What reviewers decided on the cases most like an automated decision."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.errors import NotComputable
from core.i18n import N_
from core.lake.rows_by_id import rows_by_id
from core.metrics.arrays import Floats, Integers
from core.metrics.nearest_each import nearest_each
from core.services.demo.verdicts import SIMULATED
from core.services.explanation.automated import Automated, LookedAtLog
from core.services.explanation.by_previous import NONE_AUTOMATED
from core.services.explanation.held_against import Judgement, Otherwise
from core.services.review.blind import kept_back
from core.services.review.case_source import CaseSource
from core.services.review.case_values import standard_deviations
from core.store.review.final_verdicts import final_verdicts
from core.store.review.records import CaseRecord

NEAREST = 9
"""So many reviewed cases are looked at, the nearest."""
FEWEST = 5
"""With fewer like cases, reviewers say nothing of a decision."""
WITHIN = 0.5
"""A case farther away than this is not like a decision; the farthest are three away."""
MOST_VERDICTS = 5_000
TOO_FEW_VERDICTS = N_("Fewer than five verdicts of reviewers are final.")


def reviewers_say(log: LookedAtLog, drawn: Automated) -> Judgement:
    """Return which decisions reviewers of like cases made otherwise.

    Of the nine nearest reviewed cases, of equally near ones the newest, those count whose distance
    is at most one half, by :func:`core.metrics.nearest.nearest` over all features. Where five or
    more are left, and more than half of them ended with another decision, the automated decision
    differs from what was expected. Verdicts that are not final, those of blind cases, those of
    other jurisdictions, and those that the reader is not told of are left out.

    Parameters
    ----------
    log : LookedAtLog
        Whose.
    drawn : Automated
        The decisions.
    """
    if not drawn.rows:
        return Judgement(why=NONE_AUTOMATED)
    verdicts = _verdicts(log)
    if len(verdicts) < FEWEST:
        return Judgement(why=TOO_FEW_VERDICTS)
    known = tuple((each.id, each.final_decision) for each in verdicts)
    key = ("like cases", *log.key, log.bins_id, hash(known))
    return log.workspace.memo.get(key, lambda: _judged(log, drawn, verdicts))


def _verdicts(log: LookedAtLog) -> list[CaseRecord]:
    """Return the newest final verdicts that the reader may be told of, the newest first."""
    with log.workspace.store.read() as conn:
        found = final_verdicts(conn, log.contract.id)
    untold = kept_back(log.workspace, log.contract.id, log.actor)
    seen = [
        each
        for each in found
        if each.final_decision is not None
        and log.actor.sees_jurisdiction(each.jurisdiction)
        and each.prediction_id not in untold
    ]
    return seen[: -MOST_VERDICTS - 1 : -1]


def _judged(log: LookedAtLog, drawn: Automated, verdicts: Sequence[CaseRecord]) -> Judgement:
    source = _source(log)
    try:
        spread = standard_deviations(source)
    except NotComputable as error:
        return Judgement(why=error.template)
    columns = [source.alias(name) for name in (*source.numeric, *source.categorical)]
    rows = rows_by_id(
        log.workspace.duck,
        log.paths("predictions"),
        [each.prediction_id for each in verdicts],
        columns,
    )
    reviewed = [each for each in verdicts if each.prediction_id in rows]
    cases = [dict(zip(columns, rows[each.prediction_id], strict=True)) for each in reviewed]
    numbers, codes = _values(source, [*cases, *drawn.rows])
    size = len(cases)
    places, distances = nearest_each(
        numbers[:size],
        codes[:size],
        np.array([spread[name] for name in source.numeric]),
        numbers[size:],
        codes[size:],
        count=NEAREST + 1,
    )
    otherwise: dict[str, Otherwise] = {}
    looked_at = 0
    for row, near, far in zip(drawn.rows, places, distances, strict=True):
        like = [
            str(reviewed[place].final_decision)
            for place, distance in zip(near.tolist(), far.tolist(), strict=True)
            if distance <= WITHIN and reviewed[place].prediction_id != row["prediction_id"]
        ][:NEAREST]
        if len(like) < FEWEST:
            continue
        looked_at += 1
        other = Counter(each for each in like if each != row["decision"])
        if 2 * other.total() > len(like):
            chosen = min(other, key=lambda each: (-other[each], each))
            found = Otherwise(chosen, cases=other.total(), of=len(like))
            otherwise[str(row["prediction_id"])] = found
    simulated = sum(each.fed_batch == SIMULATED for each in reviewed)
    return Judgement(otherwise, looked_at, "", len(reviewed), simulated)


def _source(log: LookedAtLog) -> CaseSource:
    """Return what the reference's spread is read from, as the page of a case reads it."""
    return CaseSource(
        workspace=log.workspace,
        actor=log.actor,
        contract=log.contract,
        spec_sha256=log.spec_sha256,
        generation=log.generation,
        bins_id=log.bins_id,
        files=log.files,
        row=None,
        prediction_id="",
        version="",
        decision="",
        predicted_at=log.as_of,
    )


def _values(source: CaseSource, rows: Sequence[Mapping[str, Any]]) -> tuple[Floats, Integers]:
    """Return numeric features with NaN where missing, and categorical ones by numbers."""
    numbers = np.empty((len(rows), len(source.numeric)))
    for place, name in enumerate(source.numeric):
        alias = source.alias(name)
        numbers[:, place] = [np.nan if row[alias] is None else float(row[alias]) for row in rows]
    codes = np.empty((len(rows), len(source.categorical)), np.int64)
    for place, name in enumerate(source.categorical):
        alias, seen = source.alias(name), dict[str | None, int]()
        codes[:, place] = [
            seen.setdefault(None if row[alias] is None else str(row[alias]), len(seen))
            for row in rows
        ]
    return numbers, codes
