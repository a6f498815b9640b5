"""All that the page of a case shows, over a year of loans: against pandas, and for whom."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.domain.review import Verdict
from core.errors import Forbidden, NotFound
from core.services.review import case_similar, claims, verdicts
from core.services.review import case_view as service
from core.services.review.case_flags import LoggedReason
from core.services.review.case_similar import NEIGHBOURS
from core.services.review.case_view import FAILED, HIDDEN, case_view, part
from core.services.review.reason_columns import is_reason
from core.services.review.verdicts import Proposal
from core.store.review import cases as stored
from core.store.rights import disputes
from tests.support.disputing import dispute
from tests.support.harbour import Harbour
from tests.support.review_pages import ReviewRoom, a_review_room, put_cases


@pytest.fixture(scope="module")
def room(harbour: Harbour, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewRoom]:
    made = a_review_room(harbour, tmp_path_factory.mktemp("room") / "home")
    yield made
    made.workspace.store.close()


def logged(harbour: Harbour, case_id: int) -> pd.Series:
    """Return the loan of a case: the first case is about the newest loan."""
    return harbour.loans.sort_values("scored_at").iloc[-case_id]


def test_values_stand_beside_those_decided_alike_in_the_reference(
    room: ReviewRoom, harbour: Harbour
) -> None:
    view = case_view(room.workspace, 1, actor=room[Role.compliance])
    row = logged(harbour, 1)
    found = view.values.found
    assert found is not None
    assert found.group is not None
    local = harbour.loans["scored_at"].dt.tz_convert("Asia/Hong_Kong")
    reference = harbour.loans[local.dt.month <= 3]
    alike = reference[reference["decision"] == row["decision"]]
    assert found.group.n == len(alike)
    assert found.group.basis == "reference"
    values = {each.name: each for each in found.values}
    years = values["years"]
    assert years.value == row["years"]
    assert years.usual == np.quantile(alike["years"], 0.5, method="inverted_cdf")
    below, equal = (alike["years"] < row["years"]).mean(), (alike["years"] == row["years"]).mean()
    assert years.rank == pytest.approx(below + equal / 2, abs=0.006)
    sector = values["sector"]
    assert sector.share == pytest.approx((alike["sector"] == row["sector"]).mean())
    assert sector.usual == alike["sector"].mode()[0]


def test_similar_cases_are_the_nearest_of_those_with_an_outcome(
    room: ReviewRoom, harbour: Harbour
) -> None:
    view = case_view(room.workspace, 2, actor=room[Role.compliance])
    found, row = view.similar.found, logged(harbour, 2)
    assert found is not None
    known = harbour.loans.merge(harbour.outcomes, on="loan_id")
    local = harbour.loans["scored_at"].dt.tz_convert("Asia/Hong_Kong")
    spread = harbour.loans[local.dt.month <= 3]
    squares = np.zeros(len(known))
    for name in ("income", "years", "balance"):
        apart = (known[name] - row[name]).abs() / spread[name].std(ddof=0)
        both = known[name].isna() & np.isnan(row[name])
        squares += np.where(both, 0.0, apart.fillna(3.0).clip(upper=3.0) ** 2)
    squares += (known["sector"] != row["sector"]).to_numpy()
    known["distance"] = np.sqrt(squares / 4)
    nearest = known.sort_values("distance", kind="stable").head(50)
    assert found.n == 50
    assert found.resolved == found.looked_at == len(known)
    assert [each.prediction for each in found.listed] == list(nearest["loan_id"].head(5))
    assert found.bad == nearest["defaulted"].sum()
    assert found.share == pytest.approx(nearest["defaulted"].mean())
    assert found.low < found.share < found.high


def test_no_page_of_a_case_costs_more_than_what_it_shows(room: ReviewRoom) -> None:
    """Other rows than the case's own are read once, and remembered."""
    actor = room[Role.compliance]
    case_view(room.workspace, 3, actor=actor)
    remembered = len(room.workspace.memo._answers)
    case_view(room.workspace, 3, actor=actor)
    assert len(room.workspace.memo._answers) == remembered


def test_who_may_not_look_is_refused_and_who_sees_other_places_finds_none(
    room: ReviewRoom, harbour: Harbour
) -> None:
    with pytest.raises(Forbidden):
        case_view(room.workspace, 1, actor=room[Role.admin])
    chinese = next(each for each in range(1, 7) if logged(harbour, each)["region"] == "CN")
    narrowed = replace(room[Role.compliance], jurisdictions=frozenset({"HK"}))
    with pytest.raises(NotFound):
        case_view(room.workspace, chinese, actor=narrowed)


