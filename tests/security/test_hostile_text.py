"""Text out of logs, contracts and file names, through every page of the real app in Chromium."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.nav import ENTRIES
from core.auth.policy import POLICY
from core.domain.identity import Role
from core.services import ingest
from core.services.identity import users
from core.services.registry import models as registry
from core.services.review import making
from core.store.review import texts
from core.store.review.records import NewCase
from tests.security.conftest import Site, Watched
from tests.security.hostile import EVIL, MODEL, PAYLOADS, a_hostile_contract
from tests.support.harbour import OWNER_LOGIN

pytestmark = pytest.mark.e2e
# Who reads each page: a lead what is not for who runs the machine.
READERS = {
    entry.key.replace("_", "-"): (
        Role.admin if entry.permission in POLICY[Role.admin] else Role.compliance_lead
    )
    for entry in ENTRIES
    if entry.path.is_file()
}
PAGES = list(READERS)
TITLES = {entry.key.replace("_", "-"): entry.title for entry in ENTRIES}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", sorted({*READERS.values()}))
def test_pages_of_the_menu_show_attacks_as_text(visit: Callable[..., Watched], role: Role) -> None:
    """Attacks in every text of log, contract and file name, from page to page by the menu.

    Each page shows them as text, to an administrator or a compliance lead, as when it is opened by
    its address.
    """
    tab = visit(role)
    tab.reader.go(f"overview?model={MODEL}", "Overview")
    for page in [each for each, reader in READERS.items() if reader is role]:
        if TITLES[page] in tab.reader.menu():
            tab.reader.follow(page.replace("-", "_"))
            expect(tab.reader.heading()).to_have_text(TITLES[page])
            tab.reader.settle()
        else:
            tab.reader.go(f"{page}?model={MODEL}")
        expect(tab.reader.heading()).to_have_count(1)
        tab.assert_unharmed()


@pytest.mark.slow  # each page anew: the test above looks at the same pages, and as closely
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_attacks_as_text(visit: Callable[..., Watched], page: str) -> None:
    """Scripts, images, links, Markdown, TeX and SQL in every text of log, contract and file name.

    The page shows them as text: no dialog, no request to another machine, no element made of them,
    no complaint of the content security policy.
    """
    tab = visit(READERS[page])
    tab.reader.go(f"{page}?model={MODEL}")
    expect(tab.reader.heading()).to_have_count(1)
    tab.reader.settle()
    tab.assert_unharmed()


def test_a_case_shows_attacks_as_text(visit: Callable[..., Watched], site: Site) -> None:
    """Attacks as decision, rule, version, comment and draft of a case, and in its queue.

    Queue and case show them as text, and give the draft back as it was typed; nothing of it is run.
    """
    workspace, now = site.hostile.workspace, site.hostile.workspace.clock()
    lead = users.actor_of_os_login(workspace, OWNER_LOGIN)
    with workspace.store.begin() as conn:
        made = making.make_case(
            conn,
            NewCase(
                model_id=MODEL,
                prediction_id=PAYLOADS[0],
                occasion="routing",
                kind="routed",
                subject_id="s-1",
                jurisdiction="",
                version=PAYLOADS[1],
                predicted_at=now,
                decision=PAYLOADS[2],
                rules_sha256="0" * 64,
                rule=PAYLOADS[1],
                rules=PAYLOADS,
                due_at=now,
            ),
            at=now,
        )
        assert made is not None
        for attack in PAYLOADS:
            texts.add(
                conn, made, kind="comment", author_id=lead.user_id, text=attack or "-", at=now
            )
    tab = visit(Role.compliance_lead)
    tab.reader.go("review?review_tab=waiting")
    expect(tab.reader.page.locator(".hl-desk-keys")).to_be_visible()
    tab.assert_unharmed()
    tab.reader.go(f"case?case={made}")
    tab.reader.do(lambda: tab.reader.page.get_by_role("button", name="Claim this case").click())
    field = tab.reader.page.locator("#hl-desk-text")
    tab.reader.page.locator("#hl-desk-verdict-overturn").check()
    field.fill("".join(PAYLOADS[:3]))
    expect(tab.reader.page.locator(".hl-desk-state")).to_contain_text("Saved")
    tab.reader.go(f"case?case={made}")
    expect(field).to_have_value("".join(PAYLOADS[:3]))
    tab.assert_unharmed()


PARAMETERS = ("model", "version", "slice", "period", "lang", "as_of")
IN_ADDRESSES = (
    quote("".join((PAYLOADS[0], PAYLOADS[1], PAYLOADS[8]))),
    "../../state.db&role=admin",
)


def test_attacks_in_the_address(visit: Callable[..., Watched]) -> None:
    """The same attacks in all parameters of the address, with and without that of the model.

    An unknown value is dropped; nothing of it is run or shown as HTML.
    """
    tab = visit(Role.admin)
    markup, path = IN_ADDRESSES
    for attack, parameters in ((markup, PARAMETERS), (path, PARAMETERS[1:])):
        tab.reader.go("drift?" + "&".join(f"{name}={attack}" for name in parameters))
        tab.assert_unharmed()


@pytest.mark.slow  # the test above attacks in all of them at once
@pytest.mark.parametrize("parameter", PARAMETERS)
def test_attacks_in_each_parameter(visit: Callable[..., Watched], parameter: str) -> None:
    """The same attacks in each parameter of the address by itself.

    An unknown value is dropped; nothing of it is run or shown as HTML.
    """
    tab = visit(Role.admin)
    for attack in IN_ADDRESSES:
        tab.reader.go(f"drift?{parameter}={attack}")
        tab.assert_unharmed()


def test_what_the_lake_holds_is_what_the_log_said(site: Site) -> None:
    """SQL fragments as ids, categories, versions, column names and file names.

    All rows are stored and counted, the audit trail still stands, no file appears elsewhere.
    """
    workspace = site.hostile.workspace
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    batches = ingest.batches(workspace, MODEL, actor=owner)
    assert [view.batch.rows_stored for view in batches][-1] == 400
    with workspace.store.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM audit_entry")).scalar_one() > 0
    stored = registry.get_model(workspace, MODEL, actor=owner).contract.stored_columns
    assert set(a_hostile_contract()["features"][2].values()) & set(stored)
    for alias in stored.values():
        assert alias.isascii()
        assert alias.replace("_", "").isalnum()
        assert alias == alias.lower()


def test_the_policy_would_stop_what_escaping_missed(visit: Callable[..., Watched]) -> None:
    """An image, a script and a style from elsewhere put into the page by hand, as a last line.

    The content security policy refuses all three; no request leaves.
    """
    tab = visit(Role.admin)
    tab.reader.go("overview")
    tab.reader.page.evaluate(
        f"""() => {{
            for (const [name, attribute] of [['img', 'src'], ['script', 'src'], ['link', 'href'],
                                             ['iframe', 'src']]) {{
                const element = document.createElement(name);
                if (name === 'link') element.rel = 'stylesheet';
                element[attribute] = 'https://{EVIL}/planted';
                document.body.append(element);
            }}
            const inline = document.createElement('script');
            inline.textContent = 'window.__owned = 1';
            document.body.append(inline);
        }}"""
    )
    tab.reader.page.wait_for_timeout(500)
    assert tab.reader.page.evaluate("window.__owned") is None
    refused = [error for error in tab.reader.errors if "Content Security Policy" in error]
    assert len(refused) >= 5
