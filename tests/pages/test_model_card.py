"""The page Model card: every role reads it, and takes it away as a file."""

import re
from collections.abc import Iterator

import pytest

from core.domain.identity import Actor, Role
from core.i18n import LOCALES, translator
from core.services.model_card import model_card
from core.store.audit import trail as audit
from tests.pages.conftest import Open
from tests.pages.reading import headings, html_of, sentences, states
from tests.support.harbour import add_people
from tests.support.valued import Valued, build_valued, valued_loans

People = dict[Role, Actor]


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Valued, People]]:
    home = tmp_path_factory.mktemp("card-page") / "home"
    home.mkdir()
    found = build_valued(home, loans=valued_loans(600), reviews=False)
    yield found, add_people(found.workspace)
    found.workspace.store.close()


@pytest.mark.parametrize(("role", "lang"), [*zip(Role, (*LOCALES, *LOCALES), strict=True)])
def test_every_role_reads_what_it_may_see(
    open_page: Open, lender: tuple[Valued, People], role: Role, lang: str
) -> None:
    found, people = lender
    t = translator(lang)
    test = open_page(found.workspace, people[role], "model-card", model="loans", lang=lang)
    card = model_card(found.workspace, "loans", actor=people[role], t=t)
    assert headings(test) == [t("Model card")]
    assert states(test) == []
    assert card.sentence in sentences(test)[0]
    html = html_of(test)
    links = re.findall(r'href="#(sheet-[a-z]+)"', html)
    assert links == [f"sheet-{each.key}" for each in card.sections]
    assert all(html.count(f'id="{each}"') == 1 for each in links)
    left_out = [each for each in card.sections if each.is_left_out]
    assert html.count(t("Left out: the role of the reader may not see it.")) >= len(left_out)
    assert card.sha256 in html


def test_a_card_is_prepared_and_taken_away(open_page: Open, lender: tuple[Valued, People]) -> None:
    found, people = lender
    manager = people[Role.business]
    test = open_page(found.workspace, manager, "model-card", model="loans", lang="en")
    test.selectbox(key="card_language").set_value("zh-HK").run()
    test.button(key="card_pdf").click().run()
    assert re.search(r"Download card-loans-\d{8}-zh-HK\.pdf", html_of(test))
    test.selectbox(key="card_language").set_value("en").run()
    assert "Download card-loans" not in html_of(test)
    with found.workspace.store.read() as conn:
        made, exported = (
            audit.list_newest(conn, kind=kind)[0] for kind in ("card.made", "export.made")
        )
    assert made.body["sha256"] == exported.body["sha256"]
    assert exported.objects["model"] == "loans"
