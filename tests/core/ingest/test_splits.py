"""However a log is cut into files, and in whatever order they come, the same rows are stored."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.ingest.lake import stored, take
from tests.support.builders import a_log, a_workspace, outcome_rows, write_csv, write_parquet

ROWS = 40
COLUMNS = "prediction_id, epoch_us(time), version, score, decision, c_branch, c_term, c_loan_amount"
ONCE: list[Any] = []


@st.composite
def _splits(draw: st.DrawFn) -> list[tuple[str, list[int]]]:
    """Return files, each a format and row numbers; every row is in one or more of them."""
    numbers = draw(st.permutations(range(ROWS)))
    cuts = sorted(draw(st.sets(st.integers(1, ROWS - 1), max_size=4)))
    parts = [numbers[start:end] for start, end in zip([0, *cuts], [*cuts, ROWS], strict=True)]
    again = draw(st.lists(st.integers(0, ROWS - 1), max_size=5))
    formats = draw(
        st.lists(
            st.sampled_from(["parquet", "csv"]), min_size=len(parts) + 1, max_size=len(parts) + 1
        )
    )
    files = [*parts, again] if again else parts
    return list(zip(formats, files, strict=False))


def _write(folder: Path, number: int, format_name: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / f"{number}.{format_name}"
    return write_csv(path, rows) if format_name == "csv" else write_parquet(path, rows)


def _stored(files: list[tuple[str, list[int]]], together: bool, outcomes_first: bool) -> Any:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = a_workspace(folder / "home")
        log = a_log(ROWS)
        known = write_parquet(folder / "out.parquet", outcome_rows(range(0, ROWS, 3)))
        paths = [
            _write(folder, number, kind, [log[row] for row in rows])
            for number, (kind, rows) in enumerate(files)
        ]
        if outcomes_first:
            take(site, known, stream="outcomes")
        for batch in [paths] if together else [[path] for path in paths]:
            take(site, *batch)
        if not outcomes_first:
            take(site, known, stream="outcomes")
        rows = stored(site, f"SELECT {COLUMNS} FROM {{rows}} ORDER BY 1")
        resolved = stored(
            site, "SELECT prediction_id, label, score, revision FROM {rows} ORDER BY 1", "resolved"
        )
        site.store.close()
        return rows, resolved


@settings(max_examples=12)
@given(files=_splits(), together=st.booleans(), outcomes_first=st.booleans())
def test_any_split_in_any_order_stores_the_same_rows(
    files: list[tuple[str, list[int]]], together: bool, outcomes_first: bool
) -> None:
    rows, resolved = _stored(files, together, outcomes_first)
    assert (rows, resolved) == _expected()


def _expected() -> Any:
    """Return what one file gives; its content is checked by the tests beside this one."""
    if not ONCE:
        ONCE.append(_stored([("parquet", list(range(ROWS)))], True, False))
    return ONCE[0]
