"""Reading ahead: the first pages at once, the others while nobody waits, again with new rows."""

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any, cast

import pytest

from app import ahead
from app.filters import ModelChoice
from app.turns import quiet_for, turn
from core.errors import NotFound, NothingYet
from core.services.review import case_warm
from core.services.workspace import Workspace
from tests.support.builders import FIRST

WAIT_S = 30.0
WORKSPACE = cast("Workspace", object())  # whoever asks is replaced


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is read, in order; nothing of it is really asked."""
    found: list[str] = []

    def note(name: str) -> Any:
        return lambda *_, **__: found.append(name)

    for name in ("portfolio", "read_outcomes", "read_worklists"):
        monkeypatch.setattr(ahead, name, note(name))
    monkeypatch.setattr(ahead, "overview", note("overview"))
    monkeypatch.setattr(case_warm, "read_ahead", note("cases"))
    pages = {
        page: lambda _workspace, filters, _actor, page=page: found.append(
            f"{page} of {filters.model}"
        )
        for page in ("drift", "value")
    }
    monkeypatch.setattr(ahead, "FIRST_ASKED", pages)
    return found


FIRST_PAGES = ["overview", "portfolio", "read_outcomes", "cases", "read_worklists"]


def models(monkeypatch: pytest.MonkeyPatch, *generations: int) -> None:
    """Let there be a model for each generation, named a, b and so on; the last has no log."""
    found = [
        ModelChoice(name, name, generation=generation, newest=FIRST)
        for name, generation in zip("abc", generations, strict=False)
    ]
    monkeypatch.setattr(ahead, "model_choices", lambda *_: (*found, ModelChoice("empty", "Empty")))


def test_a_page_that_cannot_be_told_does_not_keep_the_others_from_being_read(
    monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    def nothing(*_: object, **__: object) -> None:
        read.append("overview")
        raise NothingYet("There is no log yet.")

    def broken(*_: object, **__: object) -> None:
        read.append("portfolio")
        raise ZeroDivisionError

    monkeypatch.setattr(ahead, "overview", nothing)
    monkeypatch.setattr(ahead, "portfolio", broken)
    for each in ahead.first_pages(WORKSPACE):
        each()
    assert read == FIRST_PAGES


def run(done: dict[str, int]) -> None:
    for each in ahead.changed(WORKSPACE, done):
        each()


def test_a_model_is_read_once_a_generation(
    monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    models(monkeypatch, 1, 1)
    done: dict[str, int] = {}
    run(done)
    assert read == ["drift of a", "value of a", "drift of b", "value of b"]
    run(done)
    assert len(read) == 4
    read.clear()
    models(monkeypatch, 1, 2)
    run(done)  # what is shown of all models has changed as well
    assert read == [*FIRST_PAGES, "drift of b", "value of b"]
    assert done == {"a": 1, "b": 2}


@pytest.mark.parametrize("error", [NotFound("The database is away."), ZeroDivisionError()])
def test_models_that_cannot_be_told_are_asked_for_again_later(
    monkeypatch: pytest.MonkeyPatch, read: list[str], error: Exception
) -> None:
    def away(*_: object) -> None:
        raise error

    monkeypatch.setattr(ahead, "model_choices", away)
    run({})
    assert read == []
    models(monkeypatch, 1)
    run({})
    assert read == ["drift of a", "value of a"]


@pytest.fixture
def told() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def test_who_waits_for_a_page_comes_first_and_the_end_is_heard(
    monkeypatch: pytest.MonkeyPatch, read: list[str], told: Event
) -> None:
    models(monkeypatch, 1)
    monkeypatch.setattr(ahead, "LOOK_S", 0.01)
    monkeypatch.setattr(ahead, "QUIET_S", 0.05)
    reading = Thread(target=ahead.read_ahead, args=(lambda: WORKSPACE, told))
    with turn():
        assert quiet_for() == 0.0
        reading.start()
        assert not told.wait(0.5)
        assert read == FIRST_PAGES  # as there is nobody else before the first page is there
    while len(read) < len(FIRST_PAGES) + 2:
        assert not told.wait(0.01)
    assert read == [*FIRST_PAGES, "drift of a", "value of a"]
    told.set()
    reading.join(WAIT_S)
    assert not reading.is_alive()


def test_without_a_workspace_nothing_is_read(read: list[str], told: Event) -> None:
    def nothing() -> Workspace:
        raise NotFound("There is no workspace.")

    ahead.read_ahead(nothing, told)
    assert read == []
