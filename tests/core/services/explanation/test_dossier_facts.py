"""What a dossier says of checks, alerts, reviews, requests, release and keeping."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.identity import Role
from core.domain.review import Action, CaseState
from core.errors import Conflict
from core.services.retention.holds import place_hold
from core.store.alerts import alarms, checks
from core.store.alerts import threads as alerts
from core.store.audit import trail as audit
from core.store.review import cases, steps
from core.store.review.steps import SYSTEM, NewStep
from core.store.rights import disclosures, disputes, opt_outs, requests
from tests.support.demo_slices import SBA
from tests.support.dossiers import ORDER, a_dossier, files_of, printed_text
from tests.support.explained import Explained
from tests.support.monitoring import ALARM, RESULT, RUN
from tests.support.reviewing import a_case

DAY = timedelta(days=1)


def _facts(world: Explained, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files_of(a_dossier(world, **asked))["dossier.json"])
    return found


def _at(world: Explained) -> datetime:
    found: datetime = world.row(world.worst())["approved_at"].to_pydatetime()
    return found


def _subject(world: Explained) -> str:
    return world.workspace.keys.subject_id(str(world.row(world.worst())["subject_ref"]))


def _check(world: Explained, name: str, as_of: datetime, **figure: Any) -> None:
    """Keep a check with one figure of drift and one of each other family."""
    run = replace(RUN, id=name, model_id=SBA, as_of=as_of)
    first = replace(RESULT, column="employees", **figure)
    found = [first]
    for metric, method in (("quality", "missing_share"), ("fairness", "selection_rate_ratio")):
        found.append(replace(first, metric=metric, method=method, value=0.02))
    with world.workspace.store.begin() as conn:
        assert checks.put(conn, run, found)


def test_checks_of_that_day_and_of_the_period_are_told_apart(world: Explained) -> None:
    at, day = _at(world), timedelta(days=1)
    long_ago = {"chunk_start": at - 90 * day, "chunk_end": at - 60 * day}
    _check(world, "before", at - day, value=0.11, **long_ago)
    _check(world, "next", at + 3 * day, value=0.33, chunk_start=at - day, chunk_end=at + day)
    _check(world, "later", at + 90 * day, value=0.44, chunk_start=at - day, chunk_end=at + day)

    made = a_dossier(world)
    facts = json.loads(files_of(made)["dossier.json"])
    state = facts["state"]
    assert [each["value"] for each in state["known_then"]["drift"]] == [0.11]
    assert [each["value"] for each in state["of_the_period"]["drift"]] == [0.33]
    assert [each["method"] for each in state["groups"]] == ["selection_rate_ratio"]
    assert not {"/state/known_then", "/state/of_the_period", "/state/groups"} & set(
        facts["unknown"]
    )
    lines = files_of(made)["inputs.csv"].decode("utf-8-sig").splitlines()
    assert [each for each in lines if "missing_share 0.02" in each] == [
        each for each in lines if each.startswith("employees,")
    ]


def test_a_check_of_the_same_day_counts_as_known_and_one_of_the_next_does_not(
    world: Explained,
) -> None:
    at = _at(world)
    period = {"chunk_start": at - timedelta(days=60), "chunk_end": at - timedelta(days=30)}
    _check(world, "next", at + timedelta(days=1), value=0.2, **period)
    made = a_dossier(world)
    assert json.loads(files_of(made)["dossier.json"])["state"]["known_then"] is None
    assert "from the later check" not in printed_text(made)
    _check(world, "period", at + timedelta(days=2), chunk_start=at, chunk_end=at + DAY)
    assert "Figures of that period, from the later check as of" in printed_text(a_dossier(world))
    _check(world, "same", at + timedelta(minutes=5), value=0.1, **period)
    made = a_dossier(world)
    assert json.loads(files_of(made)["dossier.json"])["state"]["known_then"]["as_of"] is not None
    assert "Figures of the check as of" in printed_text(made)


def test_alerts_that_were_open_when_it_was_made_are_named(world: Explained) -> None:
    at, day = _at(world), timedelta(days=1)
    spans = {
        "open": (at - day, None),
        "closed later": (at - 2 * day, at + day),
        "closed before": (at - 3 * day, at - day),
        "opened later": (at + day, None),
    }
    with world.workspace.store.begin() as conn:
        run = replace(RUN, model_id=SBA)
        assert checks.put(conn, run, [])
        for name, (opened_at, closed_at) in spans.items():
            cause = replace(ALARM, id=name, model_id=SBA, column=name)
            alarms.put_all(conn, [cause])
            given: dict[str, Any] = {
                "severity": "act",
                "alarms": 1,
                "owner_id": None,
                "at": opened_at,
            }
            assert alerts.open_alert(conn, alert_id=name, cause=cause, **given)
            if closed_at is not None:
                alerts.change(conn, name, state="closed", closed_at=closed_at)

    found = _facts(world)["state"]["alerts_open"]
    assert sorted(each["id"] for each in found) == ["closed later", "open"]


def _case(world: Explained, *, kind: str = "routed", occasion: str = "routing") -> int:
    new = replace(a_case(), model_id=SBA, prediction_id=world.worst(), kind=kind, occasion=occasion)
    with world.workspace.store.begin() as conn:
        at = world.workspace.clock()
        (made,) = cases.insert_all(conn, [new], state=CaseState.open, at=at)
    return made


def _finish(world: Explained, case_id: int) -> None:
    """Decide a case: an own view, a verdict with evidence, and somebody who checked it."""
    at = world.workspace.clock()
    maker, checker = (
        world.people[each].user_id for each in (Role.compliance, Role.compliance_lead)
    )

    def step(action: Action, by: str, to: CaseState, **said: Any) -> NewStep:
        return NewStep(case_id, at, by, action, "claimed", str(to), **said)

    with world.workspace.store.begin() as conn:
        steps.add(
            conn,
            [
                step(Action.make, SYSTEM, CaseState.open),
                step(Action.record_own_view, maker, CaseState.claimed, verdict="uphold"),
                step(
                    Action.propose,
                    maker,
                    CaseState.proposed,
                    verdict="overturn",
                    reason_code="new_evidence",
                    body={"evidence": [1, 2], "text": 3},
                ),
                step(Action.agree, checker, CaseState.final, verdict="overturn"),
                step(Action.unmask, SYSTEM, CaseState.final),
            ],
        )
        values = {
            "maker_id": maker, "checker_id": checker, "verdict": "overturn", "proposed_at": at,
            "final_at": at, "final_decision": "approve", "reason_code": "new_evidence",
        }  # fmt: skip
        done = cases.change(
            conn, case_id, state=CaseState.open, revision=0, to=CaseState.final, values=values
        )
        assert done is not None


def test_a_review_is_told_with_its_first_and_last_view_and_by_pseudonyms(world: Explained) -> None:
    _finish(world, _case(world))

    made = a_dossier(world)
    (told,) = json.loads(files_of(made)["dossier.json"])["review"]["cases"]
    maker, checker = (
        world.people[each].audit_name for each in (Role.compliance, Role.compliance_lead)
    )
    assert (told["own_view"], told["first_verdict"], told["final_verdict"]) == (
        "uphold", "overturn", "overturn",
    )  # fmt: skip
    assert (told["maker"], told["checker"], told["final_decision"]) == (maker, checker, "approve")
    assert [each["action"] for each in told["steps"]] == ["made", "own_view", "proposed", "checked"]
    assert [each["by"] for each in told["steps"]] == [SYSTEM, maker, maker, checker]
    assert told["steps"][2]["notes_of_evidence"] == 2


def test_blind_cases_are_left_out(world: Explained) -> None:
    for kind in ("control", "second"):
        _case(world, kind=kind, occasion=kind)

    facts = _facts(world)
    assert facts["review"]["cases"] == []
    assert "/review/cases" in facts["unknown"]


def test_who_works_on_cases_waits_for_the_verdict(world: Explained) -> None:
    """Whoever both works on cases and may make dossiers would read what others said of it."""
    case_id = _case(world)
    roles = frozenset({Role.compliance, Role.auditor})
    both = replace(world.people[Role.compliance], roles=roles)
    of_both = replace(world, people={**world.people, Role.compliance: both})

    with pytest.raises(Conflict, match="waits"):
        a_dossier(of_both, role=Role.compliance)
    assert a_dossier(world).kept.number == 1
    _finish(world, case_id)
    assert a_dossier(of_both, role=Role.compliance).kept.number == 1


def _request(world: Explained, prediction: str) -> int:
    at, handler = world.workspace.clock(), world.people[Role.compliance]
    values = {
        "kind": "review", "channel": "letter", "language": "en", "subject_id": _subject(world),
        "words": "I do not agree at all.", "model_id": SBA, "prediction_id": prediction,
        "received_at": at, "due_on": at.date(), "state": "received", "taken_by": handler.user_id,
    }  # fmt: skip
    with world.workspace.store.begin() as conn:
        number = requests.add(conn, values)
        name = handler.audit_name
        requests.add_step(
            conn, number, "letter_made", at=at, actor=name, states=("", "received"), body={}
        )
    return number


def test_requests_disputes_and_opt_outs_are_told_without_words(world: Explained) -> None:
    number = _request(world, world.worst())
    _request(world, world.worst(1))
    at = world.workspace.clock()
    note = {
        "subject_id": _subject(world), "model_id": SBA, "prediction_id": world.worst(),
        "item": "score", "text": "My firm is older.", "request_id": number,
        "made_at": at, "made_by": world.people[Role.compliance].user_id,
    }  # fmt: skip
    with world.workspace.store.begin() as conn:
        disputes.add(conn, note)
        opt_outs.add(conn, opt_outs.OptOut(_subject(world), SBA, at, number, None))

    made = a_dossier(world)
    told = json.loads(files_of(made)["dossier.json"])["rights"]
    (asked,) = told["requests"]
    assert (asked["reference"], asked["kind"]) == (f"RQ-{number:06d}", "review")
    (step,) = asked["steps"]
    assert step["by"] == world.people[Role.compliance].audit_name
    assert step["action"] == "letter_made"
    assert told["opted_out_since"] is not None
    assert [each["text"] for each in told["disputes"]] == [None]
    assert b"I do not agree" not in made.content
    assert b"My firm is older" not in made.content

    whole = _facts(world, order=replace(ORDER, values=True), recently=True)
    assert [each["text"] for each in whole["rights"]["disputes"]] == ["My firm is older."]
    with world.workspace.store.read() as conn:
        shown = audit.list_newest(conn, kind="dispute.shown")
    assert {each.body["place"] for each in shown} >= {"dossier"}


def test_requests_are_not_for_a_scope_of_some_jurisdictions(world: Explained) -> None:
    _request(world, world.worst())
    a_dossier(world)
    narrow = replace(world.people[Role.auditor], jurisdictions=frozenset({""}))
    limited = replace(world, people={**world.people, Role.auditor: narrow})

    facts = _facts(limited, role=Role.auditor)
    assert facts["rights"]["requests"] == []
    assert "scope" in facts["unknown"]["/rights/requests"]


def test_answers_to_serving_systems_and_looks_at_values_are_told(world: Explained) -> None:
    at, about = world.workspace.clock(), {"model": SBA, "prediction": world.worst()}
    entries = (
        ("release.answered", {"state": "held", "reason": "in_review", "decision": None}),
        ("personal.revealed", {"columns": ["state"]}),
    )
    with world.workspace.store.begin() as conn:
        for kind, body in entries:
            audit.append(
                conn, at=at, actor="p-someone", role="", kind=kind, objects=about, body=body
            )

    facts = _facts(world)
    (answer,) = facts["release"]["answered"]
    assert (answer["system"], answer["state"]) == ("p-someone", "held")
    assert facts["release"]["state"] == "held"
    assert [each["by"] for each in facts["review"]["values_revealed"]] == ["p-someone"]


def test_letters_and_who_else_was_given_data_are_told(world: Explained) -> None:
    at, officer = world.workspace.clock(), world.people[Role.compliance]
    about = {"model": SBA, "prediction": world.worst(), "letter": "D-000007"}
    body = {"language": "zh-HK", "template": 2, "withheld": False, "sha256": "ab", "checks": []}
    given = {
        "subject_id": _subject(world), "recipient": "Credit bureau", "purpose": "Reference",
        "what": ["loan_amount"], "disclosed_on": at.date(), "noted_at": at,
        "noted_by": officer.user_id,
    }  # fmt: skip
    with world.workspace.store.begin() as conn:
        disclosures.add(conn, {**given, "model_id": SBA})
        disclosures.add(conn, {**given, "model_id": SBA, "subject_id": "somebody else"})
        audit.append(
            conn, at=at, actor=officer.audit_name, role="", kind="letter.released",
            objects=about, body=body,
        )  # fmt: skip

    told = _facts(world)["rights"]
    (letter,) = told["letters"]
    assert (letter["reference"], letter["by"]) == ("D-000007", officer.audit_name)
    assert (letter["language"], letter["sha256"]) == ("zh-HK", "ab")
    assert "checks" not in letter
    assert told["given_to"] == [
        {"to": "Credit bureau", "on": at.date().isoformat(), "columns": ["loan_amount"]}
    ]


def test_holds_on_the_person_and_the_model_are_named_without_their_reasons(
    world: Explained,
) -> None:
    lead = world.people[Role.compliance_lead]
    placed = place_hold(world.workspace, actor=lead, reason="Proceedings 77", model=SBA)
    of_person = place_hold(
        world.workspace,
        actor=lead,
        reason="Proceedings 78",
        subject=str(world.row(world.worst())["subject_ref"]),
    )
    place_hold(world.workspace, actor=lead, reason="Elsewhere", record_class="export")

    made = a_dossier(world)
    told = json.loads(files_of(made)["dossier.json"])["keeping"]
    assert {each["id"] for each in told["holds"]} == {placed.id, of_person.id}
    assert [each["class"] for each in told["classes"]] == [
        "personal_data", "decision_record", "review_record", "explanation_record",
    ]  # fmt: skip
    assert b"Proceedings" not in made.content
