"""Skew of a part of the demo's log: counted by pandas and measured by ``evaluate`` directly."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NothingYet
from core.lake.training import training_counts
from core.metrics.binning import BinnedCounts, BinSet, CategoricalBins, FeatureBins, count_rows
from core.metrics.drift import evaluate
from core.services import ingest
from core.services.drift.skew import NoTraining, Skew, skew
from core.services.personal.names import MASK
from core.services.questions import Question
from core.services.registry import models as registry
from core.services.workspace import Workspace
from core.store import models
from tests.core.services.raw import live_bins
from tests.support.builders import VIEWER, a_log, contract_text, write_parquet
from tests.support.demo_slices import DEMO, LOANAPP, SBA, loanapp_log, put, sba_log

LOG = sba_log(every=100)
METHODS = ("psi", "jensen_shannon", "kolmogorov_smirnov", "wasserstein")


@pytest.fixture
def sba(workspace: Workspace, admin: Actor, tmp_path: Path) -> Workspace:
    put(workspace, tmp_path, SBA, LOG, actor=admin)
    return workspace


def counted(bins: FeatureBins, values: pd.Series) -> BinnedCounts:
    raw = values.to_numpy(object if isinstance(bins, CategoricalBins) else np.float64)
    return count_rows(bins, raw, null=values.isna().to_numpy())


def ask(workspace: Workspace, actor: Actor, **question: Any) -> Skew:
    model = question.pop("model", SBA)
    by = question.pop("by", "all")
    return skew(workspace, Question(model, by=by, **question), actor=actor, methods=METHODS)


def test_the_training_set_is_the_reference(sba: Workspace, admin: Actor) -> None:
    found = ask(sba, admin)
    (version,) = found.versions
    bins, trained = live_bins(sba, SBA), pd.read_parquet(DEMO / SBA / "training.parquet")
    features = list(dict.fromkeys(column.column for column in version.columns))
    assert len(features) == 11
    for column in version.columns:
        name, method = column.column, column.result.method
        own = bins.features[name]
        if not isinstance(own, CategoricalBins):
            # In standard deviations of the training set, by numpy.
            own = replace(own, deviation=float(np.std(trained[name])))
        current = counted(own, LOG[name])
        wanted = evaluate(method, own, counted(own, trained[name]), _one_chunk(current))
        np.testing.assert_allclose(column.result.value, wanted.value, rtol=1e-9)
        assert column.result.status.tolist() == wanted.status.tolist()
        assert int(column.result.n_cur[0]) == int(wanted.n_cur[0])
    # Revolving credit was written down otherwise when the model was fitted.
    psi = {c.column: c.result.value[0] for c in version.columns if c.result.method == "psi"}
    assert psi["revolving_credit"] > 0.25 > psi["franchise"]


def _one_chunk(counts: BinnedCounts) -> BinnedCounts:
    parts = (counts.total, counts.low, counts.high)
    return BinnedCounts(
        counts.n[np.newaxis], *(None if part is None else part[np.newaxis] for part in parts)
    )


def test_each_version_has_its_own_training_set(
    workspace: Workspace, admin: Actor, tmp_path: Path
) -> None:
    log = loanapp_log()
    put(workspace, tmp_path, LOANAPP, log, actor=admin)
    found = ask(workspace, admin, model=LOANAPP)
    assert [each.version for each in found.versions] == ["a", "b"]
    bins = live_bins(workspace, LOANAPP)
    for each in found.versions:
        trained = pd.read_parquet(DEMO / LOANAPP / f"training-{each.version}.parquet")
        served = log[log["model_version"] == each.version]
        for column in each.columns:
            own = bins.features[column.column]
            for side, rows in ((column.counts.reference, trained), (column.counts.current, served)):
                wanted = counted(own, rows[column.column])
                np.testing.assert_array_equal(side.n.reshape(-1), wanted.n)
            if isinstance(column.counts.bins, CategoricalBins):  # all of them are personal
                assert all(value.startswith(MASK) for value in column.counts.bins.values)
    only = ask(workspace, admin, model=LOANAPP, version="b")
    assert [each.version for each in only.versions] == ["b"]
    found_rows = only.rows()
    assert {(row.metric, row.version, row.n_training) for row in found_rows} == {("skew", "b", 995)}
    assert {row.chunk["n"] for row in found_rows} == {994}
    assert all(row.bins_id == bins.bins_id for row in found_rows)


def test_a_version_that_decided_nothing_and_has_no_training_set_is_left_out(
    sba: Workspace, admin: Actor
) -> None:
    assert [each.version for each in ask(sba, admin).versions] == ["1"]
    with pytest.raises(NothingYet):
        ask(sba, admin, version="0")


def test_it_is_measured_chunk_by_chunk(sba: Workspace, admin: Actor) -> None:
    found = skew(sba, Question(SBA, by="month"), actor=admin, columns=["loan_amount"])
    rows = found.rows()
    months = LOG["approved_at"].dt.tz_convert("America/New_York").dt.strftime("%Y-%m")
    assert {
        str(row.chunk["key"]): row.chunk["n"] for row in rows
    } == months.value_counts().to_dict()
    assert [row.column for row in rows] == ["loan_amount"] * len(found.chunks)


def test_a_training_set_is_counted_once(
    sba: Workspace, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def count(*args: Any) -> Any:
        calls.append(args[1])
        return training_counts(*args)

    monkeypatch.setattr("core.services.drift.skew.training_counts", count)
    for by in ("all", "month", "all"):
        ask(sba, admin, by=by)
    assert len(calls) == 1


def stored(workspace: Workspace) -> Path:
    with workspace.store.read() as conn:
        (file,) = models.artefacts(conn, SBA, role="training")
    return workspace.settings.home / file.path


def test_a_training_set_that_was_changed_is_not_compared_with(sba: Workspace, admin: Actor) -> None:
    path = stored(sba)
    with path.open("ab") as file:
        file.write(b"\0")
    (row,) = ask(sba, admin).rows()
    assert (row.status, row.alert, row.level) == (NoTraining.differs, False, "not_enough_data")
    assert np.isnan(row.value)
    path.unlink()
    sba.memo.clear()
    (row,) = ask(sba, admin).rows()
    assert row.status == NoTraining.gone


def test_what_cannot_be_compared(sba: Workspace, admin: Actor) -> None:
    with pytest.raises(InvalidInput, match="no slices"):
        ask(sba, admin, slice="state=CA")
    with pytest.raises(InvalidInput, match="Chunks of N rows"):
        ask(sba, admin, by="rows:100")
    with pytest.raises(InvalidInput, match="no version 9"):
        ask(sba, admin, version="9")
    with pytest.raises(InvalidInput, match="no feature surname"):
        skew(sba, Question(SBA), actor=admin, columns=["surname"])
    with pytest.raises(InvalidInput):
        skew(sba, Question(SBA), actor=admin, methods=["nothing"])
    with pytest.raises(Forbidden):
        ask(sba, VIEWER)
    reader = Actor("u", "hk", frozenset({Role.data_scientist}), jurisdictions=frozenset({"HK"}))
    with pytest.raises(Forbidden, match="jurisdictions"):
        ask(sba, reader)


def test_a_model_without_a_training_set(workspace: Workspace, admin: Actor, tmp_path: Path) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(contract_text(versions=[{"id": "1"}, {"id": "2"}]), encoding="utf-8")
    registry.register_model(workspace, spec, actor=admin)
    log = write_parquet(tmp_path / "log.parquet", a_log(300))
    ingest.ingest_files(workspace, "loans", [log], actor=admin)
    with pytest.raises(NothingYet, match="No training set is registered with loans"):
        ask(workspace, admin, model="loans")
    trained = write_parquet(tmp_path / "training.parquet", a_log(120, 500))
    registry.register_model(workspace, spec, actor=admin, training=trained)
    first, second = ask(workspace, admin, model="loans").versions
    assert (first.missing, first.columns) == (NoTraining.not_registered, ())
    assert {int(each.result.n_ref[0]) for each in second.columns} == {120}
    assert second.missing is None


def test_a_feature_that_the_set_does_not_have_has_no_figure(
    sba: Workspace, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(duck: Any, path: Path, contract: Any, bins: BinSet) -> Any:
        found = training_counts(duck, path, contract, bins)
        return {name: counts for name, counts in found.items() if name != "state"}

    monkeypatch.setattr("core.services.drift.skew.training_counts", without)
    rows = {row.column: row for row in ask(sba, admin).rows() if row.method == "psi"}
    assert (rows["state"].status, rows["state"].alert) == ("reference_empty", False)
    assert np.isnan(rows["state"].value)
    assert not np.isnan(rows["industry"].value)
