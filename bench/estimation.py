"""``python -m bench.estimation``: how well performance is estimated on data whose truth is known.

Prints the tables of docs/estimation.md from the data sets bundled with nannyml, which lie in
tests/fixtures, and from simulated shifts.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from core.metrics.arrays import Floats
from core.metrics.estimation import (
    ESTIMATED,
    SamplingErrors,
    concept_drift,
    concept_drift_in_order,
    coverage,
    estimate,
    expected_outcome_rate,
    expected_rows,
    fit_calibrator,
    fit_direct_loss,
    fit_sampling_errors,
    walk_forward,
)
from core.metrics.performance import CellValues, Confusion, binary_figures, score_counts

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
VALUES = CellValues(100.0, -50.0, -20.0, 10.0)
ROWS = 5_000
HEALTHY = 5
CAR_FEATURES = (
    *("car_age", "km_driven", "price_new", "accident_count", "door_count"),
    *("fuel", "transmission"),
)
Chunk = tuple[Floats, Floats, Floats]


def main() -> int:
    """Print every table and return the exit code."""
    tables = (car_loan_table(), simulated_table(), drift_table(), car_price_table())
    print(*tables, sep="\n\n")
    return 0


def car_loan_table() -> str:
    """Return how many chunks of the car loan's analysis each band holds, and the alarms."""
    reference = _columns(pd.read_parquet(FIXTURES / "car_loan" / "reference.parquet"))
    rows = pd.read_parquet(FIXTURES / "car_loan" / "analysis.parquet")
    labels = pd.read_parquet(FIXTURES / "car_loan" / "analysis_labels.parquet")
    rows["repaid"] = labels["repaid"]
    chunks = [_columns(rows.iloc[at : at + ROWS]) for at in range(0, len(rows), ROWS)]
    errors = _errors(reference)
    said, came = _series(reference, chunks)
    lines = [
        "| figure | ±3 SE, healthy | ±3 SE, degraded | back-tested, healthy | "
        "back-tested, degraded | concept-drift alarms |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for name in ESTIMATED:
        spread = errors.of(name, np.full(len(chunks), ROWS))
        sampling = errors.band(name, said[name], np.full(len(chunks), ROWS))
        bare = coverage(sampling.low, sampling.high, came[name]).within
        bands = walk_forward(name, said[name], spread, came[name])
        ours = coverage(bands.low, bands.high, came[name]).within
        drift = concept_drift_in_order(
            said[name],
            came[name],
            realised_error=spread,
            estimate_error=errors.of_estimator(name, np.full(len(chunks), ROWS)),
        )
        counts = (
            f"{part.sum()}/{part.size}"
            for within in (bare, ours)
            for part in (within[:HEALTHY], within[HEALTHY:])
        )
        alarms = ", ".join(str(place) for place in np.flatnonzero(drift.alarm)) or "none"
        lines.append(f"| {name} | {' | '.join(counts)} | {alarms} |")
    return "\n".join(lines)


def simulated_table(*, chunks: int = 400, rows: int = 2_000) -> str:
    """Return the share of simulated chunks whose band holds what came, by size of the shift.

    The score's meaning is p = score^u, u lognormal around 1 anew in each chunk.
    """
    lines = ["| spread of ln u | figure | ±3 SE | back-tested |", "|---|---|--:|--:|"]
    for size in (0.0, 0.05, 0.15):
        random = np.random.default_rng(11)
        reference = _drawn(random, 40_000, 1.0)
        errors = _errors(reference)
        powers = np.exp(random.normal(0, size, chunks))
        said, came = _series(reference, [_drawn(random, rows, power) for power in powers])
        for name in ("roc_auc", "precision", "recall", "accuracy"):
            n = np.full(chunks, rows)
            sampling = errors.band(name, said[name], n)
            bands = walk_forward(name, said[name], errors.of(name, n), came[name])
            shares = (
                float(coverage(low, high, came[name]).share.value)
                for low, high in ((sampling.low, sampling.high), (bands.low, bands.high))
            )
            lines.append(f"| {size} | {name} | {' | '.join(f'{s:.1%}' for s in shares)} |")
    return "\n".join(lines)


def drift_table(*, references: int = 3, chunks: int = 300, rows: int = 2_000) -> str:
    """Return the share of chunks with a concept-drift alarm, the score meaning p = score^u."""
    names = ("precision", "recall", "accuracy", "roc_auc")
    lines = [
        f"| u | outcome rate | {' | '.join(names)} |",
        f"|---|--:|{'--:|' * len(names)}",
    ]
    for power in (1.0, 1.05, 1.1, 1.2):
        shares = np.zeros(1 + len(names))
        for seed in range(references):
            random = np.random.default_rng(seed)
            reference = _drawn(random, 40_000, 1.0)
            drawn = [_drawn(random, rows, power) for _ in range(chunks)]
            shares += np.array(_alarms(reference, drawn, names)) / references
        lines.append(f"| {power} | {' | '.join(f'{share:.1%}' for share in shares)} |")
    return "\n".join(lines)


def _alarms(reference: Chunk, drawn: list[Chunk], names: tuple[str, ...]) -> list[float]:
    errors, calibrator = _errors(reference), fit_calibrator(reference[0], reference[2])
    rates = [expected_outcome_rate(expected_rows(c[0], c[1], calibrator)) for c in drawn]
    judged = concept_drift(
        np.array([float(rate.value) for rate in rates]),
        np.array([label.mean() for _, _, label in drawn]),
        realised_error=np.array([float(rate.error) for rate in rates]),
        estimate_error=np.array([float(rate.of_estimator(errors.rows)) for rate in rates]),
    )
    found = [float(judged.alarm.mean())]
    said, came = _series(reference, drawn)
    n = np.array([label.size for _, _, label in drawn])
    for name in names:
        own, other = errors.of(name, n), errors.of_estimator(name, n)
        judged = concept_drift(said[name], came[name], realised_error=own, estimate_error=other)
        found.append(float(judged.alarm.mean()))
    return found


def car_price_table() -> str:
    """Return direct loss estimation on two chunks of the car prices, beside nannyml's."""
    reference, rows = (
        pd.read_parquet(FIXTURES / "car_price" / f"{part}.parquet")
        for part in ("reference", "analysis")
    )
    model = fit_direct_loss(
        {name: reference[name] for name in CAR_FEATURES},
        reference["y_pred"],
        reference["y_true"],
        categorical={"fuel", "transmission"},
    )
    found = model.estimate(
        {name: rows[name] for name in CAR_FEATURES}, rows["y_pred"], chunks=rows["chunk"] // 5
    )
    theirs = pd.read_csv(FIXTURES / "car_price" / "nannyml_dle_car_price.csv").iloc[[10, 15]]
    lines = [
        "| figure | chunk | realised | ours | nannyml | 3 SE |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, values in found.items():
        reach = 3 * float(model.errors.of(name, 6_000))
        for chunk, value, row in zip((0, 5), values, theirs.to_dict("records"), strict=True):
            figures = (row[f"{name}_realized"], value, row[f"{name}_value"], reach)
            lines.append(f"| {name} | {chunk} | {' | '.join(f'{f:,.5g}' for f in figures)} |")
    return "\n".join(lines)


def _series(
    reference: Chunk, chunks: list[Chunk]
) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
    """Return the estimated and the realised figures of every chunk."""
    calibrator = fit_calibrator(reference[0], reference[2])
    said = [
        estimate(expected_rows(score, flagged, calibrator), values=VALUES)
        for score, flagged, _ in chunks
    ]
    came = [
        binary_figures(score_counts(score, label), _confusion(flagged, label), values=VALUES)
        for score, flagged, label in chunks
    ]
    return (
        {name: np.array([float(each[name]) for each in said]) for name in ESTIMATED},
        {name: np.array([float(each[name].value) for each in came]) for name in ESTIMATED},
    )


def _errors(reference: Chunk) -> SamplingErrors:
    score, flagged, label = reference
    return fit_sampling_errors(
        score_counts(score, label), _confusion(flagged, label), values=VALUES
    )


def _confusion(flagged: Floats, label: Floats) -> Confusion:
    hit, said, came = (flagged * label).sum(), flagged.sum(), label.sum()
    return Confusion.of(hit, said - hit, came - hit, label.size - said - came + hit)


def _columns(rows: pd.DataFrame) -> Chunk:
    score, flagged, label = (
        rows[name].to_numpy(dtype=np.float64) for name in ("y_pred_proba", "y_pred", "repaid")
    )
    return score, flagged, label


def _drawn(random: np.random.Generator, n: int, power: float) -> Chunk:
    score = np.round(random.beta(1.2, 1.8, n), 2)
    label = (random.random(n) < score**power).astype(np.float64)
    return score, (score > 0.5).astype(np.float64), label


if __name__ == "__main__":
    sys.exit(main())
