"""An exception at any step (Ctrl+C, a lost lease) leaves the whole batch or nothing, too."""

from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from core.errors import LostLease
from core.services import doctor
from tests.core.ingest.lake import take
from tests.faults.test_kill import Scene, contents, state
from tests.faults.work import ingest_paths
from tests.support.builders import ADMIN

Make = Callable[[], BaseException]


class RaiseAt:
    """Raises when step number ``number`` is done."""

    def __init__(self, number: int, error: BaseException) -> None:
        self.left = number
        self.error = error

    def __call__(self, _name: str) -> None:
        if self.left == 0:
            self.left -= 1
            raise self.error
        self.left -= 1


def lost_lease() -> LostLease:
    return LostLease("The lease is lost.")


def test_an_exception_at_a_step_leaves_all_or_nothing(tmp_path: Path) -> None:
    """The two in turn, at every second step and the last."""
    raise_at_steps(tmp_path, cycle([KeyboardInterrupt, lost_lease]), every=2)


@pytest.mark.slow
@pytest.mark.parametrize("make", [KeyboardInterrupt, lost_lease])
def test_each_exception_at_any_step_leaves_all_or_nothing(tmp_path: Path, make: Make) -> None:
    raise_at_steps(tmp_path, cycle([make]), every=1)


def raise_at_steps(folder: Path, exceptions: Iterator[Make], *, every: int) -> None:
    scene = Scene(folder, "predictions")
    names = scene.steps()
    lasts = {name: number for number, name in enumerate(names)}
    chosen = [*list(lasts)[:-1:every], names[-1]]
    assert names[-1] == "committed"
    for name in chosen:
        number = lasts[name]
        error = next(exceptions)()
        site = scene.copy(f"raised-{number}")
        before, before_state = contents(site), state(site)
        with pytest.raises(type(error)):
            ingest_paths(site, [scene.file], "predictions", RaiseAt(number, error))
        was_published = name == "committed"
        assert contents(site) == (scene.expected if was_published else before), name
        (*there, entries), (*there_before, entries_before) = state(site), before_state
        assert (there != there_before) == was_published
        # What failed may be told, by one entry; what was published is.
        assert entries - entries_before in ({1} if was_published else {0, 1}), name
        assert not doctor.examine(site, actor=ADMIN).at("error"), name
        take(site, scene.file)
        assert contents(site) == scene.expected
        site.store.close()
