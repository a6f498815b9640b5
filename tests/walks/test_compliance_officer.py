"""The walk of the compliance officer: ten cases by keys, one overturned, an objection answered."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.auth import totp
from core.domain.identity import Actor, Role
from core.domain.review import CaseState
from core.i18n import translator
from core.services.identity import accounts
from core.services.review import cases
from core.services.review.cases import Case
from core.services.rights import answers, desk
from core.services.rights.desk import Request
from core.services.rights.letter_texts import TITLES
from core.store.identity import users
from tests.e2e.driver import Reader
from tests.e2e.review_desk import next_case, press, title
from tests.walks.conftest import Demo
from tests.walks.walk import Walk

Open = Callable[..., Reader]
WANTS = (
    "Connie Lam decides about cases all day, at a keyboard. She signs in with a second factor, "
    "takes ten cases, overturns one with a document that shows why, and has it checked by a second "
    "person. Then she answers a customer who objected in Chinese, sends the letter, and sees the "
    "clock of the request stand still."
)
ACCOUNTS = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SCREEN = {"width": 1440, "height": 900}
CASES = 10
OVERTURNED = 4  # which of the ten


def actor_of(demo: Demo, role: Role) -> Actor:
    with demo.workspace.store.read() as conn:
        user = users.find_by_username(conn, demo.log_ins[role][0])
    assert user is not None
    return user.actor("cli")


@pytest.fixture
def secret(demo: Demo) -> str:
    """What Connie's authenticator app holds; it was set up another day."""
    connie = actor_of(demo, Role.compliance)
    made = accounts.begin_second_factor(demo.workspace, actor=connie)
    before = datetime.now(UTC) - timedelta(seconds=30)  # a code counts once
    accounts.confirm_second_factor(demo.workspace, totp.code_at(made.secret, before), actor=connie)
    return made.secret


@pytest.mark.slow
def test_from_the_second_factor_to_the_clock_that_stands(
    new_reader: Open, new_walk: Callable[..., Walk], demo: Demo, secret: str, tmp_path: Path
) -> None:
    walk = new_walk("compliance-officer", "Walk of the compliance officer", WANTS)
    reader = new_reader(viewport=SCREEN)
    signs_in(walk, reader, demo, secret)
    proposed = ten_cases(walk, reader, demo, tmp_path)
    lead = new_reader(viewport=SCREEN)
    second_person(walk, lead, demo, proposed)
    asked = reads_the_objection(walk, reader, demo)
    decides_the_appeal(walk, lead, demo, asked)
    answers_it(walk, reader, demo, asked)
    assert reader.errors == lead.errors == []


def signs_in(walk: Walk, reader: Reader, demo: Demo, secret: str) -> None:
    name, password = demo.log_ins[Role.compliance]
    with walk.step(
        "Opens the address, types user name and password, presses Enter.",
        sees="The password is right; a code is asked for.",
        by=reader,
    ):
        reader.go("")
        form = reader.key("hl_signin")
        form.locator("input[type=text]").first.fill(name)
        form.locator("input[type=password]").fill(password)
        form.locator("input[type=password]").press("Enter")
        code = reader.key("hl_code").locator("input")
        expect(code).to_be_visible()
    with walk.step(
        "Types the six digits of the phone, presses Enter.",
        sees="The queue: how many cases wait, how many are overdue, the most urgent first.",
        by=reader,
        picture="The queue, after signing in",
    ):
        code.fill(totp.code_at(secret, datetime.now(UTC)))
        code.press("Enter")
        expect(reader.heading()).to_have_text("Human review")
        expect(reader.page.locator(".hl-desk-keys")).to_be_visible()


