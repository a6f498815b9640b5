"""Personal data: asking for a disposal, and what became of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.services.approvals import four_eyes as approvals
from core.services.identity import users
from core.services.retention.disposal_run import run_waiting
from core.services.workspace import Workspace
from tests.core.services.retention.test_disposal import days_of_rows, keep, times
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences
from tests.support.builders import ADMIN
from tests.support.erasing import a_peopled_workspace, people

FORM = "Ask for the disposal"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    yield opened
    opened.store.close()


@pytest.fixture
def who(site: Workspace) -> Mapping[str, Actor]:
    return people(site)


def test_what_is_due_is_asked_for_and_told(
    open_page: Open, site: Workspace, who: Mapping[str, Actor]
) -> None:
    test = open_page(site, who["connie"], "personal-data")
    assert FORM not in {each.label for each in test.button}
    keep(site, who, maximum_days=days_of_rows(site, 100))
    test = open_page(site, who["connie"], "personal-data")
    field = next(each for each in test.text_input if each.label.startswith("Why now"))
    field.input("yearly")
    labels = {each.label: each for each in test.button}
    assert FORM in labels, sorted(labels)
    labels[FORM].click().run()
    (asked,) = approvals.list_approvals(site, actor=who["lydia"], state="pending")
    assert (asked.kind, asked.reason) == ("retention.dispose", "yearly")
    rows = asked.before["loans: predictions"]
    before = len(times(site, "predictions"))
    approvals.approve(site, asked.id, actor=who["lydia"])
    assert run_waiting(site, actor=ADMIN) == 1
    assert len(times(site, "predictions")) == before - int(str(rows))
    told = html_of(open_page(site, who["connie"], "personal-data"))
    assert f"Prediction log of Loans: {rows} rows" in told


def test_a_limited_reader_is_told_of_no_erasure(
    open_page: Open, site: Workspace, who: Mapping[str, Actor]
) -> None:
    keep(site, who, maximum_days=days_of_rows(site, 100))
    users.add_user(
        site, "hong_kong", actor=ADMIN, roles=[Role.compliance_lead], os_login="hk",
        jurisdictions=["HK"],
    )  # fmt: skip
    test = open_page(site, users.actor_of_os_login(site, "hk"), "personal-data", lang="en")
    shown = html_of(test)
    assert "An erasure takes a scope of all jurisdictions; yours is limited to some." in shown
    assert "Erasures are of all jurisdictions, so they are not shown in your scope." in shown
    assert "erased" not in sentences(test)[0]
    assert FORM not in {each.label for each in test.button}
