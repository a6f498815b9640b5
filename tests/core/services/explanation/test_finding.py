"""Why a decision was made, found from the model itself; the second source is scikit-learn's own."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Actor, Role
from core.errors import Forbidden, NotFound
from core.services.explanation.by_model import DIFFERS
from core.services.explanation.explainer import NO_TRAINING, TRAINING_GONE
from core.services.explanation.finding import find_explanation
from core.services.explanation.other_results import NOT_ADVERSE
from core.services.reproduce.models import REASONS, Reason
from core.store.audit import trail as audit
from tests.support.demo_slices import SBA, fitted, sba_log
from tests.support.explained import (
    CUT_OFF,
    FIELDS,
    Explained,
    an_explained_workspace,
    put_code_book,
    stored,
)

PIPELINE = fitted(SBA)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("explained") / "home")
    put_code_book(made)
    yield made
    made.workspace.store.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600))
    yield made
    made.workspace.store.close()


def find(world: Explained, prediction: str, actor: Actor | None = None) -> ExplanationRecord:
    who = actor or world.people[Role.compliance]
    return find_explanation(world.workspace, SBA, prediction, actor=who)


def log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def scored(row: pd.Series, **changes: Any) -> float:
    """Return scikit-learn's own probability for a row with other values in it."""
    values: dict[str, Any] = {name: row[name] for name in FIELDS}
    changed = pd.DataFrame([values | changes])
    for name in ("loan_amount", "guaranteed_share", "employees"):
        changed[name] = changed[name].astype(np.float64)
    return float(PIPELINE.predict_proba(changed)[0, 1])


def test_the_parts_add_up_to_the_models_own_score(world: Explained) -> None:
    prediction = world.worst()
    found = find(world, prediction)

    assert (found.source, found.why) == ("model", "")
    assert found.attributions is not None
    assert (found.attributions.method, found.attributions.scale) == ("tree", "log_odds")
    assert tuple(each.field for each in found.attributions.parts) == FIELDS
    again = scored(world.row(prediction))
    total = float(found.attributions.base or 0.0)
    total += sum(each.added for each in found.attributions.parts)
    assert total == pytest.approx(log_odds(again), abs=1e-9)
    assert found.attributions.output == pytest.approx(total, abs=1e-9)
    assert found.rescored is not None
    assert found.rescored.again == pytest.approx(again, abs=1e-12)
    assert found.rescored.agrees


def test_reasons_are_the_greatest_parts_on_the_decisions_side(world: Explained) -> None:
    found = find(world, world.worst())

    assert found.attributions is not None
    raising = sorted((e for e in found.attributions.parts if e.added > 0), key=lambda e: -e.added)
    assert [each.field for each in found.reasons] == [each.field for each in raising[:4]]
    assert {each.direction for each in found.reasons} == {"raises"}
    total = sum(each.added for each in raising)
    assert [each.share for each in found.reasons] == pytest.approx(
        [each.added / total for each in raising[:4]]
    )
    codes = {field: f"R{1 + 2 * place:03d}" for place, field in enumerate(FIELDS)}
    assert [each.code for each in found.reasons] == [codes[each.field] for each in found.reasons]
    assert found.code_book == 1


