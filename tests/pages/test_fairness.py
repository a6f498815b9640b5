"""The fairness page: what it shows, hides, and lets readers take away."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Actor, Role
from core.services import exports
from core.services.workspace import Workspace
from tests.core.services.fairness.test_measure import people, small
from tests.pages.conftest import Open
from tests.pages.reading import figures, html_of, sentences, states, texts
from tests.support.demo_models import LOANAPP, demo_model
from tests.support.harbour import Harbour, add_people


@pytest.fixture(scope="module")
def boston(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Workspace, dict[Role, Actor]]]:
    workspace = demo_model(tmp_path_factory.mktemp("boston"), LOANAPP)
    yield workspace, add_people(workspace)
    workspace.store.close()


@pytest.fixture
def page(open_page: Open, boston: tuple[Workspace, dict[Role, Actor]]) -> AppTest:
    workspace, readers = boston
    return open_page(workspace, readers[Role.compliance], "fairness", model=LOANAPP, lang="en")


def test_it_opens_with_the_attribute_that_fails(page: AppTest) -> None:
    assert sentences(page)[0].startswith("■ Act") or "Act" in sentences(page)[0]
    assert "Race: the favourable rate of Black is 0.743 of that of White" in sentences(page)[0]
    assert "All other groups together: 0.779" in sentences(page)[0]
    assert len(figures(page)) == 3
    assert "<h2>Race</h2>" in html_of(page)


def test_another_attribute_can_be_picked(page: AppTest) -> None:
    page.session_state["fairness_rank"] = {"selection": {"rows": [3], "columns": [], "cells": []}}
    page.run()
    assert "<h2>Sex</h2><p>15 rows give no value; they are no group.</p>" in html_of(page)


def test_the_figures_can_be_taken_away_with_what_was_asked(
    page: AppTest, boston: tuple[Workspace, dict[Role, Actor]]
) -> None:
    workspace, readers = boston
    page.button(key="fairness_prepare").click().run()
    html = html_of(page)
    address = html.split('href="exports/')[1].split('"')[0]
    record, content = exports.fetch(workspace, address, actor=readers[Role.compliance])
    assert record.name == "fairness-loanapp-fair-lending-19901231.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    others = [row for row in rows if row["group"] == "others"]
    assert [row["attribute"] for row in others] == ["race"]
    assert float(others[0]["ratio"]) == pytest.approx(0.779, abs=5e-4)
    assert {row["model"] for row in rows} == {LOANAPP}
    assert {row["as_of"] for row in rows} != {""}
    assert f"Download {len(rows)}" in html.replace(",", "")


def test_an_attribute_with_too_few_people_says_why(
    open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = small(tmp_path_factory.mktemp("few"), people(f=12, m=40))
    admin = add_people(workspace)[Role.admin]
    test = open_page(workspace, admin, "fairness", model="loans", lang="en")
    assert sentences(test)[0].endswith("No two groups have enough rows to be compared.")
    assert figures(test) == []
    assert '<p class="hl-note">Fewer than two groups are large enough</p>' in html_of(test)
    assert "52 rows are in none of the groups shown" in html_of(test)
    workspace.store.close()


def test_masked_values_are_on_no_part_of_the_page(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.auditor, "fairness")
    shown = "\n".join(texts(test)) + json.dumps(figures(test), ensure_ascii=False)
    assert "••• 1" in shown
    assert "女" not in shown
    assert "男" not in shown


def test_a_period_without_rows_says_so(open_loans: Open) -> None:
    test = open_loans(
        Role.compliance, "fairness", range="custom", **{"from": "2023-01-01", "to": "2023-02-01"}
    )
    assert states(test) == ["No rows in this period"]
