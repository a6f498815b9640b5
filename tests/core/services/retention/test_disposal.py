"""Records past their maximum go, by two people, unless a hold or a contradiction forbids it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput
from core.services import doctor
from core.services.approvals import four_eyes as approvals
from core.services.audit import verify as audit_verify
from core.services.erasure.lake import look
from core.services.retention import disposal, holds
from core.services.retention import rules as retention
from core.services.retention.disposal_run import run_disposal, run_waiting
from core.services.rights import intake
from core.services.workspace import Workspace
from core.store import serving
from core.store.audit import trail as audit
from core.store.serving import ReleaseRecord
from tests.support.builders import ADMIN, FIRST, VIEWER
from tests.support.erasing import PERSON, PERSON_ROWS, a_peopled_workspace, people

AUDITOR = Actor("u-aud", "aud", frozenset({Role.auditor}), origin="cli")
PERSONAL, DECISIONS = "personal_data", "decision_record"
EVERY_HOURS = 3  # of a row of the log


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    yield opened
    opened.store.close()


@pytest.fixture
def who(site: Workspace) -> Mapping[str, Actor]:
    return people(site)


def keep(site: Workspace, who: Mapping[str, Actor], name: str = PERSONAL, **days: Any) -> None:
    limits = {"minimum_days": None, "maximum_days": None, **days}
    retention.set_rule(site, name, basis="policy 3", actor=who["lydia"], **limits)


def days_of_rows(site: Workspace, rows: int) -> int:
    """Return the maximum under which about so many rows of the log are overdue."""
    return (site.clock() - (FIRST + timedelta(hours=EVERY_HOURS * rows))).days


def dispose(
    site: Workspace, who: Mapping[str, Actor], name: str = PERSONAL, **more: Any
) -> Mapping[str, Any]:
    earlier = {job.id for job in disposal.list_disposals(site, actor=AUDITOR)}
    asked = disposal.propose_disposal(site, name, actor=who["connie"], reason="yearly", **more)
    approvals.approve(site, asked.id, actor=who["lydia"])
    assert run_waiting(site, actor=ADMIN) == 1
    # by what is new, not by which is first: these clocks may stand still between two disposals
    found = disposal.list_disposals(site, actor=AUDITOR)
    (job,) = [each for each in found if each.id not in earlier]
    assert job.state == "done", job.error
    return job.result or {}


def times(site: Workspace, stream: str, column: str = "time") -> list[Any]:
    paths = list(site.lake_paths(look(site, "loans").of(stream)))
    if not paths:
        return []
    with site.duck.cursor() as cursor:
        return cursor.execute(
            f"SELECT prediction_id, epoch_us({column}) FROM read_parquet({paths!r})"
            f" ORDER BY {column}"
        ).fetchall()


def counted(site: Workspace) -> int:
    """Return the rows that the profiles count."""
    paths = [
        str(site.settings.lake_dir / file.path)
        for file in look(site, "loans").live
        if file.profile_kind == "operations"
    ]
    query = f"SELECT coalesce(sum(n), 0) FROM read_parquet({paths!r}) WHERE feature = '@rows'"
    with site.duck.cursor() as cursor:
        found = cursor.execute(f"{query} AND slice = ''").fetchone() if paths else (0,)
    assert found is not None
    return int(found[0])


def later(site: Workspace, **by: float) -> Workspace:
    now = site.clock() + timedelta(**by)
    return Workspace(site.settings, site.store, lambda: now)


def sound(site: Workspace) -> None:
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
    assert audit_verify.verify(site, actor=AUDITOR).passed
    on_disk = {
        path.relative_to(site.settings.lake_dir).as_posix()
        for path in site.settings.lake_dir.rglob("*.parquet")
    }
    assert on_disk == {file.path for file in look(site, "loans").live}


def test_what_is_past_goes_and_the_rest_stays(site: Workspace, who: Mapping[str, Actor]) -> None:
    before, decided = times(site, "predictions"), times(site, "decisions")
    keep(site, who, maximum_days=days_of_rows(site, 100))
    found = disposal.preview_disposal(site, PERSONAL, actor=who["connie"])
    edge = found.before.timestamp() * 1e6
    rest = [row for row in before if row[1] >= edge]
    gone = len(before) - len(rest)
    assert found.total == gone >= 100
    assert times(site, "predictions") == before  # a preview changes nothing
    report = dispose(site, who)
    assert times(site, "predictions") == rest
    assert counted(site) == len(rest)
    assert times(site, "decisions") == decided  # of another class
    assert report["models"]["loans"]["rows"] == {"predictions": gone}
    assert report["files_deleted"] > 0
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="retention.disposed")
    assert entry.body["approved_by"] == who["lydia"].audit_name
    assert entry.body["models"]["loans"]["rows"] == {"predictions": gone}  # type: ignore[index]
    sound(site)
    with pytest.raises(Conflict, match="No record of this class"):
        disposal.propose_disposal(site, PERSONAL, actor=who["connie"], reason="again")


def test_each_stream_goes_by_its_own_instant(site: Workspace, who: Mapping[str, Actor]) -> None:
    logged = times(site, "predictions")
    before = {
        "decisions": times(site, "decisions"),
        "outcomes": times(site, "outcomes", "observed_at"),
    }
    keep(site, who, DECISIONS, maximum_days=days_of_rows(site, 150))
    edge = disposal.preview_disposal(site, DECISIONS, actor=who["connie"]).before
    dispose(site, who, DECISIONS, model="loans")
    rest = {
        name: [row for row in rows if row[1] >= edge.timestamp() * 1e6]
        for name, rows in before.items()
    }
    assert 0 < len(rest["decisions"]) < len(before["decisions"])
    assert times(site, "decisions") == rest["decisions"]
    assert times(site, "outcomes", "observed_at") == rest["outcomes"]
    assert times(site, "predictions") == logged
    sound(site)


def test_a_person_under_a_hold_stays(site: Workspace, who: Mapping[str, Actor]) -> None:
    holds.place_hold(site, actor=who["lydia"], reason="case 9", subject=PERSON)
    keep(site, who, maximum_days=days_of_rows(site, 100))
    (due,) = disposal.preview_disposal(site, PERSONAL, actor=who["connie"]).due
    assert due.held_rows == 2  # rows 5 and 77
    report = dispose(site, who)
    left = [row[0] for row in times(site, "predictions")]
    assert left[:2] == ["L000005", "L000077"]
    assert report["models"]["loans"]["held_rows"] == 2
    assert counted(site) == len(left)
    sound(site)


def test_a_person_whose_request_is_open_stays(site: Workspace, who: Mapping[str, Actor]) -> None:
    asked = intake.intake(site, "access", PERSON, words="All of it, please.", actor=who["connie"])
    keep(site, who, maximum_days=days_of_rows(site, 100))
    (due,) = disposal.preview_disposal(site, PERSONAL, actor=who["connie"]).due
    assert due.held_rows == 2  # rows 5 and 77
    assert dispose(site, who)["models"]["loans"]["held_rows"] == 2
    assert [row[0] for row in times(site, "predictions")][:2] == ["L000005", "L000077"]
    intake.withdraw(site, asked.id, reason="Taken back.", actor=who["connie"])
    (due,) = disposal.preview_disposal(site, PERSONAL, actor=who["connie"]).due
    assert (due.held_rows, due.rows) == (0, {"predictions": 2})


def test_the_quarantine_goes_too_but_for_who_is_held(
    site: Workspace, who: Mapping[str, Actor]
) -> None:
    hold = holds.place_hold(site, actor=who["lydia"], reason="case 9", subject=PERSON)
    then = later(site, days=500)
    keep(site, who, maximum_days=450)
    report = dispose(then, who)
    assert report["models"]["loans"]["refused"] == 0
    assert {row[0] for row in times(site, "predictions")} == {
        "L000005", "L000077", "L000130", "L000250"
    }  # fmt: skip
    assert any(file.kind == "quarantine" for file in look(site, "loans").live)
    holds.lift_hold(site, hold.id, actor=who["lydia"], reason="closed")
    report = dispose(then, who)
    assert report["models"]["loans"]["refused"] > 0
    assert times(site, "predictions") == []
    assert not any(file.kind == "quarantine" for file in look(site, "loans").live)
    sound(site)


def test_a_model_under_a_hold_is_shown_and_left(site: Workspace, who: Mapping[str, Actor]) -> None:
    keep(site, who, maximum_days=days_of_rows(site, 100))
    hold = holds.place_hold(site, actor=who["lydia"], reason="case 2", model="loans")
    (due,) = disposal.preview_disposal(site, PERSONAL, actor=who["connie"]).due
    assert (due.holds, dict(due.rows)) == ((hold.id,), {})
    with pytest.raises(Conflict, match="free to go"):
        disposal.propose_disposal(site, PERSONAL, actor=who["connie"], reason="x")


def test_a_hold_placed_after_the_approval_counts(site: Workspace, who: Mapping[str, Actor]) -> None:
    before = times(site, "predictions")
    keep(site, who, maximum_days=days_of_rows(site, 100))
    asked = disposal.propose_disposal(site, PERSONAL, actor=who["connie"], reason="x")
    approvals.approve(site, asked.id, actor=who["lydia"])
    (job,) = disposal.list_disposals(site, actor=AUDITOR)
    placed: list[str] = []

    def at(step: str) -> None:
        if step == "before-swap" and not placed:
            hold = holds.place_hold(site, actor=who["lydia"], reason="case 3", model="loans")
            placed.append(hold.id)

    report = run_disposal(site, job.payload, actor=ADMIN, step=at)
    assert report["held"] == {"loans": placed}
    assert report["models"] == {}
    assert times(site, "predictions") == before


@pytest.mark.parametrize(
    ("name", "days", "error", "words"),
    [
        (PERSONAL, {"minimum_days": 500, "maximum_days": 30}, Conflict, "below its minimum"),
        (PERSONAL, {}, Conflict, "no maximum"),
        ("export", {"maximum_days": 1}, InvalidInput, "kept here to be disposed of"),
    ],
)
def test_a_contradiction_is_not_resolved(
    site: Workspace,
    who: Mapping[str, Actor],
    name: str,
    days: dict[str, int],
    error: type[Exception],
    words: str,
) -> None:
    keep(site, who, name, **days)
    with pytest.raises(error, match=words):
        disposal.preview_disposal(site, name, actor=who["connie"])


def test_another_rule_than_the_one_approved_is_not_gone_by(
    site: Workspace, who: Mapping[str, Actor]
) -> None:
    before = times(site, "predictions")
    keep(site, who, maximum_days=days_of_rows(site, 100))
    asked = disposal.propose_disposal(site, PERSONAL, actor=who["connie"], reason="x")
    keep(site, who, maximum_days=days_of_rows(site, 200))
    with pytest.raises(Conflict, match="was changed"):
        approvals.approve(site, asked.id, actor=who["lydia"])
    keep(site, who, maximum_days=days_of_rows(site, 100))
    approvals.approve(site, asked.id, actor=who["lydia"])
    keep(site, who, minimum_days=30_000, maximum_days=20_000)
    run_waiting(site, actor=ADMIN)
    (job,) = disposal.list_disposals(site, actor=AUDITOR)
    assert (job.state, times(site, "predictions")) == ("failed", before)


def test_it_takes_two_people_and_all_of_what_goes_in_scope(
    site: Workspace, who: Mapping[str, Actor]
) -> None:
    keep(site, who, maximum_days=days_of_rows(site, 100))
    asked = disposal.propose_disposal(site, PERSONAL, actor=who["lydia"], reason="x")
    with pytest.raises(Forbidden, match="Who proposed this"):
        approvals.approve(site, asked.id, actor=who["lydia"])
    for actor in (VIEWER, AUDITOR):
        with pytest.raises(Forbidden):
            disposal.propose_disposal(site, PERSONAL, actor=actor, reason="x")
    lead = frozenset({Role.compliance_lead})
    for limits in ({"models": frozenset({"loans"})}, {"jurisdictions": frozenset({"HK"})}):
        limited = Actor("u", "u", lead, **limits)  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match="needs a scope"):
            disposal.preview_disposal(site, PERSONAL, actor=limited)


def test_old_releases_by_hand_go_once_their_prediction_left_the_log(
    site: Workspace, who: Mapping[str, Actor]
) -> None:
    """With its prediction in the log a release still says what may take effect."""
    now = site.clock()
    old, mine = now - timedelta(days=800), f"L{PERSON_ROWS[0]:06d}"
    with site.store.begin() as conn:
        for name, at in (("gone", old), ("L000006", old), (mine, old), ("recent", now)):
            serving.put_release(
                conn, ReleaseRecord("loans", name, "released", "Read", at, who["lydia"].user_id)
            )

    def left() -> set[str]:
        names = ("gone", "L000006", mine, "recent")
        with site.store.read() as conn:
            return {each for each in names if serving.find_release(conn, "loans", each)}

    keep(site, who, DECISIONS, maximum_days=700)
    seen = disposal.preview_disposal(site, DECISIONS, actor=who["connie"])
    assert sum(each.rows.get("releases", 0) for each in seen.due) == 1
    assert len(left()) == 4
    report = dispose(site, who, DECISIONS)
    assert report["models"]["loans"]["rows"]["releases"] == 1
    assert left() == {"L000006", mine, "recent"}
    assert audit_verify.verify(site, actor=AUDITOR).passed
