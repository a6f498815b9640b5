"""The alarm of a slice in which people differ from the model, and whom its alert goes to."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.review import CaseState
from core.errors import NotComputable
from core.i18n import translator
from core.services.alerts.words import headline
from core.services.checks import ALARM_SOURCES, check
from core.services.checks.moment import context_of
from core.services.review import making
from core.services.workspace import Workspace
from core.store.alerts import alarms
from core.store.alerts import threads as alerts
from core.store.identity import assignments, users
from core.store.tables import review_case
from tests.support.builders import a_log
from tests.support.checking import CHECKER, MODEL, a_fed_workspace
from tests.support.reviewing import a_case

KIND = "systematic_override"
ROWS = 240
INDUSTRIES = [row["industry"] for row in a_log(ROWS)]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = a_fed_workspace(tmp_path / "home")
    with made.store.begin() as conn:
        for name in ("maker", "checker", "owner"):
            users.create(
                conn, user_id=f"u-{name}", username=name, display_name=name, at=made.clock()
            )
        assignments.assign(
            conn, user_id="u-owner", model_id=MODEL, kind="owner", actor="x", at=made.clock()
        )
    return made


def decided(workspace: Workspace, overturned: set[int], **also: Any) -> None:
    """Make every prediction a final case; of these numbers the verdict overturns the model."""
    now = workspace.clock()
    with workspace.store.begin() as conn:
        for number in range(ROWS):
            case_id = making.make_case(conn, a_case(number), at=now)
            verdict = "overturn" if number in overturned else "uphold"
            values: dict[str, Any] = {
                "state": str(CaseState.final),
                "maker_id": "u-maker",
                "verdict": verdict,
                "proposed_at": now,
                "final_at": now,
                "final_decision": "approve" if number in overturned else "decline",
            } | also
            change = update(review_case).where(review_case.c.id == case_id)
            conn.execute(change.values(**values))


def told(workspace: Workspace, as_of: str | None = None) -> list[Any]:
    context = context_of(workspace, MODEL, actor=CHECKER, as_of=as_of)
    return ALARM_SOURCES[KIND](workspace, MODEL, context)


def in_food() -> set[int]:
    """Return 30 of the 60 rows of one industry, and 18 of the 180 others."""
    food = [number for number, each in enumerate(INDUSTRIES) if each == "food"]
    others = [number for number, each in enumerate(INDUSTRIES) if each != "food"]
    return {*food[:30], *others[:18]}


def test_a_slice_that_people_decide_otherwise_is_told(workspace: Workspace) -> None:
    decided(workspace, in_food())
    (found,) = told(workspace)
    assert (found.slice, found.statistic, found.severity) == ("industry=food", 0.5, "act")
    assert (found.n_current, found.n_reference, found.effect) == (60, 180, pytest.approx(0.4))
    assert found.evidence["overturned"] == 30
    assert found.evidence["elsewhere_overturned"] == 18


def test_verdicts_that_are_spread_evenly_raise_nothing(workspace: Workspace) -> None:
    decided(workspace, set(range(0, ROWS, 5)))
    assert told(workspace) == []


@pytest.mark.parametrize(
    "also",
    [
        {"fed_batch": "simulated"},
        {"kind": "control"},
        {"final_at": None, "state": "proposed", "final_decision": None},
    ],
)
def test_what_decides_nothing_does_not_count(workspace: Workspace, also: dict[str, Any]) -> None:
    decided(workspace, in_food(), **also)
    with pytest.raises(NotComputable):
        told(workspace)


def test_verdicts_are_looked_at_for_ninety_days(workspace: Workspace) -> None:
    now = workspace.clock()
    decided(workspace, in_food(), final_at=now - timedelta(days=91))
    with pytest.raises(NotComputable):
        told(workspace)
    with workspace.store.begin() as conn:
        conn.execute(update(review_case).values(final_at=now - timedelta(days=89)))
    assert len(told(workspace)) == 1
    with pytest.raises(NotComputable):  # nobody had decided anything by then
        told(workspace, as_of="2025-01-20")


def test_the_alert_goes_to_the_models_owner_and_says_what_is_the_case(workspace: Workspace) -> None:
    decided(workspace, in_food())
    actor = replace(CHECKER, jurisdictions=None)
    (done,) = check(
        workspace, MODEL, actor=actor, alarm_sources={KIND: ALARM_SOURCES[KIND]}, figure_sources={}
    )
    assert len(done.opened) == 1
    with workspace.store.read() as conn:
        assert alerts.get(conn, done.opened[0]).owner_id == "u-owner"
        (alarm,) = alarms.of_run(conn, done.run.id if done.run else "")
    contract = context_of(workspace, MODEL, actor=CHECKER, as_of=None).contract
    said = headline(translator("en"), contract, alarm)
    wanted = (
        "People overturn 50.0% of the cases that rules chose, elsewhere 10.0%, in industry=food"
    )
    assert said == wanted
    for locale in ("zh-HK", "zh-CN"):
        assert "推翻模型" in headline(translator(locale), contract, alarm)
