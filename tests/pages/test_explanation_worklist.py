"""The worklist of the page on explanations: ways, narrowing, links, the file to take away."""

import csv
import re
from collections.abc import Iterator

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.i18n.locales import LOCALES
from core.services import exports
from core.services.explanation.worklist import worklist
from tests.pages.conftest import Open
from tests.pages.reading import html_of, states
from tests.support.demo_slices import SBA, direct_scores, fitted, sba_log
from tests.support.explained import CUT_OFF, Explained, an_explained_workspace

LOG = sba_log(every=400)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("worklist") / "home", log=LOG)
    yield made
    made.workspace.store.close()


def opened(open_page: Open, world: Explained, role: Role, language: str = "en") -> AppTest:
    return open_page(world.workspace, world.people[role], "explanations", model=SBA, lang=language)


def otherwise() -> pd.DataFrame:
    """Return the loans that version 0 would have decided otherwise, by scikit-learn."""
    before = direct_scores(fitted(SBA, "model-0.skops"), LOG)
    found = LOG.assign(before=before)
    return pd.DataFrame(found[(before >= CUT_OFF) != (found["decision"] == "decline")])


def test_the_ways_say_how_many_differ_and_why_nothing_is_said(
    open_page: Open, world: Explained
) -> None:
    found = html_of(opened(open_page, world, Role.compliance))
    expected = otherwise()
    assert f'the version before</td><td class="hl-right">{len(expected)}</td>' in found
    assert f"of all {len(LOG)}" in found
    assert "Fewer than five verdicts of reviewers are final." in found
    loan = expected.sort_values("loan_amount", ascending=False).iloc[0]
    assert f"the version before (0: {loan['before']:.4f})" in found
    assert f"prediction={loan['loan_id']}" in found


def test_one_way_is_chosen_and_the_rest_left_out(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.compliance)
    test.segmented_control(key="explanations_way").set_value("policy").run()
    assert "No decision differs from what was expected." in html_of(test)
    test.segmented_control(key="explanations_way").set_value("previous").run()
    assert f"The first {min(25, len(otherwise()))} of {len(otherwise())}." in html_of(test)


def test_the_list_is_taken_away_as_a_file(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.auditor)
    test.button(key="explanations_file").click().run()
    found = html_of(test)
    count = len(otherwise())
    assert f"Download {count} of {count} decisions (CSV)" in found
    (address,) = re.findall(r'href="exports/([^"]+)"[^>]*>Download \d+ of \d+ decisions', found)
    _, content = exports.fetch(world.workspace, address, actor=world.people[Role.auditor])
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    listed = worklist(world.workspace, SBA, actor=world.people[Role.auditor]).rows
    assert [each["decision_id"] for each in rows] == [each.row.prediction_id for each in listed]
    assert {(each["differs_from"], each["previous_version"]) for each in rows} == {
        ("the version before", "0")
    }


@pytest.mark.parametrize("language", LOCALES)
def test_the_worklist_speaks_the_readers_language(
    open_page: Open, world: Explained, language: str
) -> None:
    test = opened(open_page, world, Role.compliance, language)
    assert states(test) == []
    assert ("the version before" in html_of(test)) == (language == "en")


def test_all_models_of_the_scope_stand_by_tier(open_page: Open, world: Explained) -> None:
    found = html_of(opened(open_page, world, Role.auditor))
    table = found.rsplit("Decisions without explanation, by model", 1)[1]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table.split("</table>")[0])
    assert cells[0] == "1"
    assert cells[2:7] == [str(len(LOG)), str(len(LOG)), "0", str(len(LOG)), "0.0%"]
    assert cells[7:] == ["Decides about credit of firms, in large numbers."]
