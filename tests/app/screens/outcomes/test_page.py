"""What the page Outcomes says first, which KPI it tells of, and where segments stand."""

import math
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.screens.outcomes.page import Shown, first_to_tell, headline, worst_first
from app.screens.outcomes.parts import money_text, offered_segments, worst_place
from app.screens.outcomes.periods import Sides, newest_known
from app.screens.outcomes.segments import segment_frame, where_text
from app.screens.outcomes.words import remarks_of
from core.contract import Target
from core.domain.kpi_level import KpiLevel
from core.domain.status import Status
from core.domain.windows import Window, calendar_chunks
from core.i18n import translator
from core.metrics.decomposition import Cause
from core.services.kpi_changes import Contribution, KpiChange, Part
from core.services.kpis import KpiAnswer, KpiDefinition, KpiFigure, KpiSeries, kpi_definitions
from core.services.portfolio import ModelMoney
from core.services.value import Compared
from tests.support.builders import a_contract

EN = translator("en")
MONTHS = calendar_chunks(Window.parse("2007-01-01", "2007-03-31", "UTC"), "month", "UTC")
TARGET = Target(value=0.03, set_on=date(2006, 1, 1), set_by="Committee")
LEVELS = KpiLevel.missed, KpiLevel.at_risk, KpiLevel.on_track


class FakeView:
    """As much of a view as the words of the page need."""

    chunks, timezone = MONTHS, "UTC"


def definition(kpi: str, direction: str = "lower_is_better") -> KpiDefinition:
    contract = a_contract(
        kpis=[
            {
                "id": kpi,
                "name": kpi.capitalize(),
                "definition": "mean(amount)",
                "unit": "share",
                "direction": direction,
                "target": TARGET.model_dump(),
            }
        ]
    )
    return kpi_definitions(contract)[0]


def figure(value: float, level: KpiLevel = KpiLevel.on_track, **changes: Any) -> KpiFigure:
    given = {
        "chunk": None, "part": "", "n": 1000, "value": value, "low": value, "high": value,
        "maturity": "matured", "complete": True, "target": TARGET, "level": level,
    }  # fmt: skip
    return KpiFigure(**{**given, **changes})


def shown(kpi: str, level: KpiLevel, *, change: float = 0.01, value: float = 0.05) -> Shown:
    now = figure(value, level)
    series = KpiSeries(definition(kpi), now, (now,) * 3, ())
    return Shown(series, now, figure(value - change))


def sides() -> Sides:
    return Sides(FakeView(), "month", 2, "previous", None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("levels", "said", "worst"),
    [
        (LEVELS, "Mar 2007: 1 of 3 targets missed: K0.", KpiLevel.missed),
        (LEVELS[1:], "Mar 2007: 1 of 2 targets at risk: K0.", KpiLevel.at_risk),
        (LEVELS[2:], "Mar 2007: the one target is met.", KpiLevel.on_track),
        (LEVELS[2:] * 2, "Mar 2007: all 2 targets are met.", KpiLevel.on_track),
        ((KpiLevel.not_enough_data,), "Mar 2007: not enough is known yet.",
         KpiLevel.not_enough_data),
        ((KpiLevel.no_target,), "Mar 2007: no target is set.", KpiLevel.no_target),
    ],
)  # fmt: skip
def test_the_headline_counts_targets(
    levels: tuple[KpiLevel, ...], said: str, worst: KpiLevel
) -> None:
    kpis = [shown(f"k{place}", level) for place, level in enumerate(levels)]
    assert headline(EN, kpis, sides()) == (said, worst)


def test_the_first_of_the_worst_is_told_of() -> None:
    kpis = [shown("calm", LEVELS[2]), shown("risky", LEVELS[1]), shown("late", LEVELS[0])]
    assert first_to_tell(kpis) == "late"
    assert first_to_tell(kpis[:2]) == "risky"


def test_one_whose_change_is_not_known_is_told_of_last() -> None:
    unknown = shown("unknown", LEVELS[0], change=math.nan)
    assert first_to_tell([unknown, shown("calm", LEVELS[2])]) == "calm"
    assert first_to_tell([unknown]) == "unknown"


@pytest.mark.parametrize(("direction", "place"), [("lower_is_better", 1), ("higher_is_better", 2)])
def test_the_period_furthest_from_its_target(direction: str, place: int) -> None:
    periods = tuple(figure(value) for value in (0.04, 0.25, 0.01))
    series = KpiSeries(definition("k", direction), periods[0], periods, ())
    assert worst_place(Shown(series, periods[0], None)) == place


def test_no_period_is_furthest_if_all_targets_were_met() -> None:
    periods = (figure(0.02), figure(math.nan))
    assert (
        worst_place(Shown(KpiSeries(definition("k"), periods[0], periods, ()), None, None)) is None
    )


def test_the_newest_period_with_most_final_figures_is_shown() -> None:
    early = tuple(figure(0.1, maturity=state) for state in ("matured", "matured", "none"))
    cut = tuple(figure(0.1, complete=done) for done in (True, True, False))
    answer = KpiAnswer(
        FakeView(),  # type: ignore[arg-type]
        tuple(KpiSeries(definition("k"), each[0], each, ()) for each in (early, cut)),
    )
    assert newest_known(answer) == 1


