"""What a chart can be taken away as, and what its files say of themselves."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.components.chart_files import about, csv_of, file_name
from app.context import remember_as_of
from core.services import exports
from core.services.safe_csv import csv_bytes
from core.services.workspace import Workspace
from tests.app.components.chart_page import (
    LANGUAGE,
    WORLD,
    a_chart,
    context,
    page,
)
from tests.pages.reading import html_of
from tests.support.serving import a_serving_workspace


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = a_serving_workspace(tmp_path_factory.mktemp("charts") / "home", rows=8)
    WORLD[:] = [made]
    yield made.workspace
    made.workspace.store.close()


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_table_says_what_was_asked(workspace: Workspace) -> None:
    remember_as_of("31 Jan 2024, 09:00 HKT")
    lines = read(csv_of(context(), a_chart(), about(context(), a_chart())))
    said = {name.removeprefix("# "): text for name, text in lines[:-3]}
    moment = said.pop("Made at")
    assert str(workspace.clock().year) in moment
    assert said == {
        "Chart": "Income",
        "Model": "Loans <b> (loans)",
        "Version": "Version 2",
        "Slice": "District: value 2",
        "Period": "1–31 Jan 2024",
        "Rows": "n = 1,200",
        "As of": "31 Jan 2024, 09:00 HKT",
        "Lake generation": "5",
        "Measure": "Share (%) × Income",
        "Made by": context().actor.username,
        "Link": "?model=loans&version=2",
    }
    # Shares stay numbers, and a group's name is no formula.
    assert lines[-3:] == [
        ["Income", "reference", "current"],
        ["'=HYPERLINK(1)", "0.25", "0.75"],
        ["high", "0.75", "0.25"],
    ]


def test_names_of_files_hold_nothing_that_a_file_system_refuses(workspace: Workspace) -> None:
    assert file_name(context(), a_chart(), "png") == "loans-Income-1-31-Jan-2024.png"


@given(st.text(), st.text())
def test_what_was_asked_stays_in_its_comment(name: str, said: str) -> None:
    """A reader that passes over comments finds the header first, whatever a name holds."""
    content = csv_bytes(["a", "b"], [[1, 2]], [(name, said)]).decode("utf-8-sig")
    rest = [line for line in content.splitlines() if not line.startswith(("#", '"#'))]
    assert rest == ["a,b", "1,2"]
    assert not read(content.encode())[0][1].startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("language", ["en", "zh-HK", "zh-CN"])
def test_a_chart_offers_its_picture_and_its_table(workspace: Workspace, language: str) -> None:
    LANGUAGE[:] = [language]
    test = AppTest.from_function(page, default_timeout=20)
    test.session_state["shares_table"] = True
    test.run()
    assert not test.exception
    html = html_of(test)
    assert 'data-hl-picture="shares"' in html
    assert "Loans &lt;b&gt; (loans)" in html  # the words of the picture
    assert "1,200" in html
    assert [each.value for each in test.code] == ["?model=loans&version=2"]  # with its copy button

    test.button(key="shares_csv").click().run()
    assert not test.exception
    address = html_of(test).split('href="exports/')[1].split('"')[0]
    record, content = exports.fetch(workspace, address, actor=context().actor)
    assert record.permission == "drift.view"
    assert record.model_id == "loans"
    assert ["high", "0.75", "0.25"] in read(content)
    LANGUAGE[:] = ["en"]
