"""An erasure killed at any of its steps leaves a sound workspace; a repeat completes it."""

import shutil
from pathlib import Path

import pytest

from core.services import doctor
from core.services.approvals import four_eyes as approvals
from core.services.audit import verify as audit_verify
from core.services.erasure import asking as erasure
from core.services.erasure.run import run_erasure
from core.store.audit import trail as audit
from core.store.retention import erasures, tombstones
from tests.core.services.erasure.test_asking import hits
from tests.core.services.review.person_cases import allow_erasure, put_both
from tests.support.builders import ADMIN
from tests.support.erasing import PERSON, a_peopled_workspace, people
from tests.support.processes import die_at, killed, opened_again

STEPS = (
    "searched",
    "written:data",
    "renamed:data",
    "written:quarantine",
    "renamed:quarantine",
    "renamed:profile",
    "renamed:reference",
    "prepared",
    "before-swap",
    "in-transaction",
    "swapped",
    "purged",
    "swept",
    "forgotten",
    "cleansed",
    "finished",
)
# What was killed while it searched, wrote, renamed, swapped, purged and ended.
AT_ONCE = {"searched", "written:data", "renamed:profile", "in-transaction", "swapped", "finished"}
LEAD = "lydia"


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace in which an erasure is approved and not begun; copied for each test."""
    folder = tmp_path_factory.mktemp("approved")
    site = a_peopled_workspace(folder / "home", folder / "in")
    actors = people(site)
    allow_erasure(site)
    put_both(site, actors)
    asked = erasure.propose_erasure(site, PERSON, basis="request 1", actor=actors["connie"])
    approvals.approve(site, asked.id, actor=actors[LEAD])
    site.store.close()
    return folder / "home", asked.object_id


def _die(home: Path, erasure_id: str, step: str) -> None:
    run_erasure(opened_again(home), erasure_id, actor=ADMIN, step=die_at(step))


@pytest.mark.parametrize(
    "step",
    [pytest.param(step, marks=() if step in AT_ONCE else pytest.mark.slow) for step in STEPS],
)
def test_a_repeat_completes_what_was_killed(
    approved: tuple[Path, str], tmp_path: Path, step: str
) -> None:
    template, erasure_id = approved
    home = tmp_path / "home"
    shutil.copytree(template, home)
    killed(_die, home, erasure_id, step)
    site = opened_again(home)
    try:
        assert not doctor.examine(site, actor=ADMIN).at("error")
        report = run_erasure(site, erasure_id, actor=ADMIN)
        assert report["phase"] == "done"
        assert hits(home) == []
        assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
        with site.store.read() as conn:
            assert erasures.get(conn, erasure_id).state == "done"
            assert len(audit.list_newest(conn, kind="subject.erased")) == 1
            assert tombstones.count(conn) == (1, 4)
        assert audit_verify.verify(site, actor=ADMIN).passed
    finally:
        site.store.close()
