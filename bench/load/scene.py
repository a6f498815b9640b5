"""The scene of a load: a demo workspace, people who are signed in, and what the server uses."""

import http.client
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from bench.load.people import Log
from core.bootstrap import create_workspace, open_workspace
from core.cli.context import os_login
from core.config import Settings
from core.domain.identity import Actor, Role
from core.domain.review import CaseState
from core.services import outline
from core.services.demo import build as demo
from core.services.identity import sessions, users
from core.services.oversight.controls import copy_of
from core.services.review import making
from core.services.workspace import Workspace
from core.store.identity import users as store_users
from core.store.identity.users import User
from core.store.review.records import case_of
from core.store.tables import review_case

LOGIN = os_login()
# Of twenty people, so many have each role; an administrator sees the fewest figures.
_ROLES: Sequence[Role] = (
    *[Role.data_scientist] * 6,
    *[Role.business] * 6,
    *[Role.compliance] * 4,
    *[Role.compliance_lead] * 2,
    Role.auditor,
    Role.admin,
)
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


_REVIEWER_ROLES: Sequence[Role] = (*[Role.compliance] * 8, *[Role.compliance_lead] * 2)
ONLOOKERS: Sequence[Role] = (
    *(Role.compliance_lead, Role.data_scientist, Role.auditor, Role.admin),
)
_COPIED = "load"  # occasion of the cases that the load works on


def make_workspace(home: Path, sessions_wanted: int, *, reviewing: bool = False) -> list[str]:
    """Make the demo workspace if there is none, and as many people; return their ids.

    Reviewers are eight of ten, and two of ten lead them; the demo's decided cases wait for them
    once more.
    """
    workspace = create_workspace(_settings(home))
    owner = users.actor_of_os_login(workspace, LOGIN)
    demo.build_demo(workspace, actor=owner, progress=lambda _share, _note: None)
    known = {user.username: user.id for user in users.list_users(workspace, actor=owner)}
    ids = []
    roles = _REVIEWER_ROLES if reviewing else _ROLES
    if reviewing:
        fill_queue(workspace)
    for number in range(sessions_wanted):
        name = f"{'review' if reviewing else 'load'}-{number:04d}"
        ids.append(_person(workspace, owner, known, name, roles[number % len(roles)]))
    workspace.store.close()
    return ids


def add_onlookers(home: Path) -> list[str]:
    """Add one person of each role that together may open every page; return their ids."""
    workspace = open_workspace(_settings(home))
    try:
        owner = users.actor_of_os_login(workspace, LOGIN)
        known = {user.username: user.id for user in users.list_users(workspace, actor=owner)}
        return [
            _person(workspace, owner, known, f"look-{str(role).replace('_', '-')}", role)
            for role in ONLOOKERS
        ]
    finally:
        workspace.store.close()


def logs_of(home: Path) -> list[Log]:
    """Return what an address may ask of each model that has rows."""
    workspace = open_workspace(_settings(home))
    try:
        owner = users.actor_of_os_login(workspace, LOGIN)
        return [
            Log(
                each.contract.id,
                each.first_prediction.date(),
                each.last_prediction.date(),
                {name: values for name, values in each.slices.items() if values},
            )
            for each in outline.log_outlines(workspace, actor=owner)
            if each.first_prediction is not None and each.last_prediction is not None
        ]
    finally:
        workspace.store.close()


def _person(
    workspace: Workspace, owner: Actor, known: dict[str, str], name: str, role: Role
) -> str:
    """Return the id of somebody, who is added if not there yet."""
    if name not in known:
        # No password: hashing one takes a quarter second, and the load is not about sign-ins.
        user, _ = users.add_user(
            workspace, name, actor=owner, roles=[role], os_login=f"login-{name}"
        )
        known[name] = user.id
    return known[name]


def _settings(home: Path) -> Settings:
    return Settings(home, f"sqlite:///{home / 'state.db'}")


def fill_queue(workspace: Workspace) -> int:
    """Let every decided case of the demo wait once more; return how many."""
    query = select(review_case).where(
        review_case.c.state == str(CaseState.final), review_case.c.kind == "routed"
    )
    now = workspace.clock()
    with workspace.store.begin() as conn:
        occasion = f"{_COPIED}:{now.isoformat()}"
        found = [case_of(row) for row in conn.execute(query.order_by(review_case.c.id))]
        copies = [
            replace(copy_of(each), occasion=occasion, due_at=now + timedelta(days=5))
            for each in found
        ]
        return making.make_cases(conn, copies, at=now)


class Door:
    """Signs people in: a session in the services, its ticket at the app's own route."""

    def __init__(self, home: Path, url: str) -> None:
        self._workspace: Workspace = open_workspace(_settings(home))
        self._url = url
        self._host = urlsplit(url).netloc

    def close(self) -> None:
        """Close the workspace."""
        self._workspace.store.close()

    def cookies(self, user_id: str) -> dict[str, str]:
        """Return the cookies that the browser of somebody who has just signed in holds."""
        with self._workspace.store.begin() as conn:
            _, ticket = sessions.begin(
                self._workspace,
                conn,
                self._user(user_id),
                method="oidc",  # a provider has proved who it is: no password, no duty to set one
                source="127.0.0.1",
                agent="bench.load",
            )
        return {
            **self._fetch("GET", "/_stcore/health", {}),
            **self._fetch("POST", "/auth/session", {"X-Harbourlight-Ticket": ticket}),
        }

    def _user(self, user_id: str) -> User:
        with self._workspace.store.read() as conn:
            return store_users.get(conn, user_id)

    def _fetch(self, method: str, path: str, headers: dict[str, str]) -> dict[str, str]:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(method, path, headers={"Origin": self._url, **headers})
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path} was answered with {answer.status}")
            found = SimpleCookie()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    found.load(value)
        finally:
            connection.close()
        return {name: morsel.value for name, morsel in found.items()}


def server_processes(launcher: int) -> tuple[int, ...]:
    """Return the ids of the app's own processes, children of ``harbourlight serve``."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    found = [
        int(child)
        for child in children
        if b"app.server" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    if not found:
        raise RuntimeError("the app's processes are not there")
    return tuple(found)


def resident_mb(processes: Sequence[int]) -> float:
    """Return the resident memory of processes together in MB (10^6 bytes)."""
    pages = [int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in processes]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_seconds(processes: Sequence[int]) -> float:
    """Return the user and system time that processes have used so far, in seconds."""
    ticks = 0
    for each in processes:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _CLOCK_TICKS
