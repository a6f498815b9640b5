"""Nothing that a reviewer can look at tells a blind case from a live one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from core.domain.identity import Actor, Role
from core.domain.working_days import start_of_day
from core.errors import InvalidInput, NotFound
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.oversight.controls import make_controls
from core.services.oversight.doubles import make_doubles
from core.services.review import bulk, cases, claims, comments, files, verdicts
from core.services.review.cases import CaseFilter
from core.services.serving.releases import release_state
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.tables import model, review_case
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    a_site,
    actor,
    decide,
    decided,
    waiting,
)
from tests.core.services.review.calendar_cases import put_case

TODAY = start_of_day(date(2026, 3, 3))
ROUTED_AT = TODAY - timedelta(hours=5)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    for number in (1, 3, 7, 21, 2, 14):
        decided(made, number, tier="normal", rule="near_cut_off", subject_id=f"person-{number}")
    waiting(made, 16, made=ROUTED_AT)
    assert make_controls(made, MODEL) == 4
    yield made
    made.store.close()


def of_kind(site: Workspace, kind: str) -> list[Any]:
    with site.store.read() as conn:
        query = select(review_case).where(review_case.c.kind == kind).order_by(review_case.c.id)
        return list(conn.execute(query))


def auditor(site: Workspace) -> Actor:
    return replace(actor(site, "bo"), user_id="u-eve", roles=frozenset({Role.auditor}))


def test_no_entry_and_no_instant_tells_when_controls_were_made(site: Workspace) -> None:
    assert {each.created_at for each in of_kind(site, "control")} == {ROUTED_AT}
    steps = cases.case_steps(site, of_kind(site, "control")[0].id, actor=actor(site, "bo"))
    assert [each.at for each in steps] == [ROUTED_AT]
    search = Search(kind="review.controls_made")
    assert audit_trail.entries(site, search, actor=actor(site, "bo")) == ()
    assert "review.controls_made" not in audit_trail.kinds(site, actor=actor(site, "bo"))
    for reader in (actor(site, "lee"), auditor(site)):
        (entry,) = audit_trail.entries(site, search, actor=reader)
        number = entry.entry.sequence
        assert audit_trail.detail(site, number, actor=reader).entry.sequence == number
        assert "review.controls_made" in audit_trail.kinds(site, actor=reader)
    with pytest.raises(NotFound):
        audit_trail.detail(site, number, actor=actor(site, "bo"))


def test_who_asks_the_customer_without_words_learns_nothing(site: Workspace) -> None:
    bo = actor(site, "bo")
    live = cases.list_cases(site, CaseFilter(text_id="L10001"), actor=bo).cases
    said = []
    for case_id in (of_kind(site, "control")[0].id, *(each.id for each in live)):
        mine = claims.claim(site, case_id, actor=bo)
        with pytest.raises(InvalidInput) as refused:
            verdicts.ask_customer(
                site, case_id, follow_up_on=date(2026, 4, 1), text="", actor=bo,
                revision=mine.revision,
            )  # fmt: skip
        said.append(str(refused.value))
        assert cases.read_case(site, case_id, actor=bo).state == "claimed"
    assert len(set(said)) == 1


def test_the_first_verdict_is_kept_from_whoever_gives_the_second(site: Workspace) -> None:
    bo, ada, lee = (actor(site, name) for name in ("bo", "ada", "lee"))
    control = of_kind(site, "control")[0]
    parent = control.parent_id
    for wanted in (
        CaseFilter(text_id=control.prediction_id),
        CaseFilter(subject_id=control.subject_id, states=["open", "final"]),
    ):
        assert [each.id for each in cases.list_cases(site, wanted, actor=bo).cases] == [control.id]
        # Whoever decided first sees the own case, and no blind one about it.
        assert [each.id for each in cases.list_cases(site, wanted, actor=ada).cases] == [parent]
        both = cases.list_cases(site, wanted, actor=lee).cases
        assert {each.id for each in both} == {parent, control.id}
    for read in (cases.read_case, cases.case_steps, comments.comments, files.list_files):
        with pytest.raises(NotFound):
            read(site, parent, actor=bo)
    assert cases.read_case(site, parent, actor=ada).verdict == "uphold"
    decide(site, control.id, "bo", overturn=False)
    assert cases.read_case(site, parent, actor=bo).verdict == "uphold"


def test_the_trail_keeps_the_first_verdict_too(site: Workspace) -> None:
    bo, lee = actor(site, "bo"), actor(site, "lee")
    live = of_kind(site, "routed")[-8:]
    for each in live:
        decide(site, each.id, "ada", overturn=False)
    abouts = {each.id: Search(objects={"case": str(each.id)}) for each in live}
    before = {key: audit_trail.entries(site, about, actor=bo) for key, about in abouts.items()}
    assert make_doubles(site, MODEL)  # of about half of the eight
    second = of_kind(site, "second")[0]
    about, told = abouts[second.parent_id], before[second.parent_id]
    assert "review.final" in [each.entry.kind for each in told]
    assert audit_trail.entries(site, about, actor=bo) == ()
    assert audit_trail.entries(site, about, actor=lee) == told
    with pytest.raises(NotFound):
        audit_trail.detail(site, told[0].entry.sequence, actor=bo)
    decide(site, second.id, "bo", overturn=False)
    assert audit_trail.entries(site, about, actor=bo) == told


@pytest.mark.parametrize(
    ("level", "told_blind"),
    [
        ("in_the_loop", ("held", "in_review")),
        ("in_command", ("held", "in_review")),
        ("out_of_the_loop", ("released", "oversight_level")),
        (None, ("held", "undeclared")),
    ],
)
def test_the_release_says_no_verdict_while_a_second_is_to_come(
    tmp_path: Path, level: str | None, told_blind: tuple[str, str]
) -> None:
    """It says what it says of a live case that waits, of a version of each level."""
    site = a_site(tmp_path / "loop")
    with site.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text)
        version = {"id": "1", "oversight_level": level}
        conn.execute(
            model.update().values(spec_text=yaml.safe_dump(document | {"versions": [version]}))
        )
    parent = decided(site, 1, "overturn", tier="normal")
    with site.store.begin() as conn:
        put_case(
            conn, 1, ROUTED_AT, kind="control", occasion="control:1", parent_id=parent,
            barred_maker_id="u-ada",
        )  # fmt: skip
        prediction = conn.execute(
            select(review_case.c.prediction_id).where(review_case.c.id == parent)
        ).scalar_one()
    told = {
        name: release_state(site, MODEL, prediction, actor=actor(site, name))
        for name in ("bo", "lee")
    }
    assert (told["lee"].state, told["lee"].reason) == ("released", "reviewed")
    assert told["lee"].decision == "approve"
    assert (told["bo"].state, told["bo"].reason) == told_blind
    assert (told["bo"].decision, told["bo"].decided_at) == (None, None)
    site.store.close()


def test_being_barred_is_not_told_as_such(site: Workspace) -> None:
    ada, lee = actor(site, "ada"), actor(site, "lee")
    control = of_kind(site, "control")[0]
    with pytest.raises(NotFound):
        claims.claim(site, control.id, actor=ada)
    planned = bulk.preview(site, bulk.Act("assign", user_id="u-ada"), [control.id], actor=lee)
    assert [each.refused for each in planned.items] == ["scope"]
    counts = cases.queue_counts(site, actor=ada)
    assert counts.open == 16  # no control among them


def test_a_control_bears_the_rules_of_now(site: Workspace) -> None:
    old = {each.rules_sha256 for each in of_kind(site, "routed") if each.state == "final"}
    assert not old & {each.rules_sha256 for each in of_kind(site, "control")}


def test_made_again_on_the_day_there_are_no_more(site: Workspace) -> None:
    assert make_controls(site, MODEL) == 0
    with site.store.read() as conn:
        entries = audit.list_newest(conn, kind="review.controls_made")
    assert [each.at for each in entries] == [NOW]
