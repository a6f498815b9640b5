"""Explanations and letters in bulk: bounded, stopped, continued, and nothing twice or by half."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, StepUpNeeded
from core.services import exports
from core.services.erasure.sweep import remove_downloads
from core.services.explanation import bulk, bulk_order
from core.services.explanation.bulk import (
    BULK_JOB,
    hand_over,
    newest_bulk,
    order_bulk,
    remove_old_letters,
    stop_bulk,
)
from core.services.explanation.bulk_letters import LetterFolder, Step
from core.services.explanation.bulk_making import produce
from core.services.explanation.bulk_order import BulkOrder, order_of, preview
from core.services.explanation.failed_checks import failed_checks
from core.services.explanation.keeping import keep_explanation
from core.services.jobs.worker import run_one
from core.store import jobs
from core.store.audit import trail as audit
from core.store.explanations import letters as explanation_letters
from core.store.explanations import records as explanations
from core.store.tables import explanation
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace, put_code_book
from tests.support.fakes import FakeClock

FEW = 3
ZONE = "America/New_York"
"""Of the demo's contract: days are cut there."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600))
    put_code_book(made)
    yield made
    made.workspace.store.close()


def officer(world: Explained, role: Role = Role.compliance) -> Actor:
    return replace(world.people[role], authenticated_at=world.workspace.clock())


def later(world: Explained) -> None:
    """Let a minute go by."""
    assert isinstance(world.workspace.clock, FakeClock)
    world.workspace.clock.advance(minutes=1)


def worst(world: Explained, count: int = FEW, **more: Any) -> BulkOrder:
    """Return the order of the loans of the highest scores."""
    scores = world.log["default_score"].sort_values(ascending=False)
    limit = (scores.iloc[count - 1] + scores.iloc[count]) / 2
    return BulkOrder(SBA, where=f"score > {limit:.9f}", **more)


def ids(world: Explained, count: int = FEW) -> set[str]:
    return {world.worst(place) for place in range(count)}


def spoil(world: Explained, prediction_id: str) -> None:
    """Keep a record that names a code book that nobody approved."""
    keep_explanation(world.workspace, SBA, prediction_id, actor=officer(world))
    with world.workspace.store.begin() as conn:
        conn.execute(update(explanation).values(code_book=99))
    later(world)


def work(world: Explained) -> jobs.Job:
    assert run_one(world.workspace, {BULK_JOB: bulk.bulk_job}, owner="test")
    job = newest_bulk(world.workspace, SBA, actor=officer(world))
    assert job is not None
    return job


def entries(world: Explained, kind: str) -> list[audit.AuditEntry]:
    with world.workspace.store.read() as conn:
        return list(audit.list_newest(conn, kind=kind))


def unpacked(world: Explained, job: jobs.Job) -> dict[str, bytes]:
    made = hand_over(world.workspace, job, actor=officer(world))
    assert made is not None
    _, content = exports.fetch(world.workspace, made.id, actor=officer(world))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def letters(world: Explained) -> list[explanation_letters.LetterRecord]:
    with world.workspace.store.read() as conn:
        found = [explanation_letters.of_prediction(conn, SBA, each) for each in sorted(ids(world))]
    return [each for some in found for each in some]


def test_explanations_are_kept_of_those_that_have_none(world: Explained) -> None:
    first = world.worst()
    keep_explanation(world.workspace, SBA, first, actor=officer(world))
    later(world)
    before = preview(world.workspace, worst(world), actor=officer(world))
    assert (before.decisions, before.explained) == (FEW, 1)

    ticket = order_bulk(world.workspace, worst(world), actor=officer(world))
    assert not order_bulk(world.workspace, worst(world), actor=officer(world)).created
    job = work(world)
    assert (job.id, job.state) == (ticket.id, "done")
    assert job.result == {
        "decisions": FEW, "kept": FEW - 1, "had": 1, "letters": 0, "refused": 0,
        "stopped": False, "file": "",
    }  # fmt: skip
    with world.workspace.store.read() as conn:
        assert explanations.explained_ids(conn, SBA) == ids(world)
        assert len(explanations.of_prediction(conn, SBA, first)) == 1
    assert entries(world, "explanation.bulk_made")[0].body["kept"] == FEW - 1
    assert entries(world, "explanation.bulk_ordered")[0].body["letters"] is False
    assert hand_over(world.workspace, job, actor=officer(world)) is None


