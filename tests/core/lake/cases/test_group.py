"""A group of rows against NumPy's quantiles and counts by hand; similar rows; one person's rows."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.domain.windows import Window
from core.lake.cases.group import NumberSpread, ValueSpread, group_of
from core.lake.cases.resolved import resolved_rows
from core.lake.decisions.of_subject import subject_decisions
from core.lake.duck import Duck, open_duck
from core.lake.row_filter import RowFilter
from core.lake.window_rows import window_relation
from tests.support.lake_builders import FolderSettings, a_sliced_contract, write_lake

CONTRACT = a_sliced_contract()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
AMOUNT, TERM, INDUSTRY = (CONTRACT.alias(name) for name in ("loan amount", "term", "industry"))


def row(number: int) -> dict[str, Any]:
    return {
        "prediction_id": f"p{number}",
        "time": FIRST + number * DAY,
        "version": "1",
        "jurisdiction": "HK" if number % 2 else "CN",
        "score": number / 100,
        "prediction": "0",
        "decision": "decline" if number % 4 == 0 else "approve",
        "subject": f"person {number % 7}",
        "amount": 10.0 * number,
        AMOUNT: math.nan if number == 8 else float(number**2),
        INDUSTRY: None if number == 12 else ("food" if number % 3 else "retail"),
        "_batch": "b1",
        "_row": number,
    }


def label(number: int, value: float, *, revision: int = 0, days: int = 90) -> dict[str, Any]:
    return {
        **{name: row(number)[name] for name in ("prediction_id", "time", "version")},
        "label": value,
        "label_text": str(int(value)),
        "observed_at": FIRST + (number + days) * DAY,
        "revision": revision,
        "_batch": f"o{revision}",
        "_row": number,
    }


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Duck, Path]]:
    folder = tmp_path_factory.mktemp("lake")
    write_lake(folder / "rows.parquet", CONTRACT, [row(number) for number in range(100)])
    labels = [label(number, float(number % 5 == 0)) for number in range(60)]
    labels.append(label(10, 0.0, revision=1, days=120))
    kept = {name: [each[name] for each in labels] for name in labels[0]}
    instant = pa.timestamp("us", tz="UTC")
    kinds = {"time": instant, "observed_at": instant, "label": pa.float64()}
    table = {name: pa.array(values, kinds.get(name)) for name, values in kept.items()}
    pq.write_table(pa.table(table), folder / "labels.parquet")
    with open_duck(FolderSettings(folder, "sqlite://", threads=2)) as connection:
        yield connection, folder


def window(first: int, last: int) -> Window:
    return Window(FIRST + first * DAY, FIRST + last * DAY)


def test_a_group_has_the_quantiles_and_counts_of_its_rows(lake: tuple[Duck, Path]) -> None:
    duck, folder = lake
    relation = window_relation([folder / "rows.parquet"], window(0, 60))
    found = group_of(
        duck, relation, [AMOUNT], [INDUSTRY], row_filter=RowFilter(), decision="decline"
    )
    rows = [row(number) for number in range(0, 60, 4)]
    assert found.n == len(rows) == 15
    amounts = [each[AMOUNT] for each in rows if math.isfinite(each[AMOUNT])]
    spread = found.features[AMOUNT]
    assert isinstance(spread, NumberSpread)
    assert spread.n == len(amounts) == 14
    # NumPy's inverted CDF is the smallest value with at least that share at or below it.
    wanted = np.quantile(amounts, np.arange(201) / 200, method="inverted_cdf")
    assert spread.quantiles == pytest.approx(wanted)
    assert spread.deviation == pytest.approx(np.std(amounts))
    values = found.features[INDUSTRY]
    assert isinstance(values, ValueSpread)
    # 0, 24, 36 and 48 are retail by the rule above, 12 is missing: ten others are food.
    assert values.counts == {"food": 10, "retail": 4}
    assert values.usual == ("food", 10)


def test_a_group_is_of_the_jurisdictions_that_one_sees(lake: tuple[Duck, Path]) -> None:
    duck, folder = lake
    relation = window_relation([folder / "rows.parquet"], window(0, 100))
    scope = RowFilter(jurisdictions=("HK",))
    assert group_of(duck, relation, [AMOUNT], [], row_filter=scope).n == 50
    assert group_of(duck, relation, [], [], row_filter=scope, decision="decline").n == 0


def test_a_rank_counts_half_of_the_equals() -> None:
    spread = NumberSpread(4, tuple(float(step // 67) for step in range(201)), 1.0)
    # 67 of the 201 steps are 0, 67 are 1 and 67 are 2.
    assert spread.rank(1.0) == pytest.approx(0.5)
    assert spread.rank(-1.0) == 0.0
    assert spread.rank(9.0) == 1.0
    assert spread.median == 1.0
    assert NumberSpread(0, (), math.nan).rank(1.0) is None


def test_an_absent_column_is_left_out(lake: tuple[Duck, Path]) -> None:
    duck, folder = lake
    relation = window_relation([folder / "rows.parquet"], window(0, 9))
    assert (
        "c_never" not in group_of(duck, relation, ["c_never"], [], row_filter=RowFilter()).features
    )


def resolved(lake: tuple[Duck, Path], **changed: Any) -> Any:
    duck, folder = lake
    given = {"as_of": FIRST + 1000 * DAY, "row_filter": RowFilter(), **changed}
    return resolved_rows(
        duck,
        [str(folder / "rows.parquet")],
        [str(folder / "labels.parquet")],
        [AMOUNT],
        [INDUSTRY],
        **given,
    )


def test_resolved_rows_have_features_and_the_label_that_is_known(lake: tuple[Duck, Path]) -> None:
    found = resolved(lake)
    assert found.total == 60
    assert found.rows.num_rows == 60
    first = found.at(0)
    assert first["prediction_id"] == "p59"  # the newest
    assert first["time"] == FIRST + 59 * DAY
    assert found.numbers[0, 0] == 59.0**2
    by_id = {found.at(place)["prediction_id"]: place for place in range(60)}
    assert found.at(by_id["p10"])["label"] == 0.0  # revised
    assert found.at(by_id["p15"])["label"] == 1.0
    assert math.isnan(found.numbers[by_id["p8"], 0])
    missing = found.categories[0].is_value(None)
    assert missing.tolist() == [place == by_id["p12"] for place in range(60)]


def test_a_label_known_later_is_invisible(lake: tuple[Duck, Path]) -> None:
    before = resolved(lake, as_of=FIRST + 110 * DAY)
    by_id = {before.at(place)["prediction_id"]: place for place in range(before.rows.num_rows)}
    assert before.total == 21  # of 0 to 20, each known 90 days later
    assert before.at(by_id["p10"])["label"] == 1.0


def test_rows_of_others_jurisdictions_are_not_compared(lake: tuple[Duck, Path]) -> None:
    found = resolved(lake, row_filter=RowFilter(jurisdictions=("HK",)))
    assert found.rows.num_rows == 30
    assert resolved(lake, row_filter=RowFilter(jurisdictions=("US",))) is None


def test_one_persons_decisions_come_newest_first(lake: tuple[Duck, Path]) -> None:
    duck, folder = lake
    files = [str(folder / "rows.parquet")]
    total, rows = subject_decisions(duck, files, "person 3", row_filter=RowFilter(), limit=2)
    assert total == 14  # 3, 10, …, 94
    assert [each.prediction_id for each in rows] == ["p94", "p87"]
    assert rows[0].decision == "approve"
    assert rows[0].at == FIRST + 94 * DAY
    scope = RowFilter(jurisdictions=("CN",))
    total, rows = subject_decisions(duck, files, "person 3", row_filter=scope, limit=50)
    assert total == len(rows) == 7
    nobody = subject_decisions(duck, files, "' OR true --", row_filter=scope, limit=5)
    assert nobody == (0, ())