def ten_cases(walk: Walk, reader: Reader, demo: Demo, folder: Path) -> Case:
    """Decide ten cases without the mouse; return the one that was overturned."""
    connie = actor_of(demo, Role.compliance)
    with walk.step(
        "Presses `N`.",
        sees="The most urgent case on one screen, claimed for fifteen minutes.",
        by=reader,
        picture="A case: what was decided, its values beside others, the verdict with its keys",
    ):
        press(reader, "n")
        next_case(reader, "Human review")
    with walk.step(
        "Decides three cases: `U`, the number of a reason, `Ctrl+Enter`.",
        sees="After each the next case stands in its place.",
        by=reader,
    ):
        for _ in range(OVERTURNED - 1):
            uphold(reader)
    overturned = int(re.findall(r"R-0*(\d+)", title(reader))[0])
    with walk.step(
        "Presses `F`, chooses the accounts that the branch sent, presses Put it there.",
        sees="The file lies with the case, on record.",
        by=reader,
    ):
        path = folder / "accounts.pdf"
        path.write_bytes(ACCOUNTS)
        with reader.page.expect_file_chooser() as chooser:
            press(reader, "f")
        chooser.value.set_files(path)
        reader.press(reader.page.get_by_role("button", name="Attach the file"))
        expect(reader.page.get_by_text("accounts.pdf").first).to_be_visible()
    with walk.step(
        "Presses `O` and `2`, Tab, writes why, Tab, names the document.",
        sees="The decision instead is chosen already; what is written is saved as it is written.",
        by=reader,
        picture="Overturning with evidence: reason, words, document",
    ):
        show_score(reader)
        press(reader, "o", "2", "Tab")
        reader.page.keyboard.type("The accounts show a loan that the application left out.")
        press(reader, "Tab")
        reader.page.keyboard.type("Accounts of 2009, accounts.pdf")
    with walk.step(
        "Presses `Ctrl+Enter`.",
        sees="The next case. The verdict waits for a second person.",
        by=reader,
    ):
        before = title(reader)
        press(reader, "Control+Enter")
        next_case(reader, before)
    with walk.step(
        "Decides six more cases in the same way.",
        sees="Ten are done. The eleventh is there; `Esc` and Human review lead back.",
        by=reader,
    ):
        for _ in range(CASES - OVERTURNED):
            uphold(reader)
    found = cases.read_case(demo.workspace, overturned, actor=connie)
    assert (found.state, found.reason_code) == (CaseState.proposed, "new_evidence")
    return found


def show_score(reader: Reader) -> None:
    """Where the score is hidden, give a view of one's own first."""
    own = reader.page.locator(".hl-desk-body-own_view")
    if own.count():
        press(reader, "u", "Control+Enter")
        expect(own).to_have_count(0)
        reader.settle()


def uphold(reader: Reader) -> None:
    show_score(reader)
    before = title(reader)
    press(reader, "u", "1", "Control+Enter")
    next_case(reader, before)


def second_person(walk: Walk, lead: Reader, demo: Demo, case: Case) -> None:
    name, password = demo.log_ins[Role.compliance_lead]
    lead.go(f"case?case={case.id}")
    lead.sign_in(name, password)
    with walk.step(
        "Lydia Kwok, a lead, opens the case and presses Check this case.",
        sees="What the maker says, the document, and the verdict to agree with or send back.",
        by=lead,
        picture="The second person: what the maker says, beside the case",
    ):
        lead.press(lead.page.get_by_role("button", name="Check this case"))
        expect(lead.page.get_by_text("What the maker says")).to_be_visible()
    with walk.step(
        "Presses `U` and `Ctrl+Enter`.",
        sees="The verdict is final.",
        by=lead,
    ):
        before = title(lead)
        press(lead, "u", "Control+Enter")
        expect(lead.heading()).not_to_have_text(before)
    found = cases.read_case(demo.workspace, case.id, actor=actor_of(demo, Role.compliance_lead))
    assert (found.state, found.verdict) == (CaseState.final, "overturn")


