"""A process started after a page was run under test does its own work, not the page's."""

import sys

from streamlit.testing.v1 import AppTest

from tests.support.processes import WRITERS


def _page(number: int) -> None:
    import streamlit as st

    st.write(number)


def test_a_page_under_test_takes_the_place_of_the_main_module() -> None:
    """What the next test guards against; when Streamlit stops doing so, both can go."""
    main = sys.modules["__main__"]

    assert not AppTest.from_function(_page, args=(1,)).run().exception

    assert sys.modules["__main__"] is not main


def test_a_process_started_after_it_does_its_own_work() -> None:
    process = WRITERS.Process(target=int)
    process.start()
    process.join(timeout=120)

    assert process.exitcode == 0
