"""What the filters of a page write into its address."""

import pytest
import streamlit as st

from app import chips


def taken(monkeypatch: pytest.MonkeyPatch, value: object, *clears: str) -> dict[str, object]:
    """Return the session after a control with two models has changed to a value."""
    state: dict[str, object] = {"model": "loans", "version": "2"}
    state[chips._CONTROL.format("model")] = value
    monkeypatch.setattr(st, "session_state", state)
    chips._take_one("model", ("loans", "tenants"), *clears)
    return state


def test_an_option_is_carried_and_clears_what_depends_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = taken(monkeypatch, "tenants", "version")
    assert (state["model"], state["version"]) == ("tenants", "")


def test_nothing_chosen_is_carried_as_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(monkeypatch, None)["model"] == ""


def test_words_of_the_language_that_was_left_choose_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = taken(monkeypatch, "Small business loans", "version")
    assert (state["model"], state["version"]) == ("loans", "2")
