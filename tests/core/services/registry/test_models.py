"""Registering models: revisions, files and hashes, and changes that stored rows forbid."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from core.domain.identity import Actor, Role
from core.errors import ContractError, Forbidden, InvalidInput, NotFound
from core.services import ingest
from core.services.registry import models as registry
from core.services.registry.artefacts import sha256_of
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.support.builders import a_log, contract_document, contract_text, write_parquet

TRAINING = pd.DataFrame(a_log(60))
FEATURES = ["loan amount", "industry"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a pipeline, its training rows and a hold-out, as a contract names them."""
    made = tmp_path / "model"
    made.mkdir()
    words = ColumnTransformer([("word", OneHotEncoder(), ["industry"])], remainder="passthrough")
    pipeline = make_pipeline(words, LogisticRegression(max_iter=1000))
    scaled = TRAINING.assign(**{"loan amount": TRAINING["loan amount"] / 1e4})
    pipeline.fit(scaled[FEATURES], TRAINING["decision"] == "approve")
    skops.io.dump(pipeline, made / "model.skops")
    TRAINING.to_parquet(made / "training.parquet")
    return made


def a_spec(folder: Path, **changes: Any) -> Path:
    path = folder / "model.yaml"
    path.write_text(contract_text(**changes), encoding="utf-8")
    return path


def with_files(folder: Path, **version: Any) -> Path:
    named = {"id": "1", "artefact": "model.skops", "training": "training.parquet", **version}
    return a_spec(folder, versions=[named])


def test_a_model_is_registered_once_and_revised(
    workspace: Workspace, admin: Actor, folder: Path
) -> None:
    first = registry.register_model(workspace, a_spec(folder), actor=admin)
    assert (first.model_id, first.revision, first.changed) == ("loans", 1, True)
    again = registry.register_model(workspace, a_spec(folder), actor=admin)
    assert (again.revision, again.changed) == (1, False)
    revised = registry.register_model(workspace, a_spec(folder, owner="Retail"), actor=admin)
    assert (revised.revision, revised.changed) == (2, True)
    found = registry.get_model(workspace, "loans", actor=admin)
    assert found.contract.owner == "Retail"
    assert found.id == "loans"
    assert registry.list_models(workspace, actor=admin) == (found,)
    with workspace.store.read() as conn:
        kinds = [entry.kind for entry in audit.list_newest(conn)]
    assert kinds == ["model.registered"] * 2


def test_its_files_are_kept_by_hash_and_once(
    workspace: Workspace, admin: Actor, folder: Path
) -> None:
    for _ in range(2):
        registry.register_model(workspace, with_files(folder), actor=admin)
    files = {each.role: each for each in registry.model_files(workspace, "loans", actor=admin)}
    assert set(files) == {"artefact", "training"}
    assert files["artefact"].sha256 == sha256_of(folder / "model.skops")
    stored = [path for path in workspace.settings.models_dir.rglob("*") if path.is_file()]
    assert {path.stem for path in stored} == {each.sha256 for each in files.values()}
    assert len(stored) == 2
    for each in files.values():
        assert sha256_of(workspace.settings.home / each.path) == each.sha256


def test_files_of_the_command_line_belong_to_the_newest_version(
    workspace: Workspace, admin: Actor, folder: Path
) -> None:
    spec = a_spec(folder, versions=[{"id": "1"}, {"id": "2"}])
    artefact, training = folder / "model.skops", folder / "training.parquet"
    registry.register_model(workspace, spec, actor=admin, artefact=artefact, training=training)
    files = registry.model_files(workspace, "loans", actor=admin)
    assert {(each.version, each.role) for each in files} == {("2", "artefact"), ("2", "training")}
    with pytest.raises(InvalidInput, match="no version that a file could belong to"):
        registry.register_model(
            workspace, a_spec(folder), actor=admin, artefact=artefact, training=training
        )


