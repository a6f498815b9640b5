"""KPIs of a small log against pandas: periods, parts, maturity, money, targets, and scope."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.identity import Actor, Role
from core.domain.kpi_level import KpiLevel
from core.domain.money import Rate
from core.errors import Forbidden, InvalidInput, NotFound
from core.services import ingest
from core.services.kpis import KpiAnswer, KpiFigure, KpiSeries, is_total, kpi_figures, rows_of
from core.services.kpis.judged import NO_RATE, NOT_COMPUTABLE, NOT_KNOWN, UNAVAILABLE
from core.services.kpis.periods import is_complete
from core.services.personal.names import MASK
from core.services.questions import Question
from core.services.workspace import Workspace
from core.store import rates
from tests.support.builders import (
    ADMIN,
    FIRST,
    a_log,
    a_workspace,
    contract_text,
    outcome_rows,
    write_parquet,
)
from tests.support.loans_with_kpis import KPIS, LABELLED, ROWS, built, decision_rows, log_rows


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return built(tmp_path_factory.mktemp("kpis"))


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    """Return the log with what was decided and lost, joined the plain way."""
    frame = pd.DataFrame(log_rows()).set_index("loan_id")
    people = pd.DataFrame(decision_rows()).set_index("loan_id")["decision"]
    frame["human"] = people
    frame["final"] = frame["human"].fillna(frame["decision"])
    lost = pd.DataFrame(outcome_rows(range(LABELLED))).set_index("loan_id")
    frame["loss"], frame["seen"] = lost["loss"], lost["observed_at"]
    zone = "Asia/Hong_Kong"
    frame["month"] = frame["approved_at"].dt.tz_convert(zone).dt.strftime("%Y-%m")
    return frame


def asked(site: Workspace, **options: Any) -> KpiAnswer:
    question = options.pop("question", Question("loans"))
    return kpi_figures(site, question, actor=options.pop("actor", ADMIN), **options)


def of(answer: KpiAnswer, kpi: str) -> KpiSeries:
    return next(each for each in answer.kpis if each.definition.id == kpi)


def near(figure: KpiFigure, value: float) -> None:
    assert figure.value == pytest.approx(value, rel=1e-12, abs=1e-12)
    if not math.isnan(figure.low):
        assert figure.low <= figure.value <= figure.high


def mature(log: pd.DataFrame) -> pd.DataFrame:
    """Return rows old enough, three months before the newest event, whose outcome is known."""
    newest = max(log["approved_at"].max(), log["seen"].max())
    limit = newest - pd.DateOffset(months=3)
    known: pd.DataFrame = log[(log["approved_at"] <= limit) & log["loss"].notna()]
    return known


def test_figures_are_those_of_pandas(site: Workspace, log: pd.DataFrame) -> None:
    answer, known = asked(site), mature(log)
    for place, month in enumerate(["2025-01", "2025-02", "2025-03", "2025-04", "2025-05"]):
        rows, final = log[log["month"] == month], known[known["month"] == month]
        approved, paid = rows[rows["final"] == "approve"], final[final["final"] == "approve"]

        def at(kpi: str, place: int = place) -> KpiFigure:
            return of(answer, kpi).periods[place]

        assert at("exposure").chunk is not None
        near(at("approval_rate"), len(approved) / len(rows))
        near(at("exposure"), approved["amount"].sum())
        near(at("middle"), approved["amount"].median())
        near(at("spread"), rows["score"].max() - rows["score"].min())
        near(at("branches"), rows["branch"].nunique())
        people = rows[rows["human"].notna()]
        near(at("reviewed"), float((people["human"] != people["decision"]).mean()))
        assert at("reviewed").n == len(people)
        if len(final):
            near(at("losses"), final["loss"].sum())
            near(at("loss_rate"), paid["loss"].sum() / paid["amount"].sum())
        else:
            assert math.isnan(at("losses").value)
            assert at("losses").why == NOT_KNOWN


def test_the_window_is_all_rows_together(site: Workspace, log: pd.DataFrame) -> None:
    answer, known = asked(site), mature(log)
    near(of(answer, "exposure").whole, log[log["final"] == "approve"]["amount"].sum())
    near(of(answer, "losses").whole, known["loss"].sum())
    near(of(answer, "branches").whole, 3)
    near(of(answer, "middle").whole, log[log["final"] == "approve"]["amount"].median())
    newest = max(log["approved_at"].max(), log["seen"].max())
    old = log["approved_at"] <= newest - pd.Timedelta("30D")
    near(of(answer, "old").whole, old.sum())


PARTS: list[tuple[dict[str, Any], str]] = [
    ({"segment": "industry"}, "industry"),
    ({"by_version": True}, "model_version"),
    ({"by_source": True}, "who"),
]


@pytest.mark.parametrize(("by", "column"), PARTS)
def test_parts_are_those_of_pandas_and_add_up(
    site: Workspace, log: pd.DataFrame, by: dict[str, Any], column: str
) -> None:
    answer = asked(site, **by)
    plain = log.assign(who=np.where(log["human"].notna(), "human", "model"))
    plain = plain[plain["final"] == "approve"]
    exposure, middle = of(answer, "exposure"), of(answer, "middle")
    of_window = {each.part: each for each in exposure.parts if each.chunk is None}
    assert set(plain[column]) <= set(of_window)
    for part, rows in plain.groupby(column):
        near(of_window[str(part)], rows["amount"].sum())
        found = next(f for f in middle.parts if f.part == part and f.chunk is None)
        near(found, rows["amount"].median())
    for place, period in enumerate(exposure.periods):
        parts = [f for f in exposure.parts if f.chunk is not None and f.chunk.index == place]
        assert np.nansum([f.value for f in parts]) == pytest.approx(period.value)
        assert sum(f.n for f in parts) == period.n


def test_values_of_personal_columns_have_a_number(site: Workspace) -> None:
    for segment in ("branch", "sex"):
        answer = asked(site, segment=segment)
        parts = {each.part for each in of(answer, "exposure").parts}
        assert {f"{MASK} 1", f"{MASK} 2"} <= parts
        told = repr(answer.kpis) + repr(rows_of(answer))
        assert "旺角" not in told
        assert "'f'" not in told


def test_a_period_says_whether_it_is_over_and_known(site: Workspace) -> None:
    answer = asked(site)
    losses, rate = of(answer, "losses").periods, of(answer, "approval_rate").periods
    assert [each.complete for each in rate] == [True, True, True, True, False]
    assert {each.maturity for each in rate} == {"matured"}
    # Newest event: 2025-05-27 or so; three months before is in February.
    assert [each.maturity for each in losses] == ["matured", "partial", "none", "none", "none"]
    assert of(answer, "losses").whole.maturity == "partial"
    assert losses[0].is_final
    assert not losses[1].is_final


def test_a_period_that_the_window_cuts_is_not_complete(site: Workspace) -> None:
    cut = Question("loans", start="2025-02-10", end="2025-04-30")
    rate = of(asked(site, question=cut), "approval_rate").periods
    assert [each.complete for each in rate] == [False, True, True]


def test_days_missing_from_a_total_are_missing(site: Workspace) -> None:
    """The log of January: 3 of 31 days may be missing for a rate, and none for a total."""
    view = asked(site).view
    january = view.chunks[0]
    for day, rate in ((3, True), (4, True), (5, False)):
        first = datetime(2025, 1, day, 2, tzinfo=UTC)
        late = replace(view, first_prediction=first)
        assert is_complete(late, january) is rate
        assert not is_complete(late, january, total=True)
    assert is_complete(view, january, total=True)
    daily = asked(site, question=Question("loans", by="day", start="2025-05-10")).view
    short = replace(daily, first_prediction=daily.first_prediction + timedelta(days=130))
    assert not is_complete(short, daily.chunks[0])


def test_the_target_of_a_period_is_the_newest_set_by_its_first_day(site: Workspace) -> None:
    rate = of(asked(site), "approval_rate")
    assert [each.target.value for each in rate.periods if each.target] == [0.7, 0.7, 0.9, 0.9, 0.9]
    levels = [each.level for each in rate.periods]
    assert levels[0] is KpiLevel.on_track
    assert levels[2] is KpiLevel.missed
    assert rate.definition.set_after_go_live  # the newer one
    assert rate.whole.target is not None
    assert rate.whole.target.value == 0.7  # the newer one came after the window had begun


def test_a_window_is_not_held_against_a_target_set_after_it(site: Workspace) -> None:
    """About 75 % are approved: what was to be reached then was met, what was set in March not."""
    early = Question("loans", start="2025-01-01", end="2025-02-28")
    rate = of(asked(site, question=early), "approval_rate")
    assert {each.level for each in rate.periods} == {KpiLevel.on_track}
    assert rate.whole.target is not None
    assert (rate.whole.target.value, rate.whole.level) == (0.7, KpiLevel.on_track)
    late = Question("loans", start="2025-03-01", end="2025-04-30")
    assert of(asked(site, question=late), "approval_rate").whole.level is KpiLevel.missed


def test_a_total_is_held_against_its_target_by_the_month_alone(site: Workspace) -> None:
    series = of(asked(site, segment="industry"), "exposure")
    assert is_total(series.definition)
    assert {each.level for each in series.periods} == {KpiLevel.on_track}
    assert series.whole.level is KpiLevel.no_target
    assert {each.level for each in series.parts} == {KpiLevel.no_target}
    by_quarter = asked(site, question=Question("loans", by="quarter"))
    assert {each.level for each in of(by_quarter, "exposure").periods} == {KpiLevel.no_target}


def test_limits_hold_without_a_target(site: Workspace) -> None:
    first = of(asked(site), "loss_rate").periods[0]
    assert 0.005 < first.value < 0.5
    assert first.level is KpiLevel.at_risk


def test_only_the_kpis_asked_for(site: Workspace) -> None:
    answer = asked(site, ids=["losses", "exposure", "losses"])
    assert [each.definition.id for each in answer.kpis] == ["losses", "exposure"]
    with pytest.raises(NotFound, match="approval_rate"):
        asked(site, ids=["profit"])


def test_what_cannot_be_asked_is_said(site: Workspace) -> None:
    with pytest.raises(InvalidInput, match="one thing"):
        asked(site, segment="industry", by_version=True)
    with pytest.raises(InvalidInput, match="industry"):
        asked(site, segment="colour")
    with pytest.raises(InvalidInput, match="Chunks of N rows"):
        asked(site, question=Question("loans", by="rows:10"))
    with pytest.raises(InvalidInput, match="exchange rates"):
        asked(site, currency="XXX")
    nobody = Actor("u9", "eve", frozenset())
    with pytest.raises(Forbidden):
        asked(site, actor=nobody)


def test_rows_of_other_jurisdictions_do_not_exist(site: Workspace, log: pd.DataFrame) -> None:
    limited = Actor("u7", "li", frozenset({Role.business}), jurisdictions=frozenset({"CN"}))
    found = of(asked(site, actor=limited, ids=["exposure"]), "exposure")
    rows = log[(log["region"] == "CN") & (log["final"] == "approve")]
    near(found.whole, rows["amount"].sum())


def test_what_was_not_known_then_does_not_count(site: Workspace) -> None:
    then = Question("loans", as_of="2025-03-31")
    answer = asked(site, question=then)
    assert of(answer, "losses").whole.why == NOT_KNOWN
    # One every three hours from 02:00 UTC to the end of March in Hong Kong: 2,150 hours.
    assert of(answer, "approval_rate").whole.n == 2150 // 3 + 1


def test_money_in_another_currency(tmp_path: Path, log: pd.DataFrame) -> None:
    site = built(tmp_path, currency="USD")
    first = log["approved_at"].min().date()
    table = [Rate("USD", first + timedelta(days=day), 7.0 + day / 1000) for day in range(0, 140, 7)]
    with site.store.begin() as conn:
        rates.add(conn, table, source="t.csv", at=datetime(2025, 1, 1, tzinfo=UTC), by="ada")
    site.memo.clear()
    own, other = asked(site), asked(site, currency="HKD")
    assert of(other, "exposure").definition.currency == "HKD"
    days = log["approved_at"].dt.tz_convert("Asia/Hong_Kong").dt.date
    weeks = [(day - first).days // 7 * 7 for day in days]
    factors = 7.0 + np.asarray(weeks) / 1000
    approved = log["final"] == "approve"
    near(of(other, "exposure").whole, float((log["amount"] * factors)[approved].sum()))
    # A ratio of money in two currencies is converted into the contract's, whatever is shown.
    paid = mature(log.assign(factor=factors))
    paid = paid[paid["final"] == "approve"]
    ratio = (paid["loss"] / paid["factor"]).sum() / paid["amount"].sum()
    near(of(own, "loss_rate").whole, float(ratio))
    assert of(other, "loss_rate").whole.value == of(own, "loss_rate").whole.value
    # It stands as it does in its own money.
    assert [f.level for f in of(other, "exposure").periods] == [
        f.level for f in of(own, "exposure").periods
    ]
    assert of(other, "exposure").periods[0].target is None


def test_money_that_nobody_logged_is_not_converted(tmp_path: Path) -> None:
    """A fee of 100 for each of 1,040 rows is dollars of the contract, and stays it."""
    fees = {"id": "fees", "name": "Fees", "definition": "count() * 100", "unit": "money"}
    site = built(tmp_path, currency="USD", kpis=[fees, KPIS[1]])
    with site.store.begin() as conn:
        table = [Rate("USD", date(2025, 1, 1), 7.8)]
        rates.add(conn, table, source="t.csv", at=datetime(2025, 1, 1, tzinfo=UTC), by="ada")
    site.memo.clear()
    own, other = asked(site), asked(site, currency="HKD")
    assert [each.definition.currency for each in other.kpis] == ["USD", "HKD"]
    assert of(other, "fees").whole.value == of(own, "fees").whole.value == 100 * ROWS
    assert [bool(each.note) for each in other.kpis] == [True, False]
    assert of(other, "exposure").whole.value == pytest.approx(7.8 * of(own, "exposure").whole.value)
    assert not any(each.note for each in own.kpis)


def test_days_without_a_rate_have_no_figure(tmp_path: Path) -> None:
    site = built(tmp_path, currency="USD")
    with site.store.begin() as conn:
        table = [Rate("USD", date(2025, 3, 10), 7.8)]
        rates.add(conn, table, source="t.csv", at=datetime(2025, 1, 1, tzinfo=UTC), by="ada")
    site.memo.clear()
    found = of(asked(site, currency="HKD"), "exposure")
    assert [each.why for each in found.periods] == [NO_RATE, NO_RATE, NO_RATE, "", ""]
    assert found.whole.why == NO_RATE


def test_a_kpi_that_cannot_be_computed_says_why(tmp_path: Path) -> None:
    odd = {"id": "odd", "name": "Odd", "definition": "sum(amount) / count(score > 2)"}
    site = built(tmp_path, kpi_set="logistics", kpis=[odd])
    answer = asked(site, ids=["late_share", "odd"])
    assert math.isnan(of(answer, "odd").whole.value)
    assert of(answer, "odd").whole.why == NOT_COMPUTABLE
    late = of(answer, "late_share")
    assert late.definition.unavailable is not None
    assert late.whole.why == UNAVAILABLE
    assert late.periods[0].level is KpiLevel.not_enough_data
    row = next(each for each in rows_of(answer) if each.method == "late_share")
    assert "delivered" in row.status
    assert not row.alert


def test_missing_labels_take_the_interval_away(tmp_path: Path) -> None:
    """A month of which a third of the labels came, after two of which all did."""
    rows, numbers = a_log(ROWS), [n for n in range(ROWS) if n < 480 or n % 3 == 0]
    site = a_workspace(tmp_path / "home", contract=contract_text(kpis=KPIS[2:4], definitions={
        "approved": 'final_decision = "approve"'}))  # fmt: skip
    late = [{**a_log(1, 2000)[0], "loan_id": "L-last"}]
    for stream, found in (("predictions", rows + late), ("outcomes", outcome_rows(numbers))):
        path = write_parquet(tmp_path / f"{stream}.parquet", found)
        ingest.ingest_files(site, "loans", [path], stream=stream, actor=ADMIN)
    losses = of(asked(site), "losses").periods
    assert losses[0].maturity == "matured"
    assert not math.isnan(losses[0].low)
    assert losses[3].maturity == "partial"
    assert math.isnan(losses[3].low)


def test_the_same_question_is_answered_from_memory(site: Workspace) -> None:
    assert asked(site, segment="industry") is asked(site, segment="industry")


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=st.integers(0, 125),
    days=st.integers(0, 140),
    known=st.integers(1, 200),
    version=st.sampled_from([None, "1", "2"]),
)
def test_whatever_is_asked_periods_and_parts_add_up(
    site: Workspace, first: int, days: int, known: int, version: str | None
) -> None:
    start = FIRST.date() + timedelta(days=first)
    end = min(start + timedelta(days=days), FIRST.date() + timedelta(days=135))
    question = Question(
        "loans", start=start.isoformat(), end=end.isoformat(), by="week", version=version,
        as_of=(FIRST.date() + timedelta(days=known)).isoformat(),
    )  # fmt: skip
    for series in asked(site, question=question, segment="industry").kpis:
        figures = (series.whole, *series.periods, *series.parts)
        for each in figures:
            assert math.isnan(each.value) == bool(each.why)
            if not math.isnan(each.low):
                assert each.low <= each.value + 1e-9
                assert each.value <= each.high + 1e-9
        if series.definition.id in {"exposure", "losses", "old"}:
            whole = np.nan_to_num(series.whole.value)
            assert np.nansum([each.value for each in series.periods]) == pytest.approx(whole)
            parts = [each.value for each in series.parts if each.chunk is None]
            assert np.nansum(parts) == pytest.approx(whole)


def test_rows_say_what_figures_do(site: Workspace) -> None:
    answer = asked(site, segment="industry", ids=["loss_rate"])
    rows: Sequence[Any] = rows_of(answer)
    series = of(answer, "loss_rate")
    assert len(rows) == 1 + len(series.periods) + len(series.parts)
    assert rows[0].chunk["key"] == "all"
    assert rows[1].chunk["key"] == "2025-01"
    assert (rows[1].method, rows[1].status, rows[1].threshold) == ("loss_rate", "ok", 0.5)
    assert rows[-1].slice.startswith("industry=")
