"""The registry: complete, consistent, and the only list of metrics."""

import pytest

from core.domain.status import Status
from core.errors import InvalidInput
from core.metrics.metric import judge
from core.metrics.registry import METRICS, family_members, glossary_table, metric

METHODS = {
    "psi",
    "jensen_shannon",
    "hellinger",
    "l_infinity",
    "total_variation",
    "chi2",
    "kolmogorov_smirnov",
    "wasserstein",
    "normal_score_shift",
}


def test_ids_are_unique_names() -> None:
    entries = [
        *family_members("drift"),
        *family_members("multivariate"),
        *family_members("data_quality"),
        *family_members("confidence"),
        *family_members("operations"),
        *family_members("performance"),
        *family_members("fairness"),
        *family_members("value"),
    ]
    assert len(entries) == len(METRICS)
    for key, entry in METRICS.items():
        assert key == entry.id
        assert key.isidentifier()
        assert key == key.lower()


def test_drift_methods_are_those_of_the_command_line() -> None:
    assert {entry.id for entry in family_members("drift")} == METHODS


@pytest.mark.parametrize("entry", METRICS.values(), ids=METRICS)
def test_entries_are_consistent(entry: object) -> None:
    from core.metrics.metric import Metric

    assert isinstance(entry, Metric)
    low, high = entry.range
    assert low < high
    assert entry.doc == f"docs/metrics/{entry.id}.md"
    assert all((entry.label, entry.meaning, entry.formula, entry.source))
    assert entry.minimum_n >= 1
    assert (entry.watch is None) == (entry.act is None)
    if entry.watch is not None and entry.act is not None:
        assert low <= entry.watch <= high
        assert low <= entry.act <= high
        assert (entry.act > entry.watch) == (entry.direction == "lower_is_better")
        assert entry.direction != "neutral"


def test_status_of_a_value() -> None:
    psi = metric("psi", "drift")
    found = [psi.status(value, 500) for value in (0.05, 0.1, 0.25, float("nan"))]
    assert found == [Status.in_range, Status.watch, Status.act, Status.not_enough_data]
    assert psi.status(0.9, 499) is Status.not_enough_data


def test_thresholds_of_a_contract_replace_the_default_ones() -> None:
    rate = metric("error_rate")
    assert rate.held_against(0.02, 100) is Status.watch
    assert rate.held_against(0.02, 100, watch=0.03) is Status.in_range
    assert rate.held_against(0.02, 100, act=0.02) is Status.act


def test_higher_is_better_is_judged_from_above() -> None:
    availability = metric("availability")
    found = [availability.status(value, 10) for value in (1.0, 0.995, 0.99)]
    assert found == [Status.in_range, Status.watch, Status.act]


def test_without_thresholds_everything_is_in_range() -> None:
    found = judge([1e9], enough=True, watch=None, act=None, direction="lower_is_better")
    assert found.tolist() == ["in_range"]


def test_an_unknown_metric_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"no metric called f2.*roc_auc"):
        metric("f2")
    with pytest.raises(InvalidInput, match="Choose from: psi"):
        metric("roc_auc", "drift")


def test_the_glossary_lists_every_metric() -> None:
    lines = glossary_table().splitlines()
    assert len(lines) == len(METRICS) + 2
    assert all(line.count("|") == 7 for line in lines)
