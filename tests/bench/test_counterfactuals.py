"""Changes of the demo's declined loans: who may change what, and how each is judged."""

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.counterfactual_cases import Judged, Scene, a_scene, judge, limits_of, row_of
from bench.counterfactuals import DICE, OURS, Answer, _write_task, main, ours, table
from bench.environments import NotInstalled
from core.metrics.one_thread import one_thread
from tests.support.demo_slices import DEMO, SBA, a_folder, direct_scores, fitted


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Four loans, out of a part of the log: nobody needs all of it here."""
    folder = a_folder(tmp_path_factory.mktemp("bench"), SBA)
    log = pd.read_parquet(DEMO / SBA / "predictions.parquet").iloc[::100]
    log.to_parquet(folder / "predictions.parquet")
    return a_scene(4, 0, folder, cases=300)


def test_the_loans_are_declined_whole_and_known_to_the_cases(scene: Scene) -> None:
    assert len(scene.loans) == 4
    assert (_scores(scene.loans) >= 0.035).all()
    assert not scene.loans.isna().to_numpy().any()
    assert set(scene.loans["state"]) <= set(scene.cases["state"])
    again = scene.loans.columns.tolist()
    assert again == list(fitted(SBA).feature_names_in_)


def _scores(loans: pd.DataFrame) -> Any:
    with one_thread():
        return direct_scores(fitted(SBA), loans)


def test_only_what_the_contract_lets_a_person_change_may_change(scene: Scene) -> None:
    row = row_of(scene.loans, 0) | {
        "loan_amount": 20_000.0,
        "revolving_credit": "N",
        "same_state_bank": "yes",
    }
    assert limits_of(scene, row) == {
        "loan_amount": [5_000.0, 20_000.0],  # a smaller loan only
        "revolving_credit": ["N", "Y"],
    }
    assert "revolving_credit" not in limits_of(scene, row | {"revolving_credit": "T"})
    assert limits_of(scene, row | {"same_state_bank": "no"})["same_state_bank"] == ["no", "yes"]


def test_a_change_is_judged_by_contract_and_model(scene: Scene) -> None:
    row = row_of(scene.loans, 0) | {"loan_amount": 20_000.0}
    smaller, larger = row | {"loan_amount": 10_000.0}, row | {"loan_amount": 900_000.0}
    same, down, up = judge(scene, row, [row, smaller, larger])
    assert (same.allowed, same.fields, same.distance) == (True, 0, 0.0)
    assert (down.allowed, down.fields) == (True, 1)
    amounts = scene.cases["loan_amount"]
    unit = 1.4826 * float(np.median(np.abs(amounts - amounts.median())))
    assert down.distance == pytest.approx(10_000 / unit)
    assert not up.allowed
    scores = _scores(pd.DataFrame([row, smaller, larger]))
    assert [same.reaches, down.reaches, up.reaches] == (scores < 0.035).tolist()
    assert judge(scene, row, []) == []


def test_our_own_changes_hold(scene: Scene) -> None:
    answers = ours(scene)
    assert len(answers) == 4
    judged = [each for answer in answers for each in answer.judged]
    assert judged
    assert all(each.valid and each.plausible and each.fields <= 3 for each in judged)


def test_dice_is_asked_about_the_same_loans_and_limits(scene: Scene, tmp_path: Path) -> None:
    options = Namespace(methods="random,genetic", seed=3, limit=2.0)
    rows = [row_of(scene.loans, place) for place in range(4)]
    _write_task(scene, rows, tmp_path / "task.json", options)
    task = json.loads((tmp_path / "task.json").read_text(encoding="utf-8"))
    assert task["limits"] == [limits_of(scene, row) for row in rows]
    assert (task["cut_off"], task["methods"], task["place"]) == (0.035, ["random", "genetic"], 1)
    pd.testing.assert_frame_equal(pd.read_parquet(task["loans"]), scene.loans, check_dtype=False)


def test_its_environment_has_pins_and_a_script_of_its_own() -> None:
    assert DICE.runner.is_file()
    assert "dice_ml==" in DICE.requirements.read_text(encoding="utf-8")
    assert not DICE.runner.with_name("dice_ml.py").exists()


HOLDS = Judged(allowed=True, reaches=True, fields=1, distance=0.5, plausible=True)


def test_the_table_says_means_of_what_holds() -> None:
    far = replace(HOLDS, fields=3, distance=1.5, plausible=False)
    wrong = replace(HOLDS, reaches=False, distance=0.1)
    answers = {
        OURS: [Answer((HOLDS,), 0.02), Answer((), 0.04)],
        "DiCE": [Answer((far, wrong), 0.5), Answer((far,), 0.7)],
    }
    _, _, own, theirs = table(answers).splitlines()
    assert own == (
        "| harbourlight | 1 of 2 | 1 | 100 % | 100 % | 1.00 | 0.50 | 0.50 / 0.50 (1) | 100 % | 30 |"
    )
    assert theirs == (
        "| DiCE | 2 of 2 | 3 | 67 % | 100 % | 3.00 | 1.50 | 1.50 / 0.50 (1) | 0 % | 600 |"
    )


def test_without_dice_our_own_figures_are_printed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise NotInstalled("dice_ml could not be installed: no network")

    monkeypatch.setattr("bench.counterfactuals.python_of", refuse)
    monkeypatch.setattr("bench.counterfactuals.a_scene", lambda *_: scene)
    monkeypatch.setattr("bench.counterfactuals.ours", lambda _: [Answer((HOLDS,), 0.02)] * 4)
    assert main(["--loans", "4"]) == 0
    printed = capsys.readouterr()
    assert "| harbourlight |" in printed.out
    assert "no network" in printed.err
