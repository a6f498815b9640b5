"""The demo's declined loans, and how changes of them are judged, whoever found them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.config import PROJECT_ROOT
from core.contract import ModelContract, load_contract
from core.metrics.arrays import AnyArray, Booleans, Floats
from core.metrics.counterfactual import Background, Goal, Lever, fit_background, levers_of
from core.metrics.counterfactual.background import Nearness
from core.metrics.one_thread import one_thread
from core.services.explanation.frames import frame_of
from core.services.registry.artefacts import load_pipeline

FOLDER = PROJECT_ROOT / "data" / "demo" / "sba-loan-default"
MODEL = FOLDER / "model.skops"
CASES = 2_000
_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Loans to be changed, what may change, and the real cases that both sides know.

    Parameters
    ----------
    contract, pipeline : ModelContract, object
        The demo's model.
    cases, loans : DataFrame
        Rows of the training data, and declined loans of the log, none with a missing value.
    background : Background
        Of the cases: units and nearness.
    levers : tuple of Lever
        What the contract lets a person change.
    goal : Goal
        Below the cut-off in force.
    place : int
        Of the class that is scored.
    """

    contract: ModelContract
    pipeline: Any
    cases: pd.DataFrame
    loans: pd.DataFrame
    background: Background
    levers: tuple[Lever, ...]
    goal: Goal
    place: int

    def score(self, columns: Mapping[str, AnyArray]) -> Floats:
        """Return the model's scores of rows."""
        names = self.cases.columns
        frame = frame_of(self.contract, {name: columns[name] for name in names})
        found: Floats = self.pipeline.predict_proba(frame)[:, self.place]
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """What a changed loan is worth.

    Parameters
    ----------
    allowed : bool
        Whether it changes only what the contract lets a person change, as far as it lets them.
    reaches : bool
        Whether the model, asked again, gives the other result.
    fields : int
        How many fields differ.
    distance : float
        Sum of the changes, each in the unit of its field and 1 for a category.
    plausible : bool
        Whether it is as near to a real case as 95 of 100 cases are to another one.
    """

    allowed: bool
    reaches: bool
    fields: int
    distance: float
    plausible: bool

    @property
    def valid(self) -> bool:
        """Whether somebody could be told of it."""
        return self.allowed and self.reaches


def a_scene(loans: int, seed: int, folder: Path = FOLDER, cases: int = CASES) -> Scene:
    """Return so many declined loans, drawn by a seed, that have something to change."""
    contract = load_contract(folder / "model.yaml")
    pipeline = load_pipeline(folder / "model.skops")
    names = [str(name) for name in pipeline.feature_names_in_]
    words = [name for name in names if contract.feature(name).type == "categorical"]
    training = _whole(pd.read_parquet(folder / "training.parquet"), names, words)
    drawn = training.sample(min(cases, len(training)), random_state=seed).reset_index(drop=True)
    background = fit_background({name: drawn[name].to_numpy() for name in names}, words)
    _, _, limit, _ = contract.policy[-1].parts()
    scene = Scene(
        contract,
        pipeline,
        drawn,
        _whole(pd.read_parquet(folder / "predictions.parquet"), names, words),
        background,
        levers_of(contract.features, background),
        Goal("<", limit),
        list(pipeline.classes_).index(1),
    )
    return _declined(scene, words, loans, seed)


def _whole(table: pd.DataFrame, names: Sequence[str], words: Sequence[str]) -> pd.DataFrame:
    """Return rows that lack nothing: DiCE takes no others."""
    found = table[list(names)].dropna()
    kinds = {name: object if name in words else np.float64 for name in names}
    return found.astype(kinds).reset_index(drop=True)


def _declined(scene: Scene, words: Sequence[str], loans: int, seed: int) -> Scene:
    """Return the scene with declined loans only, of categories that the cases have, too."""
    rows = scene.loans
    for name in words:
        rows = rows[rows[name].isin(scene.background.words[name])]
    with one_thread():
        scores = scene.score({name: rows[name].to_numpy() for name in rows.columns})
    rows = rows[~scene.goal.reached(scores)].sample(frac=1, random_state=seed)
    able = (place for place in range(len(rows)) if limits_of(scene, row_of(rows, place)))
    rows = rows.iloc[list(islice(able, loans))].reset_index(drop=True)
    return Scene(
        scene.contract,
        scene.pipeline,
        scene.cases,
        rows,
        scene.background,
        scene.levers,
        scene.goal,
        scene.place,
    )


def row_of(table: pd.DataFrame, place: int) -> dict[str, Any]:
    """Return a row by the names of its columns."""
    return {str(name): value for name, value in table.iloc[place].items()}


def limits_of(scene: Scene, row: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what may change in a loan: the ends of a number, or categories with its own."""
    found: dict[str, list[Any]] = {}
    for lever in scene.levers:
        sides = lever.reach(row).sides
        values = [row[lever.field], *(value for side in sides for value in side.tolist())]
        if len(values) > 1:
            is_number = lever.kind == "numeric"
            found[lever.field] = [min(values), max(values)] if is_number else values
    return found


def judge(
    scene: Scene, row: Mapping[str, Any], changed: Sequence[Mapping[str, Any]]
) -> list[Judged]:
    """Return what each changed version of a loan is worth."""
    if not changed:
        return []
    names = list(scene.cases.columns)
    columns = {name: np.array([each[name] for each in changed], dtype=object) for name in names}
    with one_thread():
        reaches = scene.goal.reached(scene.score(columns))
    far, _ = Nearness(scene.background, row).of(columns)
    plausible: Booleans = far <= scene.background.limit
    limits = limits_of(scene, row)
    return [
        _judged(scene, row, each, limits, bool(reaches[place]), bool(plausible[place]))
        for place, each in enumerate(changed)
    ]


def _judged(
    scene: Scene,
    row: Mapping[str, Any],
    changed: Mapping[str, Any],
    limits: Mapping[str, list[Any]],
    reaches: bool,
    plausible: bool,
) -> Judged:
    differ = [name for name in row if not _is_same(row[name], changed[name])]
    distance = sum(
        float(scene.background.change(name, row[name], [changed[name]])[0]) for name in differ
    )
    allowed = all(name in limits and _is_within(limits[name], changed[name]) for name in differ)
    return Judged(allowed, reaches, len(differ), distance, plausible)


def _is_same(one: Any, other: Any) -> bool:
    return bool(one == other if isinstance(one, str) else abs(one - other) <= _SAME)


def _is_within(limits: Sequence[Any], value: Any) -> bool:
    if isinstance(value, str):
        return value in limits
    return bool(limits[0] - _SAME <= value <= limits[1] + _SAME)