def test_a_hold_out_is_kept_too(workspace: Workspace, admin: Actor, folder: Path) -> None:
    spec = a_spec(folder, performance_reference={"dataset": "training.parquet"})
    registry.register_model(workspace, spec, actor=admin)
    (held_out,) = registry.model_files(workspace, "loans", actor=admin)
    assert (held_out.role, held_out.version) == ("holdout", "1")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ({"artefact": "absent.skops"}, "does not exist"),
        ({"sha256": "0" * 64}, "has SHA-256 .*, the contract states 0000"),
        ({"artefact": "training.parquet"}, "is not a skops file"),
        ({"training": "model.skops"}, "not a Parquet file"),
    ],
)
def test_a_file_that_does_not_fit_registers_nothing(
    workspace: Workspace, admin: Actor, folder: Path, version: dict[str, str], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        registry.register_model(workspace, with_files(folder, **version), actor=admin)
    assert registry.list_models(workspace, actor=admin) == ()
    assert not list(workspace.settings.models_dir.rglob("*"))


def test_the_stated_hash_of_the_right_file_is_accepted(
    workspace: Workspace, admin: Actor, folder: Path
) -> None:
    spec = with_files(folder, sha256=sha256_of(folder / "model.skops"))
    assert registry.register_model(workspace, spec, actor=admin).changed


def test_features_in_another_order_than_the_artefacts_are_refused(
    workspace: Workspace, admin: Actor, folder: Path
) -> None:
    turned = contract_document()["features"][::-1]
    named = [{"id": "1", "artefact": "model.skops"}]
    with pytest.raises(InvalidInput, match="the contract's features industry, loan amount"):
        registry.register_model(
            workspace, a_spec(folder, features=turned, versions=named), actor=admin
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"timezone": "Europe/Berlin"}, "timezone"),
        ({"features": [{"name": "loan amount", "type": "numeric"}]}, "industry"),
        (
            {
                "features": [
                    {"name": "loan amount", "type": "categorical"},
                    {"name": "industry", "type": "categorical"},
                ]
            },
            "loan amount",
        ),
        ({"columns": [{"name": "branch", "type": "text"}]}, "term, opened"),
        (
            {
                "columns": [
                    {"name": "branch", "type": "text"},
                    {"name": "term", "type": "text"},
                    {"name": "opened", "type": "date"},
                ]
            },
            "term",
        ),
        # A second name for the same lake column takes it from the first.
        (
            {
                "columns": [
                    {"name": "Term", "type": "integer"},
                    {"name": "branch", "type": "text"},
                    {"name": "term", "type": "integer"},
                    {"name": "opened", "type": "date"},
                ]
            },
            "term",
        ),
        (
            {
                "outcome": {
                    "columns": [{"name": "charged_off", "type": "label", "positive": 1}],
                    "time": "observed_at",
                    "matures_after": "3 months",
                }
            },
            "loss",
        ),
        (
            {
                "outcome": {
                    "columns": [
                        {"name": "charged_off", "type": "value"},
                        {"name": "loss", "type": "amount", "currency": "HKD"},
                    ],
                    "time": "observed_at",
                    "matures_after": "3 months",
                }
            },
            "charged_off",
        ),
    ],
)
def test_once_rows_are_stored_what_they_depend_on_stays(
    workspace: Workspace, admin: Actor, folder: Path, changes: dict[str, Any], field: str
) -> None:
    changes = {**changes, "segments": None}
    registry.register_model(workspace, a_spec(folder, segments=None), actor=admin)
    registry.register_model(workspace, a_spec(folder, **changes), actor=admin)
    registry.register_model(workspace, a_spec(folder, segments=None), actor=admin)
    log = write_parquet(folder / "log.parquet", a_log(20))
    ingest.ingest_files(workspace, "loans", [log], actor=admin)
    before = registry.get_model(workspace, "loans", actor=admin)
    with pytest.raises(ContractError, match=rf"changes .*{field}"):
        registry.register_model(workspace, a_spec(folder, **changes), actor=admin)
    assert registry.get_model(workspace, "loans", actor=admin) == before
    harmless = a_spec(folder, segments=None, purpose="Says more.", protected=["sex", "age"])
    assert registry.register_model(workspace, harmless, actor=admin).changed


def test_who_may_register_and_look(
    workspace: Workspace, admin: Actor, business: Actor, folder: Path
) -> None:
    spec = a_spec(folder)
    with pytest.raises(Forbidden, match=r"model\.register"):
        registry.register_model(workspace, spec, actor=business)
    narrow = Actor("u7", "eve", frozenset({Role.data_scientist}), models=frozenset({"tenants"}))
    with pytest.raises(NotFound):
        registry.register_model(workspace, spec, actor=narrow)
    registry.register_model(workspace, spec, actor=admin)
    assert [each.id for each in registry.list_models(workspace, actor=business)] == ["loans"]
    assert registry.list_models(workspace, actor=narrow) == ()
    with pytest.raises(NotFound):
        registry.get_model(workspace, "loans", actor=narrow)
    with pytest.raises(NotFound):
        registry.get_model(workspace, "absent", actor=admin)


def test_the_order_of_classes_stays_once_rows_are_stored(
    workspace: Workspace, admin: Actor, folder: Path
) -> None:
    def spec(*classes: str) -> Path:
        log = {"prediction_id": "loan_id", "time": "approved_at"}
        scores = {name: f"p_{name}" for name in classes}
        return a_spec(
            folder,
            task="multiclass_classification",
            log={**log, "scores": scores},
            outcome=None,
            segments=None,
        )

    registry.register_model(workspace, spec("good", "bad"), actor=admin)
    rows = [{**row, "p_good": 0.25, "p_bad": 0.75} for row in a_log(5)]
    log = write_parquet(folder / "log.parquet", rows)
    ingest.ingest_files(workspace, "loans", [log], actor=admin)
    with pytest.raises(ContractError, match="changes good, bad"):
        registry.register_model(workspace, spec("bad", "good"), actor=admin)
    assert registry.register_model(workspace, spec("good", "bad", "odd"), actor=admin).changed
