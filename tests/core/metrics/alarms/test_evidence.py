"""An alarm can be stored, read, and derived again."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.alarms import (
    AlarmEvidence,
    Member,
    check_of,
    counts_of_feature,
    draw_family,
    evidence_of,
    judge,
    rederive,
    rederive_chance,
)
from tests.core.metrics.alarms.days import letters, number_days, numbers, scores

REFERENCE = {"x": letters("x", 1), "y": numbers("y", 2), "s": scores("s", 3)}
MEMBERS = [Member("y", "wasserstein"), Member("x", "psi"), Member("s", "roc_auc")]


def _evidence(place: int = 0) -> AlarmEvidence:
    bins = REFERENCE["y"].bins
    assert bins is not None
    values = np.random.default_rng(9).normal(0.6, size=(10, 50))
    current = {
        "y": counts_of_feature(number_days(bins, values)).merged(),  # type: ignore[arg-type]
        "x": REFERENCE["x"].counts.merged(),
        "s": REFERENCE["s"].counts.merged(),
    }
    check = check_of("2026-03", 0, 10, current)
    family = draw_family(REFERENCE, MEMBERS, [check], draws=99, rate=0.05, seed=7, block_length=1)
    verdicts = judge(family, REFERENCE, {"2026-03": current})
    found = next(verdict for verdict in verdicts if verdict.member == MEMBERS[place])
    side = current[found.member.series]
    return evidence_of(found, family, REFERENCE, side, bins_id="abc")


def test_it_holds_what_an_auditor_asks_for() -> None:
    found = _evidence()
    assert found.method == "wasserstein"
    assert (found.n_ref, found.n_cur, found.bins_id) == (3_000, 500, "abc")
    assert found.family == ("y/wasserstein", "x/psi", "s/roc_auc")
    assert (found.family_size, found.draws, found.seed, found.rate) == (3, 99, 7, 0.05)
    assert found.statistic > found.threshold
    assert found.p == pytest.approx(0.01)
    assert "numpy" in found.generator


@pytest.mark.parametrize("place", range(3))
def test_json_and_back_is_the_same(place: int) -> None:
    found = _evidence(place)
    text = found.to_json()
    assert AlarmEvidence.from_json(text) == found
    assert AlarmEvidence.from_json(text).to_json() == text


@pytest.mark.parametrize("place", range(3))
def test_the_stored_counts_give_the_same_figures(place: int) -> None:
    found = AlarmEvidence.from_json(_evidence(place).to_json())
    again = rederive(found)
    assert (again.statistic, again.effect) == (found.statistic, found.effect)
    assert (again.n_ref, again.n_cur) == (found.n_ref, found.n_cur)


def test_the_seed_and_the_days_give_the_same_p() -> None:
    found = AlarmEvidence.from_json(_evidence().to_json())
    again = rederive_chance(found, REFERENCE)
    assert (again.p, again.single_p) == (found.p, found.single_p)
    assert again.threshold == found.threshold
    assert again.expected_alarms == found.expected_alarms


def test_a_figure_that_was_changed_is_found_out() -> None:
    found = _evidence()
    counts = replace(found.current, n=tuple(reversed(found.current.n)))
    assert rederive(replace(found, current=counts)).statistic != found.statistic


def test_other_days_are_refused() -> None:
    with pytest.raises(InvalidInput):
        rederive_chance(_evidence(), REFERENCE | {"x": letters("x", 2)})
    with pytest.raises(InvalidInput):
        rederive_chance(_evidence(), {"y": REFERENCE["y"]})


def test_chance_that_was_drawn_in_another_way_is_refused() -> None:
    older = replace(_evidence(0), generator="PCG64, numpy 1.26.0")
    with pytest.raises(InvalidInput, match="another way"):
        rederive_chance(older, REFERENCE)


def test_what_is_not_a_number_is_null() -> None:
    found = replace(_evidence(), p=float("nan"))
    assert json.loads(found.to_json())["p"] is None
    assert np.isnan(AlarmEvidence.from_json(found.to_json()).p)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"series":"x"}'])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        AlarmEvidence.from_json(text)


def test_a_field_too_many_is_refused() -> None:
    body = json.loads(_evidence().to_json()) | {"more": 1}
    with pytest.raises(InvalidInput):
        AlarmEvidence.from_json(json.dumps(body))
