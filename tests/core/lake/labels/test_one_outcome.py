"""What became known of one prediction: the newest word that an instant knows, as of anybody's."""

from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pytest

from core.lake.labels.one_outcome import KnownOutcome, known_outcome

FIRST = datetime(2025, 1, 6, tzinfo=UTC)
# Who, on which day, the label and its text, and which revision.
SAID: list[tuple[str, int, float | None, str | None, int]] = [
    ("p1", 1, 1.0, None, 0),
    ("p1", 5, 0.0, None, 1),
    ("p1", 9, None, None, 2),
    ("o'clock", 2, 1.0, "lost", 0),
]


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> str:
    names = ["prediction_id", "day", "label", "label_text", "revision"]
    frame = pd.DataFrame(SAID, columns=names)
    frame["observed_at"] = pd.to_datetime([FIRST + timedelta(days=day) for day in frame["day"]])
    frame = frame.assign(_batch="b0", _row=range(len(frame)))
    path = tmp_path_factory.mktemp("resolved") / "r.parquet"
    frame.astype({"label": "Float64", "label_text": "string"}).to_parquet(path)
    return str(path)


@pytest.mark.parametrize(
    ("who", "day", "expected"),
    [
        ("p1", 0, None),
        ("p1", 4, (1, 1.0, "")),
        ("p1", 6, (5, 0.0, "")),
        ("p1", 9, None),  # taken back
        ("o'clock", 9, (2, 1.0, "lost")),
        ("p2", 9, None),
    ],
)
def test_the_newest_word_counts(
    resolved: str, who: str, day: int, expected: tuple[int, float, str] | None
) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    found = known_outcome(connection, [resolved], who, as_of=FIRST + timedelta(days=day))
    wanted = expected and KnownOutcome(FIRST + timedelta(days=expected[0]), *expected[1:])
    assert found == wanted


def test_without_files_nothing_is_known() -> None:
    assert known_outcome(duckdb.connect(), [], "p1", as_of=FIRST) is None
