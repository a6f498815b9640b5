"""The decisions behind a KPI: which count, what is masked, who may ask."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.errors import InvalidInput, NotFound
from core.services import ingest
from core.services.kpis.drill import MOST, WITHHELD, KpiDrill, decisions_behind
from core.services.personal.names import MASK
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, VIEWER, a_log, a_workspace, contract_text, write_parquet
from tests.support.harbour import ZONE, Harbour


def asked(harbour: Harbour, kpi: str, role: Role = Role.business, **options: Any) -> KpiDrill:
    question = Question(
        "loans", start="2024-03-01", end="2024-03-31", **options.pop("question", {})
    )
    return decisions_behind(harbour.workspace, question, kpi, actor=harbour[role], **options)


def march(harbour: Harbour) -> pd.DataFrame:
    rows: pd.DataFrame = harbour.loans
    local = rows["scored_at"].dt.tz_convert(ZONE)
    found: pd.DataFrame = rows[(local.dt.year == 2024) & (local.dt.month == 3)]
    return found


def test_the_largest_of_those_that_count_come_first(harbour: Harbour) -> None:
    found = asked(harbour, "amount_lent", limit=5)
    rows = march(harbour)
    approved = rows[rows["decision"] == "批核"].nlargest(5, "amount")
    assert found.counted == (rows["decision"] == "批核").sum()
    assert [row.prediction for row in found.rows] == approved["loan_id"].tolist()
    assert [row.adds for row in found.rows] == [(each,) for each in approved["amount"]]
    (part,) = found.parts
    assert part.text == 'sum(amount where final_decision = "批核")'
    assert (part.role, part.counts, part.hidden) == ("figure", False, False)
    assert found.rows[0].at == approved["scored_at"].iloc[0]


def test_the_sides_of_a_fraction_are_named(harbour: Harbour) -> None:
    found = asked(harbour, "approval_rate", limit=1)
    assert [(part.role, part.counts) for part in found.parts] == [
        ("numerator", True),
        ("denominator", True),
    ]


def test_only_one_value_of_a_segment(harbour: Harbour) -> None:
    found = asked(harbour, "amount_lent", segment=("sector", "物流"))
    rows = march(harbour)
    assert found.counted == ((rows["decision"] == "批核") & (rows["sector"] == "物流")).sum()


def test_a_value_of_another_segment_comes_on_top_of_the_slice(harbour: Harbour) -> None:
    found = asked(
        harbour, "amount_lent", segment=("結餘級別", "<3000"), question={"slice": "sector=零售"}
    )
    rows = march(harbour)
    both = (rows["sector"] == "零售") & (rows["balance"] < 3000) & (rows["decision"] == "批核")
    assert found.counted == both.sum()


def test_rows_outside_the_scope_are_not_looked_at(harbour: Harbour) -> None:
    question = Question("loans", start="2024-03-01", end="2024-03-31")
    found = decisions_behind(
        harbour.workspace, question, "amount_lent", actor=harbour.hong_kong, limit=MOST
    )
    rows = march(harbour)
    own = rows[(rows["region"] == "HK") & (rows["decision"] == "批核")]
    assert found.counted == len(own)
    assert {row.prediction for row in found.rows} <= set(own["loan_id"])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kpi": "profit"}, NotFound),
        ({"segment": ("sector", "太空船")}, NotFound),
        ({"segment": ("district", "灣仔")}, InvalidInput),
        ({"limit": 0}, InvalidInput),
        ({"limit": MOST + 1}, InvalidInput),
    ],
)
def test_what_cannot_be_shown_is_refused(
    harbour: Harbour, change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        asked(harbour, **{"kpi": "amount_lent", **change})


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A log in which ids, branches and terms are personal."""
    folder = tmp_path_factory.mktemp("masked")
    contract = contract_text(
        columns=[
            {"name": "loan_id", "type": "text", "personal": True},
            {"name": "branch", "type": "text", "personal": True},
            {"name": "term", "type": "integer", "personal": True},
        ],
        kpis=[
            {"id": name, "name": name, "definition": text}
            for name, text in (
                ("terms", "sum(term)"),
                ("lent", "sum(amount) / count()"),
                ("of_branches", 'sum(amount where branch != "Central")'),
                ("central", 'count(branch = "Central")'),
                ("in_central", 'sum(if(branch = "Central", 1, 0))'),
                ("odd", "sum(amount / (term - 12))"),
            )
        ],
    )
    workspace = a_workspace(folder / "home", contract=contract)
    log = write_parquet(folder / "log.parquet", a_log(240))
    ingest.ingest_files(workspace, "loans", [log], actor=ADMIN)
    yield workspace
    workspace.store.close()


def test_personal_values_are_masked(masked: Workspace) -> None:
    found = decisions_behind(masked, Question("loans"), "terms", actor=VIEWER, limit=3)
    assert found.counted == 240
    assert [row.prediction for row in found.rows] == [f"{MASK} 1", f"{MASK} 2", f"{MASK} 3"]
    shown = dict(zip(found.names, found.rows[0].values, strict=True))
    assert shown["term"] == MASK
    assert shown["amount"] > 0  # type: ignore[operator]


def test_what_a_row_adds_is_masked_with_what_it_is_made_of(masked: Workspace) -> None:
    found = decisions_behind(masked, Question("loans"), "terms", actor=VIEWER, limit=3)
    assert [row.adds for row in found.rows] == [(None,)] * 3
    assert [part.hidden for part in found.parts] == [True]


def test_the_order_does_not_tell_what_is_masked(masked: Workspace) -> None:
    hidden = decisions_behind(masked, Question("loans"), "terms", actor=VIEWER, limit=MOST)
    times = [row.at for row in hidden.rows]
    assert times == sorted(times, reverse=True)
    assert not hidden.by_weight
    plain = decisions_behind(masked, Question("loans"), "lent", actor=VIEWER, limit=MOST)
    adds = [row.adds[0] or 0.0 for row in plain.rows]
    assert adds == sorted(adds, reverse=True)
    assert plain.by_weight


@pytest.mark.parametrize(
    ("kpi", "counted"), [("of_branches", 160), ("central", 80), ("in_central", 240), ("odd", None)]
)
@pytest.mark.parametrize("actor", [VIEWER, ADMIN])
def test_who_counts_by_a_personal_value_is_not_listed(
    masked: Workspace, kpi: str, counted: int | None, actor: Actor
) -> None:
    found = decisions_behind(masked, Question("loans"), kpi, actor=actor)
    assert found.rows == ()
    assert found.withheld == WITHHELD
    assert counted is None or found.counted == counted
