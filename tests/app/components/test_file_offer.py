"""A file to take away: made when asked for, offered for what was asked, and to whom it may be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.components import FileOffer, Prepared, offer_files, publish_csv
from app.components.step_up import ask_again
from app.context import PageContext
from core.domain.identity import Actor, Permission, Role
from core.errors import Conflict, StepUpNeeded
from core.i18n import translator
from core.services import exports
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.app.components.chart_page import WORLD, context
from tests.pages.reading import html_of, said
from tests.support.serving import a_serving_workspace

SHOWN: list[Callable[[], None]] = []
WHO: list[PageContext] = []


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    made = a_serving_workspace(tmp_path_factory.mktemp("offers") / "home", rows=8)
    WORLD[:] = [made]
    yield made.workspace
    made.workspace.store.close()


@pytest.fixture(autouse=True)
def reader(workspace: Workspace) -> None:
    WHO[:] = [context()]


def page() -> None:
    from tests.app.components.test_file_offer import SHOWN

    SHOWN[-1]()


def opened(*offers: FileOffer) -> AppTest:
    """Return a page of these offers."""
    test = AppTest.from_function(page, default_timeout=20)
    return shown(test, *offers)


def shown(test: AppTest, *offers: FileOffer) -> AppTest:
    def show() -> None:
        offer_files(WHO[-1], *offers)
        ask_again(WHO[-1])

    SHOWN[:] = [show]
    return test.run()


def an_offer(
    make: Callable[[Actor], Prepared | None] | None = None,
    asked: object = None,
    key: str = "figures",
    permission: Permission = Permission.drift_view,
) -> FileOffer:
    return FileOffer(
        f"Prepare the {key} (CSV)", make or made, key=key, permission=permission, asked=asked,
        nothing="There is nothing.",
    )  # fmt: skip


def made(actor: Actor) -> Prepared:
    return publish_csv(
        WHO[-1], actor, b"a\r\n1\r\n", permission=Permission.drift_view, name="figures.csv",
        text="Download 1 <figure> (CSV)", model="loans",
    )  # fmt: skip


def pressed(test: AppTest, key: str = "figures") -> AppTest:
    return test.button(key=key).click().run()


def test_it_is_made_once_it_is_asked_for_and_both_are_on_record(workspace: Workspace) -> None:
    test = opened(an_offer())
    with workspace.store.read() as conn:
        before = audit.list_newest(conn, kind="export.made")
    assert "exports/" not in html_of(test)
    html = html_of(pressed(test).run())  # it stays over the runs that follow
    assert "Download 1 &lt;figure&gt; (CSV)" in html
    address = html.split('href="exports/')[1].split('"')[0]
    record, content = exports.fetch(workspace, address, actor=WHO[-1].actor)
    assert (record.name, record.model_id, content) == ("figures.csv", "loans", b"a\r\n1\r\n")
    assert record.media_type == "text/csv; charset=utf-8"
    with workspace.store.read() as conn:
        after = audit.list_newest(conn, kind="export.made")
    assert len(after) == len(before) + 1
    assert after[0].actor == WHO[-1].actor.audit_name


def test_the_link_goes_when_something_else_is_asked(workspace: Workspace) -> None:
    test = pressed(opened(an_offer(asked=("loans", "2024"))))
    assert "exports/" in html_of(test)
    assert "exports/" not in html_of(shown(test, an_offer(asked=("loans", "2025"))))
    assert "exports/" in html_of(shown(test, an_offer(asked=("loans", "2024"))))
    WHO[:] = [replace(context(), t=translator("zh-HK"))]  # its link would be in the other language
    assert "exports/" not in html_of(test.run())


def test_who_may_not_have_it_is_offered_nothing(workspace: Workspace) -> None:
    rows = an_offer(key="rows", permission=Permission.quarantine_download)
    WHO[:] = [replace(context(), actor=WORLD[-1][Role.business])]
    test = opened(rows, an_offer(key="figures", permission=Permission.model_view))
    assert [each.key for each in test.button] == ["figures"]
    WHO[:] = [context()]
    assert [each.key for each in test.run().button] == ["rows", "figures"]


def test_of_several_each_has_its_own_link(workspace: Workspace) -> None:
    test = opened(an_offer(key="table"), an_offer(key="figures"))
    assert html_of(pressed(test, "table")).count("download") == 2  # the file, and its proof
    assert html_of(pressed(test, "figures")).count("download") == 4


def test_what_stands_against_it_is_said_and_takes_the_link_away(workspace: Workspace) -> None:
    def refused(_actor: Actor) -> Prepared:
        raise Conflict("The log is being written.", remedy="Try again.")

    test = pressed(opened(an_offer()))
    test = pressed(shown(test, an_offer(refused)))
    assert said(test) == "The log is being written. Try again."
    assert "exports/" not in html_of(test)


def test_nothing_to_take_is_said(workspace: Workspace) -> None:
    test = opened(an_offer(lambda _actor: None))
    assert "There is nothing." not in html_of(test)
    assert "There is nothing." in html_of(pressed(test))


def test_who_they_are_is_asked_again_where_the_service_wants_it(workspace: Workspace) -> None:
    def personal(_actor: Actor) -> Prepared:
        raise StepUpNeeded("Say who you are.")

    test = pressed(opened(an_offer(personal)))
    assert test.text_input(key="hl_proof").label == "Password, or a one-time code"
    assert "exports/" not in html_of(test)


def test_that_it_is_being_made_is_said_meanwhile(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    @contextmanager
    def spinner(text: str) -> Iterator[None]:
        told.append(text)
        yield
        told.append("over")

    def making(actor: Actor) -> Prepared:
        told.append("made")
        return made(actor)

    monkeypatch.setattr("streamlit.spinner", spinner)
    pressed(opened(an_offer(making)))
    assert told == ["Preparing the file …", "made", "over"]
