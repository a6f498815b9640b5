"""Each ready-made KPI beside pandas: by month, version and decider, on a small log by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from core.contract.kpi_sets import kpi_set, kpi_set_names
from core.services import ingest
from core.services.kpis import KpiAnswer, kpi_figures
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.core.services.kpis.hand_logs import HAND_LOGS, HandLog
from tests.core.services.kpis.second_source import PROGRAMS, Figures, Streams
from tests.support.builders import ADMIN, a_workspace

ZONE = "Asia/Hong_Kong"
QUESTION = Question("sector", start="2026-01-01", end="2026-02-28", by="month")


@dataclass(frozen=True)
class Sector:
    """A workspace of one sector's log, and the same log for pandas."""

    name: str
    workspace: Workspace
    rows: pd.DataFrame

    def program(self, rows: pd.DataFrame) -> Figures:
        given = {name: each.value for name, each in kpi_set(self.name).parameters.items()}
        return PROGRAMS[self.name](rows, given)


def streams_of(hand: HandLog) -> Streams:
    names = {each: each for each in ("id", "time", "score", "amount", "decision", "released_at")}
    return Streams(
        hand.log,
        hand.outcomes,
        hand.decisions,
        {
            **{name: each for name, each in names.items() if each in hand.log.columns},
            "label": hand.label,
            "observed_at": "observed_at",
        },
        pd.DateOffset(days=30),
        cut_off={"fraud": 0.5, "retail": 0.6}.get(str(hand.kpi_set), np.nan),
    )


def built(home: Path, name: str) -> Sector:
    hand = HAND_LOGS[name]
    home.mkdir()
    workspace = a_workspace(home, contract=yaml.safe_dump(hand.contract(), sort_keys=False))
    decisions = hand.decisions.rename(columns={"id": "prediction_id"})
    for stream, frame in (
        ("predictions", hand.log),
        ("outcomes", hand.outcomes),
        ("decisions", decisions),
    ):
        path = home / f"{stream}.parquet"
        frame.to_parquet(path)
        summary = ingest.ingest_files(workspace, "sector", [path], stream=stream, actor=ADMIN)
        assert (summary.quarantined, summary.undeclared) == (0, ())
    return Sector(name, workspace, streams_of(hand).joined())


@pytest.fixture(scope="module", params=kpi_set_names())
def sector(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sector]:
    found = built(tmp_path_factory.mktemp("sector") / "home", request.param)
    yield found
    found.workspace.store.close()


def shown(answer: KpiAnswer, place: int | None, part: str = "") -> Figures:
    """Return the figures of a period, or of the window, by KPI."""
    found = {}
    for series in answer.kpis:
        if part:
            figures = [each for each in series.parts if each.part == part]
            figures = [e for e in figures if (e.chunk and e.chunk.index) == place]
            found[series.definition.id] = figures[0].value if figures else np.nan
        else:
            figure = series.whole if place is None else series.periods[place]
            found[series.definition.id] = figure.value
    return found


def held_against(found: Figures, wanted: Figures) -> None:
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), name


def test_every_kpi_has_a_value_here(sector: Sector) -> None:
    answer = kpi_figures(sector.workspace, QUESTION, actor=ADMIN)
    assert [each.definition.id for each in answer.kpis] == [k.id for k in kpi_set(sector.name).kpis]
    assert not any(np.isnan(each.whole.value) for each in answer.kpis)


def test_the_whole_and_every_month(sector: Sector) -> None:
    answer = kpi_figures(sector.workspace, QUESTION, actor=ADMIN)
    held_against(shown(answer, None), sector.program(sector.rows))
    month = sector.rows["time"].dt.tz_convert(ZONE).dt.month
    for place in (0, 1):
        held_against(shown(answer, place), sector.program(sector.rows[month == place + 1]))


@pytest.mark.parametrize(
    ("asked", "column"), [({"by_version": True}, "version"), ({"by_source": True}, "by")]
)
def test_every_version_and_every_decider(
    sector: Sector, asked: dict[str, bool], column: str
) -> None:
    answer = kpi_figures(sector.workspace, QUESTION, actor=ADMIN, **asked)  # type: ignore[arg-type]
    month = sector.rows["time"].dt.tz_convert(ZONE).dt.month
    for part, rows in sector.rows.groupby(column):
        held_against(shown(answer, None, str(part)), sector.program(rows))
        for place in (0, 1):
            within = rows[month.loc[rows.index] == place + 1]
            if len(within):
                held_against(shown(answer, place, str(part)), sector.program(within))
