"""How a version uses its fields as a whole: from its own model and training data, nobody named."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
import yaml
from sklearn.linear_model import LogisticRegression

from core.bootstrap import create_workspace, open_workspace
from core.config import Settings
from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.metrics.attribution import attribute
from core.metrics.one_thread import one_thread
from core.services.explanation.explainer import NO_TRAINING, TOO_FEW
from core.services.explanation.global_view import (
    NO_SCORE,
    NO_VERSION,
    GlobalView,
    evenly,
    global_view,
)
from core.services.registry import models as registry
from core.services.reproduce.models import REASONS, Reason
from core.services.workspace import Workspace
from tests.support.demo_slices import DEMO, SBA, a_folder, fitted
from tests.support.harbour import add_people

SKU = "sku-demand"
FEW = {"\nversions:": "\nexplanation: {background: 40}\nversions:"}
OTHER = {
    "masked": FEW
    | {
        "- name: state\n    type: categorical": "- name: state\n    personal: true\n"
        "    type: categorical",
        "- name: loan_amount\n    type: numeric": "- name: loan_amount\n    personal: true\n"
        "    type: numeric",
    },
    "without-file": {"    artefact: model.skops\n": ""},
    "without-training": {"    training: training.parquet\n": ""},
}


@dataclass(frozen=True)
class World:
    """A workspace with models and no log: none is needed."""

    workspace: Workspace
    actor: Actor

    def view(self, model: str, version: str | None = None, score: int = 0) -> GlobalView:
        return global_view(self.workspace, model, version, actor=self.actor, score=score)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("global")
    settings = Settings(folder / "home", f"sqlite:///{folder / 'state.db'}", threads=2)
    create_workspace(settings).store.close()
    workspace = open_workspace(settings)
    people = add_people(workspace)
    specs = [a_folder(folder, SBA) / "model.yaml", a_folder(folder, SKU, FEW) / "model.yaml"]
    for name, changes in OTHER.items():
        changed = changes | {f"\nid: {SBA}\n": f"\nid: {name}\n"}
        specs.append(a_folder(folder / name, SBA, changed) / "model.yaml")
    specs += [
        _grades(folder / "grades"),
        _refusing(folder / "refusing", 0.1),
        _refusing(folder / "refusing-most", 0.95),
        _spec(folder / "new.yaml", "binary_classification", [], score="s"),
        _spec(folder / "unscored.yaml", "binary_classification", [{"id": "1"}], prediction="y"),
    ]
    for spec in specs:
        registry.register_model(workspace, spec, actor=people[Role.admin])
    yield World(workspace, people[Role.data_scientist])
    workspace.store.close()


def _grades(folder: Path) -> Path:
    """Write a model of three classes."""
    folder.mkdir()
    table = pd.DataFrame(np.random.default_rng(3).normal(size=(90, 2)), columns=["a", "b"])
    answers = np.where(table["a"] > 0.5, "high", np.where(table["b"] > 0, "low", "mid"))
    skops.io.dump(LogisticRegression().fit(table, answers), folder / "model.skops")
    table.to_parquet(folder / "training.parquet")
    return _spec(
        folder / "grades.yaml",
        task="multiclass_classification",
        versions=[{"id": "1", "artefact": "model.skops", "training": "training.parquet"}],
        scores={"low": "s_low", "mid": "s_mid", "high": "s_high"},
    )


def _refusing(folder: Path, share: float) -> Path:
    """Write a model that refuses rows without a number, some of which its data have."""
    folder.mkdir(parents=True)
    table = pd.DataFrame(np.random.default_rng(5).normal(size=(300, 2)), columns=["a", "b"])
    model = LogisticRegression().fit(table, (table["a"] > table["b"]).astype(int))
    skops.io.dump(model, folder / "model.skops")
    table.loc[table.index % 100 < 100 * share, "b"] = np.nan
    table.sample(frac=1, random_state=1).to_parquet(folder / "training.parquet")
    return _spec(
        folder / f"{folder.name}.yaml",
        "binary_classification",
        [{"id": "1", "artefact": "model.skops", "training": "training.parquet"}],
        score="s",
    )


def _spec(path: Path, task: str, versions: list[dict[str, str]], **log: Any) -> Path:
    spec: dict[str, Any] = {
        "id": path.stem,
        "name": path.stem,
        "task": task,
        "owner": "Risk",
        "purpose": "Grades.",
        "log": {"prediction_id": "id", "time": "at", "version": "version", **log},
        "features": [{"name": "a", "type": "numeric"}, {"name": "b", "type": "numeric"}],
        "versions": versions,
        "reference": {"start": "2024-01-01", "end": "2024-02-01"},
    }
    path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def loans(world: World) -> GlobalView:
    return world.view(SBA)


@pytest.fixture(scope="module")
def pool() -> pd.DataFrame:
    return _drawn(2000)


def _drawn(size: int) -> pd.DataFrame:
    """Draw the rows again, as docs/explanations.md says that anybody can."""
    training = pd.read_parquet(DEMO / SBA / "training.parquet")
    drawn = np.random.default_rng(0).choice(len(training), size, replace=False)
    rows = training.iloc[np.sort(drawn)].reset_index(drop=True)
    return rows.astype(dict.fromkeys(("loan_amount", "guaranteed_share", "employees"), np.float64))


def _background(size: int = 2000) -> Any:
    return np.sort(np.random.default_rng(0).permutation(size)[: size // 10])


def test_importance_is_the_mean_over_rows_that_can_be_drawn_again(
    loans: GlobalView, pool: pd.DataFrame
) -> None:
    with one_thread():
        found = attribute(fitted(SBA), pool, pool.iloc[_background()], place=1)
    means = dict(zip(found.fields, np.abs(found.values).mean(axis=0).tolist(), strict=True))
    assert {each.field: each.mean for each in loans.importance} == pytest.approx(means)
    assert loans.importance[0].field == "guaranteed_share"
    assert sum(each.share for each in loans.importance) == pytest.approx(1.0)
    assert (loans.why, loans.version, loans.method, loans.scale) == ("", "1", "tree", "log_odds")
    sample = loans.sample
    assert sample is not None
    assert (sample.total, sample.rows, sample.beside, sample.together) == (96525, 2000, 200, 100)


def test_curves_are_mean_scores_of_the_background(loans: GlobalView, pool: pd.DataFrame) -> None:
    beside = pool.iloc[_background()]
    for name in ("guaranteed_share", "state"):
        curve = next(each for each in loans.curves if each.field == name)
        for value, mean in list(zip(curve.values, curve.mean, strict=True))[::4]:
            with one_thread():
                scores = fitted(SBA).predict_proba(beside.assign(**{name: value}))[:, 1]
            assert mean == pytest.approx(float(scores.mean()), abs=1e-12)
        assert curve.rows == 200
        assert all(count >= 20 for count in curve.counts)


def test_curves_are_of_the_fields_that_move_the_score(loans: GlobalView) -> None:
    moving = [each.field for each in loans.importance if each.mean > 0]
    assert [each.field for each in loans.curves] == moving
    assert "franchise" not in moving  # the model does not read it


def test_interactions_are_of_the_first_six_fields_on_the_models_own_scale(
    loans: GlobalView, pool: pd.DataFrame
) -> None:
    assert len(loans.interactions) == 15
    assert [each.strength for each in loans.interactions] == sorted(
        (each.strength for each in loans.interactions), reverse=True
    )
    first = loans.interactions[0]
    few = pool.iloc[evenly(_background(), 100)]
    with one_thread():
        joint, one, two = (
            _centred(few, names)
            for names in ([first.first, first.second], [first.first], [first.second])
        )
    rest = joint - one - two
    assert first.strength == pytest.approx(float(np.sqrt(np.mean(rest**2))), rel=1e-9)
    assert first.h2 == pytest.approx(float(np.sum(rest**2) / np.sum(joint**2)), rel=1e-9)


def _centred(few: pd.DataFrame, names: list[str]) -> Any:
    """Return partial dependence by definition, of what scikit-learn itself calls raw."""
    given = [few.assign(**{name: few[name].iloc[row] for name in names}) for row in range(len(few))]
    asked = pd.concat(given)
    means = fitted(SBA).decision_function(asked).reshape(len(few), len(few)).mean(axis=1)
    return means - means.mean()


def test_fields_that_go_together_are_named(loans: GlobalView) -> None:
    (pair,) = loans.associations
    assert {pair.first, pair.second} == {"guaranteed_share", "revolving_credit"}


def test_no_category_of_a_personal_field_is_named(world: World, loans: GlobalView) -> None:
    view = world.view("masked")
    assert view.withheld == ("state",)
    assert "state" in {each.field for each in view.importance}  # how much it moves is known
    told = {value for each in view.curves for value in each.values}
    states = {value for each in loans.curves if each.field == "state" for value in each.values}
    assert states - {None}
    assert not states & told - {None}
    amounts = next(each for each in view.curves if each.field == "loan_amount")
    assert all(value == round(float(value or 0), -3) for value in amounts.values)


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("without-file", REASONS[Reason.no_artefact]),
        ("without-training", NO_TRAINING),
        ("unscored", NO_SCORE),
        ("new", NO_VERSION),
    ],
)
def test_what_cannot_be_had_says_why(world: World, model: str, why: str) -> None:
    view = world.view(model)
    assert view.why == why
    assert (view.sample, view.importance, view.curves) == (None, (), ())


def test_rows_that_the_model_refuses_are_left_out(world: World) -> None:
    view = world.view("refusing")
    assert view.why == ""
    assert view.sample is not None
    assert view.sample.rows == 270
    assert all(np.isfinite(each.mean).all() for each in view.curves)
    assert all(None not in each.values for each in view.curves)  # it has no answer to nothing
    assert {each.field for each in view.importance} == {"a", "b"}
    assert world.view("refusing-most").why == TOO_FEW


def test_a_model_of_numbers_is_told_on_its_own_scale(world: World) -> None:
    view = world.view(SKU)
    assert view.why == ""
    assert view.curves
    assert view.contract.task == "regression"


def test_each_class_of_several_has_its_own_view(world: World) -> None:
    views = [world.view("grades", score=place) for place in range(3)]
    assert [view.score for view in views] == ["low", "mid", "high"]
    assert [view.importance[0].field for view in views] == ["b", "b", "a"]
    with pytest.raises(InvalidInput):
        world.view("grades", score=3)


def test_it_is_found_once(world: World, loans: GlobalView) -> None:
    assert world.view(SBA) is loans
    assert world.view(SBA, "1") is loans


def test_it_is_for_who_may_see_the_model(world: World) -> None:
    with pytest.raises(Forbidden):
        global_view(world.workspace, SBA, actor=replace(world.actor, roles=frozenset()))
    with pytest.raises(NotFound):
        global_view(world.workspace, SBA, actor=replace(world.actor, models=frozenset({SKU})))
    with pytest.raises(InvalidInput):
        world.view(SBA, "2")


def test_some_rows_are_evenly_spaced() -> None:
    assert evenly(np.arange(10), 4).tolist() == [0, 3, 6, 9]
    assert evenly(np.arange(3), 4).tolist() == [0, 1, 2]


def test_fewer_rows_are_spread_over_the_whole_pool(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool is in the order of the file, which may be that of time: its head is no sample."""
    monkeypatch.setattr("core.services.explanation.global_view.ROWS", 30)
    world.workspace.memo.clear()
    view, pool = world.view("masked"), _drawn(400)
    rows = pool.iloc[np.linspace(0, 399, 30).round().astype(int)]
    with one_thread():
        found = attribute(fitted(SBA), rows, pool.iloc[_background(400)], place=1)
    means = dict(zip(found.fields, np.abs(found.values).mean(axis=0).tolist(), strict=True))
    assert {each.field: each.mean for each in view.importance} == pytest.approx(means)
