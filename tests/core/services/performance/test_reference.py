"""Labelled rows that estimates are learned from: a file, a period, and what is no reference."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.contract import ModelContract
from core.errors import NotComputable
from core.services.performance.reference import LabelledReference, labelled_reference
from core.services.performance.reference import _of_file as of_file
from tests.support.builders import a_contract
from tests.support.lender import CUT_OFF, Lender

P1 = {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.5 -> decline"}
P2 = {"version": "p2", "from": "2025-02-01", "rule": "score > 0.7 -> decline"}


def cells(found: LabelledReference) -> tuple[float, ...]:
    made = found.confusion
    return tuple(
        float(cell)
        for cell in (
            made.true_positives, made.false_positives, made.false_negatives, made.true_negatives,
        )
    )  # fmt: skip


def by_hand(rows: pd.DataFrame) -> tuple[int, ...]:
    flagged, hit = rows["score"] >= CUT_OFF, rows["defaulted"] == 1
    return (
        (flagged & hit).sum(), (flagged & ~hit).sum(), (~flagged & hit).sum(),
        (~flagged & ~hit).sum(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "last", "source"), [("loans", 3, "period"), ("registered", 6, "dataset")]
)
def test_a_period_and_a_file_are_counted_alike(
    lender: Lender, model: str, last: int, source: str
) -> None:
    found, _ = lender.ask(model)
    reference = labelled_reference(lender.workspace, found.view)
    rows = lender.rows[lender.rows["month"] <= last]
    assert reference.source == source
    assert cells(reference) == by_hand(rows)
    assert reference.counts.n == len(rows)
    assert reference.counts.positives.sum() == rows["defaulted"].sum()
    weights = reference.counts.rows
    assert (reference.centres * weights).sum() == pytest.approx(rows["score"].sum())
    assert np.all(np.diff(reference.centres[weights > 0]) > 0)


def test_labels_that_came_after_the_as_of_are_not_learned_from(lender: Lender) -> None:
    found, _ = lender.ask(as_of="2024-05-15", start="2024-01-01", end="2024-05-15")
    reference = labelled_reference(lender.workspace, found.view)
    # Mature is what is three months old by the end of 15 May: up to the end of 15 February.
    rows = lender.rows[lender.rows["scored_at"] < pd.Timestamp("2024-02-16", tz="Asia/Hong_Kong")]
    assert reference.counts.n == len(rows)


def contract(**log: str) -> ModelContract:
    named = {"prediction_id": "loan_id", "time": "approved_at", "score": "score", **log}
    versions = [{"id": "1", "policy": "p1"}, {"id": "2", "policy": "p2"}]
    return a_contract(log=named, policy=[P1, P2], versions=versions)


def written(folder: Path, **columns: object) -> Path:
    path = folder / "holdout.parquet"
    pd.DataFrame(columns).to_parquet(path)
    return path


def test_a_row_is_flagged_by_the_policy_of_its_version(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        score=[0.5, 0.5, 0.7, 0.71, 0.9],
        charged_off=[1, 1, 0, 1, 0],
        release=["1", "2", "2", "2", "other"],  # the newest policy is that of a version unheard of
    )
    # Flagged are the first (0.5 and more), the fourth and the fifth (above 0.7).
    assert cells(of_file(contract(version="release"), path)) == (2, 1, 1, 1)


def test_a_logged_prediction_counts_before_any_policy(tmp_path: Path) -> None:
    path = written(
        tmp_path, score=[0.9, 0.9, 0.1, 0.1], charged_off=[1, 0, 1, 0], said=[0.0, 0.0, 1.0, 1.0]
    )
    assert cells(of_file(contract(prediction="said"), path)) == (1, 1, 1, 1)
    assert cells(of_file(contract(), path)) == (1, 1, 1, 1)
    path = written(tmp_path, score=[0.9, 0.1], charged_off=[1, 0], said=["0", "0"])
    assert cells(of_file(contract(prediction="said"), path)) == (0, 0, 1, 1)


def test_rows_of_which_nobody_predicted_anything_are_left_out_and_counted(tmp_path: Path) -> None:
    scores, came = [0.9, 0.9, 0.1, 0.1, 0.2], [1, 0, 1, 0, np.nan]
    words = written(tmp_path, score=scores, charged_off=came, said=["1", None, "0", "0", None])
    found = of_file(contract(prediction="said"), words)
    # Not the second: it is neither flagged nor unflagged. The last has no label anyway.
    assert (cells(found), found.left_out, float(found.counts.n)) == ((1, 0, 1, 1), 1, 3.0)
    numbers = written(tmp_path, score=scores, charged_off=came, said=[1.0, np.nan, 0.0, 0.0, 1.0])
    assert of_file(contract(prediction="said"), numbers).left_out == 1
    assert of_file(contract(), numbers).left_out == 0


def test_rows_without_label_or_probability_are_left_out(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        score=[0.2, np.nan, 1.5, -0.1, 0.6, 0.8],
        charged_off=[0.0, 1.0, 1.0, 0.0, np.nan, 1.0],
    )
    found = of_file(contract(), path)
    assert (float(found.counts.n), cells(found)) == (2.0, (1, 0, 0, 1))


@pytest.mark.parametrize("column", ["score", "charged_off"])
def test_a_file_without_score_or_label_is_told(tmp_path: Path, column: str) -> None:
    both: dict[str, object] = {"score": [0.5], "charged_off": [1]}
    del both[column]
    with pytest.raises(NotComputable, match="no labelled rows"):
        of_file(contract(), written(tmp_path, **both))


def test_the_words_of_a_label_are_those_of_the_contract(tmp_path: Path) -> None:
    label = {"name": "charged_off", "type": "label", "positive": "Bad"}
    outcome = {"columns": [label], "time": "observed_at", "matures_after": "3 months"}
    wanted = a_contract(
        outcome=outcome, log={"prediction_id": "loan_id", "time": "approved_at", "score": "score"}
    )
    path = written(tmp_path, score=[0.9, 0.9, 0.1], charged_off=["Bad", "Good", None])
    assert cells(of_file(wanted, path)) == (1, 1, 0, 0)  # the cut-off is an even chance


def test_a_contract_that_names_none_says_so(lender: Lender) -> None:
    found, _ = lender.ask("plain")
    with pytest.raises(NotComputable, match="names no labelled rows") as raised:
        labelled_reference(lender.workspace, found.view)
    assert "performance_reference" in raised.value.remedy
