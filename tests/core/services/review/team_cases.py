"""A team of reviewers, for tests of who gets which case."""

from dataclasses import dataclass
from typing import Any

from core.domain.identity import Actor, Role
from core.services.review import team
from core.services.workspace import Workspace
from core.store.identity import assignments, users
from tests.support.monitoring import MODEL, register_loans

LEAD = Actor("u-lead", "lead", frozenset({Role.compliance_lead}), pseudonym="p-lead")


@dataclass
class Team:
    """A workspace with the loans model, and its reviewers by name."""

    workspace: Workspace
    ids: dict[str, str]

    def note(self, name: str, **values: Any) -> None:
        """Note something of a reviewer."""
        if "deputy" in values:
            values["deputy_id"] = self.ids[values.pop("deputy")]
        team.set_profile(self.workspace, self.ids[name], actor=LEAD, **values)

    def actor(self, name: str) -> Actor:
        """Return a member as somebody who acts."""
        with self.workspace.store.read() as conn:
            return users.get(conn, self.ids[name]).actor("cli")


def a_team(workspace: Workspace) -> Team:
    """Register the loans model; add amy, ben, dora who develops it, lee the lead, otto the admin.

    Nobody else is there.
    """
    register_loans(workspace.store)
    roles = {
        "amy": Role.compliance,
        "ben": Role.compliance,
        "dora": Role.compliance,
        "lee": Role.compliance_lead,
        "otto": Role.admin,
    }
    ids = {name: f"u-{name}" for name in roles}
    with workspace.store.begin() as conn:
        for name, role in roles.items():
            users.create(
                conn,
                user_id=ids[name],
                username=name,
                display_name="",
                at=workspace.clock(),
                roles=[role],
            )
        assignments.assign(
            conn,
            user_id=ids["dora"],
            model_id=MODEL,
            kind="developer",
            actor="p",
            at=workspace.clock(),
        )
    return Team(workspace, ids)
