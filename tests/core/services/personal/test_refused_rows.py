"""Refused rows: masked like the others, one row's values for a reason, and on record."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.services import ingest
from core.services.audit.trail import Search
from core.services.personal import refused_rows as personal_refused
from core.services.personal import reveals
from core.services.personal.refused_rows import WHOLE_LINE, refused_files, reveal_refused
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, a_row, write_csv
from tests.support.serving import MODEL, Serving, a_serving_workspace

WHY = "Complaint C-17 of the branch"
NAME = "Chan_Tai_Man.csv"  # a file is named after a person; the trail is not


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Serving:
    home = tmp_path_factory.mktemp("refused")
    made = a_serving_workspace(home / "home", rows=8)
    rows = [
        a_row(900, region="HK", sex="Xanadu", score="much"),
        a_row(901, region="CN", sex="Zembla", score="much"),
        a_row(902, region="", sex="Utopia", score="much"),
    ]
    path = write_csv(home / NAME, rows)
    with path.open("a", encoding="utf-8") as file:
        file.write("L000903,Erewhon\n")
    ingest.ingest_files(made.workspace, MODEL, [path], actor=ADMIN)
    return made


def batch(world: Serving) -> str:
    ((found, name),) = refused_files(world.workspace, MODEL, actor=world["compliance"])
    assert name == NAME
    return found


def look(world: Serving, line: int, who: str = "compliance", reason: str = WHY) -> object:
    return reveal_refused(
        world.workspace, MODEL, batch(world), (NAME, line), ["sex"], reason=reason, actor=world[who]
    )


def test_what_is_handed_out_is_masked(world: Serving) -> None:
    frame = ingest.quarantine_rows(world.workspace, MODEL, actor=ADMIN).frame
    assert frame["line"].tolist() == [2, 3, 4, 5]
    reasons = ingest.quarantine_reasons(world.workspace, MODEL, actor=ADMIN)
    text = f"{frame.to_dict()} {reasons.to_dict() if reasons is not None else ''}"
    assert not any(each in text for each in ("Xanadu", "Zembla", "Utopia", "Erewhon"))


def test_a_value_is_revealed_with_a_reason_and_on_record(world: Serving) -> None:
    assert look(world, 2) == {"sex": "Xanadu"}
    with world.workspace.store.read() as conn:
        entry = audit.list_newest(conn, kind="personal.revealed", limit=1)[0]
    assert entry.objects == {"model": MODEL, "batch": batch(world), "jurisdiction": "HK"}
    said = {name: each for name, each in entry.body.items() if name not in audit.COMMITTED}
    assert said == {"columns": ["sex"], "source": 0, "line": 2}
    told = reveals.list_reveals(world.workspace, actor=world["auditor"])[0]
    assert told.reason == WHY
    assert (told.prediction_id, told.batch_id, told.file, told.line, told.jurisdiction) == (
        None, batch(world), NAME, 2, "HK",
    )  # fmt: skip


def test_a_line_that_nobody_could_read_is_revealed_whole(world: Serving) -> None:
    assert look(world, 5) == {WHOLE_LINE: "L000903,Erewhon"}


def test_a_row_of_another_place_does_not_exist(world: Serving) -> None:
    assert look(world, 2, "hong_kong") == {"sex": "Xanadu"}
    assert refused_files(world.workspace, MODEL, actor=world["hong_kong"]) == (
        (batch(world), NAME),
    )
    macao = replace(world["hong_kong"], jurisdictions=frozenset({"MO"}))
    assert refused_files(world.workspace, MODEL, actor=macao) == ()
    for line in (3, 4, 5, 77):
        with pytest.raises(NotFound):
            look(world, line, "hong_kong")
    look(world, 3)
    limited = replace(world["auditor"], jurisdictions=frozenset({"CN"}))
    assert {each.line for each in reveals.list_reveals(world.workspace, actor=limited)} == {3}


@pytest.mark.parametrize("name", ["business", "data_scientist", "admin"])
def test_who_lacks_the_permission_sees_nothing(world: Serving, name: str) -> None:
    with pytest.raises(Forbidden, match=r"personal\.reveal"):
        look(world, 2, name)
    with pytest.raises(Forbidden, match=r"personal\.reveal"):
        refused_files(world.workspace, MODEL, actor=world[name])


def test_what_is_refused_is_not_on_record(world: Serving) -> None:
    def size() -> int:
        with world.workspace.store.read() as conn:
            return audit.size(conn)

    before = size()
    with pytest.raises(InvalidInput, match="shorter than 10"):
        look(world, 2, reason="why")
    with pytest.raises(InvalidInput, match="repeats a personal value"):
        look(world, 2, reason="because of Xanadu")
    with pytest.raises(InvalidInput, match="not a personal column"):
        reveal_refused(
            world.workspace, MODEL, batch(world), (NAME, 2), ["term"], reason=WHY,
            actor=world["compliance"],
        )  # fmt: skip
    long_ago = world.workspace.clock() - timedelta(hours=2)
    stale = replace(world["compliance"], origin="web", authenticated_at=long_ago)
    with pytest.raises(StepUpNeeded):
        personal_refused.reveal_refused(
            world.workspace, MODEL, batch(world), (NAME, 2), ["sex"], reason=WHY, actor=stale
        )
    assert size() == before


def test_reveals_are_found_by_person_and_period(world: Serving) -> None:
    look(world, 2, "compliance_lead")
    lead = world["compliance_lead"].pseudonym
    found = reveals.list_reveals(world.workspace, Search(person=lead), actor=world["auditor"])
    assert {each.person for each in found} == {"compliance_lead"}
    now = world.workspace.clock()
    later = Search(since=now + timedelta(hours=1), until=now + timedelta(hours=2))
    assert reveals.list_reveals(world.workspace, later, actor=world["auditor"]) == ()
    other = Search(objects={"model": "other"})
    assert reveals.list_reveals(world.workspace, other, actor=world["auditor"]) == ()
    page = reveals.list_reveals(world.workspace, actor=world["auditor"], limit=1)
    rest = reveals.list_reveals(
        world.workspace, actor=world["auditor"], before=page[0].sequence, limit=1
    )
    assert rest[0].sequence < page[0].sequence
    with pytest.raises(Forbidden):
        reveals.list_reveals(world.workspace, actor=world["business"])
