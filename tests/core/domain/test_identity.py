import pytest

from core.domain import Actor, Role


def _actor(**limits: frozenset[str] | None) -> Actor:
    return Actor("u1", "ada", frozenset({Role.compliance, Role.auditor}), **limits)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("models", "seen"),
    [
        (None, True),
        (frozenset({"loans"}), True),
        (frozenset({"cards"}), False),
        (frozenset(), False),
    ],
)
def test_an_actor_sees_the_models_of_the_scope(models: frozenset[str] | None, seen: bool) -> None:
    assert _actor(models=models).sees_model("loans") is seen


def test_the_audit_trail_names_the_roles_in_a_fixed_order() -> None:
    assert _actor().role_text == "auditor,compliance"
