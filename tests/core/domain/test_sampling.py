"""Samples: by hand, uniform, drawn again by another program, and what none wrong says."""

import subprocess
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.domain.sampling import (
    ALL,
    METHODS,
    REST,
    Method,
    Unit,
    draw,
    most_wrong,
    rank,
    seed_of,
    shares,
)

SEED = seed_of("Grey heron at the pier", "ab" * 32)
FRAMES = st.integers(1, 60).flatmap(
    lambda size: st.lists(st.sampled_from(["a", "b", "c"]), min_size=size, max_size=size)
)


def frame_of(strata: list[str]) -> list[Unit]:
    return [Unit(f"L{place:04d}", stratum) for place, stratum in enumerate(strata)]


def test_seed_and_rank_are_what_the_formula_says() -> None:
    text = "harbourlight-sample-1\nGrey heron at the pier\n" + "ab" * 32
    assert sha256(text.encode()).hexdigest() == SEED
    assert rank(SEED, "L0001") == sha256(f"{SEED}\nL0001".encode()).hexdigest()


@given(FRAMES, st.sampled_from(METHODS[:4]), st.data())
def test_so_many_of_the_frame_each_once_and_the_same_again(
    strata: list[str], method: Method, data: st.DataObject
) -> None:
    frame = frame_of(strata)
    n = data.draw(st.integers(1, len(frame)))
    drawn = draw(frame, SEED, n, method)
    assert len({each.key for each in drawn}) == len(drawn) == n
    assert set(drawn) <= set(frame)
    assert drawn == draw(frame, SEED, n, method)
    if method != "systematic":
        shuffled = sorted(frame, key=lambda each: rank("other", each.key))
        assert drawn == draw(shuffled, SEED, n, method)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1), st.data())
def test_strata_get_their_share(sizes: dict[str, int], data: st.DataObject) -> None:
    total = sum(sizes.values())
    n = data.draw(st.integers(1, total))
    fair = shares(sizes, n, "proportional")
    even = shares(sizes, n, "equal")
    assert sum(fair.values()) == sum(even.values()) == n
    for name, size in sizes.items():
        assert abs(fair[name] - n * size / total) < 1
        assert 0 <= fair[name] <= size
        assert 0 <= even[name] <= size
        assert even[name] == size or even[name] >= max(even.values()) - 1


def test_largest_remainders_by_hand() -> None:
    # 7 of 10: 3.5, 2.1 and 1.4; the seventh goes to the largest remainder.
    assert shares({"a": 5, "b": 3, "c": 2}, 7, "proportional") == {"a": 4, "b": 2, "c": 1}
    assert shares({"a": 5, "b": 3, "c": 1}, 7, "equal") == {"a": 3, "b": 3, "c": 1}
    # Equal remainders: the first name.
    assert shares({"b": 5, "a": 5}, 5, "proportional") == {"a": 3, "b": 2}


def test_what_a_condition_chooses_is_taken_whole_and_the_rest_drawn() -> None:
    frame = frame_of(["rest", "all", "rest", "all", "rest", "rest"])
    drawn = draw(frame, SEED, 4, "all_then_random")
    assert {each.key for each in drawn[:2]} == {"L0001", "L0003"}
    rest = sorted((each for each in frame if each.stratum == REST), key=lambda e: rank(SEED, e.key))
    assert drawn[2:] == rest[:2]
    with pytest.raises(ValueError, match="2 units are to be taken whole"):
        draw(frame, SEED, 1, "all_then_random")
    assert [each.stratum for each in draw(frame, SEED, 2, "all_then_random")] == [ALL, ALL]


def test_a_systematic_sample_keeps_its_distance_and_goes_round() -> None:
    frame = frame_of([""] * 10)
    start = int(rank(SEED, "start"), 16) % 10
    wanted = [(start + step) % 10 for step in (0, 2, 5, 7)]  # 10 of 4: every 2.5, rounded down
    assert [int(each.key[1:]) for each in draw(frame, SEED, 4, "systematic")] == wanted


@pytest.mark.parametrize("method", METHODS[:4])
def test_each_unit_is_drawn_as_often_as_each_other(method: Method) -> None:
    frame = frame_of(["a", "b"] * 10)
    counts: Counter[str] = Counter()
    for number in range(2_000):
        seed = seed_of(str(number), "")
        counts.update(each.key for each in draw(frame, seed, 6, method))
    found = [counts[each.key] for each in frame]
    assert sum(found) == 12_000
    # Seeds are fixed: the same p every time; units are drawn 6 of 20 times.
    assert stats.chisquare(found).pvalue > 0.001


@given(st.integers(1, 400), st.data())
def test_none_wrong_says_what_the_hypergeometric_distribution_says(
    size: int, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, size))
    most = most_wrong(size, n)

    def missed(wrong: int) -> float:
        return float(stats.hypergeom(size, wrong, n).pmf(0))

    assert missed(most) >= 0.05 * (1 - 1e-9)
    assert most == size or missed(most + 1) < 0.05 * (1 + 1e-9)


def test_none_wrong_by_hand() -> None:
    assert most_wrong(10, 10) == 0
    # 59 of a large frame: 0.95 ** 59 is 4.85 %, so 5 % wrong would be found.
    assert most_wrong(1_000_000, 59) < 50_000 < most_wrong(1_000_000, 58)
    # The rule of three: fewer than about 3 of 100.
    assert most_wrong(1_000_000, 100) / 1_000_000 == pytest.approx(0.0295, abs=1e-4)


def test_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="0 of 3"):
        draw(frame_of([""] * 3), SEED, 0, "random")
    with pytest.raises(ValueError, match="4 of 3"):
        draw(frame_of([""] * 3), SEED, 4, "random")


@pytest.mark.parametrize("method", METHODS)
def test_the_script_that_goes_along_draws_the_same(method: Method, tmp_path: Path) -> None:
    parts = [ALL, REST, REST, REST] if method == "all_then_random" else ["CN", "HK", "澳門"]
    frame = frame_of(parts * 9)
    drawn = draw(frame, SEED, 11, method)
    lines = [f'["{e.key}","","{e.stratum}"]\n' for e in frame]
    (tmp_path / "frame.jsonl").write_text("".join(lines), "utf-8")
    about = f'{{"drawn":11,"method":"{method}","seed":"{SEED}"}}'
    (tmp_path / "sample.json").write_text(about, "utf-8")
    script = Path("core/reports/dossier_pack/sample.py").resolve()
    done = subprocess.run(
        [sys.executable, "-I", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [each.key for each in drawn]
