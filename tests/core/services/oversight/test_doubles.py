"""Blind second reviews: drawn by nobody's will, decided by somebody else, without effect."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import NotFound
from core.services.oversight.doubles import make_doubles
from core.services.review import cases, claims
from core.services.workspace import Workspace
from core.store import release_gate
from core.store.review import controls, verdict_rows
from core.store.tables import review_case
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    a_site,
    actor,
    check,
    decide,
    decided,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    yield made
    made.store.close()


def seconds_of(site: Workspace) -> list[Any]:
    with site.store.read() as conn:
        query = select(review_case).where(review_case.c.kind == "second")
        return list(conn.execute(query.order_by(review_case.c.id)))


def test_half_of_what_was_decided_is_drawn_once(site: Workspace) -> None:
    first = [decided(site, number, at=NOW - HOUR, checker_id="u-lee") for number in range(60)]
    decided(site, 61, at=NOW - timedelta(days=8))  # too long ago
    made = make_doubles(site, MODEL)
    found = seconds_of(site)
    assert make_doubles(site, MODEL) == 0
    assert len(found) == made
    assert 18 <= made <= 42  # of 60 at a half: four standard deviations
    assert {each.parent_id for each in found} < set(first)
    for each in found:
        assert each.occasion == f"second:{each.parent_id}"
        # Whoever checked the first verdict may check the second: one lead may be all there are.
        assert (each.barred_maker_id, each.barred_checker_id) == ("u-ada", None)


def test_it_is_blind_and_changes_nothing(tmp_path: Path) -> None:
    site = a_site(tmp_path / "all", doubles={"share": 0.5})
    for number in range(30):
        decided(site, number, at=NOW - HOUR)
    assert make_doubles(site, MODEL)
    one = seconds_of(site)[0]
    with pytest.raises(NotFound):
        claims.claim(site, one.id, actor=actor(site, "ada"))
    assert cases.read_case(site, one.id, actor=actor(site, "bo")).kind == "routed"
    with site.store.read() as conn:
        before = release_gate.reviewed(conn, MODEL, one.prediction_id, "b")
    decide(site, one.id, "bo", overturn=True)
    check(site, one.id, "lee")
    with site.store.read() as conn:
        assert release_gate.reviewed(conn, MODEL, one.prediction_id, "b") == before
        assert before.final_decision == "decline"
        assert controls.unmask(conn, one.id, "uphold", at=NOW) is None  # it is no control
    assert cases.read_case(site, one.id, actor=actor(site, "lee")).kind == "second"
    site.store.close()


def test_who_checked_the_first_verdict_gives_no_second_one(site: Workspace) -> None:
    for number, again in ((1, "bo"), (2, "chun")):
        first = decided(site, number, at=NOW - HOUR, checker_id="u-bo")
        decided(
            site, number, by=again, at=NOW - HOUR, kind="second", occasion=f"second:{first}",
            parent_id=first,
        )  # fmt: skip
    with site.store.read() as conn:
        parents = verdict_rows.parents_of(conn, MODEL, "second")
    assert list(parents) == [first]


def test_a_contract_that_wants_none_gets_none(tmp_path: Path) -> None:
    site = a_site(tmp_path / "none", doubles={"share": 0.0})
    decided(site, 1, at=NOW - HOUR)
    assert make_doubles(site, MODEL) == 0
    site.store.close()