def test_who_sees_one_place_is_told_of_its_rows_only(room: ReviewRoom, harbour: Harbour) -> None:
    local = next(each for each in range(1, 7) if logged(harbour, each)["region"] == "HK")
    narrowed = replace(room[Role.compliance], jurisdictions=frozenset({"HK"}))
    view = case_view(room.workspace, local, actor=narrowed)
    assert view.values.found is not None
    assert view.values.found.group is not None
    zone = harbour.loans["scored_at"].dt.tz_convert("Asia/Hong_Kong")
    there = harbour.loans[(zone.dt.month <= 3) & (harbour.loans["region"] == "HK")]
    alike = there[there["decision"] == logged(harbour, local)["decision"]]
    assert view.values.found.group.n == len(alike)
    assert view.flags.found is None  # checks look at rows of all places
    assert view.flags.why


def test_a_hidden_score_is_nowhere_in_the_view(room: ReviewRoom, harbour: Harbour) -> None:
    put_cases(room.workspace, harbour, 7, occasion="hidden", score_shown="never")
    with room.workspace.store.read() as conn:
        found = stored.of_prediction(conn, "loans", str(logged(harbour, 1)["loan_id"]))
    hidden = next(each for each in found if each.occasion == "hidden")
    view = case_view(room.workspace, hidden.id, actor=room[Role.compliance])
    assert view.case.score is None
    assert view.case.score_hidden
    assert repr(logged(harbour, 1)["score"]) not in repr(view)
    assert view.case.id not in {each.id for each in view.history.found.cases}  # type: ignore[union-attr]
    assert view.history.found is not None
    assert view.history.found.cases == ()  # the other case of the same loan tells nothing here


def test_the_models_reasons_are_hidden_with_its_score(
    room: ReviewRoom, harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = (LoggedReason("income", "", 0.4321),)  # with the others they add up to the score
    monkeypatch.setattr(service, "logged_reasons", lambda _: weights)
    put_cases(room.workspace, harbour, 1, occasion="reasons:1", score_shown="after_own_view")
    with room.workspace.store.read() as conn:
        found = stored.of_prediction(conn, "loans", str(logged(harbour, 1)["loan_id"]))
    first = next(each for each in found if each.occasion == "reasons:1")
    actor = room[Role.compliance]
    hidden = case_view(room.workspace, first.id, actor=actor)
    assert (hidden.reasons.found, hidden.reasons.why) == (None, HIDDEN)
    assert "0.4321" not in repr(hidden)
    held = claims.claim(room.workspace, first.id, actor=actor)
    verdicts.record_own_view(
        room.workspace, first.id, Verdict.uphold, actor=actor, revision=held.revision
    )
    assert case_view(room.workspace, first.id, actor=actor).reasons.found == weights
    claims.give_back(room.workspace, first.id, actor=actor)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("attribution_income", True), ("shap_years", True), ("reason", True), ("reason_2", True),
        ("reason_codes", True), ("reasonable", False), ("branch", False), ("attribution", False),
    ],
)  # fmt: skip
def test_what_makes_a_score_up_is_told_by_its_name(name: str, is_one: bool) -> None:
    assert is_reason(name) is is_one


def test_an_appeal_shows_the_case_that_it_is_about(room: ReviewRoom, harbour: Harbour) -> None:
    put_cases(room.workspace, harbour, 1, occasion="appeal:1", kind="appeal")
    with room.workspace.store.read() as conn:
        found = stored.of_prediction(conn, "loans", str(logged(harbour, 1)["loan_id"]))
    appeal = next(each for each in found if each.kind == "appeal")
    view = case_view(room.workspace, appeal.id, actor=room[Role.compliance_lead])
    assert view.history.found is not None
    assert 1 in {each.id for each in view.history.found.cases}


def test_controls_are_in_nobodys_history(room: ReviewRoom, harbour: Harbour) -> None:
    put_cases(room.workspace, harbour, 2, occasion="control:1", kind="control")
    with room.workspace.store.read() as conn:
        found = stored.of_prediction(conn, "loans", str(logged(harbour, 2)["loan_id"]))
    control = next(each for each in found if each.kind == "control")
    appeal_like = case_view(room.workspace, 2, actor=room[Role.compliance_lead])
    assert appeal_like.history.found is not None
    assert control.id not in {each.id for each in appeal_like.history.found.cases}
    view = case_view(room.workspace, control.id, actor=room[Role.compliance])
    assert view.case.kind == "routed"
    assert view.history.found is not None
    assert view.history.found.cases == ()


