"""The figures of a team and of single people, against counts by hand."""

from collections.abc import Iterator
from datetime import timedelta
from math import isnan
from pathlib import Path

import pytest
from sqlalchemy import insert
from statsmodels.stats.proportion import (  # type: ignore[import-untyped]
    confint_proportions_2indep,
    proportion_confint,
)

from core.domain.identity import Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.services.oversight.quality import PersonFigures, individual_figures, oversight_quality
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.tables import review_control, review_step
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    a_site,
    actor,
    decided,
    let_two_be_a_team,
)
from tests.support.builders import contract_text

MINUTE = timedelta(minutes=1)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    let_two_be_a_team(monkeypatch)
    made = a_site(tmp_path / "home")
    yield made
    made.store.close()


def a_control(site: Workspace, number: int, *, expected: str, verdict: str, by: str) -> None:
    made = decided(site, number, verdict, by=by, kind="control", occasion=f"control:{number}")
    with site.store.begin() as conn:
        conn.execute(
            insert(review_control).values(
                case_id=made, expected=expected, basis={}, caught=expected == verdict,
                unmasked_at=NOW,
            )
        )  # fmt: skip


def test_shares_by_hand(site: Workspace) -> None:
    for number in range(10):  # ada overturns 2 of 10, bo 1 of 5
        decided(site, number, "overturn" if number in {2, 3} else "uphold", panes=number % 2)
    for number in range(20, 25):
        decided(site, number, "overturn" if number == 20 else "uphold", by="bo")
    for number, verdict in ((30, "overturn"), (31, "overturn"), (32, "uphold")):
        a_control(site, number, expected="overturn", verdict=verdict, by="ada")
    a_control(site, 33, expected="uphold", verdict="uphold", by="bo")
    a_control(site, 34, expected="overturn", verdict="uphold", by="bo")
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    assert (found.verdicts, found.reviewers) == (15, 2)
    override = found.measure("override")
    assert (override.hits, override.n) == (3, 15)
    assert (override.low, override.high) == pytest.approx(
        proportion_confint(3, 15, method="wilson")
    )
    caught, upheld = found.measure("controls_caught"), found.measure("controls_upheld")
    assert (caught.hits, caught.n) == (2, 4)
    assert upheld.is_withheld  # one person's, and only one
    assert (upheld.hits, upheld.n) == (None, 1)
    assert isnan(upheld.value)
    opened = found.measure("evidence_opened")
    assert (opened.hits, opened.n) == (5 + 5 + 5, 20)


def test_outcomes_and_money_by_hand(site: Workspace) -> None:
    # Rows 1 and 3: the model says paid back, and so it was. Row 2: flagged, paid back. Row 14: not
    # flagged, lost with 250 dollars. The last case is of this month; row 90 has no outcome.
    decided(site, 1, "uphold")
    decided(site, 3, "overturn", by="bo")
    decided(site, 2, "overturn")
    decided(site, 14, "uphold", by="bo")
    decided(site, 200, "uphold", predicted_at=NOW - timedelta(days=3))
    decided(site, 90, "uphold")
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    upheld, overturned = found.outcomes.rows
    assert (upheld.right, upheld.wrong, upheld.early, upheld.silent) == (1, 1, 1, 1)
    assert (overturned.right, overturned.wrong) == (1, 1)
    assert upheld.money_wrong == {"loss": 250.0}
    assert upheld.money_right == {"loss": 0.0}
    assert found.outcomes.currencies == {"loss": "HKD"}
    right = found.measure("borne_out")
    assert (right.hits, right.n) == (2, 4)


def test_an_outcome_that_came_early_is_not_known_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_two_be_a_team(monkeypatch)
    site = a_site(tmp_path / "young")
    # Rows of January 2025, final after three months: on 20 March 2025 no outcome is, though
    # those of sixty days are logged by then.
    site.clock.now = NOW.replace(year=2025, month=3, day=20)  # type: ignore[attr-defined]
    for number, name in ((1, "ada"), (2, "bo")):
        decided(site, number, by=name, at=site.clock() - MINUTE)
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    assert found.measure("borne_out").n == 0
    assert (found.outcomes.rows[0].early, found.outcomes.rows[0].silent) == (2, 0)
    site.store.close()


