"""Cases, requests, notes of disclosures and refusals past their maximum go; nothing else does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.identity import Actor
from core.errors import Conflict
from core.services import doctor
from core.services.audit import verify as audit_verify
from core.services.retention import disposal, holds
from core.services.retention import rules as retention
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.retention import rules as stored
from core.store.retention.rules import StoredRule
from core.store.tables import dispute_note, refusal, review_case, rights_request
from tests.core.services.retention.test_disposal import AUDITOR, dispose
from tests.core.services.review.person_cases import OTHER, Put, put_both, row_counts
from tests.support.builders import ADMIN
from tests.support.erasing import PERSON, a_peopled_workspace, people

REVIEW, REQUEST, REFUSAL = "review_record", "rights_request", "refusal_log"
YEAR = 365


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in", store_url)
    yield opened
    opened.store.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    yield opened
    opened.store.close()


def keep(site: Workspace, name: str, most: int | None, least: int | None = None) -> None:
    with site.store.begin() as conn:
        stored.put(conn, StoredRule(name, least, most, "policy 3", site.clock(), "ada"))


def later(site: Workspace, days: int) -> Workspace:
    now = site.clock() + timedelta(days=days)
    return Workspace(site.settings, site.store, lambda: now)


def end(
    site: Workspace, who: Mapping[str, Actor], *, prediction: str = "gone from the log"
) -> None:
    """Decide every case and close every request, now; predictions have left the log."""
    now = site.clock()
    with site.store.begin() as conn:
        conn.execute(
            update(review_case).values(
                prediction_id=prediction,
                occasion=review_case.c.occasion + review_case.c.subject_id,
                state="final",
                maker_id=who["connie"].user_id,
                verdict="uphold",
                proposed_at=now,
                final_at=now,
                final_decision="decline",
                fed_batch="b-1",
            )
        )
        conn.execute(update(rights_request).values(state="answered", closed_at=now))


def due(site: Workspace) -> dict[tuple[str, str], int]:
    return {
        (each.stream, each.model_id): each.rows
        for each in retention.due_rows(site, actor=AUDITOR)
        if each.record_class in {REVIEW, REQUEST, REFUSAL}
    }


def counts(site: Workspace) -> dict[str, int]:
    with site.store.read() as conn:
        return row_counts(conn)


def on_disk(site: Workspace, put: Put) -> tuple[bool, bool]:
    file = site.settings.home / "attachments" / put.file.path
    return file.exists(), put.snapshot.exists()


def sound(site: Workspace) -> None:
    assert not doctor.examine(site, actor=ADMIN).at("error", "warning")
    assert audit_verify.verify(site, actor=AUDITOR).passed


def test_cases_go_with_all_that_hangs_on_them_but_for_a_hold(site: Workspace) -> None:
    who = people(site)
    mine, other = put_both(site, who)
    keep(site, REVIEW, YEAR)
    end(site, who)
    now = later(site, YEAR + 1)
    holds.place_hold(now, actor=who["lydia"], reason="case 7", subject=OTHER)
    before = counts(site)
    assert due(now) == {("reviews", "loans"): 4}
    report = dispose(now, who, REVIEW)
    assert report["models"]["loans"]["rows"] == {"reviews": 2}
    assert report["models"]["loans"]["held_rows"] == 2
    hanging = ("case", "control", "draft", "file", "step", "text", "watch")
    tables = {f"review_{each}" for each in hanging}
    after = counts(site)
    assert {name for name in before if after[name] != before[name]} == tables
    assert all(2 * after[name] == before[name] for name in tables)
    assert on_disk(site, mine) == (False, True)
    assert on_disk(site, other) == (True, True)
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="retention.disposed")
    assert entry.body["models"]["loans"]["rows"] == {"reviews": 2}  # type: ignore[index]
    assert due(now) == {("reviews", "loans"): 2}
    with pytest.raises(Conflict):  # what is left is held
        disposal.propose_disposal(now, REVIEW, actor=who["connie"], reason="again")
    sound(now)


def test_a_case_stays_while_its_prediction_is_in_the_log(quick: Workspace) -> None:
    """Without it the log would say that this was released without review."""
    who = people(quick)
    put_both(quick, who)
    keep(quick, REVIEW, YEAR)
    end(quick, who, prediction="L000005")
    assert due(later(quick, YEAR + 1)) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"fed_batch": None},
        {"state": "proposed", "final_at": None, "final_decision": None},
    ],
    ids=["a verdict that the stream has not got", "a case that waits"],
)
def test_what_is_not_done_stays_and_what_is_about_it(
    quick: Workspace, changed: dict[str, Any]
) -> None:
    who = people(quick)
    mine, other = put_both(quick, who)
    keep(quick, REVIEW, YEAR)
    end(quick, who)
    with quick.store.begin() as conn:  # the appeal: the first case stays for its sake
        change = update(review_case).where(review_case.c.id == mine.appeal_id)
        conn.execute(change.values(**changed))
    now = later(quick, YEAR + 1)
    assert due(now) == {("reviews", "loans"): 2}
    found = disposal.preview_disposal(now, REVIEW, actor=who["connie"])
    assert found.total == 2
    dispose(now, who, REVIEW)
    assert on_disk(quick, mine)[0]
    assert not on_disk(quick, other)[0]


def test_requests_are_emptied_and_go_once_nothing_needs_them(site: Workspace) -> None:
    who = people(site)
    mine, other = put_both(site, who)
    keep(site, REQUEST, YEAR)
    keep(site, REFUSAL, 5 * YEAR, 4 * YEAR)
    keep(site, REVIEW, YEAR)
    end(site, who)
    assert due(later(site, YEAR - 1)) == {}
    now = later(site, YEAR + 2)
    assert due(now)["requests", "loans"] == 2
    report = dispose(now, who, REQUEST)
    assert report["models"]["loans"]["rows"] == {"requests": 2, "disclosures": 2}
    with site.store.read() as conn:
        left = conn.execute(rights_request.select()).all()
    # Refusals, cases and notes in force refer to them: that somebody asked is kept.
    assert [(row.words, row.sealed, row.prediction_id) for row in left] == [("", None, None)] * 2
    assert on_disk(site, mine) == on_disk(site, other) == (True, False)
    assert counts(site)["disclosure"] == counts(site)["disclosure_notice"] == 0
    assert counts(site)["refusal"] == counts(site)["dispute_note"] == 2
    assert not {key for key in due(now) if key[0] == "requests"}
    dispose(now, who, REVIEW)
    with site.store.begin() as conn:
        done = {"withdrawn_at": now.clock(), "withdrawn_by": who["connie"].user_id}
        conn.execute(update(dispute_note).values(**done))
        conn.execute(update(refusal).values(keep_until=now.clock().date()))
    old = later(site, 5 * YEAR + 2)
    assert due(old) == {("refusals", "loans"): 2}
    assert dispose(old, who, REFUSAL)["models"]["loans"]["rows"] == {"refusals": 2}
    assert due(old) == {("requests", "loans"): 2}
    dispose(old, who, REQUEST)
    assert counts(site)["rights_request"] == counts(site)["dispute_note"] == 0
    sound(old)


def test_the_log_book_is_kept_until_its_day_whatever_the_rule_says(quick: Workspace) -> None:
    who = people(quick)
    put_both(quick, who)
    end(quick, who)
    keep(quick, REFUSAL, YEAR)
    now = later(quick, YEAR + 2)
    with quick.store.begin() as conn:  # four years from the refusal
        conn.execute(update(refusal).values(keep_until=later(quick, 4 * YEAR + 1).clock().date()))
    assert due(now) == {}
    assert due(later(quick, 4 * YEAR + 3)) == {("refusals", "loans"): 2}


def test_who_waits_for_an_answer_loses_nothing(quick: Workspace) -> None:
    who = people(quick)
    mine, _ = put_both(quick, who)
    keep(quick, REVIEW, YEAR)
    keep(quick, REQUEST, YEAR)
    end(quick, who)
    with quick.store.begin() as conn:
        asked = update(rights_request).where(rights_request.c.id == mine.request_id)
        conn.execute(asked.values(state="received", closed_at=None))
    now = later(quick, YEAR + 2)
    assert dispose(now, who, REVIEW)["models"]["loans"] == {
        "rows": {"reviews": 2}, "refused": 0, "held_rows": 2,
    }  # fmt: skip
    assert dispose(now, who, REQUEST)["models"]["loans"]["held_rows"] == 1  # the disclosure
    assert on_disk(quick, mine) == (True, True)
    with quick.store.read() as conn:
        row = conn.execute(
            rights_request.select().where(rights_request.c.id == mine.request_id)
        ).one()
    assert PERSON in row.words


def test_disclosures_stay_for_the_twelve_months_of_the_look_back(quick: Workspace) -> None:
    who = people(quick)
    put_both(quick, who)
    keep(quick, REQUEST, 30)
    end(quick, who)
    assert due(later(quick, 40)) == {("requests", "loans"): 2}
    assert due(later(quick, 367))["disclosures", "loans"] == 2


def test_an_unlimited_reader_is_needed_to_see_what_is_due(quick: Workspace) -> None:
    who = people(quick)
    put_both(quick, who)
    keep(quick, REVIEW, YEAR)
    end(quick, who)
    limited = replace(AUDITOR, jurisdictions=frozenset({"HK"}))
    now = later(quick, YEAR + 2)
    found = retention.due_rows(now, actor=limited)
    assert not [each for each in found if each.stream == "reviews"]
