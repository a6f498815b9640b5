"""What a long table of drift comes to."""

import math

from core.cli.drift_summary import summary_lines
from core.services.drift.measure import DriftRow


def row(column: str, month: int, value: float, level: str, slice_: str | None = None) -> DriftRow:
    chunk: dict[str, object] = {"key": f"2025-{month:02d}", "n": 100}
    return DriftRow(
        *("drift", "psi", column, slice_, chunk, value, 0.25, level == "act", "ok", level),
        statistic=math.nan,
        p_value=math.nan,
        n_reference=1000,
        bins_id=None,
    )


def test_each_column_has_the_chunk_in_which_it_moved_most_and_the_worst_comes_first() -> None:
    found = summary_lines(
        [
            row("age", 1, 0.01, "in_range"),
            row("age", 2, 0.03, "in_range"),
            row("age", 3, 0.02, "in_range"),
            row("income", 1, 0.3, "act"),
            row("income", 2, 0.4, "act"),
            row("income", 3, 0.1, "in_range"),
            row("term", 1, math.nan, "not_enough_data"),
        ]
    )
    assert [(each["column"], each["largest"], each["in"]) for each in found] == [
        ("income", 0.4, "2025-02"),
        ("age", 0.03, "2025-02"),
    ]
    assert [(each["newest"], each["chunks to act on"]) for each in found] == [(0.1, 2), (0.02, 0)]
    assert "slice" not in found[0]


def test_values_of_a_segment_have_lines_of_their_own() -> None:
    found = summary_lines(
        [row("age", month, 0.1, "watch", name) for name in ("a=1", "a=2") for month in (1, 2)]
    )
    assert [each["slice"] for each in found] == ["a=1", "a=2"]


def test_one_chunk_needs_no_summary() -> None:
    assert summary_lines([row("age", 1, 0.4, "act"), row("term", 1, 0.1, "in_range")]) == []
