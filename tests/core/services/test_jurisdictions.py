"""Rows outside a reader's jurisdictions do not exist: no answer differs from a log without them.

Each example builds two workspaces from random rows: one holds those of Hong Kong and of the
Mainland, the other those of Hong Kong only. A reader limited to Hong Kong gets from the first what
everybody gets from the second. In the reference period each Mainland row has the values of a row
of Hong Kong, so that both have the same bins; afterwards its values are its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.domain.comparison import Comparison
from core.domain.identity import Actor, Role
from core.services import cohorts, ingest, operations, outline, overview, quality
from core.services.drift import measure as drift
from core.services.drift import nannyml
from core.services.fairness import measure as fairness
from core.services.kpi_forecast import kpi_forecasts
from core.services.kpis import kpi_figures
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.builders import (
    ADMIN,
    a_row,
    a_workspace,
    contract_document,
    contract_text,
    outcome_rows,
    write_csv,
    write_parquet,
)

MODEL = "loans"
REFERENCE_ROWS = 160  # 20 days, eight a day
KPIS = [
    {"id": "rate", "name": "Rate", "definition": 'share(decision = "approve")'},
    {"id": "loss", "name": "Loss", "definition": "sum(loss)", "maturity": "outcome"},
    {"id": "middle", "name": "Middle", "definition": "median(amount)"},
]
LIMITED = Actor("u-hk", "hk", frozenset({Role.admin}), jurisdictions=frozenset({"HK"}))
# What names the files and not the rows, what a limited reader is told nothing of, and the ends of
# bins, which are NaN where whole months could be counted at once.
_APART = {
    "view", "files", "generation", "lake_generation", "registered_at", "model", "ingest",
    "waiting", "newest_event", "missing", "low", "high",
}  # fmt: skip


def rows(seed: int, places: frozenset[str]) -> list[dict[str, Any]]:
    """Rows of some places; what a place's rows are does not depend on the others'."""
    made = []
    for number in range(REFERENCE_ROWS + 120):
        made.append(a_row(number, region="HK"))
        abroad = a_row(number, region="CN", loan_id=f"C{number:06d}")
        if number >= REFERENCE_ROWS:
            chance = np.random.default_rng([seed, number])
            abroad |= {
                "loan amount": float(chance.normal(1e5, 4e4)),
                "industry": str(chance.choice(["retail", "gold", "IT"])),
                "score": float(chance.random()),
                "decision": str(chance.choice(["approve", "decline", "refer"])),
                "status": str(chance.choice(["ok", "error"])),
                "latency_ms": float(chance.gamma(2, 500)),
                "amount": float(chance.gamma(2, 9000)),
                "model_version": str(chance.choice(["1", "2", "9"])),
            }
        if number % 3 != seed % 3 or number < REFERENCE_ROWS:
            made.append(abroad)
    later = a_row(REFERENCE_ROWS + 200, region="CN", loan_id="C-late")
    return [row for row in [*made, later] if row["region"] in places]


def build(home: Path, seed: int, places: frozenset[str]) -> Workspace:
    log = {**contract_document()["log"], "jurisdiction": "region"}
    workspace = a_workspace(home, contract=contract_text(log=log, protected=None, kpis=KPIS))
    found = rows(seed, places)
    predictions = write_parquet(home / "p.parquet", found)
    ingest.ingest_files(workspace, MODEL, [predictions], actor=ADMIN)
    known = outcome_rows(range(0, 200, 2))
    if "CN" in places:
        known += [{**row, "loan_id": f"C{row['loan_id'][1:]}"} for row in known]
    outcomes = write_parquet(home / "o.parquet", known)
    ingest.ingest_files(workspace, MODEL, [outcomes], stream="outcomes", actor=ADMIN)
    bad = [a_row(900 + n, region=place) for n, place in enumerate(sorted(places, reverse=True))]
    refused = write_csv(home / "bad.csv", [{**row, "score": "much"} for row in bad])
    ingest.ingest_files(workspace, MODEL, [refused], actor=ADMIN)
    return workspace


def plain(value: Any) -> Any:
    """Return what a reader sees of an answer, without what names files or instants of ingest."""
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if each.name not in _APART]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, pd.DataFrame):
        return plain(value.to_dict("records"))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return "nan" if np.isnan(value) else round(value, 12)
    return repr(value)


def overall(workspace: Workspace, actor: Actor) -> Any:
    (health,) = overview.overview(workspace, actor=actor)
    statuses = health.operations_status, health.monitoring_status, health.business_status
    return statuses, health.view and health.view.newest_event, health.matured_share


def quarantine(workspace: Workspace, actor: Actor) -> Any:
    found = ingest.quarantine_rows(workspace, MODEL, actor=actor)
    return found.total, sorted(found.frame["raw"])


ANSWERS: dict[str, Callable[[Workspace, Actor], Any]] = {
    "drift by week": lambda w, a: drift.drift(w, Question(MODEL, by="week"), actor=a),
    "drift by rows": lambda w, a: drift.drift(w, Question(MODEL, by="rows:40"), actor=a),
    "drift by weekday": lambda w, a: drift.drift(
        w, Question(MODEL, by="week"), actor=a, against=Comparison.parse("weekday")
    ),
    "drift against the week before": lambda w, a: drift.drift(
        w, Question(MODEL, by="week"), actor=a, against=Comparison.parse("previous")
    ),
    "drift exactly": lambda w, a: drift.drift(w, Question(MODEL), actor=a, exact=True),
    "fairness": lambda w, a: fairness.fairness(w, Question(MODEL), actor=a),
    "KPIs": lambda w, a: kpi_figures(w, Question(MODEL), actor=a, segment="industry").kpis,
    "forecasts": lambda w, a: kpi_forecasts(w, Question(MODEL), actor=a).kpis,
    "drift as nannyml": lambda w, a: nannyml.drift(
        w, Question(MODEL, by="week"), "nannyml", actor=a
    ),
    "drift of a slice": lambda w, a: drift.drift(
        w, Question(MODEL, slice="industry=retail"), actor=a
    ),
    "operations": lambda w, a: operations.operations(w, Question(MODEL, by="week"), actor=a),
    "quality": lambda w, a: quality.quality(w, Question(MODEL, by="week"), actor=a),
    "cohorts": lambda w, a: cohorts.cohort_table(w, Question(MODEL, by="month"), actor=a),
    "overview": overall,
    "outline": lambda w, a: outline.log_outlines(w, actor=a),
    "quarantine": quarantine,
}


@settings(
    max_examples=2,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**31))
def test_no_answer_tells_of_rows_outside_the_jurisdiction(seed: int) -> None:
    with TemporaryDirectory() as folder:
        both = build(Path(folder) / "both", seed, frozenset({"HK", "CN"}))
        only = build(Path(folder) / "only", seed, frozenset({"HK"}))
        try:
            for name, answer in ANSWERS.items():
                seen, wanted = plain(answer(both, LIMITED)), plain(answer(only, ADMIN))
                assert seen == wanted, name
            everything = plain(ANSWERS["operations"](both, ADMIN))
            assert everything != plain(ANSWERS["operations"](both, LIMITED))
        finally:
            both.store.close()
            only.store.close()
