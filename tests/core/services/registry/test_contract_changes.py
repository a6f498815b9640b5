"""What a revision of a contract changes, and what of it guards people less."""

from typing import Any

import pytest

from core.contract import ModelContract
from core.services.registry.contract_changes import Change, changes
from core.services.registry.loosened import loosened
from tests.support.builders import a_contract, contract_document

COLUMNS: list[dict[str, Any]] = contract_document()["columns"]
FEATURES: list[dict[str, Any]] = contract_document()["features"]


def guarded(**changes: Any) -> ModelContract:
    """A contract in which everything is guarded that can be, some fields changed."""
    personal = [{**COLUMNS[0], "personal": True}, *COLUMNS[1:]]
    told = [{**FEATURES[0], "personal": True}, *FEATURES[1:]]
    log = {**contract_document()["log"], "subject": "borrower", "jurisdiction": "place"}
    rule = {"from": "2025-01-01", "rule": "score >= 0.5 -> decline"}
    given = {
        "columns": personal,
        "features": told,
        "log": log,
        "protected": ["sex"],
        "versions": [
            {"id": "1", "oversight_level": "in_the_loop", "policy": "p1"},
            {"id": "2", "oversight_level": "in_command", "policy": "p1"},
        ],
        "policy": [{"version": "p1", **rule}, {"version": "p2", **rule}],
    }
    return a_contract(**(given | changes))


def versions(*levels: str | None, policy: str | None = "p1") -> list[dict[str, Any]]:
    return [
        {"id": str(number), "oversight_level": level, "policy": policy}
        for number, level in enumerate(levels, 1)
    ]


def log(**changed: Any) -> dict[str, Any]:
    named = {**contract_document()["log"], "subject": "borrower", "jurisdiction": "place"}
    return {name: column for name, column in {**named, **changed}.items() if column is not None}


def named(column: str, *values: str) -> dict[str, Any]:
    """Name values of a column as groups."""
    groups = [{"values": values, "label": "Women"}]
    return {"attributes": [{"column": column, "groups": groups}]}


NAME, FEATURE = COLUMNS[0]["name"], FEATURES[0]["name"]
RULE = {"from": "2025-01-01", "rule": "score >= 0.5 -> decline"}


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"columns": COLUMNS}, [f"columns[{NAME}].personal"]),
        ({"columns": COLUMNS[1:], "segments": None}, [f"columns[{NAME}].personal"]),
        ({"features": FEATURES}, [f"features[{FEATURE}].personal"]),
        ({"protected": []}, ["protected[sex]"]),
        ({"fairness": {"minimum_n": 20}}, ["fairness.minimum_n"]),
        ({"fairness": named("sex", "f")}, ["fairness.attributes[sex].groups[f]"]),
        ({"log": log(subject=None)}, ["log.subject"]),
        ({"log": log(subject="loan_id")}, ["log.subject"]),
        ({"log": log(jurisdiction=None)}, ["log.jurisdiction"]),
        ({"versions": versions("in_command", "in_command")}, ["versions[1].oversight_level"]),
        ({"versions": versions(None, "in_command")}, ["versions[1].oversight_level"]),
        (
            {"versions": versions("in_the_loop", "out_of_the_loop")},
            ["versions[2].oversight_level"],
        ),
        (
            {"versions": versions("in_the_loop", "in_command", "in_command")},
            ["versions[3].oversight_level"],
        ),
        (
            {"versions": versions("in_the_loop", "in_command", policy="p2")},
            ["versions[1].policy", "versions[2].policy"],
        ),
        (
            {"versions": versions("in_the_loop")},
            ["versions[2].policy"],
        ),
        (
            {"versions": []},
            ["versions[1].oversight_level", "versions[1].policy", "versions[2].policy"],
        ),
        (
            {
                "policy": [
                    {**RULE, "version": "p1", "rule": "score >= 0.9 -> decline"},
                    {**RULE, "version": "p2"},
                ]
            },
            ["policy[p1].rule"],
        ),
        (
            {
                "policy": [
                    {**RULE, "version": "p1", "from": "2025-02-01"},
                    {**RULE, "version": "p2"},
                ]
            },
            ["policy[p1].from"],
        ),
    ],
)
def test_what_guards_people_less(changed: dict[str, Any], paths: list[str]) -> None:
    assert [each.path for each in loosened(guarded(), guarded(**changed))] == paths


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"owner": "Somebody else"},
        {"protected": ["sex", "race"]},
        {"fairness": {"favourable": "approve", "minimum_n": 60}},
        {"fairness": named(FEATURES[1]["name"], "retail")},  # nobody's secret
        {"versions": versions("in_the_loop", "in_the_loop")},
        {"versions": versions("in_the_loop", "in_command", "in_the_loop")},
        # A policy that no version goes by says what it likes.
        {"policy": [{**RULE, "version": "p1"}]},
    ],
)
def test_the_rest_is_one_persons(changed: dict[str, Any]) -> None:
    assert loosened(guarded(), guarded(**changed)) == ()


