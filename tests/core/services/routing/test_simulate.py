"""What rules would bring, against what they do bring once they are in force."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.contract.load import contract_with_review, review_text
from core.domain.identity import Actor, Role
from core.errors import ContractError, Forbidden, InvalidInput
from core.services.routing.run import route_model
from core.services.routing.simulate import rules_in_force, simulate
from core.services.workspace import Workspace
from core.store import models
from core.store.identity import users
from core.store.review.steps import NewStep, add
from tests.core.services.review.calendar_cases import put_case
from tests.support.builders import contract_text
from tests.support.routed import (
    LARGE,
    MODEL,
    SOME,
    a_reviewed_workspace,
    cases_of,
    fill,
    large_ones,
)

READER = Actor("u7", "lee", frozenset({Role.compliance}), origin="cli")
COUNT = 480  # 60 days of eight predictions each


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_reviewed_workspace(tmp_path / "home")
    fill(made, tmp_path / "log.parquet", COUNT)
    yield made
    made.store.close()


def part(*rules: Mapping[str, Any], **review: Any) -> str:
    return yaml.safe_dump({"rules": [dict(rule) for rule in rules], **review})


def test_the_rules_in_force_would_bring_what_they_bring(site: Workspace) -> None:
    found = simulate(site, MODEL, actor=READER, days=90)
    route_model(site, MODEL)
    made = cases_of(site)
    large, some = found.tried.rules
    assert found.tried == found.in_force
    assert (found.tried.rows, found.tried.cases) == (COUNT, len(made))
    assert large.matched == large.leads == len(large_ones(COUNT))
    assert found.tried.overlap == sum(len(each.rules) > 1 for each in made)
    assert some.matched == some.leads + found.tried.overlap
    assert some.alone == some.leads == sum(each.rule == "some" for each in made)
    assert found.tried.high == large.leads
    assert found.waiting == COUNT
    assert simulate(site, MODEL, actor=READER).waiting == 0  # routed meanwhile


def test_days_and_weeks(site: Workspace) -> None:
    load = simulate(site, MODEL, part({**LARGE, "when": "true"}), actor=READER, days=10).tried
    # Row 0 is of 10:00 in Hong Kong, every third hour: the last of 480 is of 2 March, 07:00.
    assert [each.day for each in load.days] == [
        date(2025, 2, 21) + timedelta(days=number) for number in range(10)
    ]
    assert [each.cases for each in load.days] == [8] * 9 + [3]
    assert (load.cases, load.per_day, load.per_week) == (75, 7.5, 52.5)
    assert load.busiest is not None
    assert load.busiest.day == date(2025, 2, 21)
    assert load.checked == 75  # the high tier


def test_other_rules_are_held_beside_those_in_force(site: Workspace) -> None:
    found = simulate(site, MODEL, part(LARGE), actor=READER)
    assert found.tried.cases == len(large_ones(COUNT)) < found.in_force.cases
    assert [each.rule.id for each in found.tried.rules] == ["large"]
    none = simulate(site, MODEL, part(), actor=READER).tried
    assert (none.cases, none.rows, none.per_day) == (0, COUNT, 0)
    assert not cases_of(site)  # nothing is saved


def test_a_share_may_be_changed_alone(site: Workspace) -> None:
    more = simulate(site, MODEL, actor=READER, shares={"some": 1.0}).tried
    assert more.cases == COUNT
    assert more.rules[1].matched == COUNT
    for wrong in ({"none": 0.5}, {"some": 1.5}):
        with pytest.raises(InvalidInput):
            simulate(site, MODEL, actor=READER, shares=wrong)


def test_a_whole_contract_may_be_given_of_this_model_only(site: Workspace) -> None:
    whole = contract_text(review={"rules": [dict(LARGE)]})
    assert simulate(site, MODEL, whole, actor=READER).tried.cases == len(large_ones(COUNT))
    with pytest.raises(ContractError, match="of other, not of loans"):
        simulate(site, MODEL, contract_text(id="other"), actor=READER)
    with pytest.raises(ContractError, match="amont"):
        simulate(site, MODEL, part({**LARGE, "when": "amont > 1"}), actor=READER)


def test_hours_follow_from_the_time_that_verdicts_took(site: Workspace) -> None:
    rule = {**LARGE, "tier": "normal"}
    text = part(rule, check={"tiers": [], "share": 0.5})
    found = simulate(site, MODEL, text, actor=READER, days=7)
    assert (found.seconds_per_case, found.hours(found.tried)) == (None, None)
    route_model(site, MODEL)
    first, second, third = cases_of(site)[:3]
    with site.store.begin() as conn:
        add(
            conn,
            [
                NewStep(each.id, site.clock(), "u7", "proposed", "claimed", "final", body=body)  # type: ignore[arg-type]
                for each, body in (
                    (first, {"seconds": 60}),
                    (second, {"seconds": 400}),
                    (third, {"seconds": 120}),
                    (first, {"seconds": 0}),  # a page that did not count
                    (second, {}),
                )
            ],
        )
    found = simulate(site, MODEL, text, actor=READER, days=7)
    assert (found.seconds_per_case, found.verdicts) == (120, 3)
    load = found.tried
    assert load.checked == load.cases / 2
    assert found.hours(load) == pytest.approx(load.cases * 1.5 * 120 / 3600)


def test_blind_cases_take_hours_too(site: Workspace) -> None:
    whole = {**LARGE, "when": "true", "tier": "normal"}
    asked = part(whole, check={"tiers": [], "share": 0}, controls={"share": 0.2},
                 doubles={"share": 0.1})  # fmt: skip
    found = simulate(site, MODEL, asked, actor=READER, days=10)
    load = found.tried
    # Of 75 live cases: controls that are a fifth of all are a quarter of the live ones.
    assert (load.cases, load.checked) == (75, 0)
    assert load.blind == pytest.approx(75 / 4 + 7.5)
    timed = replace(found, seconds_per_case=120.0)
    assert timed.hours(load, 10) == pytest.approx((75 + 26.25) * 120 / 3600)
    tiered = part(whole, check={"tiers": ["normal"]}, doubles={"share": 0.1})
    checked = simulate(site, MODEL, tiered, actor=READER, days=10).tried.checked
    assert checked == pytest.approx(75 + 7.5)  # blind cases are checked like the others
    numbers = contract_text(outcome=None, review={"rules": [whole], "controls": {"share": 0.2}})
    assert simulate(site, MODEL, numbers, actor=READER, days=10).tried.blind == 0  # no outcome


def test_overturned_verdicts_are_checked_as_often_as_so_far(site: Workspace) -> None:
    text = part({**LARGE, "when": "true", "tier": "normal"}, check={"tiers": [], "share": 0.5})
    given(site, "ada", 80, overturned=48)
    given(site, "bo", 60, overturned=0)
    assert simulate(site, MODEL, text, actor=READER, days=10).overturned is None  # of two people
    given(site, "chun", 60, overturned=2)
    found = simulate(site, MODEL, text, actor=READER, days=10)
    assert found.overturned == pytest.approx(50 / 200)
    # Half are drawn; of the other half a quarter is overturned.
    assert found.tried.checked == pytest.approx(75 * (0.5 + 0.5 * 0.25))
    alone = part({**LARGE, "when": "true", "tier": "normal"},
                 check={"tiers": [], "share": 0.5, "overturn": False})  # fmt: skip
    assert simulate(site, MODEL, alone, actor=READER, days=10).tried.checked == 37.5


def given(site: Workspace, name: str, count: int, *, overturned: int) -> None:
    """Put final verdicts of somebody about other loans."""
    at = site.clock()
    with site.store.begin() as conn:
        users.create(conn, user_id=f"u-{name}", username=name, display_name=name, at=at)
        for number in range(count):
            verdict = "overturn" if number < overturned else "uphold"
            put_case(
                conn, number, at, occasion=f"{name}:{number}", state="final", verdict=verdict,
                maker_id=f"u-{name}", proposed_at=at, final_at=at, final_decision="decline",
            )  # fmt: skip


def test_what_cannot_be_asked(site: Workspace) -> None:
    for days in (0, 5000):
        with pytest.raises(InvalidInput):
            simulate(site, MODEL, actor=READER, days=days)
    for role in (Role.data_scientist, Role.business, Role.admin):
        with pytest.raises(Forbidden):
            simulate(site, MODEL, actor=Actor("u1", "x", frozenset({role}), origin="cli"))


def test_the_rules_in_force_can_be_taken_changed_and_tried(site: Workspace) -> None:
    text = rules_in_force(site, MODEL, actor=READER)
    assert simulate(site, MODEL, text, actor=READER).tried.rules[0].rule.id == "large"
    named = f"review:\n  {text.strip().replace(chr(10), chr(10) + '  ')}\n"
    assert contract_with_review(contract_text(), named).review is not None
    assert yaml.safe_load(review_text(contract_text())) == {"rules": []}
    assert SOME["id"] in text


@pytest.mark.parametrize(
    ("start", "cases"),
    [
        (None, [number for number in range(COUNT) if number % 9 == 8]),
        # Row 0 is of 1 January, 10:00 in Hong Kong, every third hour one: 1 February is row 244.
        ("2025-02-01", [number for number in range(COUNT) if number % 9 == 8 and number >= 244]),
        ("2026-01-01", []),
    ],
)
def test_what_rules_reach_back_to_is_told_before_and_made_afterwards(
    tmp_path: Path, start: str | None, cases: list[int]
) -> None:
    """Rules are switched on for a model with a history: what `from` leaves out stays without."""
    site = a_reviewed_workspace(tmp_path / "home", rules=())
    fill(site, tmp_path / "log.parquet", COUNT)
    assert route_model(site, MODEL).batches == 0  # without rules nothing is even noted
    rules = part(LARGE, **({"from": date.fromisoformat(start)} if start else {}))
    found = simulate(site, MODEL, rules, actor=READER)
    assert (found.waiting, found.at_once) == (COUNT, len(cases))
    assert found.tried.cases == len(large_ones(COUNT))  # the days stand for days to come
    register(site, rules)
    assert route_model(site, MODEL).cases == len(cases)
    assert {each.prediction_id for each in cases_of(site)} == {f"L{each:06d}" for each in cases}
    assert (simulate(site, MODEL, actor=READER).at_once, route_model(site, MODEL).cases) == (0, 0)
    register(site, part(LARGE))  # an earlier day later on makes nothing of what was passed over
    assert route_model(site, MODEL).cases == 0
    site.store.close()


def register(site: Workspace, rules: str) -> None:
    with site.store.begin() as conn:
        text = contract_text(review=yaml.safe_load(rules))
        models.register(conn, model_id=MODEL, spec_text=text, actor="ada", at=site.clock())
