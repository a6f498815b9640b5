"""Finding a decision on its page: of a period, by score, of a person; from other pages' foot."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.i18n import LOCALES, translator
from core.services.personal.names import MASK
from core.store.audit import trail as audit
from tests.pages.conftest import Open
from tests.pages.reading import html_of, links, sentences, states
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace
from tests.support.harbour import Harbour

ID = "  - {name: loan_id, type: text, personal: true, purpose: Whose loan it is}\n"
FIRST_COLUMN = "  - {name: decision_source"
WORST = 5


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("find") / "home", log=sba_log(every=600))
    yield made
    made.workspace.store.close()


@pytest.fixture
def visit(open_page: Open, world: Explained) -> Any:
    def open_as(role: Role = Role.compliance, lang: str = "en", **given: str) -> AppTest:
        return open_page(
            world.workspace, world.people[role], "decision", model=SBA, lang=lang, **given
        )

    return open_as


def press(test: AppTest, label: str) -> AppTest:
    return next(each for each in test.button if each.label == label).click().run()


def addresses(test: AppTest) -> list[str]:
    """Return the decisions that the list leads to."""
    parts = html_of(test).split(f'href="decision?model={SBA}&amp;prediction=')[1:]
    return [each.split('"')[0] for each in parts]


def test_the_newest_decisions_are_listed_and_lead_to_their_explanation(
    visit: Any, world: Explained
) -> None:
    test = visit()
    newest = world.log.sort_values("approved_at", ascending=False)["loan_id"].astype(str)
    assert addresses(test)[:3] == list(newest[:3])
    assert f"{len(world.log)} decisions fit. The newest 50 are listed." in html_of(test)
    opened = visit(prediction=addresses(test)[0])
    assert "Decisions of a period" not in html_of(opened)
    press(opened, "Find another decision")
    assert "prediction" not in opened.query_params
    assert addresses(opened) == addresses(test)


def test_the_address_says_which_are_listed(visit: Any, world: Explained) -> None:
    log = world.log
    local = log["approved_at"].dt.tz_convert("America/New_York").dt.date.astype(str)
    part = log[(local >= "2006-02-01") & (local <= "2006-03-31") & (log["decision"] == "decline")]
    test = visit(
        **{"from": "2006-02-01", "to": "2006-03-31", "version": "1", "decision": "decline"}
    )
    assert set(addresses(test)) == set(part["loan_id"].astype(str))
    link = test.code[-1].value
    assert "from=2006-02-01&to=2006-03-31" in link
    assert link.endswith("&decision=decline")


def test_scores_narrow_the_list_and_stand_in_the_address(visit: Any, world: Explained) -> None:
    test = visit()
    limit = float(world.row(world.worst(WORST))["default_score"])
    test.number_input(key="decision_narrow_score_from").set_value(limit)
    press(test, "Show the decisions")
    assert float(test.query_params["score_from"]) == limit
    assert set(addresses(test)) == {world.worst(place) for place in range(WORST + 1)}
    test.number_input(key="decision_narrow_score_to").set_value(limit / 2)
    press(test, "Show the decisions")
    assert states(test) == ["That is not a range of scores."]
    press(test, "Show all of the period")
    assert len(addresses(test)) == 50


@pytest.mark.parametrize("odd", ["", "abc", "nan", "inf"])
def test_what_cannot_be_read_narrows_nothing(visit: Any, odd: str) -> None:
    test = visit(score_from=odd, decision="")
    assert states(test) == []
    assert len(addresses(test)) == 50


def test_a_person_is_looked_up_on_record_and_the_reference_stands_nowhere(
    visit: Any, world: Explained
) -> None:
    reference = str(world.row(world.worst())["subject_ref"])
    test = visit()
    test.text_input(key="decision_person_reference").input(reference)
    press(test, "Look up")
    assert "1 decision fits." in html_of(test)
    assert world.worst() in addresses(test)
    assert reference not in html_of(test)
    assert reference not in str(test.query_params)
    assert not any(reference in each.value for each in test.code)
    with world.workspace.store.read() as conn:
        (look,) = audit.list_newest(conn, kind="person.looked_up")
    assert look.objects["subject"] == world.workspace.keys.subject_id(reference)
    scientist = visit(Role.data_scientist)
    assert "Your roles do not include looking people up." in html_of(scientist)
    assert "Look up" not in {each.label for each in scientist.button}


@pytest.mark.parametrize("lang", LOCALES)
def test_a_decision_that_is_not_there_is_said_with_a_way_back(visit: Any, lang: str) -> None:
    t = translator(lang)
    test = visit(lang=lang, prediction="nobody")
    press(test, t("Find another decision"))
    assert states(test) == []
    assert len(addresses(test)) == 50


def test_where_ids_are_personal_a_decision_is_opened_without_telling_its_id(
    open_page: Open, tmp_path_factory: Any
) -> None:
    home = tmp_path_factory.mktemp("masked") / "home"
    own = an_explained_workspace(
        home, log=sba_log(every=600), changes={FIRST_COLUMN: ID + FIRST_COLUMN}
    )
    officer = own.people[Role.compliance]
    test = open_page(own.workspace, officer, "decision", model=SBA, lang="en")
    assert f"{MASK} 1" in html_of(test)
    assert addresses(test) == []
    test.selectbox(key="decision_masked_period").set_value(1).run()
    test.button(key="decision_open_period").click().run()

    second = own.log.sort_values("approved_at", ascending=False)["loan_id"].astype(str).iloc[1]
    assert "was decided on " in sentences(test)[0]
    assert "prediction" not in test.query_params
    assert test.text_input(key="decision_id").value == ""
    assert second not in html_of(test)
    own.workspace.store.close()


@pytest.mark.parametrize("page", ["drift", "performance", "fairness", "segments"])
def test_pages_about_a_period_lead_to_its_decisions(open_loans: Open, page: str) -> None:
    given = {"range": "custom", "from": "2024-02-01", "to": "2024-03-31"}
    test = open_loans(Role.data_scientist, page, **given)
    assert "Decisions of this period" in links(test)


def test_who_may_not_open_decisions_is_not_led_there(harbour: Harbour, open_loans: Open) -> None:
    assert "Decisions of this period" not in links(open_loans(Role.business, "outcomes"))
    assert "Decisions of this period" in links(open_loans(Role.data_scientist, "outcomes"))
