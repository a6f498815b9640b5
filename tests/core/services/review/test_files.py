"""Files with a case: taken by content, handed out on record, removed with their bytes."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpNeeded, StorageError
from core.lake.files import finished_file
from core.services.review import cases, claims, comments, files, verdicts
from core.services.review.file_kinds import CSV, DOCX, EMAIL, ENDINGS, PDF, TEXT, XLSX, kind_of
from core.services.workspace import Workspace
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.identity import assignments
from core.store.review.files import FileRecord
from core.store.tables import review_file
from tests.core.services.review.calendar_cases import put_case, set_case
from tests.core.services.review.team_cases import LEAD, Team, a_team
from tests.support.fakes import START
from tests.support.monitoring import MODEL
from tests.support.reviewing import OVERTURN

BY_FILE = replace(OVERTURN, evidence=())
TYPES = "[Content_Types].xml"
MAIL = b"From: a@example.com\r\nDate: Mon, 5 Jan 2026 09:30:00 +0800\r\n\r\n<p>Please</p>\r\n"


def office(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        for name in names:
            parts.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7 rest", "x.exe", PDF),
        (b"\x89PNG\r\n\x1a\nrest", "x.pdf", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "", "image/jpeg"),
        (office(TYPES, "xl/workbook.xml"), "x.zip", XLSX),
        (office(TYPES, "word/document.xml"), "x", DOCX),
        ("薪金：一萬元\n".encode(), "x.txt", TEXT),
        (b"\xef\xbb\xbfa,b\n1,2\n", "x.CSV", CSV),
        (b"a < b and b > c\n", "x.txt", TEXT),
        (MAIL, "x", EMAIL),
    ],
)
def test_what_is_taken(content: bytes, name: str, kind: str) -> None:
    assert kind_of(content, name) == kind
    assert kind in ENDINGS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"GIF89a\x01\x00",
        b"<!DOCTYPE html><p>",
        b"words, then <script>alert(1)</script>",
        b"<?xml version='1.0'?><svg/>",
        b"  < IMG src=x>",
        "Größe".encode("latin-1"),
        b"a\x00b",
        b"PK\x03\x04 broken",
        office("xl/workbook.xml"),
        office(TYPES, "other.xml"),
        office(TYPES, "xl/workbook.xml", "xl/vbaProject.bin"),
        office(TYPES, "word/document.xml", "word/embeddings/oleObject1.bin"),
        b"Subject: <script>\r\n\r\nno sender\r\n",
    ],
)
def test_what_is_not_taken_whatever_it_is_called(content: bytes) -> None:
    for name in ("x.pdf", "x.txt", "x.csv", "x.xlsx", "x.eml"):
        assert kind_of(content, name) is None


@pytest.fixture
def people(workspace: Workspace) -> Team:
    found = a_team(workspace)
    with workspace.store.begin() as conn:
        put_case(conn, 1, START)
    return found


def put(people: Team, content: bytes = b"words\n", name: str = "note.txt") -> FileRecord:
    return files.add_file(people.workspace, 1, name, content, actor=people.actor("amy"))


def on_disk(people: Team) -> list[Path]:
    folder = files.folder_of(people.workspace)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_file_is_kept_handed_out_and_removed_on_record(people: Team) -> None:
    workspace = people.workspace
    record = put(people, name=r"C:\temp\..\Chan <Tai> Man.exe")
    assert record.name == "Chan _Tai_ Man.txt"
    (path,) = on_disk(people)
    assert path.parent.name == "000001"
    assert (path.stat().st_mode & 0o077, "Chan" in path.name) == (0, False)
    assert files.list_files(workspace, 1, actor=people.actor("ben")) == (record,)
    auditor = Actor("u-a", "a", frozenset({Role.auditor}), pseudonym="p-a", origin="cli")
    assert files.read_file(workspace, record.id, actor=auditor) == (record, b"words\n")
    files.remove_file(workspace, record.id, actor=people.actor("amy"))
    assert (on_disk(people), files.list_files(workspace, 1, actor=LEAD)) == ([], ())
    with pytest.raises(NotFound):
        files.read_file(workspace, record.id, actor=auditor)
    with workspace.store.read() as conn:
        entries = audit.list_newest(conn, objects={"case": "1"})
        payloads: Mapping[int, bytes] = subjects.payloads(conn, [each.sequence for each in entries])
    assert [each.kind for each in entries] == [
        "review.file_removed",
        "review.file_read",
        "review.file_added",
    ]
    assert entries[1].actor == "p-a"
    # What it is called, and its hash, are told under the person's key only.
    assert all(b"Chan" not in each.canonical for each in entries)
    assert all(record.sha256.encode() not in each.canonical for each in entries)
    assert all(record.sha256.encode() in each for each in payloads.values())
    assert len(payloads) == 3


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"<html>", "x.pdf"), (b"", "x.txt"), (b"a" * (files.MOST_BYTES + 1), "x.txt")],
)
def test_nothing_else_is_kept(people: Team, content: bytes, name: str) -> None:
    with pytest.raises(InvalidInput):
        put(people, content, name)
    assert on_disk(people) == []


def test_the_largest_file_is_taken(people: Team) -> None:
    assert put(people, b"a" * files.MOST_BYTES).bytes == 10 * 1024 * 1024


def test_a_finished_case_stays_as_it_is(people: Team) -> None:
    record = put(people)
    with people.workspace.store.begin() as conn:
        set_case(conn, 1, state="withdrawn")
    with pytest.raises(Conflict):
        put(people)
    with pytest.raises(Conflict):
        files.remove_file(people.workspace, record.id, actor=LEAD)
    assert len(on_disk(people)) == 1


def test_a_case_has_a_most(people: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 1)
    put(people)
    with pytest.raises(Conflict):
        put(people)


def test_of_two_at_once_one_finds_no_room(people: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw room when they began; the second to come is counted under the lock."""
    monkeypatch.setattr(files, "MOST_FILES", 1)
    real, raced = finished_file, [False]

    def meanwhile(path: Path) -> Any:
        if not raced[0]:
            raced[0] = True
            put(people)
        return real(path)

    monkeypatch.setattr(files, "finished_file", meanwhile)
    with pytest.raises(Conflict):
        put(people)
    assert len(on_disk(people)) == 1


