"""What a page costs: CPU time read from the processes that answer, and what is asked for."""

import os
import random
import time
from collections import Counter
from datetime import date

import pytest
from streamlit.proto.Element_pb2 import Element

from bench.load.connection import Tab
from bench.load.costs import Cost, cost_table, cpu_of
from bench.load.elements import Link, Screen, facts_of
from bench.load.people import Log, choose, own_question
from tests.bench.load.test_elements import segments

LOGS = [Log("loans", date(2025, 1, 1), date(2025, 12, 31), {"region": ("HK", "CN")})]


def test_the_clock_is_the_cpu_time_of_the_process_and_not_the_time_of_day() -> None:
    before, own = cpu_of([os.getpid()]), time.process_time()
    time.sleep(0.2)
    sum(number * number for number in range(200_000))
    after, used = cpu_of([os.getpid()]), time.process_time() - own
    assert after - before == pytest.approx(used, abs=0.01)
    assert cpu_of([os.getpid()] * 2) == pytest.approx(2 * cpu_of([os.getpid()]), abs=0.01)


def test_costs_are_a_table() -> None:
    table = cost_table([Cost("drift", 900.4, 40.0, 1234.6, 3.2), Cost("people", 50, 20, 20, None)])
    assert table.splitlines()[2:] == [
        "| drift | 900 | 40 | 1,235 | 3 |",
        "| people | 50 | 20 | 20 | – |",
    ]


@pytest.mark.parametrize("seed", range(20))
def test_a_question_is_of_days_that_the_log_has(seed: int) -> None:
    found = own_question(LOGS, random.Random(seed))
    first, last = date.fromisoformat(found["from"]), date.fromisoformat(found["to"])
    assert found["model"] == "loans"
    assert LOGS[0].first <= first < last <= LOGS[0].last
    assert found.get("value", "HK") in {"HK", "CN"}


def test_sessions_ask_different_questions() -> None:
    asked = {tuple(own_question(LOGS, random.Random(seed)).items()) for seed in range(30)}
    assert len(asked) == 30
    assert own_question([], random.Random(1)) == {}


def a_tab(*pages: str) -> Tab:
    tab = Tab("http://localhost", {})
    tab.screen.pages = {f"#{page}": page for page in (*pages, "unlinked")}
    tab.screen.page = f"#{pages[0]}"
    for page in pages:
        element = Element()
        element.page_link.page_script_hash = f"#{page}"
        tab.screen.take(facts_of(element))
    return tab


def test_only_pages_that_the_menu_leads_to_are_opened_the_least_visited_first() -> None:
    tab, visits, draw = a_tab("drift", "value", "people"), Counter[str](), random.Random(3)
    for _ in range(60):
        action, page = choose(tab, draw, (), visits)
        assert action == "page"
        tab.screen.page = page or ""
    assert set(visits) == {"drift", "value", "people"}
    assert max(visits.values()) - min(visits.values()) <= 1


def test_a_filter_asks_for_days_of_ones_own() -> None:
    screen = Screen()
    screen.take(facts_of(segments("hl_choose_range", "30 days", "90 days")))
    tab = a_tab("drift", "value")
    tab.screen.choices, tab.screen.parameters = screen.choices, {"model": "loans"}
    draw = random.Random(1)
    while choose(tab, draw, LOGS)[0] != "filter":
        pass
    assert tab.screen.parameters["range"] == "custom"
    assert tab.screen.parameters["from"] >= "2025-01-01"


def test_a_link_to_elsewhere_is_no_page() -> None:
    element = Element()
    element.page_link.page_script_hash, element.page_link.external = "#x", True
    assert facts_of(element) is None
    element.page_link.external = False
    assert facts_of(element) == Link("#x")
