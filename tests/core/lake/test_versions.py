"""Versions in a log: first and last prediction and number of rows of each."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from core.errors import StaleGeneration
from core.lake.versions import VersionSpan, version_spans


def test_versions_come_by_their_first_prediction(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"""COPY (SELECT * FROM (VALUES
        ('b', TIMESTAMPTZ '2020-03-01 00:00:00+00'), ('a', TIMESTAMPTZ '2020-01-01 08:00:00+08'),
        ('b', TIMESTAMPTZ '2020-04-01 00:00:00+00'), (NULL, TIMESTAMPTZ '2020-02-01 00:00:00+00'))
        AS t(version, time)) TO '{tmp_path}/p.parquet'"""
    )

    def day(month: int) -> datetime:
        return datetime(2020, month, 1, tzinfo=UTC)

    assert version_spans(connection, [f"{tmp_path}/p.parquet"]) == (
        VersionSpan("a", day(1), day(1), 1),
        VersionSpan("", day(2), day(2), 1),
        VersionSpan("b", day(3), day(4), 2),
    )
    assert version_spans(connection, []) == ()


def test_a_file_that_is_gone_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StaleGeneration):
        version_spans(duckdb.connect(), [str(tmp_path / "gone.parquet")])