def test_letters_are_packed_with_an_index_and_what_was_refused(world: Explained) -> None:
    spoil(world, world.worst())
    order = worst(world, letters=True, language="zh-HK", form="text")
    order_bulk(world.workspace, order, actor=officer(world))
    job = work(world)
    assert job.result is not None
    assert (job.result["letters"], job.result["refused"]) == (FEW - 1, 1)

    lead = officer(world, Role.compliance_lead)
    assert newest_bulk(world.workspace, SBA, actor=lead) is None
    assert hand_over(world.workspace, job, actor=lead) is None
    files = unpacked(world, job)
    index = rows(files.pop("index.csv"))
    refused = rows(files.pop("refused.csv"))
    assert {each["decision_id"] for each in index} == ids(world) - {world.worst()}
    assert {each["decision_id"] for each in refused} == {world.worst()}
    assert "coded" in {each["check"] for each in refused}
    assert all("代碼" in each["what_failed"] for each in refused if each["check"] == "coded")
    assert set(files) == {each["file"] for each in index}
    for each in index:
        content = files[each["file"]]
        assert sha256(content).hexdigest() == each["sha256"]
        assert each["reference"] in content.decode()
        assert each["check_code"] in content.decode()
    assert {each.reference for each in letters(world)} == {each["reference"] for each in index}
    assert preview(world.workspace, order, actor=officer(world)).lettered == FEW - 1
    assert len(entries(world, "letter.released")) == FEW - 1
    assert [e.objects["prediction"] for e in entries(world, "letter.refused")] == [world.worst()]
    (open_one,) = failed_checks(world.workspace, SBA, actor=officer(world)).rows
    assert (open_one.prediction_id, open_one.is_open) == (world.worst(), True)

    late = replace(world.workspace, clock=lambda: world.workspace.clock() + timedelta(days=9999))
    assert remove_old_letters(late) == 2  # the archive, and the folder that it was made from
    assert hand_over(world.workspace, job, actor=officer(world)) is None


class Killed(BaseException):
    """As if the process were gone: nothing catches it."""


@pytest.mark.parametrize(
    "place", ["stored", "released", pytest.param("noted", marks=pytest.mark.slow)]
)
def test_nothing_is_half_where_it_was_killed(world: Explained, tmp_path: Path, place: str) -> None:
    order, left = worst(world, 2, letters=True, form="text"), [1]
    begun = world.workspace.clock()

    def die(step: str) -> None:
        if step == place:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

    def run(step: Step = lambda _: None) -> None:
        produce(
            world.workspace,
            order,
            lambda: LetterFolder(world.workspace, tmp_path / "letters", order, step=step),
            actor=officer(world),
            begun=begun,
        )

    with pytest.raises(Killed):
        run(die)
    run()
    run()  # a third time finds nothing to do
    index = rows((tmp_path / "letters" / "index.csv").read_bytes())
    assert {each["decision_id"] for each in index} == ids(world, 2)
    on_disk = {path.name for path in (tmp_path / "letters" / "letters").iterdir()}
    assert on_disk == {each["file"].split("/")[1] for each in index}
    assert {each.reference for each in letters(world)} == {each["reference"] for each in index}
    with world.workspace.store.read() as conn:
        records = [explanations.of_prediction(conn, SBA, each) for each in ids(world, 2)]
    assert [len(each) for each in records] == [1, 1]


def test_a_job_that_broke_off_behind_its_end_makes_nothing_twice(world: Explained) -> None:
    order_bulk(world.workspace, worst(world, 1, letters=True), actor=officer(world))
    job = work(world)
    again = bulk.bulk_job(world.workspace, job, lambda *_: None)
    assert again == job.result
    assert len(letters(world)) == 1
    assert len(entries(world, "explanation.bulk_made")) == 1


def test_who_ordered_it_stops_it_and_what_was_made_stays(world: Explained) -> None:
    asked = []

    def stopped() -> bool:
        asked.append(True)
        return len(asked) > 2  # after the explanations, and after the first letter

    order = worst(world, letters=True, form="text")
    made = produce(
        world.workspace,
        order,
        lambda: LetterFolder(
            world.workspace, world.workspace.settings.exports_dir / "stopped", order
        ),
        actor=officer(world),
        begun=world.workspace.clock(),
        stopped=stopped,
    )
    assert (made.kept, made.letters, made.stopped) == (FEW, 1, True)
    assert len(letters(world)) == 1

    assert not stop_bulk(world.workspace, SBA, actor=officer(world))
    order_bulk(world.workspace, worst(world, FEW + 2), actor=officer(world))
    assert stop_bulk(world.workspace, SBA, actor=officer(world))
    job = work(world)
    assert job.result is not None
    assert job.result["stopped"] is True


def test_days_narrow_it_and_have_an_order(world: Explained) -> None:
    days = [
        world.row(world.worst(place))["approved_at"].tz_convert(ZONE).date() for place in range(10)
    ]
    day = days[0]
    found = preview(
        world.workspace,
        replace(worst(world, 10), since=day, until=day),
        actor=officer(world),
    )
    assert found.decisions == days.count(day)
    wrong = BulkOrder(SBA, since=day, until=day - timedelta(days=1))
    with pytest.raises(InvalidInput, match="before the first"):
        preview(world.workspace, wrong, actor=officer(world))
    order = worst(world, since=day, letters=True, language="zh-CN")
    assert order_of(order.payload()) == order


