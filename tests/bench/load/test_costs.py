"""What a page costs: CPU time read from the processes that answer."""

import os
import time

import pytest
from streamlit.proto.Element_pb2 import Element

from bench.load.costs import Cost, cost_table, cpu_of
from bench.load.elements import Link, facts_of


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


def test_a_link_to_elsewhere_is_no_page() -> None:
    element = Element()
    element.page_link.page_script_hash, element.page_link.external = "#x", True
    assert facts_of(element) is None
    element.page_link.external = False
    assert facts_of(element) == Link("#x")
