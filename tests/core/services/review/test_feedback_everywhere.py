"""One verdict, three decisions: the model's, a person's, and the one that held in the end.

The log is history: it ends in April 2025, and people decide in January 2026. Twenty loans of
February go through the queue; of these the first six are decided otherwise than the model did.
Every expected number is counted here from the rows, without the product's code.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.review import Verdict
from core.errors import InvalidInput, NotComputable
from core.metrics.decomposition import Cause
from core.services import ingest
from core.services.fairness.measure import FairnessTable, fairness
from core.services.kpi_changes import KpiChange, kpi_change
from core.services.kpis import kpi_figures
from core.services.performance import performance
from core.services.quality import quality
from core.services.questions import Question
from core.services.review import claims, feedback, making, verdicts
from core.services.value import value
from core.store import Store, models, open_store
from core.store.tables import model
from tests.support.builders import ADMIN, a_row, contract_text, outcome_rows, write_parquet
from tests.support.databases import SqliteDatabases
from tests.support.fakes import START
from tests.support.reviewing import MODEL, Desk, a_case, a_desk
from tests.support.valued import CHANGES

Said = Callable[[int], str]
MONTH = 80
REVIEWED = range(MONTH, MONTH + 20)
TURNED = range(MONTH, MONTH + 6)
ALL = 2 * MONTH + 20
NEWEST = datetime(2025, 4, 11, 23, tzinfo=UTC)  # the outcome of the last loan of February
SAID: dict[str, Any] = {
    **CHANGES,
    "kpi_set": "bank_credit",
    "policy": CHANGES["policy"][:1],  # score >= 0.5 -> decline
    "fairness": {"minimum_n": 10},
}


def score(number: int) -> float:
    return float(a_row(number % MONTH)["score"])


def decided(number: int) -> str:
    return "decline" if score(number) >= 0.5 else "approve"


def other(word: str) -> str:
    return "approve" if word == "decline" else "decline"


def in_the_end(number: int) -> str:
    return other(decided(number)) if number in TURNED else decided(number)


def sex(number: int) -> str:
    return str(a_row(number % MONTH)["sex"])


def rate(numbers: Sequence[int], said: Said) -> float:
    return sum(said(number) == "approve" for number in numbers) / len(numbers)


def logged(number: int) -> dict[str, Any]:
    """Return a loan: February's are January's 31 days later, the last twenty are of March."""
    row = a_row(number % MONTH, decision=decided(number), loan_id=f"L{number:06d}")
    days = (0, 31, 78)[number // MONTH]
    return {**row, "approved_at": row["approved_at"] + timedelta(days=days), "model_version": "1"}


def a_queue(store: Store, home: Path) -> Desk:
    """Return a desk with the log, its outcomes, and a case for each of twenty loans."""
    found = a_desk(store, home)
    text = contract_text(id=MODEL, **SAID)
    outcome = text.replace("matures_after: 3 months", "matures_after: 1 months")
    with found.workspace.store.begin() as conn:
        conn.execute(update(model).where(model.c.id == MODEL).values(spec_text=outcome))
    log = write_parquet(home / "log.parquet", [logged(number) for number in range(ALL)])
    known = [
        {**row, "observed_at": logged(number)["approved_at"] + timedelta(days=60)}
        for number, row in enumerate(outcome_rows(range(2 * MONTH)))
    ]
    outcomes = write_parquet(home / "outcomes.parquet", known)
    ingest.ingest_files(found.workspace, MODEL, [log], actor=ADMIN)
    ingest.ingest_files(found.workspace, MODEL, [outcomes], stream="outcomes", actor=ADMIN)
    with found.workspace.store.begin() as conn:
        for number in REVIEWED:
            case = a_case(number, decision=decided(number), predicted_at=START)
            assert making.make_case(conn, case, at=START) is not None
    return found


@dataclass(frozen=True)
class Told:
    """The desk after twenty verdicts, and what figures said before the first."""

    desk: Desk
    kpis: dict[str, float]
    change: float
    model: tuple[object, ...]
    final: int


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory, sqlite_databases: SqliteDatabases
) -> Iterator[Told]:
    home = tmp_path_factory.mktemp("fed")
    store = open_store(sqlite_databases.fresh(home))
    desk = a_queue(store, home)
    with pytest.raises(NotComputable):  # nobody has decided yet
        groups(desk, "people")
    before = kpis(desk), february(desk).change, seen(desk), groups(desk, "final")[0]
    work(desk)
    yield Told(desk, *before)
    store.close()


def work(desk: Desk) -> None:
    """Claim every case, decide it, have it checked where it must be, and feed the verdicts."""
    while (mine := claims.claim_next(desk.workspace, actor=desk["ada"])) is not None:
        turned = int(mine.prediction_id[1:]) in TURNED
        proposal = verdicts.Proposal(
            Verdict.overturn if turned else Verdict.uphold,
            other(mine.decision) if turned else mine.decision,
            "data_wrong" if turned else "risk_confirmed",
            "The income is of another year." if turned else "",
            ("Tax return of last year",) if turned else (),
        )
        verdicts.propose(
            desk.workspace, mine.id, proposal, actor=desk["ada"], revision=mine.revision
        )
    while (found := claims.next_check(desk.workspace, actor=desk["lei"])) is not None:
        verdicts.agree(desk.workspace, found.id, actor=desk["lei"], revision=found.revision)
    assert feedback.feed_model(desk.workspace, MODEL) == len(REVIEWED)


def kpis(desk: Desk, as_of: str | None = None) -> dict[str, float]:
    ids = ["override_rate", "approval_rate"]
    found = kpi_figures(desk.workspace, Question(MODEL, as_of=as_of), actor=ADMIN, ids=ids).kpis
    return {each.definition.id: each.whole.value for each in found}


def groups(desk: Desk, whose: str) -> tuple[int, dict[str, float]]:
    """Return the rows that count, and the share that was approved by sex: women, then men."""
    table: FairnessTable = fairness(
        desk.workspace, Question(MODEL, by="all"), actor=ADMIN, whose=whose
    )
    found = next(each for each in table.attributes if each.attribute.column == "sex")
    selection = found.overall.selection.rate.value
    by_key = dict(zip(found.overall.counts.groups, selection, strict=True))
    return table.n, {key: float(each) for key, each in sorted(by_key.items())}


def by_sex(numbers: Sequence[int], said: Said) -> list[float]:
    rates = [rate([n for n in numbers if sex(n) == each], said) for each in ("f", "m")]
    return sorted(rates)


def february(desk: Desk) -> KpiChange:
    question = Question(MODEL, "2025-02-01", "2025-02-11")
    same = "2025-01-01..2025-01-11"
    return kpi_change(desk.workspace, question, "approval_rate", actor=ADMIN, baseline=same)


def seen(desk: Desk) -> tuple[object, ...]:
    """Return what is the model's own, and what is known of its log."""
    workspace, question = desk.workspace, Question(MODEL, by="month")
    found = performance(workspace, question, actor=ADMIN)
    far = [(each.n, each.matured, each.labelled) for each in found.maturity]
    figures = repr({name: list(each.value) for name, each in found.figures.items()})
    feed = quality(workspace, question, actor=ADMIN).freshness
    view = found.view
    return far, view.as_of, feed, figures, view.window, view.chunks