def test_the_worklist_gives_its_unexplained_decisions(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tuple(world.worst(place) for place in (3, 1, 2))
    monkeypatch.setattr(bulk_order, "unexplained", lambda *_, **__: listed)
    order = BulkOrder(SBA, worklist=True)
    found = bulk_order.chosen(world.workspace, order, actor=officer(world))
    assert set(found.ids()) == set(listed)
    monkeypatch.setattr(bulk_order, "AT_MOST", 2)
    found = bulk_order.chosen(world.workspace, order, actor=officer(world))
    assert set(found.ids()) == set(listed[:2])  # the first of the list
    narrowed = replace(worst(world, 4), worklist=True)
    with pytest.raises(InvalidInput, match="3 decisions are chosen; at most 2"):
        preview(world.workspace, narrowed, actor=officer(world))


def test_what_an_order_chose_of_the_worklist_stays_what_it_is_about(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [world.worst(place) for place in range(FEW)]
    monkeypatch.setattr(bulk_order, "unexplained", lambda *_, **__: tuple(rows))
    order = BulkOrder(SBA, worklist=True)
    order_bulk(world.workspace, order, actor=officer(world))
    rows.clear()  # as if they were all explained by the part that was done
    assert not order_bulk(world.workspace, order, actor=officer(world)).created
    with world.workspace.store.begin() as conn:
        job = jobs.claim(
            conn,
            owner="gone",
            at=world.workspace.clock(),
            lease=timedelta(minutes=1),
            kinds=[BULK_JOB],
        )
        assert job is not None
        jobs.fail(
            conn, job.id, owner="gone", error="x", at=world.workspace.clock(), retry_after=None
        )
    later(world)
    assert order_bulk(world.workspace, order, actor=officer(world)).created
    done = work(world)
    assert done.result is not None
    assert done.result["kept"] == FEW
    with pytest.raises(Conflict, match="No decision fits"):  # the one before is done
        order_bulk(world.workspace, order, actor=officer(world))


def test_it_is_bounded(world: Explained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_order, "AT_MOST", 5)
    monkeypatch.setattr(bulk_order, "LETTERS_AT_MOST", 2)
    assert preview(world.workspace, worst(world), actor=officer(world)).decisions == FEW
    with pytest.raises(InvalidInput, match="3 decisions are chosen; at most 2"):
        order_bulk(world.workspace, worst(world, letters=True), actor=officer(world))
    with pytest.raises(InvalidInput, match="at most 5"):
        order_bulk(world.workspace, BulkOrder(SBA), actor=officer(world))
    with pytest.raises(Conflict, match="No decision fits"):
        order_bulk(world.workspace, BulkOrder(SBA, where="score > 2"), actor=officer(world))


def test_who_may_order_what(world: Explained) -> None:
    site = world.workspace
    with pytest.raises(Forbidden):
        order_bulk(site, worst(world), actor=officer(world, Role.auditor))
    scientist = world.people[Role.data_scientist]
    with pytest.raises(Forbidden):
        order_bulk(site, worst(world, letters=True), actor=scientist)
    with pytest.raises(StepUpNeeded):
        order_bulk(site, worst(world, letters=True), actor=world.people[Role.compliance])
    order_bulk(site, worst(world), actor=world.people[Role.compliance])
    with pytest.raises(InvalidInput, match="Choose from"):
        order_bulk(site, worst(world, letters=True, language="fr"), actor=officer(world))


def test_an_index_with_personal_ids_takes_who_may_have_personal_values(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "core.contract.ModelContract.is_personal", lambda _, name: name == "@prediction_id"
    )
    order = worst(world, letters=True)
    with pytest.raises(Forbidden, match=r"personal\.export"):
        order_bulk(world.workspace, order, actor=officer(world))
    lead = officer(world, Role.compliance_lead)
    assert order_bulk(world.workspace, order, actor=lead).created


def test_an_erasure_takes_the_files_of_letters_away(world: Explained) -> None:
    folder = world.workspace.settings.exports_dir
    left = [folder / "letters-1.zip", folder / "letters-2" / "letters" / "LT-1.pdf"]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a letter")
    assert remove_downloads(world.workspace, {SBA}) == len(left)
    assert not any(path.exists() for path in left)


@pytest.mark.slow
def test_twenty_letters_of_which_one_fails(world: Explained) -> None:
    spoil(world, world.worst(7))
    order_bulk(world.workspace, worst(world, 20, letters=True), actor=officer(world))
    job = work(world)
    assert job.result is not None
    assert (job.result["letters"], job.result["refused"]) == (19, 1)
    files = unpacked(world, job)
    assert sum(name.endswith(".pdf") for name in files) == 19
    assert {each["decision_id"] for each in rows(files["refused.csv"])} == {world.worst(7)}