def test_segments_stand_worst_first_and_the_few_last() -> None:
    parts = [
        figure(0.02, LEVELS[2], part="CA"),
        figure(0.09, LEVELS[0], part="FL"),
        figure(0.50, LEVELS[0], part="GU", n=4),
        figure(math.nan, KpiLevel.not_enough_data, part="…missing", n=0),
    ]
    frame, columns = segment_frame(
        EN, definition("k"), parts, {"FL": figure(0.05, part="FL")}, ("State", "Feb 2007")
    )
    assert list(frame.index) == ["FL", "CA", "GU", "…missing"]
    assert list(frame["label"]) == ["FL", "CA", "GU", "missing"]
    assert list(frame["change"])[:2] == ["↑ +4.0 pts worse", "–"]
    assert list(frame["status"])[2:] == [Status.not_enough_data] * 2
    assert [column.label for column in columns][:4] == ["State", "Status", "K", "Against Feb 2007"]


def test_without_another_period_or_a_target_columns_are_left_out() -> None:
    parts = [figure(0.02, KpiLevel.no_target, part="CA", target=None)]
    _, columns = segment_frame(EN, definition("k"), parts, {}, ("State", ""))
    assert [column.name for column in columns] == ["label", "value", "n"]


def test_groups_of_protected_columns_are_left_to_fairness() -> None:
    contract = a_contract(segments=["industry", "sex"])
    assert offered_segments(contract, "en") == {"industry": "industry"}


def change(parts: tuple[Part, ...], segment: str = "industry") -> KpiChange:
    """Return a change of which "how similar cases turned out" made most."""
    contract = a_contract(segments=["industry", "sex"])
    view, nothing = FakeView(), None
    view.contract = contract  # type: ignore[attr-defined]
    made = (
        Contribution(Cause.mix, 0.001, -0.01, 0.012),
        Contribution(Cause.behaviour, 0.03, 0.02, 0.04, parts),
    )
    return KpiChange(
        view, definition("k"), nothing, figure(0.02), figure(0.051), 0.031, 0.02, 0.04, made,  # type: ignore[arg-type]
        segment, nothing, 1.0, False, (10, 10), (0, 0),  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_largest_cause_is_placed_where_it_is_beyond_chance() -> None:
    parts = (
        Part("food", 0.02, 0.01, 0.03),
        Part("retail", 0.008, -0.001, 0.017),  # within chance
        Part("IT", -0.004, -0.006, -0.002),  # the other way
        Part("…rest", 0.006, 0.001, 0.011),
    )
    assert where_text(EN, change(parts)) == (
        "What similar cases were like: most of it from food (↑ +2.0 pts worse), "
        "all others (↑ +0.6 pts worse)."
    )
    assert where_text(EN, change(parts[1:3])) == ""
    assert where_text(EN, change(parts, segment="sex")) == ""


def test_the_period_beside_is_one_of_the_course_though_the_log_begins_within_it() -> None:
    january, february, march = MONTHS
    late = replace(january, start=january.start + timedelta(days=1))
    view = FakeView()
    view.chunks = (late, february, march)
    month = Sides(view, "month", 1, "previous", Window(january.start, january.end))  # type: ignore[arg-type]
    assert month.baseline_place == 0
    cut = Window(february.start, february.end - timedelta(days=1))
    assert replace(month, baseline=cut).baseline_place is None
    assert replace(month, baseline=Window(march.start, march.end)).baseline_place == 2
    assert replace(month, baseline=None).baseline_place is None


def test_a_card_says_on_how_many_days_the_rate_was_old() -> None:
    view: Any = FakeView()
    view.first_prediction = MONTHS[0].start
    assert remarks_of(EN, figure(0.05), view) == []
    assert remarks_of(EN, figure(0.05, stale_days=1), view) == [
        "On 1 day the rate was more than ten days old."
    ]


@pytest.mark.parametrize(("before", "said"), [(0.048, "↑ +0.2 pts"), (0.04, "↑ +1.0 pts worse")])
def test_no_change_within_chance_is_called_worse(before: float, said: str) -> None:
    now = figure(0.05, part="food", low=0.047, high=0.053)
    was = figure(before, part="food", low=before - 0.004, high=before + 0.004)
    frame, _ = segment_frame(EN, definition("k"), [now], {"food": was}, ("Industry", "Feb 2007"))
    assert list(frame["change"]) == [said]


def money(gain: float, low: float, high: float, *, apart: float = 500, why: str = "") -> ModelMoney:
    found = Compared("none_flagged", gain, low, high, 900, apart, why)
    return ModelMoney("USD", found, 9e6, 1e6, 1000, 900, None, ())


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (money(1.2e6, 1e6, 1.4e6), "The decisions earned US$1.2M more than no model, which"),
        (money(-2e6, -3e6, -1e6), "The decisions earned US$2M less than no model, which"),
        (money(1e5, -1e6, 1e6), "Nobody can tell whether the decisions earned more than no model"),
        (money(1e5, 1e4, 2e5, apart=3), "Nobody can tell whether the decisions earned more"),
        (money(math.nan, math.nan, math.nan, why="no"), "What the decisions earned is not known"),
    ],
)
def test_money_is_told_in_a_sentence_that_claims_no_more_than_is_sure(
    found: ModelMoney, said: str
) -> None:
    assert money_text(EN, found).startswith(said)


def test_missed_targets_come_first_and_alike_ones_keep_their_order() -> None:
    levels = {
        "a": KpiLevel.on_track,
        "b": KpiLevel.not_enough_data,
        "c": KpiLevel.missed,
        "d": KpiLevel.on_track,
        "e": KpiLevel.at_risk,
    }
    kpis = [shown(name, level) for name, level in levels.items()]
    assert "".join(each.id for each in worst_first(kpis)) == "ceadb"
