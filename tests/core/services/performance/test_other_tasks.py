"""Regressions and several classes through the service, against scikit-learn on the raw rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn import metrics as sk

from core.domain.status import Status
from core.services import ingest
from core.services.cohorts import cohort_table
from core.services.identity import users
from core.services.performance import Performance, curves, performance
from core.services.questions import Question
from core.services.registry import models as registry
from core.services.workspace import Workspace
from tests.support.builders import ADMIN
from tests.support.harbour import LOANS, OWNER_LOGIN, ZONE, build_empty_harbour

MONTHS = (1, 2, 3, 4, 5, 6, 7)
MATURED = (0, 1, 2)  # outcomes take three months, and the newest prediction is of 1 July
NOW = pd.Timestamp("2024-07-02", tz=ZONE)
CLASSES = ("低", "中", "high")
OUTCOME = {"time": "observed_at", "matures_after": "3 months"}
LOG = {"prediction_id": "id", "time": "scored_at", "version": "release"}
FEATURES = [{"name": "size", "type": "numeric"}]
BASE: dict[str, Any] = {
    "owner": "估值部",
    "purpose": "測試。",
    "timezone": ZONE,
    "features": FEATURES,
    "segments": ["district"],
    "columns": [{"name": "district", "type": "text"}],
    "reference": {"from": "2024-01-01", "to": "2024-01-31"},
}
PRICES = {
    **BASE,
    "id": "prices",
    "name": LOANS["name"],
    "task": "regression",
    "log": {**LOG, "score": "said"},
    "outcome": {**OUTCOME, "columns": [{"name": "paid", "type": "label"}]},
}
KINDS = {
    **BASE,
    "id": "kinds",
    "name": LOANS["name"],
    "task": "multiclass_classification",
    "log": {**LOG, "scores": {name: f"p{place}" for place, name in enumerate(CLASSES)}},
    "outcome": {**OUTCOME, "columns": [{"name": "kind", "type": "label"}]},
}


def base() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    time = pd.date_range("2024-01-01", "2024-07-02", freq="2h", tz=ZONE, inclusive="left")
    n = len(time)
    return pd.DataFrame(
        {
            "id": [f"R{number:05d}" for number in range(n)],
            "scored_at": time.tz_convert("UTC").as_unit("us"),
            "release": np.where(time.month <= 3, "1", "2"),
            "district": draw.choice(["北", "南"], n),
            "size": draw.normal(50, 9, n),
            "month": time.month,
        }
    )


def prices() -> pd.DataFrame:
    """Return estimates that lie 5 too high from May on, and what was paid."""
    draw, rows = np.random.default_rng(6), base()
    paid = draw.lognormal(3, 0.4, len(rows)).round(2)
    said = paid + draw.normal(0, 4, len(rows)) + np.where(rows["month"] >= 5, 5, 0)
    return rows.assign(said=np.maximum(said, 0.0), paid=paid)


def kinds() -> pd.DataFrame:
    """Return scores of three classes, and what came."""
    draw, rows = np.random.default_rng(8), base()
    p = draw.dirichlet((2, 1, 1), len(rows))
    actual = [CLASSES[draw.choice(3, p=each)] for each in p]
    return rows.assign(p0=p[:, 0], p1=p[:, 1], p2=p[:, 2], kind=actual)


@pytest.fixture(scope="module")
def valuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("valuer")
    workspace = build_empty_harbour(folder / "home")
    actor = users.actor_of_os_login(workspace, OWNER_LOGIN)
    for contract, rows, label in ((PRICES, prices(), "paid"), (KINDS, kinds(), "kind")):
        spec = folder / "model.yaml"
        spec.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
        registry.register_model(workspace, spec, actor=actor)
        known = rows[["id", label]].assign(observed_at=rows["scored_at"] + pd.Timedelta(days=30))
        put(workspace, folder / f"{label}-log.parquet", rows.drop(columns=["month", label]))
        put(workspace, folder / f"{label}-known.parquet", known[known["observed_at"] < NOW])
    yield workspace
    workspace.store.close()


def put(workspace: Workspace, path: Path, rows: pd.DataFrame) -> None:
    rows.to_parquet(path)
    label = path.name.split("-", maxsplit=1)[0]
    stream = "predictions" if path.name.endswith("-log.parquet") else "outcomes"
    actor = users.actor_of_os_login(workspace, OWNER_LOGIN)
    model = {"paid": "prices", "kind": "kinds"}[label]
    ingest.ingest_files(workspace, model, [path], stream=stream, actor=actor)


def ask(workspace: Workspace, model: str, **question: str) -> Performance:
    actor = users.actor_of_os_login(workspace, OWNER_LOGIN)
    return performance(workspace, Question(model, **{"by": "month", **question}), actor=actor)


def test_errors_of_a_regression_are_scikit_learns(valuer: Workspace) -> None:
    found, rows = ask(valuer, "prices"), prices()
    assert np.flatnonzero(found.matured).tolist() == list(MATURED)
    for place in MATURED:
        part = rows[rows["month"] == MONTHS[place]]
        paid, said = part["paid"], part["said"]
        theirs = {
            "mae": sk.mean_absolute_error(paid, said),
            "mse": sk.mean_squared_error(paid, said),
            "rmse": sk.root_mean_squared_error(paid, said),
            "mape": sk.mean_absolute_percentage_error(paid, said),
            "rmsle": sk.root_mean_squared_log_error(paid, said),
            "wape": (paid - said).abs().sum() / paid.sum(),
            "bias": (said - paid).mean(),
        }
        assert set(theirs) <= set(found.figures)
        for name, value in theirs.items():
            figure = found.figures[name]
            assert figure.value[place] == pytest.approx(value), name
            assert figure.low[place] <= figure.value[place] <= figure.high[place], name
    assert [found.maturity[place].used for place in MATURED] == [372, 348, 372]


def test_a_regression_of_one_slice_and_version(valuer: Workspace) -> None:
    found, rows = ask(valuer, "prices", slice="district=北", version="1", by="all"), prices()
    part = rows[(rows["district"] == "北") & (rows["month"] <= 3)]
    assert found.predictions[0] == len(part)
    assert found.figures["mae"].value[0] == pytest.approx(
        sk.mean_absolute_error(part["paid"], part["said"])
    )


def test_early_labels_of_a_regression_are_shown_and_not_final(valuer: Workspace) -> None:
    found, rows = ask(valuer, "prices"), prices()
    far = found.maturity[4]
    part = rows[rows["month"] == 5]  # its outcomes were all observed by the end of June
    assert (far.state, far.basis, far.used) == ("partial", "early", len(part))
    assert far.warnings == ("early_labels",)  # a price expects no rate of positives
    assert found.figures["bias"].value[4] == pytest.approx((part["said"] - part["paid"]).mean())
    assert found.figures["bias"].value[4] > 3
    assert (found.maturity[5].used, found.maturity[6].state) == (12, "none")
    assert (found.maturity[3].basis, found.maturity[3].used) == ("matured", 12)  # 1 April


def test_figures_of_several_classes_are_scikit_learns(valuer: Workspace) -> None:
    found, rows = ask(valuer, "kinds"), kinds()
    for place in MATURED:
        part = rows[rows["month"] == MONTHS[place]]
        p = part[["p0", "p1", "p2"]].to_numpy()
        said = np.asarray(CLASSES)[p.argmax(axis=1)]
        macro: dict[str, Any] = {"average": "macro", "labels": list(CLASSES)}
        theirs = {
            "accuracy": sk.accuracy_score(part["kind"], said),
            "f1": sk.f1_score(part["kind"], said, **macro),
            "precision": sk.precision_score(part["kind"], said, **macro),
            "recall": sk.recall_score(part["kind"], said, **macro),
        }
        for name, value in theirs.items():
            assert found.figures[name].value[place] == pytest.approx(value), name
        each = [sk.roc_auc_score(part["kind"] == c, p[:, k]) for k, c in enumerate(CLASSES)]
        area = found.figures["roc_auc"]  # a cell of the score is not told apart further
        assert area.value[place] == pytest.approx(np.mean(each), abs=1e-3)
        assert area.low[place] < area.value[place] < area.high[place]
    assert list(found.figures)[:2] == ["accuracy", "roc_auc"]


@pytest.mark.parametrize("model", ["prices", "kinds"])
def test_what_these_models_do_not_have(valuer: Workspace, model: str) -> None:
    found = ask(valuer, model)
    assert curves(valuer, found, 0) is None
    assert "business_value" not in found.figures
    assert len(found.rows()) == len(found.figures) * len(MONTHS)


@pytest.mark.parametrize("model", ["prices", "kinds"])
def test_cohorts_of_no_two_classes_have_no_rate(valuer: Workspace, model: str) -> None:
    """What was paid adds up to more than the rows: it is no share of them."""
    table = cohort_table(valuer, Question(model, by="quarter"), actor=ADMIN)
    known = [each for each in table.cohorts if each.labelled]
    assert known
    for each in known:
        assert np.isnan([each.outcome_rate, each.ratio, each.roc_auc]).all()
        assert (each.outcome_interval, each.auc_interval) == (None, None)
        assert each.status is Status.not_enough_data
