"""A workspace with a customers' rights desk: a person in every stream, people of ours, a clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.bootstrap import open_workspace
from core.domain.identity import Actor, Role
from core.services.rights import intake
from core.services.rights.desk import Request
from core.services.workspace import Workspace
from core.store.identity import users
from tests.support.erasing import PERSON, a_peopled_workspace
from tests.support.fakes import FakeClock

MODEL = "loans"
MINE = "L000005"
OTHERS = "L000006"
WORDS = "Please send me what you hold."


@dataclass(frozen=True)
class Desk:
    """The workspace, its clock, and its people by name."""

    workspace: Workspace
    clock: FakeClock
    people: dict[str, Actor]
    folder: Path

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]

    def ask(self, kind: str = "access", **more: Any) -> Request:
        """Take a request of the person in; Connie does."""
        reference = more.pop("reference", PERSON)
        words = more.pop("words", WORDS)
        actor = more.pop("actor", self["connie"])
        return intake.intake(self.workspace, kind, reference, words=words, actor=actor, **more)

    def ask_identified(self, kind: str = "access", **more: Any) -> Request:
        """Take one in and confirm who asks."""
        made = self.ask(kind, **more)
        return intake.identify(self.workspace, made.id, "document", actor=self["connie"])

    def ask_about_prediction(self, kind: str, **more: Any) -> Request:
        """Take one in about the person's first prediction, and confirm who asks."""
        return self.ask_identified(kind, model=MODEL, prediction=MINE, **more)


def a_desk(home: Path, folder: Path) -> Desk:
    """Return the desk; its clock stands at a little after everything was ingested."""
    made = a_peopled_workspace(home, folder)
    clock = FakeClock(datetime.now(UTC) + timedelta(minutes=1))
    workspace = open_workspace(made.settings, clock=clock)
    made.store.close()
    people = {}
    roles = {
        "connie": Role.compliance,
        "carl": Role.compliance,
        "lydia": Role.compliance_lead,
        "laurence": Role.compliance_lead,
        "audrey": Role.auditor,
        "ada": Role.admin,
        "bo": Role.business,
        "dan": Role.data_scientist,
    }
    for name, role in roles.items():
        people[name] = _person(workspace, name, role)
    people["hong_kong"] = _person(
        workspace, "hong_kong", Role.compliance_lead, jurisdictions=["HK"]
    )
    people["elsewhere"] = _person(workspace, "elsewhere", Role.compliance_lead, models=["other"])
    return Desk(workspace, clock, people, folder)


def _person(workspace: Workspace, name: str, role: Role, **scope: Any) -> Actor:
    with workspace.store.begin() as conn:
        user = users.create(
            conn,
            user_id=f"u-{name}",
            username=name,
            display_name=name.title(),
            at=workspace.clock(),
            roles=[role],
            **scope,
        )
    return user.actor("cli")