def test_anchoring_compares_what_chance_told_apart(site: Workspace) -> None:
    for number in range(40):  # shown: 18 of 20 agree; hidden: 12 of 20
        hidden = number >= 20
        against = number % 20 < (8 if hidden else 2)
        decided(
            site, number, "overturn" if against else "uphold", by=("ada", "bo")[number % 2],
            score_shown="never" if hidden else "at_once",
        )  # fmt: skip
    decided(site, 50, "overturn", kind="request", occasion="request:1")  # nothing was drawn of it
    found = oversight_quality(site, MODEL, actor=actor(site, "lee")).measure("anchoring")
    assert found.parts == ((0.9, 20), (0.6, 20))
    assert found.value == pytest.approx(0.3)
    assert (found.low, found.high) == pytest.approx(
        confint_proportions_2indep(18, 20, 12, 20, method="newcomb")
    )


def test_appeals_doubles_and_own_views(site: Workspace) -> None:
    first = [decided(site, number, by="ada") for number in (1, 2, 3)]
    for place, (parent, final) in enumerate(zip(first, ("approve", "decline"), strict=False)):
        decided(
            site, place + 1, "overturn" if final == "approve" else "uphold", by="lee",
            kind="appeal", occasion=f"appeal:{parent}", parent_id=parent,
        )  # fmt: skip
    other = decided(site, 4, by="bo")
    decided(
        site, 4, "uphold", by="chun", kind="appeal", occasion=f"appeal:{other}", parent_id=other
    )
    for parent, verdict in zip(first, ("uphold", "overturn", "uphold"), strict=True):
        decided(
            site, first.index(parent) + 1, verdict, by="bo", kind="second",
            occasion=f"second:{parent}", parent_id=parent,
        )  # fmt: skip
    viewed = decided(site, 5, "overturn", by="ada")  # row 5: 84/101, flagged, paid back
    again = decided(site, 6, "overturn", by="bo")  # row 6: 20/101, paid back: the model was right
    with site.store.begin() as conn:
        for case_id, name, view in ((viewed, "ada", "overturn"), (again, "bo", "overturn")):
            conn.execute(
                insert(review_step).values(
                    case_id=case_id, at=NOW, actor_id=f"u-{name}", action="own_view",
                    from_state="claimed", to_state="claimed", verdict=view, body={},
                )
            )  # fmt: skip
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    appeals = found.measure("appeals_changed")
    assert (appeals.hits, appeals.n) == (1, 3)
    assert found.measure("kappa").n == 3
    assert found.measure("kappa").hits == 2
    assert found.measure("relied_on_self").n == 1
    assert found.measure("relied_on_model").n == 1
    assert found.measure("relied_on_self").is_withheld


def test_single_people_from_a_hundred_on_and_on_record(site: Workspace) -> None:
    for number in range(100):
        decided(site, 1000 + number, "overturn" if number < 30 else "uphold", by="bo")
    for number in range(110):
        decided(site, 2000 + number, by="chun")
    for number in range(7):
        decided(site, 3000 + number, "overturn")
    team = oversight_quality(site, MODEL, actor=actor(site, "lee")).measure("override")
    assert (team.hits, team.n) == (37, 217)
    found = individual_figures(site, MODEL, actor=actor(site, "lee"))
    assert [each.name for each in found] == ["Ada", "Bo", "Chun"]  # by name, not by figure
    ada, bo, chun = (override_of(each) for each in found)
    assert ada == (7, True)
    assert bo == (100, True)  # with Bo's and Chun's, Ada's would follow from the team's
    assert chun == (110, False)
    with site.store.read() as conn:
        entry = audit.list_newest(conn, kind="oversight.individuals_opened", limit=1)[0]
    assert entry.objects == {"model": MODEL}
    assert entry.body["people"] == 3


def override_of(person: PersonFigures) -> tuple[int, bool]:
    found = next(each for each in person.measures if each.id == "override")
    assert isnan(found.value) == found.is_withheld
    return found.n, found.is_withheld


def test_work_in_a_row_and_by_the_hour(site: Workspace) -> None:
    morning = NOW - timedelta(days=1)  # ten o'clock in Hong Kong
    for number in range(12):
        for name, shift in (("ada", 0), ("bo", 100)):
            decided(
                site, number + shift, "overturn" if number >= 10 else "uphold", by=name,
                at=morning + number * MINUTE, seconds=30 if number >= 10 else 90,
            )  # fmt: skip
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    first, second, *_ = found.streaks
    assert (first.first, first.last, first.overturned.n, first.overturned.hits) == (1, 10, 20, 0)
    assert (second.first, second.overturned.n, second.overturned.hits) == (11, 4, 4)
    assert (first.seconds, second.seconds) == (90, 30)
    by_hour = {each.first: each.overturned.n for each in found.hours}
    assert by_hour == {0: 0, 9: 24, 12: 0, 14: 0, 16: 0, 18: 0, 20: 0}