def test_more_guard_is_one_persons_and_taking_it_back_is_not() -> None:
    assert loosened(a_contract(protected=[]), guarded()) == ()
    assert loosened(guarded(), a_contract(protected=[])) != ()


def test_a_first_version_is_measured_by_what_no_version_means() -> None:
    # A prediction of a version that was never declared is held.
    none = guarded(versions=[], policy=[])
    free = guarded(versions=versions("out_of_the_loop", policy=None), policy=[])
    assert [each.path for each in loosened(none, free)] == ["versions[1].oversight_level"]
    assert loosened(none, guarded(versions=versions("in_command", policy=None))) == ()


def test_changes_are_named_by_path_whatever_their_place() -> None:
    before = guarded()
    assert changes(before, guarded()) == ()
    assert changes(before, guarded(owner="Retail")) == (Change("owner", before.owner, "Retail"),)
    less = guarded(protected=[], columns=[{**COLUMNS[0]}, *COLUMNS[1:]])
    assert changes(before, less) == (
        Change(f"columns[{NAME}].personal", "true", "false"),
        Change("protected[sex]", "sex", None),
    )
    swapped = guarded(versions=list(reversed(versions("in_the_loop", "in_command"))))
    assert changes(before, swapped) == ()


RULES: list[dict[str, Any]] = [
    {"id": "near", "name": "Near", "when": "amount > 5", "tier": "high", "share": 0.5},
    {"id": "groups", "name": "Groups", "per": {"column": "sex", "at_least": 20}},
]
LESSER = {**RULES[0], "id": "lesser", "tier": "normal", "priority": 99}
REVIEW: dict[str, Any] = {
    "from": "2025-01-01",
    "check": {"tiers": ["high"], "amount": 100, "overturn": True, "share": 0.1},
    "rules": RULES,
}


def _rules(place: int, **changed: Any) -> dict[str, Any]:
    rules = [{**rule, **(changed if at == place else {})} for at, rule in enumerate(RULES)]
    return {**REVIEW, "rules": rules}


def _check(**changed: Any) -> dict[str, Any]:
    return {**REVIEW, "check": {**REVIEW["check"], **changed}}


@pytest.mark.parametrize(
    ("review", "paths"),
    [
        (REVIEW, []),
        (_rules(0, share=0.4), ["review.rules[near].share"]),
        (_rules(0, share=0.6), []),
        (_rules(0, when="amount > 6"), ["review.rules[near].when"]),
        (_rules(0, tier="normal"), ["review.rules[near].tier"]),
        (_rules(0, priority=1), ["review.rules[near].priority"]),
        (_rules(0, priority=99), []),
        (_rules(1, priority=49), []),
        (_rules(1, priority=51), ["review.rules[groups].priority"]),
        ({**REVIEW, "rules": [*RULES, LESSER]}, ["review.rules[lesser].priority"]),
        ({**REVIEW, "rules": [*RULES, {**LESSER, "priority": 50}]}, []),
        ({**REVIEW, "rules": [*RULES, {**LESSER, "tier": "high"}]}, []),
        ({**REVIEW, "rules": RULES[::-1]}, ["review.rules"]),
        ({**REVIEW, "rules": RULES[1:]}, ["review.rules[near]"]),
        (_rules(1, per=None), ["review.rules[groups].per.at_least"]),
        (_rules(1, per={"column": "sex", "at_least": 19}), ["review.rules[groups].per.at_least"]),
        (_rules(1, per={"column": "sex", "at_least": 21}), []),
        ({**REVIEW, "from": "2025-02-01"}, ["review.from"]),
        (_check(tiers=[]), ["review.check.tiers[high]"]),
        (_check(amount=101), ["review.check.amount"]),
        (_check(amount=None), ["review.check.amount"]),
        (_check(amount=99), []),
        (_check(overturn=False), ["review.check.overturn"]),
        (_check(share=0.09), ["review.check.share"]),
    ],
)
def test_what_sends_less_to_people_takes_two(review: dict[str, Any], paths: list[str]) -> None:
    found = loosened(guarded(review=REVIEW), guarded(review=review))
    assert [change.path for change in found] == paths


def test_the_part_taken_out_takes_two_and_so_do_the_first_rules_in_command() -> None:
    gone = loosened(guarded(review=REVIEW), guarded())
    assert {change.path for change in gone} >= {"review.rules[near]", "review.from"}
    # Without rules everything in command is held until somebody releases it.
    assert [c.path for c in loosened(guarded(), guarded(review=REVIEW))] == ["review.rules"]
    closely = versions("in_the_loop", "in_the_loop")
    both = (guarded(versions=closely), guarded(versions=closely, review=REVIEW))
    assert loosened(*both) == ()
