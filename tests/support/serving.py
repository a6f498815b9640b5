"""A workspace that serving systems ask: three versions at three oversight levels, and people."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.bootstrap import open_workspace
from core.domain.identity import Actor, Role
from core.services import ingest
from core.services.identity import users
from core.services.workspace import Workspace
from core.store.identity import assignments
from tests.support.builders import (
    a_row,
    a_workspace,
    contract_document,
    contract_text,
    settings_of,
    write_parquet,
)
from tests.support.fakes import FakeClock
from tests.support.harbour import OWNER_LOGIN
from tests.support.templates import built_once

MODEL = "loans"
LEVELS = ("in_the_loop", "in_command", "out_of_the_loop", None)
OTHERS: Mapping[str, Mapping[str, list[str]]] = {
    "second_lead": {},
    "hong_kong": {"jurisdictions": ["HK"]},
    "elsewhere": {"models": ["other"]},
    "developer": {},
}
"""Leads beside the one of each role, and what they are limited to."""


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
    """Return it: row n of the log is of version 1 + n mod 4, every third one of jurisdiction CN.

    Version 1 is in the loop, 2 in command, 3 out of the loop; of 4 the contract states no level.
    With a part ``review`` the log has a column for when a decision took effect, too. It is a copy
    of one that is built once for all that ask for the same, with its log beside it.
    """

    def build(folder: Path) -> None:
        _build(folder / "home", rows, review)

    asked = sha256(repr((rows, review)).encode()).hexdigest()
    made = built_once(f"serving-{asked[:16]}", build)
    shutil.copytree(made / "home", home, dirs_exist_ok=True)
    shutil.copyfile(made / "home.parquet", home.parent / f"{home.name}.parquet")
    clock = clock or FakeClock()
    workspace = open_workspace(settings_of(home), clock=clock)
    names = [*map(str, Role), *OTHERS]
    people = {name: users.actor_of_os_login(workspace, f"login-{name}") for name in names}
    return Serving(workspace, clock, people)


def _build(home: Path, rows: int, review: Mapping[str, Any] | None) -> None:
    log = {**contract_document()["log"], "jurisdiction": "region"}
    log |= {"released_at": "released_at"} if review else {}
    versions = [
        {"id": str(number), **({"oversight_level": level} if level else {})}
        for number, level in enumerate(LEVELS, start=1)
    ]
    a_workspace(
        home, contract=contract_text(log=log, versions=versions, review=review)
    ).store.close()
    workspace = open_workspace(settings_of(home), clock=FakeClock())
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    for role in Role:
        users.add_user(workspace, str(role), actor=owner, roles=[role], os_login=f"login-{role}")
    for name, limits in OTHERS.items():
        users.add_user(
            workspace,
            name,
            actor=owner,
            roles=[Role.compliance_lead],
            os_login=f"login-{name}",
            models=limits.get("models"),
            jurisdictions=limits.get("jurisdictions"),
        )
    with workspace.store.begin() as conn:
        assignments.assign(
            conn,
            user_id=users.actor_of_os_login(workspace, "login-developer").user_id,
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
    workspace.store.close()


def prediction(number: int) -> str:
    """Return the id of row ``number``."""
    return f"L{number:06d}"
