"""The sentence and figures of the data-quality screen."""

from dataclasses import replace

from app.charts import Look
from app.palette import LIGHT
from app.screens import quality as screen
from core.contract.governance import Threshold
from core.domain.identity import Role
from core.domain.status import Status
from core.i18n import translator
from core.services.quality import Quality, quality
from core.services.questions import Question
from tests.support.harbour import Harbour

T = translator("en")


def ask(harbour: Harbour, **asked: str) -> Quality:
    return quality(harbour.workspace, Question("loans", **asked), actor=harbour[Role.admin])


def test_in_range_is_not_said_to_equal_the_reference(harbour: Harbour) -> None:
    found = ask(harbour, start="2024-01-01", end="2024-06-30")
    text, status = screen.summary(T, found)
    assert status is Status.in_range
    assert text.startswith("No input is past its watch level; the largest share is Income: Missing")
    assert " in the reference. 3 rows are in quarantine." in text
    assert "complete" not in text


def test_a_period_without_rows_is_not_in_range(harbour: Harbour) -> None:
    text, status = screen.summary(T, ask(harbour, start="2023-01-01", end="2023-02-28"))
    assert text.startswith("There are too few rows")
    assert status is Status.not_enough_data


def test_the_age_of_the_feed_names_what_it_is_held_against(harbour: Harbour) -> None:
    assert "older" not in screen.summary(T, ask(harbour))[0]
    late = screen.summary(T, ask(harbour, as_of="2025-01-31"))
    assert "older than the as-of time." in late[0]
    assert late[1] is Status.act


def test_what_is_counted_across_jurisdictions_is_not_shown_to_one(harbour: Harbour) -> None:
    found = quality(harbour.workspace, Question("loans"), actor=harbour.hong_kong)
    shown = {kpi.label: (kpi.value, kpi.note) for kpi in screen.figures(T, found)}
    assert shown["Type errors"] == shown["Duplicates"] == ("–", "not available in your scope")
    assert "quarantine" not in screen.summary(T, found)[0]


def test_pictures_break_where_the_contract_says(harbour: Harbour) -> None:
    found = ask(harbour)
    own = {"missing_share": Threshold(watch=0.02, act=0.1)}
    contract = found.view.contract.model_copy(update={"thresholds": own})
    found = replace(found, view=replace(found.view, contract=contract))
    look = Look(LIGHT, T)
    chart = screen.map_chart(look, found, "missing_share", None)
    assert chart.figure.data[1].colorbar.tickvals[1] == 0.1
    course = screen.trend_chart(look, found, screen.ranked(found)[0], "missing_share")
    notes = [note.text for note in course.figure.layout.annotations]
    assert notes == ["watch 2.0%", "act 10.0%"]
