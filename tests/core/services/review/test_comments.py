"""Comments speak to people who may look at the case, and wait until those have answered."""

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput, NotFound
from core.services.review import claims, comments, watching
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users
from tests.core.services.review.calendar_cases import put_case
from tests.core.services.review.team_cases import Team, a_team
from tests.support.fakes import START, FakeClock


@pytest.fixture
def people(workspace: Workspace) -> Team:
    found = a_team(workspace)
    with workspace.store.begin() as conn:
        put_case(conn, 1, START)
        put_case(conn, 2, START)
    return found


def say(people: Team, text: str, name: str = "amy", case_id: int = 1) -> int:
    return comments.comment(people.workspace, case_id, text, actor=people.actor(name))


def waiting(people: Team, name: str) -> list[str]:
    found = comments.to_answer(people.workspace, actor=people.actor(name))
    return [each.text for each in found]


def test_a_comment_is_read_and_its_words_are_under_the_persons_key(people: Team) -> None:
    say(people, "The payslip is old. @BEN, can you ask?  ")
    (found,) = comments.comments(people.workspace, 1, actor=people.actor("lee"))
    assert (found.reference, found.author_name, found.mentioned) == ("R-000001", "amy", ("ben",))
    assert found.text == "The payslip is old. @BEN, can you ask?"
    with people.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.commented")
    assert entry.objects["case"] == "1"
    assert b"payslip" not in entry.canonical
    assert {"commitment", "subject"} < entry.body.keys()


def test_who_is_spoken_to_follows_and_has_it_to_answer(people: Team, clock: FakeClock) -> None:
    say(people, "@ben please")
    say(people, "to nobody: a@ben.com", case_id=2)
    clock.advance(minutes=1)
    say(people, "@ben. And @lee!", case_id=2)
    assert waiting(people, "ben") == ["@ben. And @lee!", "@ben please"]
    assert waiting(people, "lee") == ["@ben. And @lee!"]
    assert waiting(people, "amy") == []
    followed = watching.watched(people.workspace, actor=people.actor("ben"))
    assert [each.case_id for each in followed] == [2, 1]
    say(people, "Asked.", name="ben")
    clock.advance(minutes=1)
    claims.claim(people.workspace, 2, actor=people.actor("ben"))
    assert waiting(people, "ben") == []
    assert waiting(people, "lee") == ["@ben. And @lee!"]


@pytest.mark.parametrize(
    "text",
    ["", " \n", "x" * 4001, "@nobody", "@otto", " ".join(f"@u{number}" for number in range(11))],
)
def test_what_is_no_comment(people: Team, text: str) -> None:
    with pytest.raises(InvalidInput):
        say(people, text)
    assert comments.comments(people.workspace, 1, actor=people.actor("amy")) == ()


def test_outside_of_the_scope_there_is_nothing(people: Team) -> None:
    say(people, "@ben please")
    with people.workspace.store.begin() as conn:
        users.set_scope(conn, people.ids["ben"], models=["other"], jurisdictions=None)
    ben = people.actor("ben")
    assert comments.to_answer(people.workspace, actor=ben) == ()
    assert watching.watched(people.workspace, actor=ben) == ()
    for call in (
        lambda: comments.comments(people.workspace, 1, actor=ben),
        lambda: comments.comment(people.workspace, 1, "x", actor=ben),
        lambda: watching.watch(people.workspace, 1, actor=ben),
        lambda: watching.watchers(people.workspace, 1, actor=ben),
    ):
        with pytest.raises(NotFound):
            call()
    with pytest.raises(InvalidInput):
        say(people, "@ben please")
    auditor = Actor("u-a", "a", frozenset({Role.auditor}))
    with pytest.raises(Forbidden):
        comments.comment(people.workspace, 1, "x", actor=auditor)


def test_following_a_case(people: Team, clock: FakeClock) -> None:
    amy = people.actor("amy")
    assert watching.watch(people.workspace, 1, actor=amy)
    assert not watching.watch(people.workspace, 1, actor=amy)
    (found,) = watching.watched(people.workspace, actor=amy)
    assert (found.last_action, found.last_at, found.state) == ("", START, "open")
    clock.advance(minutes=1)
    claims.claim(people.workspace, 1, actor=people.actor("ben"))
    (found,) = watching.watched(people.workspace, actor=amy)
    assert (found.last_action, found.last_at, found.state) == ("claimed", clock.now, "claimed")
    assert watching.watchers(people.workspace, 1, actor=amy) == (people.ids["amy"],)
    assert watching.unwatch(people.workspace, 1, actor=amy)
    assert not watching.unwatch(people.workspace, 1, actor=amy)
    assert watching.watched(people.workspace, actor=amy) == ()
