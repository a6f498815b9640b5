"""A workspace that serving systems ask: three versions at three oversight levels, and people."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.bootstrap import open_workspace
from core.domain.identity import Actor, Role
from core.services import ingest, users
from core.services.workspace import Workspace
from core.store import assignments
from tests.builders import a_row, a_workspace, contract_document, contract_text, write_parquet
from tests.fakes import FakeClock
from tests.harbour import OWNER_LOGIN

MODEL = "loans"
LEVELS = ("in_the_loop", "in_command", "out_of_the_loop", None)


@dataclass(frozen=True)
class Serving:
    """The workspace, its clock, and its people: each role once, and a second lead."""

    workspace: Workspace
    clock: FakeClock
    people: dict[str, Actor]

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]


def a_serving_workspace(
    home: Path,
    *,
    rows: int = 40,
    clock: FakeClock | None = None,
    review: Mapping[str, Any] | None = None,
) -> Serving:
    """Build it: row n of the log is of version 1 + n mod 4, every third one of jurisdiction CN.

    Version 1 is in the loop, 2 in command, 3 out of the loop; of 4 the contract states no level.
    With a part ``review`` the log has a column for when a decision took effect, too.
    """
    log = {**contract_document()["log"], "jurisdiction": "region"}
    log |= {"released_at": "released_at"} if review else {}
    versions = [
        {"id": str(number), **({"oversight_level": level} if level else {})}
        for number, level in enumerate(LEVELS, start=1)
    ]
    made = a_workspace(home, contract=contract_text(log=log, versions=versions, review=review))
    clock = clock or FakeClock()
    workspace = open_workspace(made.settings, clock=clock)
    made.store.close()
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    people = {str(role): _person(workspace, owner, str(role), role) for role in Role}
    people["second_lead"] = _person(workspace, owner, "second_lead", Role.compliance_lead)
    people["hong_kong"] = _person(
        workspace, owner, "hong_kong", Role.compliance_lead, jurisdictions=["HK"]
    )
    people["elsewhere"] = _person(
        workspace, owner, "elsewhere", Role.compliance_lead, models=["other"]
    )
    people["developer"] = _person(workspace, owner, "developer", Role.compliance_lead)
    with workspace.store.begin() as conn:
        assignments.assign(
            conn,
            user_id=people["developer"].user_id,
            model_id=MODEL,
            kind="developer",
            actor="ada",
            at=workspace.clock(),
        )
    path = write_parquet(
        home.parent / f"{home.name}.parquet",
        [
            a_row(n, model_version=str(1 + n % 4), region="CN" if n % 3 == 0 else "HK")
            for n in range(rows)
        ],
    )
    ingest.ingest_files(workspace, MODEL, [path], actor=owner)
    return Serving(workspace, clock, people)


def prediction(number: int) -> str:
    """Return the id of row ``number``."""
    return f"L{number:06d}"


def _person(
    workspace: Workspace,
    owner: Actor,
    name: str,
    role: Role,
    *,
    models: list[str] | None = None,
    jurisdictions: list[str] | None = None,
) -> Actor:
    users.add_user(
        workspace,
        name,
        actor=owner,
        roles=[role],
        os_login=f"login-{name}",
        models=models,
        jurisdictions=jurisdictions,
    )
    return users.actor_of_os_login(workspace, f"login-{name}")
