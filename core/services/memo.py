"""Remembered answers: the same question at the same lake generation has the same answer."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from itertools import islice
from threading import Event, Lock
from typing import TypeVar, cast

from core.errors import NotComputable

Answer = TypeVar("Answer")

ANSWERS = 4_096
ROOM = 256 * 2**20
"""Bytes of arrays and tables that a process keeps, as :func:`weight_of` weighs them."""

_LOOKED_AT = 16  # entries of a collection that are weighed; the others are taken to be like them
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class _Refusal:
    """That there is no answer, and why."""

    error: NotComputable


class Memo:
    """The newest answers of one process, bounded in number and weight; safe to share by threads.

    Parameters
    ----------
    size : int
        Most answers kept; the one not asked for longest goes first.
    room : int
        Most bytes that their arrays and tables hold together.
    """

    def __init__(self, size: int = ANSWERS, room: int = ROOM) -> None:
        self._size, self._room = size, room
        self._answers: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._weight = 0
        self._sought: dict[Hashable, Event] = {}
        self._lock = Lock()

    def get(self, key: Hashable, answer: Callable[[], Answer]) -> Answer:
        """Return the remembered answer of a key, or find it and remember it.

        Of threads that ask at the same time one looks for the answer, and the others wait for it;
        if it fails, the next one tries.
        """
        while True:
            with self._lock:
                if key in self._answers:
                    self._answers.move_to_end(key)
                    return cast("Answer", self._answers[key][0])
                other = self._sought.get(key)
                if other is None:
                    mine = self._sought[key] = Event()
                    break
            other.wait()
        try:
            found = answer()
            self._keep(key, found)
            return found
        finally:
            with self._lock:
                del self._sought[key]
            mine.set()

    def get_or_refuse(self, key: Hashable, answer: Callable[[], Answer]) -> Answer:
        """Return as :meth:`get` does; that something cannot be computed is remembered as well.

        Raises
        ------
        core.errors.NotComputable
            If it cannot, with the words of the first time.
        """

        def tried() -> Answer | _Refusal:
            try:
                return answer()
            except NotComputable as error:
                return _Refusal(copy(error))  # a copy holds no frames

        found = self.get(key, tried)
        if isinstance(found, _Refusal):
            raise copy(found.error)
        return found

    def clear(self) -> None:
        """Forget every answer, such as when a person was erased."""
        with self._lock:
            self._answers.clear()
            self._weight = 0

    def _keep(self, key: Hashable, found: object) -> None:
        weight = weight_of(found)
        with self._lock:
            self._answers[key] = found, weight
            self._weight += weight
            while len(self._answers) > self._size or (
                self._weight > self._room and len(self._answers) > 1
            ):
                _, (_, freed) = self._answers.popitem(last=False)
                self._weight -= freed


def weight_of(found: object, depth: int = _DEPTH) -> int:
    """Return about how many bytes the arrays and tables in an answer hold.

    What is small beside them (words, numbers, the contract) is not weighed; the number of answers
    bounds it.

    Parameters
    ----------
    found : object
        The answer: dataclasses, collections, arrays and tables.
    depth : int
        How deep to look.
    """
    own = getattr(found, "nbytes", None)  # arrays of NumPy, tables and arrays of Arrow
    if isinstance(own, int):
        return own
    if hasattr(found, "memory_usage"):  # tables of pandas
        return int(found.memory_usage().sum())
    if depth == 0 or found is None or isinstance(found, str | bytes | int | float):
        return 0
    if is_dataclass(found) and not isinstance(found, type):
        return sum(weight_of(getattr(found, each.name), depth - 1) for each in fields(found))
    if isinstance(found, Mapping):
        return _of_many(found.values(), depth)
    if isinstance(found, tuple | list):
        return _of_many(found, depth)
    return 0


def _of_many(entries: Collection[object], depth: int) -> int:
    seen = [weight_of(each, depth - 1) for each in islice(entries, _LOOKED_AT)]
    return sum(seen) * len(entries) // max(len(seen), 1)
