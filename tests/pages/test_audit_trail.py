"""The audit trail's page: what it shows is what its service says, and its buttons do their work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Actor, Role
from core.services.audit import trail as audit_trail
from core.services.audit.trail import PAGE, Search
from core.services.jobs import tasks, worker
from core.services.workspace import Workspace
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.audit.trail import PersonalPayload
from tests.core.services.audit.test_verify import FORGED, tamper
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences, states
from tests.support.harbour import add_people, build_empty_harbour

NOTED = PAGE + 20


@pytest.fixture
def quay(tmp_path: Path) -> Iterator[tuple[Workspace, dict[Role, Actor]]]:
    """A workspace with more entries than a page shows."""
    workspace = build_empty_harbour(tmp_path / "home")
    people = add_people(workspace)
    with workspace.store.begin() as conn:
        for number in range(NOTED):
            audit.append(
                conn,
                at=workspace.clock(),
                actor=people[Role.auditor].audit_name,
                role="auditor",
                kind="prediction.released",
                objects={"model": "loans", "prediction": f"L{number}"},
                body={"number": number},
            )
    yield workspace, people
    workspace.store.close()


@pytest.fixture
def test(open_page: Open, quay: tuple[Workspace, dict[Role, Actor]]) -> AppTest:
    workspace, people = quay
    return open_page(workspace, people[Role.auditor], "audit-trail", lang="en")


def work(workspace: Workspace) -> None:
    while worker.run_one(workspace, tasks.HANDLERS, owner="w"):
        pass


def test_the_newest_come_first_and_the_older_behind_them(
    test: AppTest, quay: tuple[Workspace, dict[Role, Actor]]
) -> None:
    workspace, people = quay
    size = audit_trail.status(workspace, actor=people[Role.auditor]).size
    assert f"The trail has {size} entries." in sentences(test)[0]
    assert "No checkpoint has been made yet." in sentences(test)[0]
    shown = test.dataframe[0].value
    assert len(shown) == PAGE
    test.button(key="audit_older").click().run()
    older = test.dataframe[0].value
    assert int(older["2"].iloc[0]) == int(shown["2"].iloc[-1]) - 1
    test.button(key="audit_newest").click().run()
    assert test.dataframe[0].value.equals(shown)


def test_one_decision_and_one_persons_doings(
    test: AppTest, quay: tuple[Workspace, dict[Role, Actor]]
) -> None:
    workspace, people = quay
    test.selectbox(key="audit_object_kind").set_value("prediction").run()
    test.text_input(key="audit_object_id").set_value("L7").run()
    (what,) = test.dataframe[0].value["0"]
    assert "released the decision L7 of loans" in what
    assert "leads to the root; no checkpoint covers it yet" in html_of(test)
    test.text_input(key="audit_object_id").set_value("nothing").run()
    assert states(test) == ["No entry fits"]
    test.text_input(key="audit_object_id").set_value("").run()
    test.selectbox(key="audit_person").set_value(people[Role.admin].pseudonym).run()
    found = audit_trail.entries(
        workspace, Search(person=people[Role.admin].pseudonym), actor=people[Role.admin]
    )
    assert (len(test.dataframe) and len(test.dataframe[0].value)) == len(found)


def test_verify_and_export(test: AppTest, quay: tuple[Workspace, dict[Role, Actor]]) -> None:
    workspace, _ = quay
    test.button(key="audit_verify").click().run()
    work(workspace)
    test.run()
    assert "Everything fits" in test.success[0].value
    assert "Whether what the entries say is true." in html_of(test)
    test.button(key="audit_export").click().run()
    work(workspace)
    test.run()
    assert "Download the export of" in html_of(test)
    tamper(workspace, f"UPDATE audit_entry SET canonical = {FORGED} WHERE kind LIKE 'pred%'")
    test.button(key="audit_verify").click().run()
    work(workspace)
    test.run()
    assert "Something does not fit" in test.error[0].value


def test_who_may_not_export_sees_no_button(
    open_page: Open, quay: tuple[Workspace, dict[Role, Actor]]
) -> None:
    workspace, people = quay
    test = open_page(workspace, people[Role.compliance], "audit-trail", lang="en")
    assert [each.key for each in test.button if each.key == "audit_export"] == []
    assert [each.key for each in test.button if each.key == "audit_verify"] == ["audit_verify"]


def test_an_auditor_sees_who_revealed_what(
    test: AppTest, quay: tuple[Workspace, dict[Role, Actor]]
) -> None:
    workspace, people = quay
    test.segmented_control(key="audit_part").set_value("reveals").run()
    assert states(test) == ["Nobody revealed a personal value here"]
    with workspace.store.begin() as conn:
        for number in range(PAGE + 1):
            audit.append(
                conn,
                at=workspace.clock(),
                actor=people[Role.compliance if number else Role.compliance_lead].audit_name,
                role="compliance",
                kind="personal.revealed",
                objects={"model": "loans", "prediction": f"L{number:03d}", "jurisdiction": "HK"},
                body={"columns": ["sex", "address"]},
                personal=PersonalPayload(f"s{number}", {"reason": "=Complaint C-17"}),
            )
    shown = html_of(test.run())
    lead, other = people[Role.compliance_lead], people[Role.compliance]
    assert f"L{PAGE:03d}" in shown
    assert "L000" not in shown
    for text in (other.display_name, "sex, address", "=Complaint C-17"):
        assert text in shown
    assert other.pseudonym not in shown
    test.button(key="reveals_older").click().run()
    assert "L000" in html_of(test)
    test.button(key="reveals_newest").click().run()
    test.selectbox(key="reveals_person").set_value(lead.pseudonym).run()
    assert "L000" in html_of(test)
    assert f"L{PAGE:03d}" not in html_of(test)
    test.button(key="reveals_prepare").click().run()
    assert "Download one reveal (CSV)" in html_of(test)
    with workspace.store.read() as conn:
        (made,) = audit.list_newest(conn, kind="export.made")
    assert made.body["permission"] == "audit.export"
    (content,) = (workspace.settings.exports_dir).glob("*.bin")
    table = content.read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 2
    assert "'=Complaint C-17" in table[1], "no formula"
    with workspace.store.begin() as conn:
        subjects.destroy(conn, "s0")
    shown = html_of(test.run())
    assert "L000" in shown
    assert "[erased]" in shown
    assert "=Complaint C-17" not in shown
