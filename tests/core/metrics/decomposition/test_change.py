"""Changes whose causes are known, beside a second source, and what always holds."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.metrics.arrays import Floats
from core.metrics.decomposition import (
    Cause,
    Cells,
    Decomposition,
    Figure,
    Player,
    Ratio,
    Total,
    decompose,
)
from core.metrics.decomposition.chain import seen_in_both
from tests.core.metrics.decomposition.made import APPROVED, LOST, ROWS, Period, cells_of
from tests.core.metrics.decomposition.plain import NAMES, Line, by_every_order

BEFORE = Period()


def effects(found: Decomposition) -> dict[str, float]:
    """Return what each player adds, by name."""
    return {str(player): e.value for each in found.causes for player, e in each.players.items()}


def told(after: Period, *sums: int, before: Period = BEFORE) -> dict[str, float]:
    """Return what each cause adds to a ratio of two sums, in points."""
    found = decompose(cells_of(before, after, *sums, groups=2), Ratio(), draws=2)
    return {str(each.cause): round(100 * each.effect.value, 9) for each in found.causes}


def only(cause: str, points: float) -> dict[str, object]:
    """Return that one cause adds some points, and the others nothing."""
    nothing: dict[str, object] = {str(c): 0.0 for c in Cause if c is not Cause.volume}
    return {**nothing, cause: pytest.approx(points, abs=1e-9)}


def test_another_mix_of_segments_is_who_applied() -> None:
    after = BEFORE.but(segments={0: 0.3, 1: 0.7})
    # Segment 0 has 70 % in bands 0 and 1, segment 1 has 30 %; a tenth of either side is changed,
    # so .66 and .34 are approved: 0.3 × (0.34 − 0.66) = −9.6 points.
    assert told(after, APPROVED, ROWS) == only("mix", -9.6)


def test_other_scores_within_a_segment_are_who_applied_too() -> None:
    shares = {0: 0.2, 1: 0.3, 2: 0.3, 3: 0.2}
    after = BEFORE.but(bands=lambda s, v: shares if s == 0 else BEFORE.bands(s, v))
    # 20 % of segment 0 (0.6) went from approved (0.9) to declined (0.1): −0.12 × 0.8.
    found = decompose(cells_of(BEFORE, after, APPROVED, ROWS, groups=2), Ratio(), draws=2)
    assert found.change.value == pytest.approx(-0.096, abs=1e-12)
    assert effects(found)["scores"] == pytest.approx(-0.096, abs=1e-12)
    assert effects(found)["segments"] == 0
    assert [each.value for each in found.cause(Cause.mix).segments] == pytest.approx([-0.096, 0])


def test_a_new_version_that_replaces_the_old_is_the_version() -> None:
    stricter = {0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4}
    after = BEFORE.but(versions={2: 1.0}, bands=lambda _s, _v: stricter)
    # Segment 0 goes from 0.66 approved to 0.34: 0.6 × −0.32. Its scores were never seen before.
    assert told(after, APPROVED, ROWS) == only("version", -19.2)


def test_more_rows_for_a_version_in_use_before_are_the_version() -> None:
    def bands(segment: int, version: int) -> dict[int, float]:
        return {0: 0.5, 3: 0.5} if version == 1 else {0: 0.25, 3: 0.75}

    before = BEFORE.but(versions={1: 0.8, 2: 0.2}, bands=bands)
    after = before.but(versions={1: 0.4, 2: 0.6})
    # 40 % of rows go from 0.5 in the lower bands to 0.25: −0.1 × 0.8.
    assert told(after, APPROVED, ROWS, before=before) == only("version", -8.0)


def test_a_cut_off_that_moved_is_the_policy() -> None:
    # Band 1 (26 % of rows: 0.6 × 0.3 + 0.4 × 0.2) goes from 0.9 approved to 0.1.
    assert told(BEFORE.but(cut_off=1), APPROVED, ROWS) == only("policy", -20.8)


def test_reviewers_who_change_more_are_the_overrides() -> None:
    after = BEFORE.but(changed=lambda _band, automated: 0.1 if automated else 0.3)
    # 46 % of rows are declined by the policy (0.6 × 0.3 + 0.4 × 0.7); 20 points more of them are
    # approved after all.
    assert told(after, APPROVED, ROWS) == only("overrides", 9.2)


def test_more_losses_of_the_same_kind_of_row_are_behaviour() -> None:
    before = BEFORE.but(lost=lambda _s, _b, _f: 0.1)
    after = BEFORE.but(lost=lambda s, _b, _f: 0.1 if s == 0 else 0.35)
    found = decompose(cells_of(before, after, LOST, APPROVED, groups=2), Ratio(), draws=2)
    # Approved: 0.6 × 0.66 = .396 and 0.4 × 0.34 = .136; the second lose 25 points more.
    points = 0.25 * 0.136 / 0.532
    assert effects(found) == {
        **dict.fromkeys(("segments", "version", "scores", "policy", "overrides"), 0.0),
        "behaviour": pytest.approx(points, abs=1e-12),
    }
    assert [each.value for each in found.cause(Cause.behaviour).segments] == pytest.approx(
        [0, points]
    )


def test_more_rows_are_the_volume_of_a_total_and_nothing_to_a_ratio() -> None:
    after = BEFORE.but(rows=15_000)
    found = decompose(cells_of(BEFORE, after, APPROVED, groups=2), Total(), draws=2)
    assert found.cause(Cause.volume).effect.value == pytest.approx(5_000 * 0.532)
    assert sum(abs(value) for name, value in effects(found).items() if name != "volume") == 0
    assert told(after, APPROVED, ROWS) == only("mix", 0.0)


def test_a_swap_of_the_version_hides_what_else_changed_and_says_so() -> None:
    after = BEFORE.but(versions={2: 1.0}, lost=lambda _s, _b, _f: 0.5)
    found = decompose(cells_of(BEFORE, after, LOST, APPROVED, groups=2), Ratio(), draws=2)
    assert found.cause(Cause.behaviour).effect.value == 0
    assert found.comparable == 0


def test_a_segment_that_grows_and_is_like_the_others_adds_nothing() -> None:
    same = {0: 0.4, 1: 0.3, 2: 0.2, 3: 0.1}
    before = BEFORE.but(
        segments={0: 0.5, 1: 0.3, 2: 0.2},
        bands=lambda s, _v: same if s == 1 else {0: 0.7, 3: 0.3} if s == 0 else {1: 0.7, 3: 0.3},
    )
    found = decompose(
        cells_of(before, before.but(segments={0: 0.1, 1: 0.6, 2: 0.3}), APPROVED, ROWS, groups=2),
        Ratio(),
        draws=2,
    )
    assert [each.value for each in found.cause(Cause.mix).segments] == pytest.approx([0, 0, 0])


KEYS = st.tuples(*(st.integers(0, 1) for _ in range(5)))
COUNTS = st.integers(1, 40)


@st.composite
def two_periods(draw: st.DrawFn) -> list[Line]:
    """Return lines of a numerator and a denominator; some cells are of one period only."""
    lines: list[Line] = []
    for period in (0, 1):
        for key in draw(st.lists(KEYS, min_size=1, max_size=12, unique=True)):
            rows = draw(COUNTS)
            lines.append((key, period, rows, (draw(st.integers(0, rows)), rows)))
    return lines


def in_groups(lines: Sequence[Line], groups: int = 3) -> Cells:
    """Return lines shared out among groups, unevenly."""
    keys, period, rows, sums = (list(part) for part in zip(*lines, strict=True))
    part = np.arange(1, groups + 1) / np.arange(1, groups + 1).sum()
    return Cells.by_group(
        keys * groups,
        period * groups,
        np.repeat(np.arange(groups), len(lines)),
        np.outer(part, rows).reshape(-1),
        (part[:, None, None] * np.array(sums)).reshape(-1, len(sums[0])),
        groups=groups,
    )


def quick(lines: Sequence[Line], figure: Figure) -> Decomposition:
    return decompose(in_groups(lines), figure, draws=2)


@settings(max_examples=8, deadline=None)
@given(lines=two_periods(), total=st.booleans())
def test_effects_are_those_of_every_order_in_exact_fractions(
    lines: list[Line], *, total: bool
) -> None:
    wanted = by_every_order(lines, lambda s: s[0] if total else s[0] / s[1])
    found = effects(quick(lines, Total() if total else Ratio()))
    for name in NAMES:
        assert found.get(name, 0.0) == pytest.approx(float(wanted[name]), abs=1e-9), name


@settings(max_examples=30, deadline=None)
@given(lines=two_periods(), total=st.booleans())
def test_causes_and_their_parts_add_up(lines: list[Line], *, total: bool) -> None:
    found = quick(lines, Total() if total else Ratio())
    whole = found.after.value - found.before.value
    assert sum(each.effect.value for each in found.causes) == pytest.approx(whole, abs=1e-9)
    for each in found.causes:
        value = pytest.approx(each.effect.value, abs=1e-9)
        assert sum(part.value for part in each.segments) == value
        assert sum(part.value for part in each.players.values()) == value
    three = found.three_fold
    assert three.composition + three.behaviour + three.interaction == pytest.approx(whole, abs=1e-9)
    sums = [[sum(s[k] for _, p, _, s in lines if p == t) for k in (0, 1)] for t in (0, 1)]
    ends = [row[0] if total else Fraction(row[0], row[1]) for row in sums]
    assert (found.before.value, found.after.value) == pytest.approx(
        [float(end) for end in ends], abs=1e-9
    )


@settings(max_examples=25, deadline=None)
@given(lines=two_periods(), random=st.randoms(use_true_random=False))
def test_the_order_of_lines_and_the_names_of_cells_play_no_part(
    lines: list[Line], random: Random
) -> None:
    mixed = list(lines)
    random.shuffle(mixed)
    other = [
        (tuple(7 - 3 * code for code in key), period, rows, sums)
        for key, period, rows, sums in mixed
    ]
    found, again = quick(lines, Ratio()), quick(other, Ratio())  # type: ignore[arg-type]
    assert effects(again) == pytest.approx(effects(found), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(lines=two_periods())
def test_exchanged_periods_turn_every_sign(lines: list[Line]) -> None:
    back = [(key, 1 - period, rows, sums) for key, period, rows, sums in lines]
    found, turned = quick(lines, Ratio()), quick(back, Ratio())
    assert effects(turned) == pytest.approx(
        {name: -value for name, value in effects(found).items()}, abs=1e-9
    )


SHARES = st.lists(st.integers(1, 9), min_size=4, max_size=4)


def by(weights: Sequence[int]) -> dict[int, float]:
    return {place: each / sum(weights) for place, each in enumerate(weights)}


@settings(max_examples=25, deadline=None)
@given(
    segments=SHARES,
    versions=SHARES,
    bands=SHARES,
    cut_off=st.integers(0, 4),
    changed=st.floats(0.01, 0.99),
    lost=st.floats(0.01, 0.99),
    same=st.sets(st.sampled_from(["segments", "versions", "bands", "cut_off", "changed", "lost"])),
)
def test_what_did_not_change_gets_nothing(
    segments: list[int],
    versions: list[int],
    bands: list[int],
    cut_off: int,
    changed: float,
    lost: float,
    same: set[str],
) -> None:
    tables: dict[str, object] = {
        "segments": by(segments),
        "versions": by(versions),
        "bands": lambda s, v: by([each + s + v for each in bands]),
        "cut_off": cut_off,
        "changed": lambda _b, _a: changed,
        "lost": lambda _s, b, _f: lost * (1 + b) / 4,
    }
    whole = Period(
        segments=by([1, 2, 3, 4]), versions=by([4, 3, 2, 1]),
        bands=lambda s, v: by([1 + v, 2, 3 + s, 4]),
    )  # fmt: skip
    after = whole.but(**{name: table for name, table in tables.items() if name not in same})
    found = effects(decompose(cells_of(whole, after, LOST, APPROVED, groups=2), Ratio(), draws=2))
    players = {
        "segments": Player.segments, "versions": Player.version, "bands": Player.scores,
        "cut_off": Player.policy, "changed": Player.overrides, "lost": Player.behaviour,
    }  # fmt: skip
    for name in same:
        assert found[players[name]] == pytest.approx(0, abs=1e-12), name


def test_half_the_interaction_is_each_ones_share() -> None:
    # By hand: one segment, no decisions, two bands; P(b): .5/.5 → .2/.8, rates 10/20 % → 30/60 %.
    # Composition .2·.1+.8·.2 − .15 = .03; behaviour .5·.3+.5·.6 − .15 = .3; after .54, so
    # interaction .54 − .15 − .33 = .06; Shapley .03 + .03 and .3 + .03.
    keys = [(0, 0, band, 0, 0) for band in (0, 1)] * 2
    rows = [500, 500, 200, 800]
    bad = [50, 100, 60, 480]
    cells = Cells.by_group(
        keys, [0, 0, 1, 1], [0] * 4, rows, np.stack([bad, rows], axis=1), groups=1
    )
    twice = replace(
        cells, rows=np.repeat(cells.rows, 2, axis=0) / 2, sums=np.repeat(cells.sums, 2, axis=0) / 2
    )
    found = decompose(twice, Ratio(), draws=2)
    three = found.three_fold
    assert (three.composition, three.behaviour, three.interaction) == pytest.approx(
        (0.03, 0.3, 0.06)
    )
    assert effects(found)["scores"] == pytest.approx(0.06)
    assert effects(found)["behaviour"] == pytest.approx(0.33)


def test_a_figure_without_value_is_told_apart_into_nothing() -> None:
    nothing: list[Line] = [((0,) * 5, 0, 4, (0, 0)), ((0,) * 5, 1, 4, (1, 2))]
    found = quick(nothing, Ratio())
    assert np.isnan(found.before.value)
    assert all(np.isnan(each.effect.value) for each in found.causes)


@pytest.mark.parametrize("keys", [[(0, 0, 0)], [(0, 0, 0, 0, 0)] * 2])
def test_cells_that_do_not_belong_together_are_refused(keys: list[tuple[int, ...]]) -> None:
    with pytest.raises(InvalidInput):
        Cells.by_group(keys, [0], [0], [1.0], np.ones((1, 1)), groups=1)


def test_a_period_is_before_or_after() -> None:
    with pytest.raises(InvalidInput):
        Cells.by_group([(0,) * 5], [2], [0], [1.0], np.ones((1, 1)), groups=1)


def test_no_line_has_no_cells() -> None:
    with pytest.raises(InvalidInput):
        Cells.by_group(np.zeros((0, 5)), [], [], [], np.zeros((0, 1)), groups=1)


def test_slopes_are_those_of_small_steps() -> None:
    at: Floats = np.array([[3.0, 7.0], [1.0, -2.0]])
    for figure in (Ratio(), Total()):
        steps = np.stack(
            [
                (figure.values(at + d) - figure.values(at - d)) / 2e-6
                for d in (np.array([1e-6, 0.0]), np.array([0.0, 1e-6]))
            ],
            axis=-1,
        )
        assert figure.gradient(at) == pytest.approx(steps, rel=1e-6, abs=1e-9)


def test_of_a_period_without_rows_nobody_can_say_what_both_have() -> None:
    keys = np.zeros((2, 5), dtype=np.int64)
    keys[1, 0] = 1
    rows, none = np.array([[3.0, 1.0], [4.0, 0.0]]), np.array([[3.0, 1.0], [0.0, 0.0]])
    np.testing.assert_array_equal(seen_in_both(Cells(keys, rows, rows[..., None])), [0.75, 1.0])
    np.testing.assert_array_equal(seen_in_both(Cells(keys, none, none[..., None])), [0.0, np.nan])