def test_while_somebody_decides_only_they_take_a_file_away(people: Team) -> None:
    workspace, amy = people.workspace, people.actor("amy")
    record = put(people)
    held = claims.claim(workspace, 1, actor=people.actor("ben"))
    assert held.revision == 2  # the file was one change, the claim another
    for name in ("amy", "lee"):
        with pytest.raises(Conflict):
            files.remove_file(workspace, record.id, actor=people.actor(name))
    claims.give_back(workspace, 1, actor=people.actor("ben"))
    claims.claim(workspace, 1, actor=amy)
    files.remove_file(workspace, record.id, actor=amy)
    assert on_disk(people) == []


def test_what_bears_a_verdict_out_stays_until_it_is_decided(people: Team) -> None:
    workspace, amy, lee = people.workspace, people.actor("amy"), people.actor("lee")
    held = claims.claim(workspace, 1, actor=amy)
    record = put(people)
    with pytest.raises(Conflict):  # what lies with the case is no longer what was looked at
        verdicts.propose(workspace, 1, BY_FILE, actor=amy, revision=held.revision)
    made = verdicts.propose(workspace, 1, BY_FILE, actor=amy, revision=held.revision + 1)
    assert made.state == "proposed"
    with pytest.raises(Conflict):
        files.remove_file(workspace, record.id, actor=amy)
    check = claims.take_check(workspace, 1, actor=lee)
    for who in (amy, lee):
        with pytest.raises(Conflict):
            files.remove_file(workspace, record.id, actor=who)
    with workspace.store.begin() as conn:  # gone behind the services' backs
        conn.execute(update(review_file).values(removed_at=START))
    with pytest.raises(InvalidInput, match="evidence"):
        verdicts.agree(workspace, 1, actor=lee, revision=check.revision)
    put(people)
    with pytest.raises(Conflict):
        verdicts.agree(workspace, 1, actor=lee, revision=check.revision)
    done = verdicts.agree(workspace, 1, actor=lee, revision=check.revision + 1)
    assert done.state == "final"


def test_in_a_browser_a_file_is_opened_after_a_recent_sign_in(people: Team) -> None:
    record = put(people)
    stale = replace(people.actor("amy"), origin="web", authenticated_at=None)
    with pytest.raises(StepUpNeeded):
        files.read_file(people.workspace, record.id, actor=stale)
    fresh = replace(stale, authenticated_at=people.workspace.clock())
    assert files.read_file(people.workspace, record.id, actor=fresh)[1] == b"words\n"


def test_a_file_of_somebody_else_is_removed_by_the_lead_only(people: Team) -> None:
    record = put(people)
    with pytest.raises(Forbidden):
        files.remove_file(people.workspace, record.id, actor=people.actor("ben"))
    files.remove_file(people.workspace, record.id, actor=people.actor("lee"))


