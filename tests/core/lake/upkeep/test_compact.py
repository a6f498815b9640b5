from dataclasses import dataclass
from datetime import datetime

from core.lake.upkeep.compact import plan_merges


@dataclass(frozen=True)
class File:
    id: int
    bytes: int
    kind: str = "data"
    stream: str | None = "predictions"
    profile_kind: str | None = None
    bins_id: str | None = None
    month: str | None = "2025-01"
    path: str = ""
    first_time: datetime | None = None
    last_time: datetime | None = None


def _plan(*files: File) -> list[list[int]]:
    merges = plan_merges(files, small_bytes=10, target_bytes=20)
    return [[file.id for file in merge.files] for merge in merges]


def test_small_files_of_one_month_are_merged_up_to_the_target() -> None:
    assert _plan(*(File(number, 8) for number in range(5))) == [[0, 1], [2, 3]]
    assert _plan(File(1, 9), File(2, 9), File(3, 2)) == [[1, 2, 3]]


def test_large_and_single_files_stay() -> None:
    assert _plan(File(1, 10), File(2, 10)) == []
    assert _plan(File(1, 1)) == []


def test_only_like_is_merged_with_like() -> None:
    assert _plan(
        File(1, 1),
        File(2, 1, month="2025-02"),
        File(3, 1, stream="outcomes"),
        File(4, 1, kind="profile", stream=None, month=None, profile_kind="features", bins_id="a"),
        File(5, 1, kind="profile", stream=None, month=None, profile_kind="features", bins_id="b"),
        File(6, 1, kind="profile", stream=None, month=None, profile_kind="operations"),
        File(7, 1, kind="quarantine"),
        File(8, 1, kind="quarantine"),
        File(9, 1),
    ) == [[1, 9]]
