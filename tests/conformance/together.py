"""All inputs together: NannyML's published reconstruction errors, and scikit-learn."""

from collections.abc import Iterator, Mapping

import numpy as np

from core.metrics.arrays import AnyArray
from core.metrics.estimation.encoding import fit_encoder
from core.metrics.multivariate import domain_classifier, fit_reconstruction, mean_error
from core.metrics.multivariate.domain_classifier import FOLDS
from tests.conformance.cases import numbers
from tests.conformance.measure import Comparison, Pair, pairs
from tests.conformance.peers import peer
from tests.core.metrics.estimation.data import car_loan

Rows = Mapping[str, AnyArray]
NAMES = (
    *("car_value", "salary_range", "debt_to_income_ratio", "loan_length"),
    *("repaid_loan_on_prev_car", "size_of_downpayment", "driver_tenure"),
)
TEXTS = {"salary_range", "repaid_loan_on_prev_car", "size_of_downpayment"}
# What the car-loan notebook in NannyML's documentation prints for chunks of 5,000 rows.
PRINTED = (
    *(1.141517, 1.130636, 1.138914, 1.145040, 1.137563),
    *(1.249205, 1.243101, 1.258147, 1.228179, 1.259884),
)
TREES, LEAVES = 20, 15


def together() -> Iterator[Comparison]:
    """Yield the comparisons of the figures of all inputs together."""
    yield Comparison(
        "pca_reconstruction_error", "mean of a chunk", "NannyML DataReconstructionDriftCalculator",
        "our own definition, which is theirs",
        tuple(_printed()), 1e-6, "the figures are printed to six digits",
    )  # fmt: skip
    yield Comparison(
        "pca_reconstruction_error", "of a row", "scikit-learn StandardScaler and PCA",
        "numbers only; the same share of the variance", tuple(_rows()),
    )  # fmt: skip
    yield Comparison(
        "domain_classifier_auc", "area", "scikit-learn cross_val_score",
        "its gradient boosting, as ours has it, on the same folds", tuple(_areas()),
    )  # fmt: skip


def _printed() -> Iterator[Pair]:
    whole, later = (
        car_loan(part).sort_values("timestamp", kind="stable") for part in ("reference", "analysis")
    )
    fitted = fit_reconstruction({name: whole[name].to_numpy() for name in NAMES}, TEXTS)
    for place, printed in enumerate(PRINTED):
        rows = later.iloc[place * 5_000 : (place + 1) * 5_000]
        found = mean_error(fitted.errors({name: rows[name].to_numpy() for name in NAMES}))
        yield from pairs([(f"car loan, chunk {place}", found.mean, printed)])


def _sides(step: int) -> tuple[Rows, Rows]:
    columns = ("car_value", "debt_to_income_ratio", "driver_tenure", "loan_length")
    before, after = car_loan("reference").iloc[::step], car_loan("analysis").iloc[::step]
    return tuple({name: side[name].to_numpy() for name in columns} for side in (before, after))  # type: ignore[return-value]


def _rows() -> Iterator[Pair]:
    before, after = _sides(500)
    scaler = peer("sklearn.preprocessing").StandardScaler()
    points = scaler.fit_transform(np.column_stack(list(before.values())))
    later = scaler.transform(np.column_stack(list(after.values())))
    for variance in (0.4, 0.65, 0.9):
        pca = peer("sklearn.decomposition").PCA(n_components=variance, svd_solver="full")
        pca.fit(points)
        left = later - pca.inverse_transform(pca.transform(later))
        theirs = np.linalg.norm(left, axis=1)
        ours = fit_reconstruction(before, (), variance=variance).errors(after)
        named = (f"car loan, {variance:.0%}, row {place}" for place in range(len(ours)))
        yield from pairs(zip(named, ours, theirs, strict=True))


def _areas() -> Iterator[Pair]:
    for step in (100, 250):
        yield from _area(f"car loan, every {step}th row", *_sides(step))
    for name in ("ACS, age", "SBA, employees"):
        before, after = numbers()[name]
        yield from _area(name, {"x": before[:400]}, {"x": after[:300]})


def _area(name: str, before: Rows, after: Rows) -> Iterator[Pair]:
    ours = domain_classifier(before, after, (), seed=3, iterations=TREES).auc
    both = {key: np.concatenate([before[key], after[key]]) for key in before}
    sizes = [len(next(iter(side.values()))) for side in (before, after)]
    matrix = fit_encoder(both, ()).encode(both, np.zeros(sum(sizes)))[:, :-1]
    draw = np.random.default_rng(3)
    fold = np.concatenate([draw.permutation(size) % FOLDS for size in sizes])
    model = peer("sklearn.ensemble").HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, early_stopping=False, random_state=3
    )
    selection = peer("sklearn.model_selection")
    found = selection.cross_val_score(
        model, matrix, np.repeat([0, 1], sizes),
        cv=selection.PredefinedSplit(fold), scoring="roc_auc",
    )  # fmt: skip
    yield from pairs([(name, ours, float(np.mean(found)))])
