"""What is read ahead is what the pages ask: their first reader finds every answer there."""

from collections.abc import Callable, Hashable, Iterator

import pytest

from app.ahead import changed, first_pages
from app.screens.first_asked import FIRST_ASKED
from core.domain.identity import Actor, Role
from core.services.memo import Memo
from tests.pages.conftest import Open
from tests.pages.reading import states
from tests.support.harbour import add_people
from tests.support.valued import REVIEW, Valued, build_valued

# Made from answers that are there: pictures, and what hangs on the place of a cut-off.
_MADE = ("app.charts.", "value workload", "outcome matrix")


Read = tuple[Valued, dict[Role, Actor]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    """A workspace that was read ahead, and a person of each role."""
    home = tmp_path_factory.mktemp("valued") / "home"
    home.mkdir()
    found = build_valued(home, review=REVIEW)
    people = add_people(found.workspace)
    for each in (*first_pages(found.workspace), *changed(found.workspace, {})):
        each()
    yield found, people
    found.workspace.store.close()


@pytest.mark.parametrize("page", FIRST_ASKED)
def test_the_first_reader_finds_every_answer(
    open_page: Open,
    read: tuple[Valued, dict[Role, Actor]],
    monkeypatch: pytest.MonkeyPatch,
    page: str,
) -> None:
    found, people = read
    reader = people[Role.auditor if page != "ingest" else Role.data_scientist]
    sought: list[str] = []
    get = Memo.get

    def watched(memo: Memo, key: Hashable, answer: Callable[[], object]) -> object:
        def asked() -> object:
            sought.append(str(key[0] if isinstance(key, tuple) else key))
            return answer()

        return get(memo, key, asked)

    monkeypatch.setattr(Memo, "get", watched)
    test = open_page(found.workspace, reader, page, lang="en", model="loans")
    assert states(test) == []
    assert [each for each in sought if not each.startswith(_MADE)] == []
