"""What the page Outcomes and the command say of a period that is not over."""

import json

import pytest

from core.domain.identity import Actor, Role
from core.services.kpi_forecast import kpi_forecasts
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.core.cli.conftest import run
from tests.pages.conftest import Open
from tests.pages.reading import html_of
from tests.support.builders import ADMIN
from tests.support.daily_loans import built, daily_loans
from tests.support.harbour import add_people
from tests.support.program import Run

__all__ = ["run"]

World = tuple[Workspace, dict[Role, Actor]]
JUNE = {"model": "loans", "as_of": "2026-06-15"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    workspace = built(tmp_path_factory.mktemp("ahead"), daily_loans(540))
    return workspace, add_people(workspace)


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "By 30 Jun 2026 expected"), ("zh-HK", "預計至 2026年6月30日為")]
)
def test_the_sentence_and_the_cards_tell_of_the_end(
    open_page: Open, world: World, lang: str, text: str
) -> None:
    workspace, people = world
    test = open_page(workspace, people[Role.business], "outcomes", kpi="typical", lang=lang, **JUNE)
    html = html_of(test)
    # Eight KPIs have a forecast, each on its card; and the one told of has a sentence.
    assert html.count(text) == 8 + 1
    assert {"en": "past months the band held the value.", "zh-HK": "的數值落在範圍之內。"}[
        lang
    ] in html


def test_the_reason_stands_where_there_is_none(open_page: Open, world: World) -> None:
    workspace, people = world
    test = open_page(workspace, people[Role.business], "outcomes", kpi="old", lang="en", **JUNE)
    assert (
        "No forecast to 30 Jun 2026. Results are known only after 2 months, which is longer than "
        "the period."
    ) in html_of(test)


def test_nothing_is_said_of_a_period_that_is_over_or_not_shown(
    open_page: Open, world: World
) -> None:
    workspace, people = world
    over = {"model": "loans", "as_of": "2026-05-31", "kpi": "typical", "lang": "en"}
    hidden = {**over, "as_of": "2026-06-15", "range": "custom", "from": "2025-01-01",
              "to": "2025-12-31"}  # fmt: skip
    # Two KPIs wait for five days; the one told of does not.
    for parameters, cards in ((over, 2), (hidden, 0)):
        html = html_of(open_page(workspace, people[Role.business], "outcomes", **parameters))
        assert html.count("2026 expected") == cards
        assert "No forecast" not in html
        assert "the band held the value" not in html


@pytest.fixture
def at_loans(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(world[0].settings.home))
    return run


def test_the_document_is_the_answer_of_the_service(at_loans: Run, world: World) -> None:
    code, out, err = at_loans("kpis", "loans", "--forecast", "--as-of", "2026-06-15", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    theirs = kpi_forecasts(world[0], Question("loans", as_of="2026-06-15"), actor=ADMIN)
    assert [row["method"] for row in found["rows"]] == [each.definition.id for each in theirs.kpis]
    row, told = next(each for each in found["rows"] if each["method"] == "lent"), theirs.of("lent")
    assert told is not None
    assert (row["value"], row["low"], row["high"]) == (told.value, told.low, told.high)
    assert row["known_until"] == "2026-06-15"
    assert (row["coverage"], row["backtest"]["periods"]) == (0.8, 15)


def test_sentences_for_people(at_loans: Run) -> None:
    words = ("kpis", "loans", "--forecast", "--kpi", "loans")
    code, out, _ = at_loans(*words, "--as-of", "2026-06-15")
    assert code == 0
    assert " ".join(out.split()).startswith("loans: By 30 Jun 2026 expected 96 (96 to 96).")
    _, out, _ = at_loans(*words, "--as-of", "2026-05-31")
    assert "The newest period is over" in out


def test_parts_and_other_money_are_refused(at_loans: Run) -> None:
    for more in (("--by-version",), ("--currency", "HKD")):
        code, _, err = at_loans("kpis", "loans", "--forecast", *more)
        assert code == 1
        assert "Leave out" in err
