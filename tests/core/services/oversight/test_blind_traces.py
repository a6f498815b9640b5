"""What lists, trails and refusals beside the queue would tell a reviewer of blind cases."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select, update

from core.errors import NotFound
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.kpis.drill import decisions_behind
from core.services.oversight.controls import make_controls
from core.services.oversight.doubles import make_doubles
from core.services.personal import masking as personal
from core.services.personal.reveals import list_reveals
from core.services.questions import Question
from core.services.review import cases, claims, comments, drafts, files, watching
from core.services.review.case_similar import similar_cases
from core.services.review.case_source import read_source
from core.services.review.cases import CaseFilter
from core.services.routing.rules import review_rules
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.tables import model, review_case
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    REVIEW,
    a_site,
    actor,
    decide,
    decided,
    waiting,
)
from tests.core.services.review.calendar_cases import put_request

ROUTED_AT = NOW - timedelta(hours=7)
WHY = "To see whether the address fits."
OF_NOW: dict[str, Any] = {"id": "near_cut_off", "name": "Near", "when": "score >= 0.4"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    for number in (1, 3, 7, 21, 2, 14):
        decided(made, number, subject_id=f"person-{number}")
    waiting(made, 16, made=NOW - timedelta(hours=15))  # yesterday in Hong Kong
    yield made
    made.store.close()


def blind_ones(site: Workspace, kind: str = "control") -> list[Any]:
    with site.store.read() as conn:
        return list(conn.execute(select(review_case).where(review_case.c.kind == kind)))


def change_contract(site: Workspace, **parts: Any) -> None:
    with site.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text) | parts
        conn.execute(model.update().values(spec_text=yaml.safe_dump(document)))


def test_no_act_tells_a_hidden_case_from_none(site: Workspace) -> None:
    bo, none = actor(site, "bo"), 987_654
    assert make_controls(site, MODEL)
    hidden = blind_ones(site)[0].parent_id
    acts: list[Callable[[int], object]] = [
        lambda case: cases.read_case(site, case, actor=bo),
        lambda case: claims.claim(site, case, actor=bo),
        lambda case: claims.give_back(site, case, actor=bo),
        lambda case: claims.renew(site, case, actor=bo),
        lambda case: claims.take_check(site, case, actor=actor(site, "bo")),
        lambda case: watching.watch(site, case, actor=bo),
        lambda case: watching.watchers(site, case, actor=bo),
        lambda case: comments.comment(site, case, "Which letter?", actor=bo),
        lambda case: drafts.save_draft(site, case, {"text": "x"}, 1, actor=bo),
        lambda case: drafts.read_draft(site, case, actor=bo),
        lambda case: files.add_file(site, case, "a.txt", b"Paid.", actor=bo),
        lambda case: files.removable_files(site, case, actor=bo),
    ]
    for place, act in enumerate(acts):
        told = []
        for case in (hidden, none):
            with pytest.raises(Exception) as refused:  # noqa: PT011  # whatever it is, the same
                act(case)
            told.append((refused.type, str(refused.value).replace(str(case), "")))
        assert told[0] == told[1], place
    with pytest.raises(NotFound):
        watching.watch(site, hidden, actor=bo)
    assert watching.watch(site, hidden, actor=actor(site, "lee"))


def test_what_was_watched_before_is_hidden_and_comes_back(site: Workspace) -> None:
    bo, ada = actor(site, "bo"), actor(site, "ada")
    live = [each.id for each in cases.list_cases(site, CaseFilter(), actor=bo).cases]
    for case_id in live:
        decide(site, case_id, "ada", overturn=False)
        watching.watch(site, case_id, actor=bo)
        comments.comment(site, case_id, "Fine with you, @bo?", actor=ada)
    assert make_doubles(site, MODEL)
    parents = {each.parent_id for each in blind_ones(site, "second")}
    seen = {each.case_id for each in watching.watched(site, actor=bo)}
    assert seen == set(live) - parents
    spoken = {each.case_id for each in comments.to_answer(site, actor=bo, limit=50)}
    assert spoken == set(live) - parents
    for each in blind_ones(site, "second"):
        decide(site, each.id, "bo", overturn=False)
    assert {each.case_id for each in watching.watched(site, actor=bo)} == set(live)


def test_who_watches_an_own_control_is_not_told_that_it_was_one(site: Workspace) -> None:
    bo, lee = actor(site, "bo"), actor(site, "lee")
    assert make_controls(site, MODEL)
    control = blind_ones(site)[0].id
    for reader in (bo, lee):
        watching.watch(site, control, actor=reader)
    decide(site, control, "bo", overturn=False)
    told = [watching.watched(site, actor=reader)[0].last_action for reader in (bo, lee)]
    assert told == ["final", "unmasked"]


def test_a_look_at_the_values_of_long_ago_is_not_told(site: Workspace) -> None:
    bo, ada, lee = (actor(site, name) for name in ("bo", "ada", "lee"))
    assert make_controls(site, MODEL)
    control = blind_ones(site)[0]
    for reader in (ada, bo):
        personal.reveal(site, MODEL, control.prediction_id, ["sex"], reason=WHY, actor=reader)
    about = Search(objects={"model": MODEL, "prediction": control.prediction_id})

    def told(reader: Any) -> tuple[int, int]:
        entries = audit_trail.entries(site, about, actor=reader)
        return len(entries), len(list_reveals(site, about, actor=reader))

    # What bo did would be there if the case were a live one.
    assert (told(bo), told(lee)) == ((1, 1), (2, 2))
    decide(site, control.id, "bo", overturn=False)
    assert told(bo)[1] == 2


def test_the_trail_does_not_count_the_live_cases_of_an_instant(site: Workspace) -> None:
    bo, ada, lee = (actor(site, name) for name in ("bo", "ada", "lee"))
    assert make_controls(site, MODEL)
    with site.store.begin() as conn:
        audit.append(
            conn, at=ROUTED_AT, actor="worker", role="admin", kind="review.made",
            objects={"model": MODEL, "batch": "b"}, body={"cases": 16, "predictions": 100},
        )  # fmt: skip
    search = Search(kind="review.made")
    assert audit_trail.entries(site, search, actor=bo) == ()
    assert len(audit_trail.entries(site, search, actor=lee)) == 1
    # Nor does the page with the rules: it counts what the reviewer's list shows.
    change_contract(site, review={**REVIEW, "rules": [OF_NOW]})
    counted = {
        name: review_rules(site, MODEL, actor=actor(site, name)).cases for name in ("bo", "lee")
    }
    blind = len(blind_ones(site))
    assert counted["bo"]["near_cut_off"] == counted["lee"]["near_cut_off"] + blind
    # Of whom a blind case is about, its entries are kept as well.
    control = blind_ones(site)[0].id
    claims.claim(site, control, actor=bo)
    of_case = Search(objects={"case": str(control)})
    assert audit_trail.entries(site, of_case, actor=ada) == ()
    assert len(audit_trail.entries(site, of_case, actor=bo)) == 1


def test_no_row_behind_a_kpi_tells_what_was_decided(site: Workspace) -> None:
    kpi = {"id": "lent", "name": "Lent", "definition": "sum(amount)", "unit": "HKD"}
    change_contract(site, kpis=[kpi])
    assert make_controls(site, MODEL)
    waits = {each.prediction_id for each in blind_ones(site)}
    question = Question(MODEL, start="2025-01-01", end="2025-01-20")
    told = {
        name: {
            each.prediction
            for each in decisions_behind(
                site, question, "lent", actor=actor(site, name), limit=200
            ).rows
        }
        for name in ("bo", "lee")
    }
    assert waits <= told["lee"]
    assert told["lee"] - told["bo"] == waits


def test_no_similar_case_tells_what_became_of_it(site: Workspace) -> None:
    """Similar cases are past ones, with outcomes; what waits would be none if it were live."""
    assert make_controls(site, MODEL)
    waits = {each.prediction_id for each in blind_ones(site)}

    def similar(name: str, number: int) -> tuple[int, list[str]]:
        found = similar_cases(
            read_source(
                site, MODEL, f"L{number:06d}", actor=actor(site, name), version="1",
                decision="approve", predicted_at=NOW,
            )
        )  # fmt: skip
        return found.n, [each.prediction for each in found.listed]

    number = next(each for each in range(40, 84) if waits & set(similar("lee", each)[1]))
    (_, all_of_them), (n, told) = similar("lee", number), similar("bo", number)
    assert n == 50
    assert not waits & set(told)
    left = [each for each in all_of_them if each not in waits]
    assert told[: len(left)] == left


def test_a_blind_case_is_as_the_rules_of_now_would_make_it(site: Workspace) -> None:
    urgent = OF_NOW | {"priority": 70, "tier": "high", "language": "zh-HK"}
    change_contract(site, review={**REVIEW, "rules": [urgent]})
    with site.store.begin() as conn:
        # A lead had put one first, one was made by a rule that is gone, one a customer asked for.
        asked = put_request(conn, NOW, NOW.date(), "u-bo")
        for number, changed in (
            (1, {"priority": 99}),
            (3, {"rule": "old", "rules": ["old"]}),
            (7, {"request_id": asked}),
        ):
            case = review_case.c.prediction_id == f"L{number:06d}"
            conn.execute(update(review_case).where(case).values(**changed))
    assert make_controls(site, MODEL) == 4
    made = blind_ones(site)
    assert {(e.rule, e.priority, e.tier, e.language) for e in made} == {
        ("near_cut_off", 70, "high", "zh-HK")
    }
    assert not {"L000003", "L000007"} & {each.prediction_id for each in made}
    with site.store.read() as conn:
        assert {each.rules_sha256 for each in made} == {models.get(conn, MODEL).spec_sha256}