def test_kpis_see_what_held_in_the_end(told: Told) -> None:
    assert told.kpis == pytest.approx(
        {"override_rate": 0.0, "approval_rate": rate(range(ALL), decided)}
    )
    assert kpis(told.desk) == pytest.approx(
        {"override_rate": 6 / ALL, "approval_rate": rate(range(ALL), in_the_end)}
    )


def test_a_verdict_is_not_known_before_it_was_given(told: Told) -> None:
    assert kpis(told.desk, as_of="2025-12-31")["override_rate"] == 0
    assert kpis(told.desk, as_of="2026-01-05")["override_rate"] == pytest.approx(6 / ALL)


@pytest.mark.parametrize(
    ("whose", "numbers", "said"),
    [
        ("log", range(ALL), decided),
        ("final", range(ALL), in_the_end),
        ("people", REVIEWED, in_the_end),
    ],
)
def test_groups_are_compared_by_whose_decisions_are_asked_for(
    told: Told, whose: str, numbers: range, said: Said
) -> None:
    n, found = groups(told.desk, whose)
    assert n == len(numbers)
    assert sorted(found.values()) == pytest.approx(by_sex(numbers, said))
    assert by_sex(range(ALL), decided) != by_sex(range(ALL), in_the_end)


def test_groups_are_compared_by_decisions_that_are_there(told: Told) -> None:
    assert told.final == ALL  # of a log without a single decision of a person
    with pytest.raises(InvalidInput):
        groups(told.desk, "everybody's")


def test_a_change_of_a_kpi_names_what_reviewers_added(told: Told) -> None:
    assert told.change == pytest.approx(0)
    found = february(told.desk)
    change = rate(range(MONTH, 2 * MONTH), in_the_end) - rate(range(MONTH), decided)
    assert change != 0
    assert found.change == pytest.approx(change)
    by_cause = {each.cause: each.value for each in found.contributions}
    assert by_cause.pop(Cause.overrides) == pytest.approx(change)
    assert list(by_cause.values()) == pytest.approx([0.0] * len(by_cause), abs=1e-9)


def test_the_value_of_decisions_compares_the_models_with_reviewers(told: Told) -> None:
    answer = value(told.desk.workspace, Question(MODEL, by="all"), actor=ADMIN)
    found = next(each for each in answer.comparisons if each.other == "reviewers")
    assert (found.n, found.apart) == (2 * MONTH, len(TURNED))


def test_a_verdict_moves_neither_the_models_figures_nor_what_is_known(told: Told) -> None:
    """The performance is the model's; the log ends when it ended, whoever looks at it later."""
    far = [(80, 80, 80), (80, 80, 80), (20, 0, 0)]
    assert told.model[:3] == (far, NEWEST, timedelta(0))
    assert seen(told.desk) == told.model
    with told.desk.workspace.store.read() as conn:
        assert models.get(conn, MODEL).newest_event == NEWEST
