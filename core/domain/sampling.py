"""Random samples that anybody can draw again: from a frame, a seed and SHA-256, nothing else.

The rank of a key is ``SHA-256(seed ‖ line feed ‖ key)``. A simple random sample is the keys of the
``n`` lowest ranks; within strata the same. A systematic one begins at a place that the seed gives,
and takes places at equal distances of the frame's own order, going round.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

Method = Literal["random", "systematic", "proportional", "equal", "all_then_random"]
METHODS: tuple[Method, ...] = get_args(Method)
ALL, REST = "all", "rest"
"""Strata of ``all_then_random``: what is taken whole, and what is drawn from."""
_DOMAIN = "harbourlight-sample-1"


@dataclass(frozen=True, slots=True)
class Unit:
    """One line of a frame.

    Parameters
    ----------
    key : str
        By which the unit is known; no two have the same.
    stratum : str
        Which part of the frame it lies in; empty where there are no parts.
    """

    key: str
    stratum: str = ""


def seed_of(words: str, root: str) -> str:
    """Return the seed, in hexadecimal digits.

    Parameters
    ----------
    words : str
        Of whoever draws.
    root : str
        Of a tree that was signed when the words were on record already, in hexadecimal digits.
    """
    return sha256(f"{_DOMAIN}\n{words}\n{root}".encode()).hexdigest()


def rank(seed: str, key: str) -> str:
    """Return the rank of a key, which no one can foresee who does not know the seed."""
    return sha256(f"{seed}\n{key}".encode()).hexdigest()


def draw(frame: Sequence[Unit], seed: str, n: int, method: Method) -> list[Unit]:
    """Return the units that a method draws.

    Parameters
    ----------
    frame : sequence of Unit
        All units, in the order that a systematic sample goes by.
    seed : str
        From :func:`seed_of`.
    n : int
        How many, from 1 to the size of the frame.
    method : Method
        ``random``: of the lowest ranks. ``systematic``: at equal distances. ``proportional`` and
        ``equal``: of the lowest ranks in each stratum, so many as :func:`shares` says.
        ``all_then_random``: the stratum :data:`ALL` whole, and of the rest the lowest ranks.

    Raises
    ------
    ValueError
        If there are not so many units, or more are to be taken whole than drawn.
    """
    if not 1 <= n <= len(frame):
        raise ValueError(f"{n} of {len(frame)} units cannot be drawn")
    if method == "systematic":
        start = int(rank(seed, "start"), 16) % len(frame)
        return [frame[(start + place * len(frame) // n) % len(frame)] for place in range(n)]
    if method == "random":
        return sorted(frame, key=lambda unit: rank(seed, unit.key))[:n]
    taken = shares(Counter(unit.stratum for unit in frame), n, method)
    return [
        unit
        for name in sorted(taken)
        for unit in sorted(
            (each for each in frame if each.stratum == name),
            key=lambda unit: rank(seed, unit.key),
        )[: taken[name]]
    ]


def shares(sizes: Mapping[str, int], n: int, method: Method) -> dict[str, int]:
    """Return how many units are drawn from each stratum.

    ``proportional`` goes by largest remainders, of equal ones the first name; ``equal`` gives one
    to each stratum by name, again and again, until a stratum is used up or all are given.
    """
    if method == "all_then_random":
        whole = sizes.get(ALL, 0)
        if whole > n:
            raise ValueError(f"{whole} units are to be taken whole, more than {n}")
        return {ALL: whole, REST: n - whole}
    total = sum(sizes.values())
    if method == "proportional":
        taken = {name: n * size // total for name, size in sizes.items()}
        by_remainder = sorted(sizes, key=lambda name: (-(n * sizes[name] % total), name))
        for name in by_remainder[: n - sum(taken.values())]:
            taken[name] += 1
        return taken
    taken = dict.fromkeys(sizes, 0)
    while sum(taken.values()) < n:
        for name in sorted(sizes):
            if taken[name] < sizes[name] and sum(taken.values()) < n:
                taken[name] += 1
    return taken


def most_wrong(size: int, n: int) -> int:
    """Return how many units of a frame can be wrong at most, if none of those drawn is.

    The largest number of which a simple random sample without replacement misses all with a
    probability of 5 % or more: by the hypergeometric distribution, in whole numbers.

    Parameters
    ----------
    size : int
        Units in the frame.
    n : int
        Units drawn, from 1 to ``size``.
    """
    low, high = 0, size - n
    while low < high:
        middle = (low + high + 1) // 2
        if _may_miss(size, n, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _may_miss(size: int, n: int, wrong: int) -> bool:
    """Whether all wrong units are missed in at least one sample of twenty."""
    missing, all_samples = 1, 1
    for place in range(n):
        missing *= size - wrong - place
        all_samples *= size - place
    return 20 * missing >= all_samples
