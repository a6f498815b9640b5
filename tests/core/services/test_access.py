import pytest

from core.domain import Actor, Permission, Role
from core.errors import Forbidden, NotFound
from core.services.access import require


def _actor(role: Role, models: frozenset[str] | None = None) -> Actor:
    return Actor("u1", "ada", frozenset({role}), models=models)


def test_who_holds_the_permission_passes() -> None:
    require(_actor(Role.business), Permission.overview_view)
    require(_actor(Role.business), Permission.operations_view, model="loans")
    require(_actor(Role.business, frozenset({"loans"})), Permission.model_view, model="loans")


def test_who_does_not_hold_it_is_told_what_is_missing() -> None:
    with pytest.raises(Forbidden) as caught:
        require(_actor(Role.business), Permission.drift_view, model="loans")
    assert str(caught.value) == (
        "ada may not do this: the permission drift.view is missing. "
        "Ask an administrator for a role that holds it."
    )
    assert caught.value.params == {"username": "ada", "permission": "drift.view"}


def test_a_model_outside_the_scope_does_not_exist() -> None:
    with pytest.raises(NotFound, match=r"There is no model cards\."):
        require(_actor(Role.admin, frozenset({"loans"})), Permission.model_view, model="cards")


def test_the_permission_is_asked_before_the_scope() -> None:
    with pytest.raises(Forbidden):
        require(_actor(Role.business, frozenset()), Permission.drift_view, model="cards")