def test_only_the_lead_may_and_only_her_models(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        oversight_quality(site, MODEL, actor=actor(site, "ada"))
    with pytest.raises(Forbidden):
        individual_figures(site, MODEL, actor=actor(site, "ada"))
    with pytest.raises(NotFound):
        oversight_quality(site, "none", actor=actor(site, "lee"))
    with pytest.raises(InvalidInput):
        oversight_quality(site, MODEL, actor=actor(site, "lee"), days=0)


def test_before_anything_was_decided(site: Workspace) -> None:
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    assert (found.verdicts, found.reviewers) == (0, 0)
    assert all(each.n == 0 and isnan(each.value) for each in found.measures)
    assert not any(each.is_withheld for each in found.measures)
    assert individual_figures(site, MODEL, actor=actor(site, "lee")) == ()


def test_it_is_remembered_until_another_verdict_is_given(site: Workspace) -> None:
    lee = actor(site, "lee")
    decided(site, 1)
    before = oversight_quality(site, MODEL, actor=lee)
    assert oversight_quality(site, MODEL, actor=lee) is before
    assert oversight_quality(site, MODEL, actor=lee, days=90) is not before
    decided(site, 2, "overturn", by="bo")
    assert oversight_quality(site, MODEL, actor=lee).verdicts == 2
    site.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    assert oversight_quality(site, MODEL, actor=lee).until == site.clock()


def a_second(site: Workspace, number: int, *, by: str, verdict: str = "uphold") -> None:
    first = decided(site, number, by="ada")
    decided(site, number, verdict, by=by, kind="second", occasion=f"second:{first}",
            parent_id=first)  # fmt: skip


def test_who_can_see_which_cases_are_blind_counts_for_nothing(site: Workspace) -> None:
    for number, name in ((30, "ada"), (31, "bo"), (32, "lee"), (33, "lee")):
        a_control(site, number, expected="overturn", verdict="overturn", by=name)
    a_control(site, 34, expected="uphold", verdict="uphold", by="lee")
    a_second(site, 1, by="bo")
    a_second(site, 2, by="lee", verdict="overturn")
    decided(site, 3, by="lee")  # of live cases a lead's verdict is one like any other
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    assert (found.measure("controls_caught").hits, found.measure("controls_caught").n) == (2, 2)
    assert found.measure("controls_upheld").n == 0
    assert (found.measure("kappa").n, found.measure("alpha").n) == (1, 1)
    assert found.measure("override").n == 3
    assert found.watched == 4
    with site.store.begin() as conn:  # from now on she is one of those who are kept blind
        users.set_roles(conn, "u-lee", [Role.compliance])
        users.set_roles(conn, "u-chun", [Role.compliance_lead])
    found = oversight_quality(site, MODEL, actor=actor(site, "chun"))
    assert (found.measure("controls_caught").n, found.watched) == (4, 0)


def test_what_nobody_measured_is_not_evidence_left_closed(site: Workspace) -> None:
    for number in range(6):  # on the page: four opened, two not
        decided(site, number, by=("ada", "bo")[number % 2], panes=number < 4)
    for number in range(10, 13):  # by command
        decided(site, number, by=("ada", "bo")[number % 2], panes=0, seconds=0)
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    opened, outside = found.measure("evidence_opened"), found.measure("outside_page")
    assert (opened.hits, opened.n) == (4, 6)
    assert (outside.hits, outside.n) == (3, 9)


def test_an_own_view_that_came_first_is_in_no_arm(site: Workspace) -> None:
    for number in range(40):
        shown = ("at_once", "never", "after_own_view", "after_own_view")[number % 4]
        decided(site, number, by=("ada", "bo")[number // 4 % 2], score_shown=shown)
    anchoring = oversight_quality(site, MODEL, actor=actor(site, "lee")).measure("anchoring")
    assert anchoring.parts == ((1.0, 10), (1.0, 10))


def test_a_row_goes_on_over_other_models(site: Workspace) -> None:
    morning = NOW - timedelta(days=1)
    with site.store.begin() as conn:
        models.register(
            conn, model_id="cards", spec_text=contract_text(id="cards"), actor="ada", at=NOW
        )
    for number in range(24):  # every ten minutes, the two models by turns
        for name, shift in (("ada", 0), ("bo", 100)):
            decided(
                site, number + shift, by=name, at=morning + number * 10 * MINUTE,
                model_id="cards" if number % 2 else MODEL,
            )  # fmt: skip
    first, second, third, last = oversight_quality(site, MODEL, actor=actor(site, "lee")).streaks
    # Of the places 1, 3, … 23 five are among the first ten; alone, each would be the first.
    assert [each.overturned.n for each in (first, second, third, last)] == [10, 10, 4, 0]
