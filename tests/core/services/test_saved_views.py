"""Saved views: one's own, by name, and nobody else's."""

import pytest

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services import saved_views
from core.services.saved_views import list_views, remove_view, save_view
from core.services.workspace import Workspace
from core.store.identity import users
from tests.core.services.signing_in import add

FILTERS = {"model": "loans", "from": "2024-01-01"}


def person(shared: Workspace, name: str) -> Actor:
    with shared.store.read() as conn:
        user = next(each for each in users.list_users(conn) if each.username == name)
    return Actor(user.id, name, frozenset({Role.business}))


@pytest.fixture
def wai(shared: Workspace) -> Actor:
    return person(shared, "wai")


def test_a_view_comes_back_as_it_was_saved(shared: Workspace, wai: Actor) -> None:
    made = save_view(shared, actor=wai, page="drift", name="  First   half ", parameters=FILTERS)
    assert (made.name, made.page) == ("First half", "drift")
    assert [view.parameters for view in list_views(shared, actor=wai)] == [FILTERS]


def test_the_same_name_on_the_same_page_is_replaced(shared: Workspace, wai: Actor) -> None:
    save_view(shared, actor=wai, page="drift", name="mine", parameters={"model": "a"})
    save_view(shared, actor=wai, page="drift", name="mine", parameters={"model": "b"})
    save_view(shared, actor=wai, page="performance", name="mine", parameters={"model": "c"})
    found = [(view.page, view.parameters["model"]) for view in list_views(shared, actor=wai)]
    assert found == [("drift", "b"), ("performance", "c")]


def test_nobody_sees_or_removes_another_persons(shared: Workspace, wai: Actor) -> None:
    add(shared, "lok", Role.business)
    lok = person(shared, "lok")
    made = save_view(shared, actor=wai, page="drift", name="mine", parameters=FILTERS)
    assert list_views(shared, actor=lok) == ()
    with pytest.raises(NotFound):
        remove_view(shared, made.id, actor=lok)
    remove_view(shared, made.id, actor=wai)
    assert list_views(shared, actor=wai) == ()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_name_is_needed(shared: Workspace, wai: Actor, name: str) -> None:
    with pytest.raises(InvalidInput):
        save_view(shared, actor=wai, page="drift", name=name, parameters=FILTERS)


def test_there_is_an_end_to_them(
    shared: Workspace, wai: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    for name in ("one", "two"):
        save_view(shared, actor=wai, page="drift", name=name, parameters=FILTERS)
    with pytest.raises(Conflict):
        save_view(shared, actor=wai, page="drift", name="three", parameters=FILTERS)


def test_nobody_without_a_role_saves(shared: Workspace) -> None:
    nobody = Actor("u", "nobody", frozenset())
    with pytest.raises(Forbidden):
        list_views(shared, actor=nobody)
