"""Scores of small pipelines of every task, against scikit-learn called directly."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from core.contract import ModelContract
from core.services.reproduce.compare import logged_decimals
from core.services.reproduce.models import (
    LoadedVersion,
    recomputed,
    registered_file,
    unreadable_rows,
)
from core.store.models import Artefact
from tests.support.builders import FIRST, a_contract

NUMBERS = [{"name": "a", "type": "numeric"}, {"name": "b", "type": "numeric"}]
DRAW = np.random.default_rng(3)
FRAME = pd.DataFrame(DRAW.normal(size=(80, 2)), columns=["a", "b"])
LOG = {"prediction_id": "id", "time": "at", "score": "score"}


def outcome(positive: object) -> dict[str, Any]:
    label = {"name": "y", "type": "label", "positive": positive}
    return {"columns": [label], "time": "seen", "matures_after": "1 day"}


def a_model(**changes: Any) -> ModelContract:
    return a_contract(
        **{"features": NUMBERS, "log": LOG, "segments": None, "columns": None, **changes}
    )


def loaded(pipeline: Any) -> LoadedVersion:
    return LoadedVersion("1", pipeline=pipeline, inputs=("a", "b"))


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        ((0, 1), 1),
        ((0, 1), "1"),
        ((0, 1), True),
        ((1, 0), 0),
        (("bad", "good"), "bad"),
        ((False, True), 1),
        ((0, 1), None),
    ],
)
def test_the_score_is_that_of_the_positive_class(labels: tuple[Any, Any], positive: Any) -> None:
    answers = np.where(FRAME["a"] + DRAW.normal(size=80) > 0, labels[1], labels[0])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, answers)
    found = recomputed(loaded(pipeline), a_model(outcome=outcome(positive)), FRAME)
    wanted = labels[1] if positive is None else positive
    names = [str(name) for name in pipeline.classes_.tolist()]
    place = 1 if wanted is True or positive is None else None
    if place is None:
        place = 1 if labels == (False, True) else names.index(str(wanted))
    np.testing.assert_array_equal(found[:, 0], pipeline.predict_proba(FRAME)[:, place])


def test_every_class_of_several_has_its_score() -> None:
    answers = np.where(FRAME["a"] > 0.5, "high", np.where(FRAME["b"] > 0, "low", "mid"))
    pipeline = LogisticRegression().fit(FRAME, answers)
    contract = a_model(
        task="multiclass_classification",
        log={
            "prediction_id": "id",
            "time": "at",
            "scores": {"low": "s_low", "mid": "s_mid", "high": "s_high"},
        },
        outcome=outcome("low"),
    )
    found = recomputed(loaded(pipeline), contract, FRAME)
    order = [pipeline.classes_.tolist().index(name) for name in ("low", "mid", "high")]
    np.testing.assert_array_equal(found, pipeline.predict_proba(FRAME)[:, order])


def test_a_regression_gives_its_number() -> None:
    pipeline = LinearRegression().fit(FRAME, 3 * FRAME["a"] - FRAME["b"])
    found = recomputed(loaded(pipeline), a_model(task="regression"), FRAME)
    np.testing.assert_allclose(found[:, 0], 3 * FRAME["a"] - FRAME["b"], atol=1e-9)


def test_a_row_that_the_model_refuses_does_not_spoil_the_others() -> None:
    texts = pd.DataFrame({"a": ["x", "y", "x", "new"]}, dtype=object)
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="error"), LogisticRegression())
    pipeline.fit(texts[:3], [0, 1, 0])
    found = recomputed(loaded(pipeline), a_model(outcome=outcome(1)), texts)
    np.testing.assert_array_equal(found[:3, 0], pipeline.predict_proba(texts[:3])[:, 1])
    assert np.isnan(found[3, 0])


def test_a_model_without_the_positive_class_gives_nothing() -> None:
    pipeline = DummyClassifier().fit(FRAME, np.full(80, "other"))
    assert np.isnan(recomputed(loaded(pipeline), a_model(outcome=outcome("good")), FRAME)).all()


def test_rows_whose_file_lacks_an_input() -> None:
    contract = a_model()
    version = loaded(None)
    absent = {"c_b": np.array([False, True, True]), "c_z": np.array([True, True, True])}
    assert unreadable_rows(version, contract, absent, 3).tolist() == [False, True, True]
    assert unreadable_rows(version, contract, {}, 3).tolist() == [False] * 3
    stranger = LoadedVersion("1", inputs=("a", "elsewhere"))
    assert unreadable_rows(stranger, contract, {}, 3).tolist() == [True] * 3


def test_the_file_of_record_is_the_one_that_the_contract_states() -> None:
    def file(number: int, sha256: str, role: str = "artefact", version: str = "1") -> Artefact:
        return Artefact(number, "loans", version, role, "x", sha256, 1, FIRST, "ada")

    newest_first = [
        file(4, "d" * 64, version="2"),
        file(3, "c" * 64),
        file(2, "b" * 64, "training"),
        file(1, "a" * 64),
    ]
    stated = a_contract(versions=[{"id": "1", "sha256": "a" * 64}, {"id": "2"}])
    silent = a_contract(versions=[{"id": "1"}, {"id": "2"}])
    other = a_contract(versions=[{"id": "1", "sha256": "e" * 64}])

    def found(contract: ModelContract, role: str = "artefact") -> int | None:
        file_ = registered_file(newest_first, contract, "1", role)
        return file_.id if file_ else None

    assert (found(stated), found(silent), found(other)) == (1, 3, None)
    assert (found(stated, "training"), found(stated, "holdout")) == (2, None)


@pytest.mark.parametrize(
    ("scores", "decimals"),
    [
        ([0.123456, 0.5, 0.234567, 0.999999], 6),
        ([0.123456, 0.234567, 0.1234567890123], 6),  # one was altered
        ([0.12345678901234567, 0.9876543210987654], None),  # nothing is rounded
        ([0.25, 0.5, 0.75], None),  # too coarse to tell
        ([0.123, 0.1234, 0.12345, 0.123456], None),  # no number of decimals has half of them
        ([1e-7, 3e-7, 0.0000012], 7),
        ([12.3456, 1.2345, 100.0001], 4),
        ([], None),
    ],
)
def test_how_many_decimals_a_log_keeps(scores: list[float], decimals: int | None) -> None:
    assert logged_decimals(scores) == decimals


def test_rounding_is_recognised_whatever_the_scores() -> None:
    draws = np.random.default_rng(1).random(500)
    for decimals in range(3, 13):
        assert logged_decimals(draws.round(decimals).tolist()) == decimals
    assert logged_decimals(draws.tolist()) is None
