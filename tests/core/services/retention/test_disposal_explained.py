"""Old explanations and letters go, letters first; what is held or has a younger letter stays."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.domain.retention import RECORD_CLASSES, Grade
from core.errors import Conflict
from core.services.audit import verify as audit_verify
from core.services.erasure import asking as erasure
from core.services.retention import disposal, holds
from core.services.retention import rules as retention
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.tables import explanation, explanation_letter
from tests.core.services.retention.test_disposal import AUDITOR, dispose
from tests.core.services.retention.test_disposal_records import keep, later
from tests.support.erasing import PERSON, a_peopled_workspace, people
from tests.support.kept_explanations import put_explained, put_letter

CLASS, YEAR = "explanation_record", 365
DAY = timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in", store_url)
    yield opened
    opened.store.close()


def left(site: Workspace) -> tuple[set[str], set[str]]:
    with site.store.read() as conn:
        return (
            set(conn.execute(select(explanation.c.id)).scalars()),
            set(conn.execute(select(explanation_letter.c.reference)).scalars()),
        )


def test_the_shipped_rule_is_this_products_own_and_no_law() -> None:
    shipped = RECORD_CLASSES[CLASS]
    assert (shipped.minimum_days, shipped.maximum_days) == (None, 7 * YEAR)
    assert shipped.grade is Grade.own
    assert shipped.covers == ("letters", "explanations")


def test_old_ones_go_letters_first_and_what_is_held_or_younger_stays(site: Workspace) -> None:
    who, now = people(site), site.clock()
    held = site.keys.subject_id(PERSON)
    old = now - (7 * YEAR + 1) * DAY
    for name, subject, at in (
        ("old", "s-1", old),
        ("lettered", "s-1", old),
        ("answered", "s-2", old),
        ("held", held, old),
        ("young", "s-2", now - DAY),
    ):
        put_explained(site, name, subject, at)
    put_letter(site, "LT-old", "lettered", "s-1", old)
    put_letter(site, "LT-young", "answered", "s-2", now - DAY)
    put_letter(site, "LT-held", "held", held, old)
    holds.place_hold(site, actor=who["lydia"], reason="case 7", subject=PERSON)
    everything = left(site)

    seen = disposal.preview_disposal(site, CLASS, actor=who["connie"])
    assert [(each.model_id, dict(each.rows), each.held_rows) for each in seen.due] == [
        ("loans", {"letters": 1, "explanations": 2}, 2)
    ]
    assert left(site) == everything
    rows = {
        (each.stream, each.held): each.rows
        for each in retention.due_rows(site, actor=AUDITOR)
        if each.record_class == CLASS
    }
    assert sum(rows.values()) == 5
    (line,) = [
        each for each in retention.retention_table(site, actor=AUDITOR)
        if each.rule.record_class == CLASS
    ]  # fmt: skip
    assert line.holds == 1

    report = dispose(site, who, CLASS)
    assert report["models"]["loans"]["rows"] == {"letters": 1, "explanations": 2}
    assert left(site) == ({"answered", "held", "young"}, {"LT-young", "LT-held"})
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="retention.disposed")
    assert entry.body["models"]["loans"]["held_rows"] == 2  # type: ignore[index]
    assert audit_verify.verify(site, actor=AUDITOR).passed
    with pytest.raises(Conflict, match="past its maximum and free"):
        disposal.propose_disposal(site, CLASS, actor=who["connie"], reason="again")

    later_site = later(site, 7 * YEAR + 2)
    assert dispose(later_site, who, CLASS)["models"]["loans"]["rows"] == {
        "letters": 1, "explanations": 2,
    }  # fmt: skip
    assert left(site) == ({"held"}, {"LT-held"})


def test_a_hold_on_the_class_and_a_minimum_of_it_stop_an_erasure(
    tmp_path: Path,
) -> None:
    site = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    who = people(site)

    def obstacles() -> set[str]:
        found = erasure.preview(site, PERSON, actor=who["connie"])
        return {
            each.kind
            for each in found.obstacles
            if each.kind == "hold" or each.params["record_class"] == CLASS
        }

    assert obstacles() == set()
    put_explained(site, "mine", site.keys.subject_id(PERSON), site.clock())
    assert obstacles() == set()
    keep(site, CLASS, 7 * YEAR, YEAR)
    assert obstacles() == {"minimum"}
    keep(site, CLASS, 7 * YEAR)
    holds.place_hold(site, actor=who["lydia"], reason="case 7", record_class=CLASS)
    assert obstacles() == {"hold"}
    site.store.close()
