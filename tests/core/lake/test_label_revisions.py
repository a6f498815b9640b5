"""Labels that are said again, otherwise, or taken back, at any as-of, against pandas."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.windows import Window, calendar_chunks
from core.lake.groups import FavourableRule, GroupFiles, count_groups
from core.lake.labels.binary import labelled_cells
from core.lake.labels.cohorts import cohorts
from core.lake.labels.rows import LabelledRows
from core.lake.row_filter import RowFilter
from tests.support.builders import a_contract

ZONE = "Asia/Hong_Kong"
FIRST = datetime(2025, 1, 6, tzinfo=UTC)
PERIODS = calendar_chunks(Window.parse("2025-01-01", "2025-01-31", ZONE), "all", ZONE)
PREDICTIONS = 5

# Who, on which day it was observed, and the label; rows come in the order of the list, which need
# not be that of the days.
SAID = st.lists(
    st.tuples(
        st.integers(0, PREDICTIONS - 1), st.integers(1, 20), st.sampled_from([0.0, 1.0, None])
    ),
    max_size=14,
)


def resolved_rows(said: list[tuple[int, int, float | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(said, columns=["who", "day", "label"])
    frame["label"] = frame["label"].astype("Float64")
    frame["prediction_id"] = "p" + frame["who"].astype(str)
    frame["observed_at"] = [FIRST + timedelta(days=day) for day in frame["day"]]
    frame["revision"] = frame.groupby("who").cumcount()
    frame["_batch"] = [f"b{place // 3}" for place in range(len(frame))]
    return frame.assign(_row=range(len(frame)))


def newest(frame: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Return the labels that stand, the plain way: the newest row, if it has a label."""
    seen = frame[frame["observed_at"] <= as_of]
    last = seen.sort_values(["observed_at", "_batch", "_row"]).groupby("who").tail(1)
    return last[last["label"].notna()]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=SAID, day=st.integers(0, 21))
def test_the_newest_word_counts_also_when_it_takes_back(
    said: list[tuple[int, int, float | None]], day: int, tmp_path: Path
) -> None:
    as_of = FIRST + timedelta(days=day)
    frame, connection = resolved_rows(said), duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    logged = pd.DataFrame({"prediction_id": [f"p{who}" for who in range(PREDICTIONS)]}).assign(
        time=pd.Timestamp(FIRST), version="1", jurisdiction="HK", score=0.7, amount=1.0
    )
    logged = logged.assign(prediction="", decision="approve")
    stored = frame.merge(logged.drop(columns="decision"), on="prediction_id", how="left")
    stamps = dict.fromkeys(("time", "observed_at"), "datetime64[us, UTC]")
    predictions, resolved = str(tmp_path / "p.parquet"), str(tmp_path / "r.parquet")
    logged.astype({"time": stamps["time"]}).to_parquet(predictions)
    stored.astype({**stamps, "prediction_id": "str", "label": "Float64"}).to_parquet(resolved)
    standing = newest(frame, as_of)
    expected = (len(standing), int((standing["label"] == 1).sum()))

    cells = labelled_cells(
        connection,
        LabelledRows(a_contract(), (resolved,), PERIODS, RowFilter(until=as_of), as_of, as_of),
    )
    assert (cells.n.sum(), cells.n[cells.label == 1].sum()) == expected
    groups = count_groups(
        connection,
        GroupFiles(predictions=[predictions], resolved=[resolved]),
        a_contract(),
        (),
        FavourableRule("decision", ("approve",)),
        periods=PERIODS,
        as_of=as_of,
        matured_before=as_of,
        row_filter=RowFilter(until=as_of),
    )
    everybody = groups[groups["chunk"] == PERIODS[0].index].iloc[0]
    assert (everybody["scored_labelled"], everybody["scored_positives"]) == expected
    table = cohorts(
        connection,
        predictions=[predictions],
        resolved=[resolved],
        periods=PERIODS,
        as_of=as_of,
        matured_before=as_of,
    ).iloc[0]
    assert (table["labelled"], table["n"]) == (expected[0], PREDICTIONS)
