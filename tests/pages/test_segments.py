"""The segments page: its states, its controls, and what readers take away."""

import csv
import io

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.services import exports
from core.services.questions import Question
from core.services.segments import segments
from tests.pages.conftest import Open
from tests.pages.reading import figures, html_of, links, sentences, states, texts
from tests.support.harbour import Harbour


@pytest.fixture
def page(open_loans: Open) -> AppTest:
    return open_loans(Role.business, "segments", lang="en")


def test_it_says_that_nothing_is_worse_beyond_chance(page: AppTest) -> None:
    assert "none is worse than the rest beyond chance" in sentences(page)[0]
    assert len(figures(page)) == 1
    assert "comparisons of this page" in " ".join(texts(page))
    assert "Its performance over time" in links(page)


def test_another_figure_and_two_segments_together(page: AppTest, harbour: Harbour) -> None:
    before = figures(page)[0]
    page.selectbox(key="segments_metric").set_value("brier_score").run()
    assert figures(page)[0]["layout"]["xaxis"] != before["layout"]["xaxis"]
    page.toggle(key="segments_pairs").set_value(True).run()
    actor = harbour[Role.business]
    pairs = segments(harbour.workspace, Question("loans"), actor=actor, pairs=True)
    assert f"all {pairs.comparisons} comparisons" in " ".join(texts(page))


def test_a_reader_can_look_within_a_slice(page: AppTest, harbour: Harbour) -> None:
    table = segments(harbour.workspace, Question("loans"), actor=harbour[Role.business])
    ((name, value),) = table.figures["calibration_gap"][0].slice
    page.button(key="segments_within").click().run()
    assert (page.session_state["slice"], page.session_state["value"]) == (name, value)
    inside = Question("loans", slice=f"{name}={value}")
    found = segments(harbour.workspace, inside, actor=harbour[Role.business])
    assert f"{found.n:,}" in str(figures(page)) + " ".join(texts(page))


def test_the_slices_can_be_taken_away_with_what_was_asked(page: AppTest, harbour: Harbour) -> None:
    page.button(key="segments_prepare").click().run()
    address = html_of(page).split('href="exports/')[1].split('"')[0]
    record, content = exports.fetch(harbour.workspace, address, actor=harbour[Role.business])
    assert record.name.startswith("segments-loans-")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    table = segments(harbour.workspace, Question("loans"), actor=harbour[Role.business])
    assert len(rows) == sum(len(each) for each in table.figures.values())
    assert {row["model"] for row in rows} == {"loans"}
    assert int(rows[0]["comparisons"]) == table.comparisons


def test_a_period_without_final_outcomes_says_so(open_loans: Open) -> None:
    dates = {"range": "custom", "from": "2024-12-01", "to": "2024-12-31"}
    page = open_loans(Role.auditor, "segments", lang="en", **dates)
    assert states(page) == ["No final outcomes in this period"]


def test_a_period_of_too_few_rows_says_so(open_loans: Open) -> None:
    dates = {"range": "custom", "from": "2024-01-01", "to": "2024-01-03"}
    page = open_loans(Role.auditor, "segments", lang="en", **dates)
    assert "No slice has enough final outcomes to be judged" in sentences(page)[0]
    assert figures(page) == []
