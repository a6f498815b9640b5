"""The page Portfolio: every role reads it in its language; who may export takes files away."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.policy import POLICY
from core.domain.identity import Actor, Permission, Role
from core.i18n import LOCALES, translator
from core.store.audit import trail as audit
from tests.core.services.monthly.conftest import KPIS
from tests.pages.conftest import Open
from tests.pages.reading import headings, html_of, sentences, states
from tests.support.harbour import add_people
from tests.support.valued import Valued, build_valued, valued_loans

People = dict[Role, Actor]


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Valued, People]]:
    home = tmp_path_factory.mktemp("portfolio") / "home"
    home.mkdir()
    found = build_valued(home, loans=valued_loans(1500), kpis=KPIS[:1], reviews=False)
    yield found, add_people(found.workspace)
    found.workspace.store.close()


def opened(open_page: Open, lender: tuple[Valued, People], role: Role, lang: str) -> AppTest:
    found, people = lender
    return open_page(found.workspace, people[role], "portfolio", lang=lang)


@pytest.mark.parametrize(("role", "lang"), [*zip(Role, (*LOCALES, *LOCALES), strict=True)])
def test_every_role_reads_it_in_its_language(
    open_page: Open, lender: tuple[Valued, People], role: Role, lang: str
) -> None:
    test, t = opened(open_page, lender, role, lang), translator(lang)
    assert headings(test) == [t("Portfolio")]
    assert states(test) == []
    (sentence,) = sentences(test)
    assert (
        t("Of {n} targets, {good} are on track, {risk} at risk and {bad} missed.",
          n=1, good=1, risk=0, bad=0)
        in sentence
    )  # fmt: skip
    frame = test.dataframe[0].value
    assert frame.shape[0] == 1
    may = Permission.kpi_export in POLICY[role]
    prepared = [each.key for each in test.button if each.key and each.key.startswith("portfolio_")]
    assert prepared == (["portfolio_pdf", "portfolio_xlsx", "portfolio_report"] if may else [])
    assert (t("Monthly reports") in html_of(test)) is may


def test_files_are_prepared_and_taken_away(open_page: Open, lender: tuple[Valued, People]) -> None:
    test = opened(open_page, lender, Role.business, "en")
    test.button(key="portfolio_xlsx").click()
    test.run()
    assert "Download the portfolio (Excel)" in html_of(test)
    assert "Owner: Credit risk." in html_of(test)
    assert "Jun 2025" in test.selectbox(key="portfolio_month").options  # not by its key
    test.selectbox(key="portfolio_month").set_value("2025-06")
    test.selectbox(key="portfolio_format").set_value("html")
    test.run()
    test.button(key="portfolio_report").click()
    test.run()
    assert "Download loans-2025-06-en.html" in html_of(test)
    with lender[0].workspace.store.read() as conn:
        kinds = [entry.kind for entry in audit.list_newest(conn, limit=12)]
    assert {"portfolio.exported", "monthly_report.made", "export.made"} <= set(kinds)
