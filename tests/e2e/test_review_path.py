"""The whole path of human review in the browser, from the first case to the auditor's question."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from core.domain.identity import Role
from core.domain.review import CaseState
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.review import cases
from core.services.review.cases import Case
from core.services.rights import desk
from core.services.rights.desk import Request
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.e2e.review_desk import (
    Queue,
    begin,
    check_next,
    heading_of,
    next_case,
    press,
    steps_shown,
    title,
)
from tests.e2e.test_every_page import strangers
from tests.support.browsing import cookies_of

Open = Callable[..., Reader]
DESK = "Customers' requests"
THIRD = "compliance_lead"  # of the harbour's own people; the demo's are the others
FIRST_STEPS = [
    "came into the queue",
    "claimed",
    "verdict proposed, overturned",
    "check begun",
    "checked and agreed",
]
APPEAL_STEPS = ["came into the queue", "claimed", "verdict proposed, upheld", "final, upheld"]
# What the trail says of the prediction, the oldest first.
TRAIL = [
    "Connie Lam claimed case {first} of loans",
    "Connie Lam proposed a verdict on case {first} of loans",
    "Lydia Kwok took case {first} of loans to check it",
    "Lydia Kwok checked case {first} of loans and agreed",
    "The verdict on case {first} of loans became final through Lydia Kwok",
    "Connie Lam took in request {request}",
    "Connie Lam confirmed who asks in request {request}",
    "Connie Lam opened case {second} of loans for an appeal",
    "Connie Lam opened a case for request {request}",
    "compliance_lead claimed case {second} of loans",
    "compliance_lead proposed a verdict on case {second} of loans",
    "The verdict on case {second} of loans became final through compliance_lead",
    "Connie Lam answered request {request}",
]


@pytest.mark.slow
def test_from_ten_cases_by_keys_to_what_the_auditor_finds(
    visit: Open, new_reader: Open, served: Served, queue: Queue
) -> None:
    """Ten cases by keys, two checks, an objection that a third decides, and all of it traced."""
    maker = visit(Role.compliance)
    proposed = _ten_cases_by_keys(maker, queue)
    first = _two_checks(visit(Role.compliance_lead), queue, proposed)
    asked, appeal = _objection(maker, queue, first)
    third = new_reader(cookies=cookies_of(queue.workspace, THIRD, served.url))
    _decided_by_a_third(third, queue, appeal)
    maker.go(f"requests?request={asked.id}", DESK)
    maker.do(maker.page.get_by_role("button", name="Answer: Decision upheld").click)
    expect(_rows(maker.page.locator(".hl-table")).last).to_contain_text("Request answered")
    auditor = visit(Role.auditor)
    _traced_on_pages(auditor, queue, asked, first, queue.read(appeal.id))
    _nothing_is_missing(queue, first.id, appeal.id)
    for reader in (maker, auditor):
        assert strangers(reader) == set()
        assert reader.errors == []


def _ten_cases_by_keys(reader: Reader, queue: Queue) -> list[int]:
    """Decide ten cases without a mouse, two of them otherwise than the model; return these."""
    known = {state: {each.id for each in queue.of(state)} for state in CaseState}
    begin(reader)
    press(reader, "?")
    expect(reader.page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(reader, "Escape")
    expect(reader.page.get_by_role("dialog", name="Keys")).to_be_hidden()
    for place in range(10):
        before = title(reader)
        if place in {2, 5}:
            press(reader, "o", "2", "Tab")
            reader.page.keyboard.type("Our one evening audit found income left out.")
            press(reader, "Control+Enter")  # no evidence yet
            expect(reader.page.locator(".hl-desk-alert")).to_contain_text("evidence")
            reader.page.keyboard.type("Payslips of March")
            expect(reader.page.locator("#hl-desk-evidence")).to_have_value("Payslips of March")
        else:
            press(reader, "u", "2")
        press(reader, "Control+Enter")
        next_case(reader, before)

    def new(state: CaseState) -> list[Case]:
        return [each for each in queue.of(state) if each.id not in known[state]]

    decided, proposed = new(CaseState.final), new(CaseState.proposed)
    assert [each.reason_code for each in decided] == 8 * ["policy_applied"]
    assert [each.reason_code for each in proposed] == 2 * ["new_evidence"]
    assert len(new(CaseState.claimed)) == 1
    return [each.id for each in proposed]


def _two_checks(lead: Reader, queue: Queue, proposed: list[int]) -> Case:
    """Check both: agree with one, which is returned, and send the other back."""
    check_next(lead)
    before = title(lead)
    press(lead, "u", "Control+Enter")
    next_case(lead, before)
    press(lead, "o", "Control+Enter")  # sending back takes words
    expect(lead.page.locator(".hl-desk-alert")).not_to_be_empty()
    lead.page.keyboard.type("Which payslip, of whom?")
    press(lead, "Control+Enter")
    expect(lead.page.get_by_text("Nothing is left that you may take now.")).to_be_visible()
    lead.settle()
    agreed, sent_back = sorted(map(queue.read, proposed), key=lambda each: each.state)
    assert (agreed.state, sent_back.state) == (CaseState.final, CaseState.open)
    assert agreed.checker_id == queue[Role.compliance_lead].user_id
    return agreed


def _objection(reader: Reader, queue: Queue, case: Case) -> tuple[Request, Case]:
    """Take the customer's objection in, confirm who asks, and open the case for a person."""
    reader.go("requests", DESK)
    for key, text in (("reference", case.prediction_id), ("prediction", case.prediction_id)):
        reader.key(f"request_{key}").locator("input").fill(text)
    reader.choose(reader.key("request_model").get_by_role("combobox"), "Small loans")
    words = reader.key("request_words").locator("textarea")
    words.fill("No income of mine was left out. I ask for another person.")
    reader.do(reader.page.get_by_role("button", name="Take in the request").click)
    reader.do(reader.page.get_by_role("button", name="Confirm the identity").click)
    reader.do(reader.page.get_by_role("button", name="Open the case for a person").click)
    expect(
        reader.page.get_by_text("who has not decided about it. Its verdict is the answer")
    ).to_be_visible()
    made = queue.of(CaseState.open)
    (appeal,) = [each for each in made if each.kind == "appeal"]
    assert (appeal.prediction_id, appeal.parent_id) == (case.prediction_id, case.id)
    assert appeal.request_id is not None
    asked = desk.read_request(queue.workspace, appeal.request_id, actor=queue[Role.auditor])
    assert (asked.state, asked.prediction_id) == ("identified", case.prediction_id)
    return asked, appeal


