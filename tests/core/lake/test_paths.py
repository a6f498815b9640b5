"""Paths of the lake."""

import pytest

from core.errors import InvalidInput
from core.lake.paths import (
    data_path,
    parquet_relation,
    profile_path,
    quarantine_path,
    reference_path,
    safe_id,
)


def test_the_layout() -> None:
    assert data_path("m", "predictions", "2026-01", "b1", 3) == (
        "m/predictions/month=2026-01/b1-03.parquet"
    )
    assert profile_path("m", "operations", "b1") == "m/profile/operations/b1.parquet"
    assert profile_path("m", "features", "b1", "ab12") == "m/profile/features/b1-ab12.parquet"
    assert reference_path("m", "ab12", "b1") == "m/reference/ab12-b1.parquet"
    assert quarantine_path("m", "b1") == "m/quarantine/b1.parquet"


@pytest.mark.parametrize("text", ["", "..", "../x", "a/b", "a b", ".hidden", "é", "a\n", "x" * 201])
def test_unsafe_ids_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        safe_id(text)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "202601", "2026-01/.."])
def test_months_are_checked(month: str) -> None:
    with pytest.raises(InvalidInput, match="YYYY-MM"):
        data_path("m", "predictions", month, "b1")


def test_a_quote_in_a_folder_stays_text() -> None:
    assert "'it''s/x.parquet'" in parquet_relation(["it's/x.parquet"])
    with pytest.raises(InvalidInput):
        parquet_relation([])