def test_an_approval_has_reasons_too_and_needs_no_other_result(world: Explained) -> None:
    found = find(world, world.best())

    assert found.rule.adverse is False
    assert {each.direction for each in found.reasons} == {"lowers"}
    assert all(each.added < 0 < each.share for each in found.reasons)
    assert found.others is not None
    assert (found.others.found, found.others.why) == ((), NOT_ADVERSE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(place=st.integers(0, 30))
def test_every_other_result_is_one_for_scikit_learn_too(world: Explained, place: int) -> None:
    prediction = world.worst(place)
    row = world.row(prediction)
    assert row["default_score"] >= CUT_OFF
    found = find(world, prediction)
    assert found.rule.adverse
    assert found.others is not None
    assert bool(found.others.found) == (found.others.why == "")
    for each in found.others.found:
        changes = {change.field: change.after for change in (*each.changes, *each.moved)}
        again = scored(row, **changes)
        assert each.score == pytest.approx(again, abs=1e-12)
        assert again < CUT_OFF
        assert [change.before for change in each.changes] == [
            row[change.field] for change in each.changes
        ]


def test_the_background_can_be_drawn_again_from_the_training_file(world: Explained) -> None:
    found = find(world, world.worst())
    assert found.background is not None

    training = pd.read_parquet(stored(world, "training"))
    drawn = np.random.default_rng(found.background.seed).choice(
        len(training), found.background.pool, replace=False
    )
    pool = training.iloc[np.sort(drawn)]
    order = np.random.default_rng(found.background.seed).permutation(len(pool))
    members = pool.iloc[np.sort(order[: found.background.rows])]
    scores = PIPELINE.predict_proba(members[list(FIELDS)])[:, 1]
    assert found.background.total == len(training)
    assert found.attributions is not None
    assert found.attributions.base == pytest.approx(np.log(scores / (1 - scores)).mean(), abs=1e-9)
    amounts = {each.field: each for each in found.attributions.parts}["loan_amount"]
    assert amounts.usual == pytest.approx(members["loan_amount"].median())
    assert found.standing is not None
    pooled = PIPELINE.predict_proba(pool[list(FIELDS)])[:, 1]
    again = scored(world.row(world.worst()))
    below = (pooled < again).mean() + 0.5 * (pooled == again).mean()
    assert found.standing.n == len(pool)
    assert found.standing.below == pytest.approx(below)


def test_the_same_decision_is_explained_alike_twice(world: Explained) -> None:
    first, second = (find(world, world.worst(1)) for _ in range(2))
    assert first.salt != second.salt
    assert replace(first, salt="", made_at=second.made_at) == replace(second, salt="")


def test_a_reason_that_the_book_lacks_has_no_code(own: Explained) -> None:
    put_code_book(own, "state")
    found = find(own, own.worst())

    assert [each.field for each in found.reasons if each.code] in ([], ["state"])
    assert any(each.code == "" for each in found.reasons)


def test_without_a_code_book_reasons_are_fields(own: Explained) -> None:
    found = find(own, own.worst())
    assert found.code_book is None
    assert found.reasons
    assert {each.code for each in found.reasons} == {""}


def test_a_score_that_the_model_does_not_give_is_not_explained(tmp_path: Path) -> None:
    log: Any = sba_log(every=600).copy()
    log.loc[3, "default_score"] += 0.001
    world = an_explained_workspace(tmp_path / "home", log=log)
    found = find(world, str(log.loc[3, "loan_id"]))

    assert (found.source, found.why) == ("none", DIFFERS)
    assert (found.attributions, found.reasons, found.others) == (None, (), None)
    assert found.rescored is not None
    assert not found.rescored.agrees
    assert found.rescored.logged - found.rescored.again == pytest.approx(0.001, abs=1e-6)
    world.workspace.store.close()


@pytest.mark.parametrize(
    ("role", "why"),
    [("artefact", REASONS[Reason.artefact_gone]), ("training", TRAINING_GONE)],
)
def test_without_its_files_a_model_explains_nothing(own: Explained, role: str, why: str) -> None:
    stored(own, role).unlink()

    found = find(own, own.worst())
    assert (found.source, found.why, found.artefact) == ("none", why, None)


def test_a_changed_artefact_explains_nothing(own: Explained) -> None:
    file = stored(own, "artefact")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b"\0")

    assert find(own, own.worst()).why == REASONS[Reason.artefact_differs]


def test_without_training_data_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    world = an_explained_workspace(
        tmp_path / "home",
        log=sba_log(every=600),
        changes={"    training: training.parquet\n": ""},
    )
    found = find(world, world.worst())
    assert (found.source, found.why) == ("none", NO_TRAINING)
    world.workspace.store.close()


def test_logged_attributions_are_told_as_logged_where_there_is_no_model(tmp_path: Path) -> None:
    log: Any = sba_log(every=600).copy()
    log["attribution_state"], log["attribution_industry"] = 0.5, -0.25
    declared = "".join(
        f"  - {{name: attribution_{each}, type: numeric, purpose: What it added}}\n"
        for each in ("state", "industry")
    )
    before = "  - {name: decision_source"
    world = an_explained_workspace(
        tmp_path / "home",
        log=log,
        changes={before: declared + before, "    training: training.parquet\n": ""},
    )
    found = find(world, world.worst())

    assert (found.source, found.why) == ("logged", "")
    assert found.attributions is not None
    assert [(e.field, e.added) for e in found.attributions.parts] == [
        ("industry", -0.25),
        ("state", 0.5),
    ]
    assert [(each.field, each.share) for each in found.reasons] == [("state", 1.0)]
    assert (found.background, found.steadiness, found.others) == (None, None, None)
    world.workspace.store.close()


def test_who_may_what(world: Explained) -> None:
    for role in (Role.business, Role.admin):
        with pytest.raises(Forbidden):
            find(world, world.worst(), world.people[role])
    with pytest.raises(NotFound):
        find(world, "nobody")
    elsewhere = replace(world.people[Role.compliance], models=frozenset({"other"}))
    with pytest.raises(NotFound):
        find(world, world.worst(), elsewhere)
    abroad = replace(world.people[Role.compliance], jurisdictions=frozenset({"HK"}))
    with pytest.raises(NotFound):
        find(world, world.worst(), abroad)


def test_looking_keeps_nothing(world: Explained) -> None:
    with world.workspace.store.read() as conn:
        before = audit.list_newest(conn, limit=1)[0].sequence
    find(world, world.worst())
    with world.workspace.store.read() as conn:
        assert audit.list_newest(conn, limit=1)[0].sequence == before
