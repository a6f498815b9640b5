"""What is said of an act: by whom it is heard, how long it stays, and what takes its place."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.reading import html_of, said
from tests.support.fakes import FakeClock

CLOCK = FakeClock()


def page() -> None:
    import streamlit as st

    from app.components.saying import say, show_said
    from tests.app.components.test_saying import CLOCK

    st.button("done", on_click=say, args=("<b>Kept</b>",))
    st.button("refused", on_click=say, args=("No key",), kwargs={"failed": True})
    st.button("silent", on_click=say, args=("",))
    show_said(CLOCK())


@pytest.fixture
def shown() -> AppTest:
    return AppTest.from_function(page).run()


def act(shown: AppTest, name: str) -> AppTest:
    return next(each for each in shown.button if each.label == name).click().run()


def test_nothing_is_said_before_anything_was_done(shown: AppTest) -> None:
    assert said(shown) == ""
    assert said(act(shown, "silent")) == ""


def test_it_is_announced_and_read_as_text(shown: AppTest) -> None:
    test = act(shown, "done")
    assert '<p class="hl-said" role="status">&lt;b&gt;Kept&lt;/b&gt;</p>' in html_of(test)
    test = act(test, "refused")
    assert '<p class="hl-said hl-wrong" role="alert">No key</p>' in html_of(test)
    assert "Kept" not in html_of(test)


def test_runs_of_the_next_seconds_keep_it_and_later_ones_do_not(shown: AppTest) -> None:
    act(shown, "done")
    CLOCK.advance(seconds=12)
    assert said(act(shown, "silent")) == "<b>Kept</b>"
    CLOCK.advance(seconds=1)
    assert said(shown.run()) == ""
    assert said(act(shown, "done")) == "<b>Kept</b>"
