"""How sure the demo's model is, against pandas and scipy on the same rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NotComputable
from core.services import ingest
from core.services.confidence import QUANTILES, Confidence, ConfidenceRow, Unsaid, confidence
from core.services.questions import Question
from core.services.registry import models as registry
from core.services.workspace import Workspace
from tests.support.builders import VIEWER, a_log, contract_text, write_parquet
from tests.support.demo_slices import SBA, put, sba_log
from tests.support.harbour import ZONE, Harbour

LOG = sba_log(every=20)
CUT_OFF, BAND = 0.035, 0.007


@pytest.fixture
def sba(workspace: Workspace, admin: Actor, tmp_path: Path) -> Workspace:
    put(workspace, tmp_path, SBA, LOG, actor=admin)
    return workspace


def rows_of(found: Confidence) -> dict[tuple[str, str], ConfidenceRow]:
    return {(row.method, str(row.chunk["key"])): row for row in found.rows()}


def exact(scores: pd.Series) -> dict[str, float]:
    """Return every figure of raw scores, by other people's code."""
    values = scores.dropna().to_numpy()
    quantiles = {
        name: float(np.quantile(values, share, method="inverted_cdf"))
        for name, share in QUANTILES.items()
    }
    inside = (values >= CUT_OFF - BAND) & (values <= CUT_OFF + BAND)
    return {
        "score_mean": float(values.mean()),
        **quantiles,
        "entropy": float(entropy(np.stack([values, 1 - values]), base=2).mean()),
        "margin": float(np.abs(2 * values - 1).mean()),
        "near_cut_off": float(inside.mean()),
    }


def assert_bounded(found: Confidence, parts: dict[str, pd.Series]) -> None:
    rows = rows_of(found)
    assert {chunk for _, chunk in rows} == set(parts)
    for chunk, scores in parts.items():
        for name, value in exact(scores).items():
            row = rows[name, chunk]
            assert row.lower - 1e-12 <= value <= row.upper + 1e-12, (name, chunk)
            assert row.value == pytest.approx(value, abs=0.002 if name != "near_cut_off" else 0.02)
            assert (row.status, row.metric, row.column) == ("ok", "confidence", "@score")
            assert row.chunk["n"] == len(scores)


def test_the_exact_figures_lie_within_the_bounds(sba: Workspace, admin: Actor) -> None:
    local = LOG["approved_at"].dt.tz_convert("America/New_York").dt.strftime("%Y-%m")
    parts = {str(month): rows["default_score"] for month, rows in LOG.groupby(local)}
    assert_bounded(confidence(sba, Question(SBA, by="month"), actor=admin), parts)


def test_slices_know_the_edges_of_bins_alone(sba: Workspace, admin: Actor) -> None:
    for state in LOG["state"].value_counts().index[:3]:
        found = confidence(sba, Question(SBA, by="all", slice=f"state={state}"), actor=admin)
        key = found.chunks[0].key
        assert_bounded(found, {key: LOG.loc[LOG["state"] == state, "default_score"]})
        assert {row.slice for row in found.rows()} == {f"state={state}"}


def test_the_band_is_told_with_the_share(sba: Workspace, admin: Actor) -> None:
    rows = rows_of(confidence(sba, Question(SBA, by="all"), actor=admin))
    near = next(row for (name, _), row in rows.items() if name == "near_cut_off")
    assert near.cut_off == CUT_OFF
    assert near.band == pytest.approx(BAND)
    assert {row.cut_off for (name, _), row in rows.items() if name != "near_cut_off"} == {None}
    wide = confidence(sba, Question(SBA, by="all"), actor=admin, band=1.0)
    assert wide.figures["near_cut_off"].value.tolist() == [1.0]