def test_the_stage_follows_who_holds_the_case(room: ReviewRoom, harbour: Harbour) -> None:
    workspace, maker, lead = room.workspace, room[Role.compliance], room[Role.compliance_lead]
    put_cases(workspace, harbour, 1, occasion="stage", score_shown="after_own_view", tier="high")
    with workspace.store.read() as conn:
        found = stored.of_prediction(conn, "loans", str(logged(harbour, 1)["loan_id"]))
    case_id = next(each.id for each in found if each.occasion == "stage")
    assert case_view(workspace, case_id, actor=maker).stage == "read"
    held = claims.claim(workspace, case_id, actor=maker)
    first = case_view(workspace, case_id, actor=maker)
    assert first.stage == "own_view"
    assert first.case.score is None
    assert case_view(workspace, case_id, actor=lead).stage == "read"
    seen = verdicts.record_own_view(
        workspace, case_id, Verdict.uphold, actor=maker, revision=held.revision
    )
    second = case_view(workspace, case_id, actor=maker)
    assert second.stage == "maker"
    assert second.case.score is not None
    decision = second.case.decision
    proposal = Proposal(Verdict.uphold, decision, "policy_applied", "Checked against the rule.")
    verdicts.propose(workspace, case_id, proposal, actor=maker, revision=seen.revision)
    assert case_view(workspace, case_id, actor=maker).stage == "read"
    claims.take_check(workspace, case_id, actor=lead)
    third = case_view(workspace, case_id, actor=lead)
    assert third.stage == "checker"
    assert third.case.maker_name
    assert decision not in third.decisions
    assert [each.kind for each in third.said.found or ()] == ["verdict"]


def test_what_the_person_disputes_comes_first(room: ReviewRoom, harbour: Harbour) -> None:
    loan = str(logged(harbour, 4)["loan_id"])
    lead = room[Role.compliance_lead]
    with room.workspace.store.begin() as conn:
        request = _a_request(conn, room, lead)
        disputes.add(
            conn,
            {
                "subject_id": "s-4", "model_id": "loans", "prediction_id": loan, "item": "score",
                "text": "My balance was read wrongly.", "request_id": request,
                "made_at": room.workspace.clock(), "made_by": lead.user_id,
            },
        )  # fmt: skip
    view = case_view(room.workspace, 4, actor=room[Role.compliance])
    assert [each.kind for each in view.said.found or ()] == ["dispute"]


def test_a_disputed_decision_is_marked_among_others(room: ReviewRoom) -> None:
    workspace, reader = room.workspace, room[Role.compliance]
    before = case_view(workspace, 3, actor=reader).similar.found
    assert before is not None
    assert not any(each.disputed for each in before.listed)
    chosen = before.listed[1].prediction
    dispute(workspace, "loans", chosen, by=reader.user_id)
    after = case_view(workspace, 3, actor=reader).similar.found
    assert after is not None
    assert [each.prediction for each in after.listed if each.disputed] == [chosen]


def _a_request(conn: object, room: ReviewRoom, lead: Actor) -> int:
    from core.store.rights import requests

    at = room.workspace.clock()
    values = {
        "kind": "correction", "channel": "letter", "language": "en", "subject_id": "s-4",
        "words": "Please mend it.", "received_at": at, "due_on": at.date() + timedelta(days=40),
        "state": "received", "revision": 0, "taken_by": lead.user_id,
    }  # fmt: skip
    return requests.add(conn, values)  # type: ignore[arg-type]


def test_a_case_whose_prediction_is_gone_says_so_part_by_part(
    room: ReviewRoom, harbour: Harbour
) -> None:
    put_cases(room.workspace, harbour, 1, prediction_id="L99999")
    with room.workspace.store.read() as conn:
        case_id = stored.of_prediction(conn, "loans", "L99999")[0].id
    view = case_view(room.workspace, case_id, actor=room[Role.compliance])
    for each in (view.values, view.similar, view.reasons):
        assert each.found is None
        assert each.why == "The prediction is no longer in the log."
    assert view.steps.found
    assert view.personal == ()


def test_a_part_that_breaks_down_leaves_the_others_alone(
    room: ReviewRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_source: object) -> None:
        raise ZeroDivisionError("Chan Tai Man")

    monkeypatch.setattr(service, "similar_cases", broken)
    view = case_view(room.workspace, 1, actor=room[Role.compliance])
    assert view.similar.found is None
    assert view.similar.why == FAILED
    assert view.values.found is not None
    assert part(lambda: 7).found == 7


def test_masked_columns_are_named_to_those_who_may_reveal_them(room: ReviewRoom) -> None:
    assert case_view(room.workspace, 1, actor=room[Role.compliance]).personal == ("sex",)


def test_more_is_looked_at_where_what_is_near_may_not_be_told(
    room: ReviewRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = case_view(room.workspace, 2, actor=room[Role.compliance]).similar.found
    assert before is not None
    first: set[str] = set()

    def near_ones(*_: object, among: Collection[str]) -> frozenset[str]:
        first.update(among if not first else ())
        return frozenset(first)

    monkeypatch.setattr(case_similar, "kept_back", near_ones)
    after = case_view(room.workspace, 2, actor=room[Role.compliance]).similar.found
    assert after is not None
    assert (before.n, after.n) == (NEIGHBOURS, NEIGHBOURS)
    assert {each.prediction for each in before.listed} <= first
    assert {each.prediction for each in after.listed}.isdisjoint(first)
    assert after.listed[0].distance >= before.listed[-1].distance
