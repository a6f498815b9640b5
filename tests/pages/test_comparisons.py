"""The drift page with another comparison, and with all inputs together."""

from core.domain.identity import Role
from tests.pages.conftest import Open
from tests.pages.reading import figures, sentences, texts


def test_the_address_chooses_what_is_compared_with(open_loans: Open) -> None:
    test = open_loans(Role.data_scientist, "drift", against="previous")
    assert test.selectbox(key="hl_choose_against").value == "previous"
    told = " ".join(texts(test))
    assert "Each period is compared with the period before; the thresholds stay the same." in told
    assert "Alarms below are judged against the whole reference." in told
    assert "1 period is not judged." in told
    assert "Drift by input and period, compared with the period before" in told
    moved = sentences(test)[0]
    test.selectbox(key="hl_choose_against").select("reference").run()
    assert "Alarms below are judged" not in " ".join(texts(test))
    assert test.session_state["against"] == ""
    assert sentences(test)[0] != moved


def test_weekdays_are_not_offered_for_chunks_of_rows(open_loans: Open) -> None:
    test = open_loans(
        Role.data_scientist,
        "drift",
        by="rows:1000",
        against="weekday",
    )
    control = test.selectbox(key="hl_choose_against")
    assert control.value == "reference"
    assert len(control.options) == 5


def test_all_inputs_together_are_computed_when_they_are_opened(open_loans: Open) -> None:
    test = open_loans(Role.data_scientist, "drift")
    before = len(figures(test))
    assert "Which inputs tell the rows apart?" not in " ".join(texts(test))
    test.session_state["drift_together"] = True
    test.run()
    told = " ".join(texts(test))
    assert len(figures(test)) == before + 1
    assert "Which inputs tell the rows apart?" in told
    assert "Shown a row of Dec 2024 and one of the reference" in told
    assert "These are different rows." in told
