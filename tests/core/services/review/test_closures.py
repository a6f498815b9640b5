"""A closure moves the clocks that counted its day, in one transaction with the audit entry."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core.domain.identity import Actor, Role
from core.domain.working_days import close_of_business, start_of_day
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, UnreadableFile
from core.services.review import closures, sla
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.tables import rights_request
from tests.core.services.review.calendar_cases import column_of, put_case, put_request, set_case
from tests.core.services.signing_in import add
from tests.support.monitoring import register_loans

LEAD = Actor("u-lead", "lead", frozenset({Role.compliance_lead}))
AUDITOR = Actor("u-auditor", "auditor", frozenset({Role.auditor}))
TUESDAY = date(2026, 9, 22)
MONDAY = start_of_day(date(2026, 9, 21))


def due_day(workspace: Workspace, case_id: int) -> date:
    with workspace.store.read() as conn:
        due: datetime = column_of(conn, case_id, "due_at")
    assert due == close_of_business(due.date())
    return due.date()


@pytest.fixture
def filled(shared: Workspace) -> Workspace:
    """Five cases made on Monday 21 September 2026, and one made on the Tuesday."""
    register_loans(shared.store)
    with shared.store.begin() as conn:
        for number, days in enumerate((1, 2, 3, 3, 5), start=1):
            put_case(conn, number, MONDAY, days=days)
        put_case(conn, 6, start_of_day(TUESDAY), days=2)
        set_case(conn, 4, state="withdrawn")
    return shared


def every_due(workspace: Workspace) -> list[int]:
    return [due_day(workspace, case_id).day for case_id in range(1, 7)]


def test_a_gale_moves_what_counted_the_day(filled: Workspace) -> None:
    # Saturday 26 September is the day following the Mid-Autumn Festival; no weekday is touched.
    assert every_due(filled) == [22, 23, 24, 24, 28, 24]
    changed = closures.add_closure(filled, TUESDAY, "gale", actor=LEAD, note="Signal no. 8")
    # Made on the day itself, and withdrawn: those two stay.
    assert every_due(filled) == [23, 24, 25, 24, 29, 24]
    assert (changed.days, changed.cases, changed.requests) == ((TUESDAY,), 4, 0)
    with filled.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="closure.added")
        assert column_of(conn, 1, "revision") == 0
        assert sla.due_at(conn, 2, "high", MONDAY).date() == date(2026, 9, 24)
    assert entry.objects == {"closure": "2026-09-22"}
    assert entry.body == {
        "cases_moved": 4,
        "requests_moved": 0,
        "closures": [{"day": "2026-09-22", "kind": "gale", "note": "Signal no. 8"}],
    }
    (closure,) = closures.list_closures(filled, actor=AUDITOR)
    assert (closure.day, closure.kind, closure.added_by) == (TUESDAY, "gale", "lead")


def test_removing_it_moves_them_back(filled: Workspace) -> None:
    closures.add_closure(filled, TUESDAY, "black_rain", actor=LEAD)
    removed = closures.remove_closure(filled, TUESDAY, actor=LEAD)
    assert (removed.cases, every_due(filled)) == (4, [22, 23, 24, 24, 28, 24])
    with pytest.raises(NotFound):
        closures.remove_closure(filled, TUESDAY, actor=LEAD)
    with filled.store.read() as conn:
        assert len(audit.list_newest(conn, kind="closure.removed")) == 1


def test_a_closure_on_a_day_off_moves_nothing(filled: Workspace) -> None:
    before = every_due(filled)
    for day in (date(2026, 9, 26), date(2026, 9, 27), date(2026, 10, 1)):
        assert closures.add_closure(filled, day, "gale", actor=LEAD).cases == 0
        assert closures.remove_closure(filled, day, actor=LEAD).cases == 0
    assert every_due(filled) == before


def test_a_request_is_due_a_day_earlier_only_if_it_was_due_that_day(shared: Workspace) -> None:
    owner = add(shared, "lead-1", Role.compliance_lead)
    received = datetime(2026, 8, 13, 2, 0, tzinfo=UTC)  # and 40 days: Tuesday 22 September
    with shared.store.begin() as conn:
        assert sla.statutory_due_on(conn, received) == TUESDAY
        mine = put_request(conn, received, TUESDAY, owner.id)
        agreed = put_request(conn, received, date(2026, 9, 30), owner.id)
    assert closures.add_closure(shared, TUESDAY, "gale", actor=LEAD).requests == 1
    assert due_on(shared, mine) == date(2026, 9, 21)
    assert due_on(shared, agreed) == date(2026, 9, 30)
    assert closures.remove_closure(shared, TUESDAY, actor=LEAD).requests == 1
    assert due_on(shared, mine) == TUESDAY


def due_on(workspace: Workspace, request_id: int) -> date:
    query = select(rights_request.c.due_on).where(rights_request.c.id == request_id)
    with workspace.store.read() as conn:
        found: date = conn.execute(query).scalar_one()
        return found


def test_a_file_is_entered_whole(filled: Workspace, tmp_path: Path) -> None:
    closures.add_closure(filled, TUESDAY, "gale", actor=LEAD)
    file = tmp_path / "closures.csv"
    file.write_text(
        "\ufeffday,kind,note\n2026-09-23,black_rain,\n2026-09-22,gale,again\n", encoding="utf-8"
    )
    changed = closures.import_closures(filled, file, actor=LEAD)
    assert (changed.days, changed.known, changed.cases) == ((date(2026, 9, 23),), 1, 5)
    assert every_due(filled) == [24, 25, 28, 24, 30, 25]
    assert closures.import_closures(filled, file, actor=LEAD).days == ()
    with filled.store.read() as conn:
        assert len(audit.list_newest(conn, kind="closure.imported")) == 1


@pytest.mark.parametrize(
    "content",
    [
        "day,kind\n2026-09-23,gale\n",
        "day,kind,note\n23/09/2026,gale,\n",
        "day,kind,note\n2026-09-31,gale,\n",
        "day,kind,note\n2026-09-23,snow,\n",
        "day,kind,note\n2026-09-23,gale\n",
        "day,kind,note\n2026-09-23,gale,,more\n",
        "day,kind,note\n2026-09-23,gale,\n2026-09-23,gale,\n",
        "day,kind,note\n1026-09-23,gale,\n",
        'day,kind,note\n2026-09-23,gale,"\n',
        b"\xff\xfe",
        "",
    ],
)
def test_a_file_with_a_fault_enters_nothing(
    workspace: Workspace, tmp_path: Path, content: str | bytes
) -> None:
    file = tmp_path / "closures.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises((InvalidInput, UnreadableFile)):
        closures.import_closures(workspace, file, actor=LEAD)
    assert closures.list_closures(workspace, actor=LEAD) == ()


def test_a_file_that_is_not_there(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        closures.import_closures(workspace, tmp_path / "none.csv", actor=LEAD)
    (tmp_path / "large.csv").write_bytes(b"x" * 1_000_001)
    with pytest.raises(UnreadableFile):
        closures.import_closures(workspace, tmp_path / "large.csv", actor=LEAD)


@pytest.mark.parametrize(
    ("day", "kind", "note"),
    [
        (TUESDAY, "snow", ""),
        (TUESDAY, "gale", "x" * 121),
        (date(1980, 1, 1), "gale", ""),
    ],
)
def test_what_will_not_do(workspace: Workspace, day: date, kind: str, note: str) -> None:
    with pytest.raises(InvalidInput):
        closures.add_closure(workspace, day, kind, actor=LEAD, note=note)


def test_a_day_is_entered_once(workspace: Workspace) -> None:
    closures.add_closure(workspace, TUESDAY, "gale", actor=LEAD)
    with pytest.raises(Conflict):
        closures.add_closure(workspace, TUESDAY, "black_rain", actor=LEAD)


@pytest.mark.parametrize(
    "call",
    [
        lambda workspace: closures.add_closure(workspace, TUESDAY, "gale", actor=AUDITOR),
        lambda workspace: closures.remove_closure(workspace, TUESDAY, actor=AUDITOR),
        lambda workspace: closures.import_closures(workspace, Path("x"), actor=AUDITOR),
    ],
)
def test_only_the_lead_enters_closures(
    workspace: Workspace, call: Callable[[Workspace], object]
) -> None:
    with pytest.raises(Forbidden):
        call(workspace)
