"""Each ready-made KPI beside pandas on the demo's data; and slices that sum to the whole.

A hundredth of each log in the ordinary suite, all rows in the slow one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from core.services import ingest
from core.services.kpis import KpiAnswer, KpiFigure, kpi_figures
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.core.services.kpis.second_source import PROGRAMS, Figures, Streams
from tests.docs.pages import ROOT
from tests.support.builders import ADMIN, a_workspace

DEMO = ROOT / "data" / "demo"
EVERY = 100
TOTALS = {"exposure", "expected_loss", "realised_loss", "holding_cost", "lost_margin"}


@dataclass(frozen=True)
class Model:
    """One model of the demo: the log's own names, and where its numbers are cut."""

    id: str
    kpi_set: str
    names: dict[str, str]
    matures: pd.DateOffset
    cut_off: float
    columns: dict[str, str]
    segments: dict[str, tuple[str, tuple[float, ...]]]


MODELS = (
    Model(
        "sba-loan-default",
        "bank_credit",
        {"id": "loan_id", "time": "approved_at", "score": "default_score", "amount": "loan_amount",
         "decision": "decision", "label": "charged_off", "observed_at": "observed_at"},
        pd.DateOffset(months=36),
        0.035,
        {},
        {"state": ("state", ()), "loan_size": ("amount", (50_000, 150_000))},
    ),
    Model(
        "customer-repurchase",
        "retail",
        {"id": "prediction_id", "time": "scored_at", "score": "repurchase_score",
         "decision": "decision", "label": "bought_again", "observed_at": "observed_at"},
        pd.DateOffset(days=90),
        0.6,
        {"orders": "orders_so_far", "revenue_90d": "revenue", "orders_90d": "orders"},
        {"country": ("country", ()), "recency": ("recency_days", (30, 90, 180))},
    ),
    Model(
        "sku-demand",
        "logistics",
        {"id": "prediction_id", "time": "forecast_at", "score": "forecast_units",
         "decision": "decision", "amount": "forecast_value", "label": "units_sold",
         "observed_at": "known_at"},
        pd.DateOffset(days=7),
        np.nan,
        {},
        {"family": ("family", ()), "price_band": ("unit_price", (1, 2.5, 5))},
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Replayed:
    """A workspace of a demo model, its rows for pandas, and its contract."""

    model: Model
    workspace: Workspace
    rows: pd.DataFrame
    contract: dict[str, object]

    def figures(self, rows: pd.DataFrame) -> Figures:
        given = self.contract.get("parameters", {})
        assert isinstance(given, dict)
        plain = {name: each["value"] for name, each in given.items()}
        return PROGRAMS[self.model.kpi_set](rows, {"active_days": 90, **plain})

    def asked(self, **options: str) -> KpiAnswer:
        question = Question(self.model.id, by="quarter")
        return kpi_figures(self.workspace, question, actor=ADMIN, **options)  # type: ignore[arg-type]


def replayed(home: Path, model: Model, every: int) -> Replayed:
    """Ingest every so many rows of a demo model's log with what belongs to them."""
    folder = DEMO / model.id
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    home.mkdir()
    workspace = a_workspace(home, contract=text)
    frames = {"predictions": pd.read_parquet(folder / "predictions.parquet")[::every]}
    key = model.names["id"]
    for stream in ("outcomes", "decisions"):
        if (folder / f"{stream}.parquet").is_file():
            frame = pd.read_parquet(folder / f"{stream}.parquet")
            frames[stream] = frame[frame[key].isin(frames["predictions"][key])]
    for stream, frame in frames.items():
        path = home / f"{stream}.parquet"
        frame.to_parquet(path)
        ingest.ingest_files(workspace, model.id, [path], stream=stream, actor=ADMIN)
    nobody = pd.DataFrame(columns=["id", "time", "kind", "decision"], dtype="str")
    nobody["time"] = pd.to_datetime(nobody["time"], utc=True)
    decided = frames.get("decisions", nobody).rename(columns={key: "id", "decided_at": "time"})
    streams = Streams(
        frames["predictions"], frames["outcomes"], decided, model.names, model.matures,
        cut_off=model.cut_off,
    )  # fmt: skip
    rows = streams.joined().rename(columns=model.columns)
    return Replayed(model, workspace, rows, yaml.safe_load(text))


@pytest.fixture(
    scope="module",
    params=[
        *(pytest.param((model, EVERY), id=f"{model.id}-sample") for model in MODELS),
        *(pytest.param((model, 1), id=model.id, marks=pytest.mark.slow) for model in MODELS),
    ],
)
def demo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replayed]:
    found = replayed(tmp_path_factory.mktemp("demo") / "home", *request.param)
    yield found
    found.workspace.store.close()


def held_against(figures: dict[str, KpiFigure], wanted: Figures) -> None:
    """Compare figures of the product with those of the second source."""
    for name, value in wanted.items():
        assert figures[name].value == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), name


def test_the_window_and_every_quarter(demo: Replayed) -> None:
    answer = demo.asked()
    found = {each.definition.id: each for each in answer.kpis}
    whole = demo.figures(demo.rows)
    assert set(whole) <= set(found)
    held_against({name: each.whole for name, each in found.items()}, whole)
    assert np.isfinite([whole[name] for name in whole]).all()
    for chunk in answer.view.chunks:
        within = demo.rows[(demo.rows["time"] >= chunk.start) & (demo.rows["time"] < chunk.end)]
        figures = {name: each.periods[chunk.index] for name, each in found.items()}
        held_against(figures, demo.figures(within))


def test_every_value_of_a_segment_and_their_sum(demo: Replayed) -> None:
    for segment, (column, edges) in demo.model.segments.items():
        answer = demo.asked(segment=segment)
        if edges:
            inner = [-np.inf, *edges, np.inf]
            groups = pd.cut(demo.rows[column], inner, right=False).cat.codes
        else:
            groups = demo.rows[column]
        wanted = {str(key): demo.figures(part) for key, part in demo.rows.groupby(groups)}
        for series in answer.kpis:
            alone = [each for each in series.parts if each.chunk is None]
            assert not edges or len(alone) == len(edges) + 1
            if series.definition.id in TOTALS:
                parts = np.nansum([each.value for each in alone])
                assert parts == pytest.approx(series.whole.value, rel=1e-9), series.definition.id
            name = series.definition.id
            if name not in next(iter(wanted.values())):
                continue
            for place, each in enumerate(alone):
                key = str(place) if edges else each.part
                if key in wanted:
                    assert each.value == pytest.approx(wanted[key][name], rel=1e-9, nan_ok=True)
            assert len({each.part for each in alone} & set(wanted)) > 2 or edges
