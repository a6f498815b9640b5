"""Uploads: taken by the page, ingested by the worker as the person who sent them."""

from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, MissingColumn
from core.services import ingest
from core.services.ingest import INGEST_JOB, IngestSummary, ingest_upload
from core.services.ingest import uploads as upload_rules
from core.services.jobs import worker
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import trail as audit
from core.store.identity import users as stored
from tests.support.builders import ADMIN, VIEWER, a_log, a_workspace, write_csv, write_parquet


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "home")


def uploader(site: Workspace, jurisdictions: tuple[str, ...] | None = None) -> Actor:
    """Make a user of the app who uploads."""
    with site.store.begin() as conn:
        return stored.create(
            conn,
            user_id="u-mei",
            username="mei",
            display_name="Mei Wong",
            at=site.clock(),
            roles=[Role.data_scientist],
            jurisdictions=jurisdictions,
        ).actor("web")


def an_upload(site: Workspace, tmp_path: Path, person: Actor) -> str:
    content = write_csv(tmp_path / "u.csv", a_log(7)).read_bytes()
    return ingest.upload(site, "loans", "u.csv", content, actor=person).id


def test_an_upload_enters_the_trail_under_the_pseudonym(site: Workspace, tmp_path: Path) -> None:
    person = uploader(site)
    job_id = an_upload(site, tmp_path, person)
    assert worker.run_one(site, {INGEST_JOB: ingest_upload}, owner="test")
    with site.store.read() as conn:
        assert jobs.get(conn, job_id).state == "done"
        entries = audit.list_newest(conn, kind="batch.published")
        (order,) = audit.list_newest(conn, kind="ingest.ordered")
    assert [(e.actor, e.role) for e in entries] == [(person.pseudonym, "data_scientist")]
    assert (order.actor, dict(order.objects)) == (
        person.pseudonym,
        {"model": "loans", "job": job_id},
    )
    assert order.body["bytes"] == (tmp_path / "u.csv").stat().st_size
    assert not any(b"mei" in e.canonical or b"u.csv" in e.canonical for e in (*entries, order))


def test_an_upload_of_somebody_disabled_since_is_refused(site: Workspace, tmp_path: Path) -> None:
    job_id = an_upload(site, tmp_path, uploader(site))
    with site.store.begin() as conn:
        stored.set_disabled(conn, "u-mei", True)
    assert worker.run_one(site, {INGEST_JOB: ingest_upload}, owner="test")
    with site.store.read() as conn:
        job = jobs.get(conn, job_id)
    assert job.state == "failed"
    assert str(worker.error_of(job)) == "The user mei is disabled. Ask an administrator."
    assert ingest.batches(site, "loans", actor=ADMIN) == ()


def test_an_upload_is_done_with_the_roles_of_the_moment(site: Workspace, tmp_path: Path) -> None:
    job_id = an_upload(site, tmp_path, uploader(site))
    with site.store.begin() as conn:
        stored.set_roles(conn, "u-mei", {Role.business})
    assert worker.run_one(site, {INGEST_JOB: ingest_upload}, owner="test")
    with site.store.read() as conn:
        assert jobs.get(conn, job_id).state == "failed"
    assert ingest.batches(site, "loans", actor=ADMIN) == ()


def test_an_upload_keeps_the_jurisdictions_of_who_sent_it(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_upload(site, tmp_path, uploader(site, ("HK",)))
    given: list[Actor] = []

    def note(*_args: object, actor: Actor, **_rest: object) -> IngestSummary:
        given.append(actor)
        return IngestSummary("loans", "predictions", 1)

    monkeypatch.setattr(upload_rules, "ingest_files", note)
    assert worker.run_one(site, {INGEST_JOB: ingest_upload}, owner="test")
    assert [(a.jurisdictions, a.origin) for a in given] == [(frozenset({"HK"}), "worker")]


def test_an_upload_is_ingested_by_the_worker(site: Workspace, tmp_path: Path) -> None:
    person = uploader(site)
    content = write_csv(tmp_path / "a.csv", a_log(7), encoding="gb18030").read_bytes()
    names = ("../../evil name.csv", "same.csv")
    tickets = [
        ingest.upload(site, "loans", name, content, actor=person, encoding="gb18030")
        for name in names
    ]
    assert tickets[0].id == tickets[1].id
    assert worker.run_one(site, {INGEST_JOB: ingest_upload}, owner="test")
    with site.store.read() as conn:
        job = jobs.get(conn, tickets[0].id)
    assert job.state == "done"
    assert job.result is not None
    assert job.result["stored"] == 7
    assert ingest.upload_jobs(site, "loans", actor=person) == (job,)
    assert job.payload["name"] == "evil_name.csv"
    (view,) = ingest.batches(site, "loans", actor=ADMIN)
    assert view.batch.actor == "mei"
    assert view.sources[0].name == "evil_name.csv"
    uploads = site.settings.home / "uploads"
    assert [path.name for path in uploads.rglob("*.csv")] == ["evil_name.csv"]
    assert ingest.remove_finished_uploads(site) == 1
    assert not list(uploads.iterdir())


def test_one_upload_never_takes_the_file_of_another(site: Workspace, tmp_path: Path) -> None:
    content = write_csv(tmp_path / "a.csv", a_log(7)).read_bytes()
    first = ingest.upload(site, "loans", "a.csv", content, actor=uploader(site))
    with pytest.raises(MissingColumn):
        ingest.upload(site, "loans", "a.csv", content, stream="outcomes", actor=ADMIN)
    assert ingest.remove_finished_uploads(site) == 0, "a waiting job keeps its file"
    assert worker.run_one(site, {INGEST_JOB: ingest_upload}, owner="test")
    with site.store.read() as conn:
        assert jobs.get(conn, first.id).state == "done"


def test_uploads_are_limited(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write_parquet(tmp_path / "a.parquet", a_log(7)).read_bytes()
    with pytest.raises(MissingColumn):
        ingest.upload(site, "loans", "x.csv", b"a,b\n1,2\n", actor=ADMIN)
    with pytest.raises(Forbidden):
        ingest.upload(site, "loans", "a.parquet", good, actor=VIEWER)
    monkeypatch.setattr(upload_rules, "MAX_CELLS", 50)
    with pytest.raises(InvalidInput, match="7 rows of 14 columns"):
        ingest.upload(site, "loans", "a.parquet", good, actor=ADMIN)
    monkeypatch.setattr(upload_rules, "MAX_BYTES", 1 << 10)
    with pytest.raises(InvalidInput, match="larger"):
        ingest.upload(site, "loans", "a.parquet", good, actor=ADMIN)
    assert not [path for path in (site.settings.home / "uploads").rglob("*") if path.is_file()]
