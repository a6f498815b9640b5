"""Disclosures from a file: all rows or none, each once; and who had the data as at receipt."""

from datetime import date, timedelta

import pytest

from core.domain.working_days import local_day
from core.errors import Forbidden, InvalidInput, UnreadableFile
from core.services.rights import disclosure_log, disclosures
from core.store.audit import trail as audit
from tests.support.desk import MODEL, Desk
from tests.support.erasing import PERSON

HEAD = "reference,recipient,purpose,day,columns,model"


def today(desk: Desk) -> date:
    return local_day(desk.clock())


def ago(desk: Desk, days: int) -> str:
    return (today(desk) - timedelta(days=days)).isoformat()


def a_file(*lines: str, head: str = HEAD) -> bytes:
    return ("\ufeff" + "\r\n".join([head, *lines]) + "\r\n").encode()


def load(desk: Desk, content: bytes, who: str = "connie") -> disclosure_log.Imported:
    return disclosure_log.import_disclosures(desk.workspace, content, actor=desk[who])


def test_a_file_is_entered_once_with_an_entry_of_the_trail_each(desk: Desk) -> None:
    content = a_file(
        f"{PERSON},Credit bureau,Check,{ago(desk, 5)},amount address,{MODEL}",
        f"{PERSON},Insurer,Quote,{ago(desk, 400)},,",
        f"CUST-0001,Credit bureau,Check,{ago(desk, 5)},amount,{MODEL}",
        f"{PERSON},Credit bureau,Check,{ago(desk, 5)},amount address,{MODEL}",  # twice
    )
    assert load(desk, content) == disclosure_log.Imported(3, 0)
    assert load(desk, content) == disclosure_log.Imported(0, 3)
    found = disclosure_log.list_disclosures(desk.workspace, actor=desk["audrey"])
    mine = desk.workspace.keys.subject_id(PERSON)
    assert {(e.subject_id == mine, e.recipient, tuple(e.what), e.model_id) for e in found} == {
        (True, "Credit bureau", ("address", "amount"), MODEL),
        (True, "Insurer", (), None),
        (False, "Credit bureau", ("amount",), MODEL),
    }
    with desk.workspace.store.read() as conn:
        told = [each for each in audit.read(conn) if each.kind == "rights.disclosed"]
    assert len(told) == 3
    assert PERSON not in repr([(each.body, each.objects) for each in told])


@pytest.mark.parametrize(
    "line",
    [
        ",Bureau,Check,2026-01-05,,",
        f"{PERSON},,Check,2026-01-05,,",
        f"{PERSON},Bureau,,2026-01-05,,",
        f"{PERSON},Bureau,Check,5 January 2026,,",
        f"{PERSON},Bureau,Check,2026-02-30,,",
        f"{PERSON},Bureau,Check,2099-01-01,,",
        f"{PERSON},Bureau,For {PERSON},2026-01-05,,",
        f"{PERSON},Bureau,Check,2026-01-05,,another-model",
        f"{PERSON},Bureau,Check,2026-01-05",
    ],
)
def test_one_line_that_will_not_do_enters_nothing_and_repeats_nothing(
    desk: Desk, line: str
) -> None:
    good = f"{PERSON},Insurer,Quote,{ago(desk, 3)},,"
    with pytest.raises(Exception) as refused:  # noqa: PT011 - two kinds of the same
        load(desk, a_file(good, line))
    assert PERSON not in str(refused.value)
    assert disclosure_log.list_disclosures(desk.workspace, actor=desk["connie"]) == ()


def test_a_bad_line_is_named_by_its_number(desk: Desk) -> None:
    good = f"{PERSON},Insurer,Quote,{ago(desk, 3)},,"
    with pytest.raises(InvalidInput) as refused:
        load(desk, a_file(good, ",Bureau,Check,2026-01-05,,"))
    assert refused.value.params["line"] == 3


@pytest.mark.parametrize(
    "content",
    [b"", a_file(head="reference,recipient"), b"\xff\xfe", a_file('"open')],
    ids=["empty", "other columns", "not UTF-8", "open quote"],
)
def test_what_is_no_such_file_is_refused(desk: Desk, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        load(desk, content)


@pytest.mark.parametrize("who", ["audrey", "ada", "bo", "hong_kong"])
def test_others_enter_nothing(desk: Desk, who: str) -> None:
    with pytest.raises(Forbidden):
        load(desk, a_file(), who)


def test_as_at_receipt_counts_twelve_months_back_from_that_day(desk: Desk) -> None:
    number = desk.ask_identified("access").id
    day = today(desk)
    before = day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else None
    for recipient, on in (
        ("On the day", day),
        ("A year ago", before or day - timedelta(days=365)),
        ("Too long ago", (before or day - timedelta(days=366)) - timedelta(days=1)),
    ):
        disclosures.note_disclosure(
            desk.workspace, PERSON, recipient, purpose="Check", on=on, actor=desk["connie"]
        )
    desk.clock.advance(days=2)
    disclosures.note_disclosure(
        desk.workspace, PERSON, "Later", purpose="Check", on=today(desk), actor=desk["connie"]
    )
    found = disclosure_log.disclosed_at_receipt(desk.workspace, number, actor=desk["audrey"])
    assert [each.recipient for each in found] == ["On the day", "A year ago"]
