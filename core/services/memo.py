"""Remembered answers: the same question at the same lake generation has the same answer."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

Answer = TypeVar("Answer")


class Memo:
    """The newest answers of one process, bounded in number; safe to share between threads.

    Parameters
    ----------
    size : int
        Most answers kept; the one not asked for longest goes first.
    """

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, answer: Callable[[], Answer]) -> Answer:
        """Return the remembered answer of a key, or find it and remember it.

        Two threads may find the same answer at the same time; both get an equal one.
        """
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast("Answer", self._answers[key])
        found = answer()
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget every answer, such as when a person was erased."""
        with self._lock:
            self._answers.clear()