def test_what_may_be_removed_is_told_and_what_a_verdict_was_made_on_stays(people: Team) -> None:
    workspace, amy, lee = people.workspace, people.actor("amy"), people.actor("lee")

    def told(who: Actor) -> set[str]:
        return {each.name for each in files.removable_files(workspace, 1, actor=who)}

    first = put(people, name="first.txt")
    auditor = Actor("u-a", "a", frozenset({Role.auditor}), pseudonym="p-a", origin="cli")
    assert [told(who) for who in (amy, people.actor("ben"), lee, auditor)] == [
        {"first.txt"}, set(), {"first.txt"}, set(),
    ]  # fmt: skip
    held = claims.claim(workspace, 1, actor=amy)
    assert (told(amy), told(lee)) == ({"first.txt"}, set())  # in somebody's hands
    verdicts.propose(workspace, 1, BY_FILE, actor=amy, revision=held.revision)
    check = claims.take_check(workspace, 1, actor=lee)
    assert (told(amy), told(lee)) == (set(), set())
    back = verdicts.send_back(workspace, 1, actor=lee, revision=check.revision, text="Look again")
    people.workspace.clock.advance(minutes=1)  # type: ignore[attr-defined]
    later = put(people, name="later.txt")
    assert (back.state, told(amy), told(lee)) == ("open", {"later.txt"}, {"later.txt"})
    with pytest.raises(Conflict, match="it stays"):
        files.remove_file(workspace, first.id, actor=lee)
    files.remove_file(workspace, later.id, actor=amy)
    assert [each.name for each in files.list_files(workspace, 1, actor=amy)] == ["first.txt"]


def test_a_file_that_was_changed_is_not_handed_out(people: Team) -> None:
    record = put(people)
    on_disk(people)[0].write_bytes(b"other words")
    with pytest.raises(StorageError):
        files.read_file(people.workspace, record.id, actor=people.actor("amy"))
    on_disk(people)[0].unlink()
    with pytest.raises(StorageError):
        files.read_file(people.workspace, record.id, actor=people.actor("amy"))
    with people.workspace.store.read() as conn:
        assert audit.list_newest(conn, kind="review.file_read") == ()


def test_a_path_of_the_database_is_not_trusted(people: Team) -> None:
    """Neither what is read nor what is removed lies anywhere else, whatever the database says."""
    home = people.workspace.settings.home
    record = put(people)
    (home / "secret").write_bytes(b"words\n")
    with people.workspace.store.begin() as conn:
        conn.execute(
            update(review_file).where(review_file.c.id == record.id).values(path="../secret")
        )
    with pytest.raises(StorageError):
        files.read_file(people.workspace, record.id, actor=people.actor("amy"))
    files.remove_file(people.workspace, record.id, actor=people.actor("amy"))
    assert (home / "secret").exists()
    other = put(people)
    path = files.folder_of(people.workspace) / other.path
    path.unlink()
    path.symlink_to(home / "secret")
    with pytest.raises(StorageError):
        files.read_file(people.workspace, other.id, actor=people.actor("amy"))


@pytest.mark.parametrize("file_id", ["", "..", "x\x00", "A" * 32, "0" * 32, "0" * 31])
def test_there_is_no_such_file(people: Team, file_id: str) -> None:
    with pytest.raises(NotFound):
        files.read_file(people.workspace, file_id, actor=replace(LEAD, origin="cli"))


def test_outside_of_the_scope_there_is_nothing(people: Team) -> None:
    record = put(people)
    narrow = Actor(
        "u-x", "x", frozenset({Role.compliance}), models=frozenset({"other"}), origin="cli"
    )
    for call in (
        lambda: files.read_file(people.workspace, record.id, actor=narrow),
        lambda: files.list_files(people.workspace, 1, actor=narrow),
        lambda: files.add_file(people.workspace, 1, "x.txt", b"x", actor=narrow),
        lambda: files.remove_file(people.workspace, record.id, actor=narrow),
    ):
        with pytest.raises(NotFound):
            call()
    scientist = Actor("u-s", "s", frozenset({Role.data_scientist}))
    with pytest.raises(Forbidden):
        files.read_file(people.workspace, record.id, actor=scientist)


def test_a_developer_of_the_model_bears_nothing_out(people: Team) -> None:
    workspace, ben = people.workspace, people.actor("ben")
    with workspace.store.begin() as conn:
        case_id = put_case(conn, 77, START)
    with pytest.raises(Forbidden, match="developer"):
        files.add_file(workspace, case_id, "x.pdf", b"%PDF-1.7", actor=people.actor("dora"))
    with pytest.raises(Forbidden, match="developer"):
        comments.comment(workspace, case_id, "It is right.", actor=people.actor("dora"))
    assert files.list_files(workspace, case_id, actor=ben) == ()
    # Nor does what somebody put there who develops the model by now.
    files.add_file(workspace, case_id, "x.pdf", b"%PDF-1.7", actor=people.actor("amy"))
    with workspace.store.begin() as conn:
        assignments.assign(
            conn, user_id=people.ids["amy"], model_id=MODEL, kind="developer", actor="p", at=START
        )
    held = claims.claim(workspace, case_id, actor=ben)
    with pytest.raises(InvalidInput, match="takes evidence"):
        verdicts.propose(workspace, case_id, BY_FILE, actor=ben, revision=held.revision)
    files.add_file(workspace, case_id, "y.pdf", b"%PDF-1.7", actor=ben)
    revision = cases.read_case(workspace, case_id, actor=ben).revision
    made = verdicts.propose(workspace, case_id, BY_FILE, actor=ben, revision=revision)
    assert made.state == "proposed"