def reads_the_objection(walk: Walk, reader: Reader, demo: Demo) -> Request:
    """Read what the customer wrote nine days ago, in Chinese."""
    connie, t = actor_of(demo, Role.compliance), translator("zh-HK")
    asked = next(
        each for each in desk.list_requests(demo.workspace, actor=connie) if each.kind == "review"
    )
    page = reader.page
    with walk.step(
        "Opens the menu of her name, chooses 繁體中文, presses Esc.",
        sees="The page in Chinese.",
        by=reader,
    ):
        reader.choose_language("繁體中文")
    with walk.step(
        "Clicks 客戶要求.",
        sees="The requests that wait, the nearest limit first, each with the days that are left.",
        by=reader,
        picture="Customers' requests with their clocks",
    ):
        reader.follow("requests")
        expect(page.get_by_role("link", name=asked.reference)).to_be_visible()
    with walk.step(
        "Clicks the request for a human review, then 顯示客戶的原話.",
        sees="What the customer wrote, where the case stands, what can be done next.",
        by=reader,
        picture="The request: the customer's words, and for whom its case waits",
    ):
        reader.do(page.get_by_role("link", name=asked.reference).click)
        reader.press(page.get_by_role("button", name=t("Show the customer's words")))
        expect(page.get_by_text("請由職員重新考慮我的申請")).to_be_visible()
    return asked


def decides_the_appeal(walk: Walk, lead: Reader, demo: Demo, asked: Request) -> None:
    appeal = answers.case_of(demo.workspace, asked.id, actor=actor_of(demo, Role.compliance))
    assert appeal is not None
    case = appeal.id
    with walk.step(
        "Lydia Kwok opens the case of the objection, presses Claim this case.",
        sees="The customer's values, how the first case about them ended, the verdict to give.",
        by=lead,
    ):
        lead.go(f"case?case={case}")
        lead.press(lead.page.get_by_role("button", name="Claim this case"))
        expect(lead.page.locator(".hl-desk-verdict")).to_be_visible()
    with walk.step(
        "Presses `U`, `1`, `Ctrl+Enter`.",
        sees="The verdict is final, and is the answer.",
        by=lead,
    ):
        before = title(lead)
        press(lead, "u", "1", "Control+Enter")
        expect(lead.heading()).not_to_have_text(before)
    found = cases.read_case(demo.workspace, case, actor=actor_of(demo, Role.compliance_lead))
    assert (found.kind, found.state) == ("appeal", CaseState.final)


def answers_it(walk: Walk, reader: Reader, demo: Demo, asked: Request) -> None:
    """Answer the customer, whose language the letter comes in first."""
    connie, t, page = actor_of(demo, Role.compliance), translator("zh-HK"), reader.page
    with walk.step(
        "Connie reloads the request, presses 答覆：決定維持.",
        sees="The request is answered. Its clock stopped, so many days before the limit.",
        by=reader,
        picture="Answered: the sentence says when the clock stopped, the letter comes next",
    ):
        page.reload()
        reader.settle()
        answer = t("Answer: {outcome}", outcome=t("Decision upheld"))
        reader.press(page.get_by_role("button", name=answer))
        expect(reader.sentence()).to_contain_text("計時於")
    with walk.step(
        "Presses 製作通知書, then 下載通知書.",
        sees="The letter as a PDF, in Chinese and then in English, for the post.",
        by=reader,
    ):
        reader.press(page.get_by_role("button", name=t("Make the letter")))
        with page.expect_download() as taken:
            page.get_by_role("link", name=t("Download the letter (PDF)")).click()
    with walk.step(
        "Puts the letter into the post, presses 記錄為今日寄出.",
        sees="The request says on which day its letter was sent.",
        by=reader,
    ):
        sent = t("Sent today: {letter}", letter=t(TITLES["review_answer"]))
        reader.press(page.get_by_role("button", name=sent))
        expect(reader.sentence()).to_contain_text("通知書已於")
    letter = taken.value.path().read_bytes()
    assert letter.startswith(b"%PDF")
    ended = desk.read_request(demo.workspace, asked.id, actor=connie)
    assert (ended.state, ended.outcome) == ("answered", "upheld")
    (made,) = [
        each
        for each in desk.list_steps(demo.workspace, asked.id, actor=connie)
        if each.action == "letter"
    ]
    assert made.body["template"] == "review_answer"
    assert made.body["languages"] == ["zh-HK", "en"]
    assert made.body["sha256"] == sha256(letter).hexdigest()