POLICIES = [
    {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.5 -> decline"},
    {"version": "p2", "from": "2025-01-20", "rule": "score >= 0.3 -> decline"},
]


def loans(workspace: Workspace, admin: Actor, folder: Path, **changes: Any) -> None:
    spec = folder / "model.yaml"
    spec.write_text(contract_text(**changes), encoding="utf-8")
    registry.register_model(workspace, spec, actor=admin)
    log = write_parquet(folder / "log.parquet", a_log(300))
    ingest.ingest_files(workspace, "loans", [log], actor=admin)


def statuses(found: Confidence, name: str = "near_cut_off") -> list[str]:
    return [row.status for row in found.rows() if row.method == name]


def test_the_cut_off_is_that_of_the_day(workspace: Workspace, admin: Actor, tmp_path: Path) -> None:
    loans(workspace, admin, tmp_path, policy=POLICIES)
    days = confidence(workspace, Question("loans", by="day"), actor=admin)
    assert set(statuses(days)) == {"ok"}
    keys = [chunk.key for chunk in days.chunks]
    wanted = [0.5 if key < "2025-01-20" else 0.3 for key in keys]
    assert list(days.cut_offs) == wanted
    months = confidence(workspace, Question("loans", by="month"), actor=admin)
    assert statuses(months) == [Unsaid.several_cut_offs, "ok"]
    assert statuses(months, "entropy") == ["ok", "ok"]


def test_the_cut_off_is_that_of_the_version(
    workspace: Workspace, admin: Actor, tmp_path: Path
) -> None:
    versions = [{"id": "1", "policy": "p1"}, {"id": "2", "policy": "p2"}]
    loans(workspace, admin, tmp_path, policy=POLICIES, versions=versions)
    both = confidence(workspace, Question("loans", by="all"), actor=admin)
    assert statuses(both) == [Unsaid.several_cut_offs]
    for version, cut_off in (("1", 0.5), ("2", 0.3)):
        one = confidence(workspace, Question("loans", by="all", version=version), actor=admin)
        assert (one.cut_offs, statuses(one)) == ((cut_off,), ["ok"])


def test_periods_without_a_cut_off_or_a_score(harbour: Harbour) -> None:
    actor = harbour[Role.data_scientist]
    found = confidence(harbour.workspace, Question("loans", by="day"), actor=actor)
    assert set(statuses(found)) == {Unsaid.no_cut_off}
    silent = [row for row in found.rows() if str(row.chunk["key"]) == "2024-07-11"]
    assert {(row.method, row.status) for row in silent if row.method == "entropy"} == {
        ("entropy", Unsaid.current_empty)
    }
    july = harbour.loans["scored_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m") == "2024-07"
    month = rows_of(confidence(harbour.workspace, Question("loans"), actor=actor))
    wanted = exact(harbour.loans.loc[july, "score"])
    assert month["entropy", "2024-07"].value == pytest.approx(wanted["entropy"], abs=1e-3)


def test_scores_that_are_no_probabilities(
    workspace: Workspace, admin: Actor, tmp_path: Path
) -> None:
    spec = tmp_path / "model.yaml"
    spec.write_text(contract_text(), encoding="utf-8")
    registry.register_model(workspace, spec, actor=admin)
    rows = [{**row, "score": row["score"] * 600 + 300} for row in a_log(300)]
    log = write_parquet(tmp_path / "log.parquet", rows)
    ingest.ingest_files(workspace, "loans", [log], actor=admin)
    found = confidence(workspace, Question("loans", by="all"), actor=admin)
    assert statuses(found, "entropy") == [Unsaid.not_a_probability]
    assert statuses(found, "score_p50") == ["ok"]
    median = np.quantile([row["score"] for row in rows], 0.5, method="inverted_cdf")
    assert found.figures["score_p50"].value[0] == pytest.approx(median)


def test_what_is_refused(sba: Workspace, admin: Actor) -> None:
    for band in (-0.1, float("nan"), float("inf")):
        with pytest.raises(InvalidInput):
            confidence(sba, Question(SBA), actor=admin, band=band)
    with pytest.raises(InvalidInput):
        confidence(sba, Question(SBA, version="9"), actor=admin)
    with pytest.raises(Forbidden):
        confidence(sba, Question(SBA), actor=VIEWER)


def test_a_log_without_a_score(workspace: Workspace, admin: Actor, tmp_path: Path) -> None:
    log = {"prediction_id": "loan_id", "time": "approved_at", "decision": "decision"}
    loans(workspace, admin, tmp_path, log=log)
    with pytest.raises(NotComputable, match="not one score"):
        confidence(workspace, Question("loans"), actor=admin)
