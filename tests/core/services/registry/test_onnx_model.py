"""ONNX models run by onnxruntime, against scikit-learn's scores of the same coefficients."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from core.domain.identity import Actor
from core.errors import InvalidInput, NotComputable, UnreadableFile
from core.services import ingest
from core.services.registry import models as registry
from core.services.registry.artefacts import check_pipeline, load_pipeline
from core.services.reproduce.models import Reason
from core.services.reproduce.run import reproduce
from core.services.workspace import Workspace
from tests.support.builders import a_contract, a_log, contract_text, write_parquet
from tests.support.onnx_files import FLOAT, TEXT, field, logistic, model, node, tensor, value

FEATURES = [{"name": "loan amount", "type": "numeric"}, {"name": "term", "type": "numeric"}]
NAMES = ["loan amount", "term"]
DRAW = np.random.default_rng(8)
FRAME = pd.DataFrame(DRAW.normal(size=(50, 2)), columns=NAMES)
ANSWERS = np.where(FRAME["term"] + DRAW.normal(size=50) > 0, "bad", "good")
FITTED = LogisticRegression().fit(FRAME, ANSWERS)  # classes_: bad, good


def written(path: Path, **how: bool) -> Path:
    """Write the fitted model; its one probability is that of the second class."""
    sign = -1.0 if how.get("both") else 1.0  # both: of the first class, then of the second
    weights = (sign * FITTED.coef_[0]).tolist()
    return logistic(path, weights, sign * float(FITTED.intercept_[0]), NAMES, **how)


@pytest.mark.parametrize("matrix", [False, True])
@pytest.mark.parametrize("both", [False, True])
def test_the_scores_are_scikit_learn_s(tmp_path: Path, matrix: bool, both: bool) -> None:
    loaded = load_pipeline(written(tmp_path / "m.onnx", matrix=matrix, both=both))
    assert list(loaded.feature_names_in_) == NAMES
    assert loaded.classes_ == (["bad", "good"] if both else [0, 1])
    found = loaded.predict_proba(FRAME)
    # Single precision: 24 bits.
    np.testing.assert_allclose(found, FITTED.predict_proba(FRAME), atol=1e-6)
    swapped = loaded.predict_proba(FRAME[NAMES[::-1]])
    np.testing.assert_array_equal(swapped, found)


def test_a_regression_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    weights = tensor("weights", [2.0, -1.0], 2, 1)
    nodes = [node("Concat", NAMES, "x", axis=1), node("MatMul", ["x", "weights"], "y")]
    path.write_bytes(model(nodes, [weights], [value(name, 1) for name in NAMES], value("y", 1)))
    found = load_pipeline(path).predict(FRAME)
    np.testing.assert_allclose(found, 2 * FRAME["loan amount"] - FRAME["term"], atol=1e-5)
    same = node("Equal", ["sector", "known"], "is")
    cast = node("Cast", ["is"], "y", to=FLOAT)
    known = field(1, 1) + field(2, TEXT) + field(6, "retail") + field(8, "known")
    inputs = [value("sector", 1, TEXT)]
    # Texts are compared from the 19th set of operators on.
    data = model([same, cast], [known], inputs, value("y", 1))
    path.write_bytes(data.replace(field(8, field(2, 13)), field(8, field(2, 19))))
    texts = pd.DataFrame({"sector": ["retail", np.nan, "food"]}, dtype=object)
    assert load_pipeline(path).predict(texts).tolist() == [1.0, 0.0, 0.0]


def test_inputs_have_to_be_the_contract_s_features(tmp_path: Path) -> None:
    path = written(tmp_path / "m.onnx")
    fitting = a_contract(features=FEATURES, segments=None, columns=None)
    check_pipeline(path, fitting)
    with pytest.raises(InvalidInput, match="inputs are loan amount, term"):
        check_pipeline(path, a_contract())


def test_what_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(UnreadableFile, match=r"m\.onnx is not an ONNX model"):
        load_pipeline(path)


@pytest.mark.parametrize("folder", ["", "{here}/"])
def test_a_model_may_not_read_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """The values of a tensor may be said to lie in another file: they are not fetched."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.onnx"
    (tmp_path / "weights.bin").write_bytes(b"\0" * 8)
    location = folder.format(here=tmp_path) + "weights.bin"
    place = field(13, field(1, "location") + field(2, location)) + field(14, 1)
    weights = field(1, 2) + field(1, 1) + field(2, FLOAT) + field(8, "weights") + place
    nodes = [node("Concat", NAMES, "x", axis=1), node("MatMul", ["x", "weights"], "y")]
    path.write_bytes(model(nodes, [weights], [value(name, 1) for name in NAMES], value("y", 1)))
    with pytest.raises(UnreadableFile):
        load_pipeline(path)


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "m.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(NotComputable, match=r"harbourlight\[onnx\]"):
        load_pipeline(path)


def test_a_log_of_an_onnx_model_reproduces(
    workspace: Workspace, admin: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    artefact = written(tmp_path / "m.onnx")
    spec = tmp_path / "model.yaml"
    changes: dict[str, Any] = {"features": FEATURES, "segments": None, "columns": None}
    version = {"id": "1", "artefact": "m.onnx"}
    spec.write_text(contract_text(**changes, versions=[version]), encoding="utf-8")
    registry.register_model(workspace, spec, actor=admin)
    rows = [{**row, "model_version": "1"} for row in a_log(50)]
    scores = load_pipeline(artefact).predict_proba(FRAME)[:, 1].tolist()
    for row, inputs, score in zip(rows, FRAME.to_numpy().tolist(), scores, strict=True):
        row |= {**dict(zip(NAMES, inputs, strict=True)), "score": score}
    log = write_parquet(tmp_path / "log.parquet", rows)
    ingest.ingest_files(workspace, "loans", [log], actor=admin)
    found = reproduce(workspace, "loans", actor=admin)
    # The contract sets no policy, so there are no decisions to replay.
    assert (found.verdict, found.total("scores")) == ("scores_only", 50)
    assert found.versions[0].largest_difference == 0.0
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(NotComputable, match="onnxruntime is not installed"):
        reproduce(workspace, "loans", actor=admin)
    monkeypatch.undo()
    stored = next(workspace.settings.models_dir.rglob("*.onnx"))
    stored.write_bytes(stored.read_bytes() + b"\0")
    assert reproduce(workspace, "loans", actor=admin).not_reproducible() == {
        Reason.artefact_differs: 50
    }