def _decided_by_a_third(reader: Reader, queue: Queue, appeal: Case) -> None:
    """Let somebody who neither made nor checked the verdict take the appeal, first of all."""
    begin(reader)
    expect(reader.heading()).to_have_text(heading_of(appeal))
    press(reader, "u", "3", "Control+Enter")
    next_case(reader, heading_of(appeal))
    assert queue.read(appeal.id).state is CaseState.final


def _traced_on_pages(
    reader: Reader, queue: Queue, asked: Request, first: Case, second: Case
) -> None:
    """Follow the prediction as an auditor does: the trail, the request, the appeal, the verdict."""
    reader.go("audit-trail", "Audit trail")
    reader.choose(reader.key("audit_object_kind").get_by_role("combobox"), "Decision")
    field = reader.key("audit_object_id").locator("input")
    field.fill(first.prediction_id)
    reader.do(lambda: field.press("Enter"))
    told = {"first": first.id, "second": second.id, "request": asked.id}
    rows = reader.key("audit_entries").locator("[role=row]")
    expect(rows).to_have_count(len(TRAIL) + 1)
    said = [row.locator("[role=gridcell]").first.text_content() for row in rows.all()[1:]]
    assert said[::-1] == [each.format(**told) for each in TRAIL]
    reader.go(f"requests?request={asked.id}", DESK)
    wanted = ["Request received", "Identity confirmed", "Case opened", "Request answered"]
    expect(_rows(reader.page.locator(".hl-table"))).to_contain_text(wanted)
    expect(reader.page.get_by_text("You can read this request")).to_be_visible()
    reader.do(reader.page.get_by_role("link", name=f"Open case {second.reference}").click)
    for case, acts, origin in (
        (second, APPEAL_STEPS, "appeal"),
        (first, FIRST_STEPS, "by a rule"),
    ):
        if case is first:
            reader.go(f"case?case={first.id}")
        expect(reader.heading()).to_have_text(heading_of(case))
        assert [each.split(" (")[0] for each in steps_shown(reader)] == acts
        expect(reader.page.locator(".hl-panel").nth(1)).to_contain_text(origin)
        for name in filter(None, (case.maker_name, case.checker_name)):
            expect(reader.page.locator(".hl-panel").nth(2)).to_contain_text(name)
        expect(reader.page.locator(".hl-desk-verdict")).to_have_count(0)
        expect(reader.page.get_by_text("It is decided.")).to_be_visible()


def _nothing_is_missing(queue: Queue, first: int, second: int) -> None:
    """Each step of both cases is an entry whose proof holds, and three people decided."""
    auditor, people = queue[Role.auditor], set[str | None]()
    for case_id in (first, second):
        steps = cases.case_steps(queue.workspace, case_id, actor=auditor)
        about = Search(objects={"case": str(case_id)})
        told = audit_trail.entries(queue.workspace, about, actor=auditor)
        # What the auditor opened above is on record too.
        found = [each for each in told if each.entry.kind != "page.viewed"]
        kinds = [each.entry.kind.removeprefix("review.") for each in reversed(found)]
        acts = [each.action for each in steps]
        assert [each for each in kinds if each not in {"final", "appealed"}] == [
            each for each in acts[1:] if each != "final"
        ]
        assert kinds[-1] == "final"
        assert all(
            audit_trail.detail(queue.workspace, each.entry.sequence, actor=auditor).holds
            for each in found
        )
        case = queue.read(case_id)
        people |= {case.maker_id, case.checker_id}
    assert len(people - {None}) == 3


def _rows(tables: Locator) -> Locator:
    return tables.locator("tbody tr")
