"""A disposal killed at any of its steps leaves a sound workspace; a repeat completes it."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.services import doctor
from core.services.approvals import four_eyes as approvals
from core.services.audit import verify as audit_verify
from core.services.erasure.lake import look
from core.services.retention import disposal, holds
from core.services.retention.disposal_run import run_disposal
from core.store.audit import trail as audit
from tests.core.services.retention.test_disposal import (
    AUDITOR,
    PERSONAL,
    counted,
    keep,
    later,
    sound,
    times,
)
from tests.support.builders import ADMIN
from tests.support.erasing import PERSON, a_peopled_workspace, people
from tests.support.processes import die_at, killed, opened_again

STEPS = (
    "searched",
    "written:data",
    "renamed:data",
    "renamed:profile",
    "prepared",
    "before-swap",
    "in-transaction",
    "swapped",
    "purged",
    "finished",
)
# What was killed while it searched, renamed, swapped, purged and ended.
AT_ONCE = {"searched", "renamed:data", "in-transaction", "swapped", "finished"}


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, object]]:
    """A workspace in which a disposal is approved and not begun; copied for each test."""
    folder = tmp_path_factory.mktemp("approved")
    site = a_peopled_workspace(folder / "home", folder / "in")
    who = people(site)
    holds.place_hold(site, actor=who["lydia"], reason="case 9", subject=PERSON)
    keep(site, who, maximum_days=450)
    then = later(site, days=500)
    asked = disposal.propose_disposal(then, PERSONAL, actor=who["connie"], reason="yearly")
    approvals.approve(then, asked.id, actor=who["lydia"])
    (job,) = disposal.list_disposals(site, actor=AUDITOR)
    site.store.close()
    return folder / "home", job.payload


def _die(home: Path, order: Mapping[str, object], step: str) -> None:
    run_disposal(opened_again(home), order, actor=ADMIN, step=die_at(step))


@pytest.mark.parametrize(
    "step",
    [pytest.param(step, marks=() if step in AT_ONCE else pytest.mark.slow) for step in STEPS],
)
def test_a_repeat_completes_what_was_killed(
    approved: tuple[Path, Mapping[str, object]], tmp_path: Path, step: str
) -> None:
    template, order = approved
    home = tmp_path / "home"
    shutil.copytree(template, home)
    killed(_die, home, order, step)
    site = opened_again(home)
    try:
        assert not doctor.examine(site, actor=ADMIN).at("error")
        assert audit_verify.verify(site, actor=ADMIN).passed
        whole = STEPS.index(step) <= STEPS.index("in-transaction")
        assert len(times(site, "predictions")) == (302 if whole else 4)
        for _ in range(2):
            report = run_disposal(site, order, actor=ADMIN)
            assert report["models"]["loans"]["held_rows"] == 4  # type: ignore[index]
        assert len(times(site, "predictions")) == counted(site) == 4
        assert not look(site, "loans").gone
        with site.store.read() as conn:
            assert len(audit.list_newest(conn, kind="retention.disposed")) == 1
        sound(site)
    finally:
        site.store.close()
