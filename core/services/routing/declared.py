"""What a model's contracts said of oversight, each from when it was registered on.

A release is judged by the contract that was in force when it took effect. What took effect before
the first contract, as in an old log that was taken in, is judged by the first level, the first
``review.from`` and the first rules that any contract stated: who forgot them may still say them,
once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from core.contract import ModelContract
from core.domain.windows import start_of_day
from core.lake.local_days import to_microseconds
from core.lake.releases.facts import EVER, Declared
from core.services.questions import parsed_contract
from core.store.models import SpecRevision

Said = TypeVar("Said")
_NONE = ""


def declared_by(revisions: Sequence[SpecRevision]) -> Declared:
    """Return the levels, from when releases counted, and what rules oversaw, by all revisions.

    Parameters
    ----------
    revisions : sequence of SpecRevision
        Of one model, the oldest first.
    """
    contracts = [parsed_contract(each.spec_text) for each in revisions]
    times = [to_microseconds(each.registered_at) for each in revisions]
    names = dict.fromkeys(each.id for contract in contracts for each in contract.versions)
    levels: list[tuple[str, int, str]] = []
    for name in names:
        said = [_level(contract, name) for contract in contracts]
        first = next(filter(None, said), _NONE)
        levels += [(name, at, level) for at, level in _changes([first, *said], [EVER, *times])]
    said_from = [start_of(contract) for contract in contracts]
    overseen = [_overseen_from(contract) for contract in contracts]
    return Declared(
        tuple(levels),
        tuple(_changes([_first(said_from), *said_from], [EVER, *times])),
        tuple(_changes([_first(overseen), *overseen], [EVER, *times])),
    )


def level_at(revisions: Sequence[SpecRevision], version: str, at: datetime) -> str | None:
    """Return the oversight level that a version had at an instant, if one was declared then.

    Parameters
    ----------
    revisions : sequence of SpecRevision
        Of one model, the oldest first.
    version : str
        Of the model.
    at : datetime
        When, such as when a prediction was made.
    """
    instant = to_microseconds(at)
    said = [each for each in declared_by(revisions).levels if each[0] == version]
    return next((level for _, since, level in reversed(said) if since <= instant), _NONE) or None


def _changes(said: Sequence[Said], times: Sequence[int]) -> list[tuple[int, Said]]:
    """Return from when what was said, wherever it is another than before."""
    return [
        (at, each)
        for place, (at, each) in enumerate(zip(times, said, strict=True))
        if place == 0 or each != said[place - 1]
    ]


def _level(contract: ModelContract, version: str) -> str:
    known = next((each for each in contract.versions if each.id == version), None)
    return _NONE if known is None else known.oversight_level or _NONE


def _first(said: Sequence[int | None]) -> int | None:
    return next((each for each in said if each is not None), None)


def _overseen_from(contract: ModelContract) -> int | None:
    """Return the first instant of which rules of review choose predictions; ``None``: of none."""
    if contract.review is None or not contract.review.rules:
        return None
    start = start_of(contract)
    return EVER if start is None else start


def start_of(contract: ModelContract) -> int | None:
    """Return the first instant of the day ``review.from``, in microseconds since 1970 (UTC)."""
    start = contract.review.start if contract.review else None
    return None if start is None else to_microseconds(start_of_day(start, contract.timezone))
