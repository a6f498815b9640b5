"""What the model says of other values; the second source is scikit-learn's own pipeline."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.identity import Role
from core.errors import Forbidden, InvalidInput, NotComputable, NotFound
from core.services.explanation.by_model import DIFFERS
from core.services.explanation.looking import look_at
from core.services.explanation.what_if import MASKED, STEPS, WhatIf, what_if
from core.store.audit import trail as audit
from tests.support.demo_slices import SBA, fitted, sba_log
from tests.support.explained import CUT_OFF, FIELDS, Explained, an_explained_workspace

PIPELINE = fitted(SBA)
NUMBERS = ("loan_amount", "guaranteed_share", "employees")
SCORE = "  - {name: default_score, type: numeric, personal: true, purpose: What the model says}\n"
AMOUNT = "    actionable: {direction: decrease, minimum: 5000, step: 1000}\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("tried") / "home", log=sba_log(every=600))
    yield made
    made.workspace.store.close()


def changed_world(home: Path, changes: dict[str, str]) -> Explained:
    return an_explained_workspace(home, log=sba_log(every=600), changes=changes)


def ask(world: Explained, prediction: str, **changes: Any) -> WhatIf:
    who = world.people[Role.compliance]
    return what_if(world.workspace, SBA, prediction, changes, actor=who)


def choices(world: Explained, prediction: str) -> dict[str, Any]:
    view = look_at(world.workspace, SBA, prediction, actor=world.people[Role.compliance])
    return {each.field: each for each in view.choices}


def scored(row: pd.Series, **changes: Any) -> float:
    """Return scikit-learn's own probability for a row with other values in it."""
    changed = pd.DataFrame([{name: row[name] for name in FIELDS} | changes])
    for name in NUMBERS:
        changed[name] = changed[name].astype(np.float64)
    return float(PIPELINE.predict_proba(changed)[0, 1])


@pytest.fixture(scope="module")
def offered(world: Explained) -> Callable[[str], dict[str, Any]]:
    """Return what is offered for a decision; looked up once for each."""
    return cache(partial(choices, world))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(data=st.data(), place=st.integers(0, 6))
def test_each_allowed_value_is_scored_as_scikit_learn_does(
    world: Explained,
    offered: Callable[[str], dict[str, Any]],
    data: st.DataObject,
    place: int,
) -> None:
    prediction = world.worst(place)
    row = world.row(prediction)
    changes = {
        name: data.draw(st.sampled_from(each.values), label=name)
        for name, each in offered(prediction).items()
    }
    found = ask(world, prediction, **changes)

    assert found.before == row["default_score"]
    if all(row[name] == value for name, value in changes.items()):
        assert found.after == found.before
    else:
        assert found.after == pytest.approx(scored(row, **changes), abs=1e-12)
    assert found.decision == "decline"
    assert (found.held, found.holds) == (found.before >= CUT_OFF, found.after >= CUT_OFF)


def test_only_what_a_person_can_change_is_offered(world: Explained) -> None:
    prediction = world.worst()
    row, found = world.row(prediction), choices(world, prediction)
    assert set(found) <= {"loan_amount", "revolving_credit", "same_state_bank"}
    for name, each in found.items():
        assert each.own == row[name]
        assert each.own in each.values
        assert len(each.values) <= STEPS + 1
        assert len(set(each.values)) == len(each.values) > 1
    amounts = found["loan_amount"].values
    assert list(amounts) == sorted(amounts)
    assert (amounts[0], amounts[-1]) == (5000, row["loan_amount"])  # smaller only


def test_the_logged_values_change_nothing(world: Explained) -> None:
    prediction = world.worst()
    row = world.row(prediction)
    for found in (
        ask(world, prediction),
        ask(world, prediction, same_state_bank=row["same_state_bank"]),
    ):
        assert found.after == found.before == row["default_score"]
        assert found.moved == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "CA"},
        {"nothing": 1.0},
        {"loan_amount": 1.0},  # below the contract's minimum
        {"loan_amount": 1e9},  # upwards
        {"loan_amount": 5000.5},  # between its steps
        {"loan_amount": "5000"},
        {"same_state_bank": 1.0},
        {"revolving_credit": "T"},
    ],
)
def test_nothing_else_can_be_asked_about(world: Explained, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(world, world.worst(), **changes)
    said = str(caught.value.params)
    assert not any(str(value) in said for value in changes.values())


def test_what_moves_in_the_same_ratio_moves_along(tmp_path: Path) -> None:
    moving = AMOUNT.replace("}", ", in_proportion: [employees]}")
    world = changed_world(tmp_path / "home", {AMOUNT: moving})
    prediction = world.worst()
    row = world.row(prediction)
    value = choices(world, prediction)["loan_amount"].values[0]
    found = ask(world, prediction, loan_amount=value)

    employees = row["employees"] * value / row["loan_amount"]
    (moved,) = found.moved
    assert (moved.field, moved.before) == ("employees", row["employees"])
    assert moved.after == pytest.approx(employees)
    again = scored(row, loan_amount=value, employees=employees)
    assert found.after == pytest.approx(again, abs=1e-12)
    world.workspace.store.close()


def test_a_masked_field_is_not_offered_nor_answered(tmp_path: Path) -> None:
    moving = AMOUNT.replace("}", ", in_proportion: [employees]}")
    kinds = {"same_state_bank": "categorical", "employees": "numeric"}
    heads = [f"  - name: {name}\n    type: {kind}\n" for name, kind in kinds.items()]
    personal = {each: f"{each}    personal: true\n" for each in heads}
    world = changed_world(tmp_path / "home", {AMOUNT: moving, **personal})
    prediction = world.worst()

    assert set(choices(world, prediction)) <= {"revolving_credit"}
    for name, value in (("same_state_bank", "yes"), ("loan_amount", 5000.0)):
        with pytest.raises(InvalidInput):
            ask(world, prediction, **{name: value})
    world.workspace.store.close()


def test_a_masked_score_is_not_told(tmp_path: Path) -> None:
    before = "  - {name: decision_source"
    world = changed_world(tmp_path / "home", {before: SCORE + before})
    with pytest.raises(NotComputable) as caught:
        ask(world, world.worst())
    assert caught.value.template == MASKED
    assert choices(world, world.worst()) == {}
    world.workspace.store.close()


def test_a_model_that_gives_another_score_is_not_asked(tmp_path: Path) -> None:
    log: Any = sba_log(every=600).copy()
    log.loc[3, "default_score"] += 0.001
    world = an_explained_workspace(tmp_path / "home", log=log)
    prediction = str(log.loc[3, "loan_id"])
    with pytest.raises(NotComputable) as caught:
        ask(world, prediction)
    assert caught.value.template == DIFFERS
    assert choices(world, prediction) == {}
    world.workspace.store.close()


def test_who_may_ask(world: Explained) -> None:
    for role in (Role.business, Role.admin):
        with pytest.raises(Forbidden):
            what_if(world.workspace, SBA, world.worst(), {}, actor=world.people[role])
    for other in (
        replace(world.people[Role.auditor], models=frozenset({"other"})),
        replace(world.people[Role.auditor], jurisdictions=frozenset({"HK"})),
    ):
        with pytest.raises(NotFound):
            what_if(world.workspace, SBA, world.worst(), {}, actor=other)


def test_asking_leaves_no_trace(world: Explained) -> None:
    with world.workspace.store.read() as conn:
        before = audit.list_newest(conn, limit=1)[0].sequence
    ask(world, world.worst(), loan_amount=5000.0)
    with world.workspace.store.read() as conn:
        assert audit.list_newest(conn, limit=1)[0].sequence == before
