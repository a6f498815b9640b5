"""The routes beside Streamlit, through Starlette alone: no Streamlit server is started."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Message

from app import asgi, session
from app.closed import ClosedRoutes
from app.forwarding import Forwarding, is_prepared
from app.headers import SecurityHeaders, content_security_policy
from app.hosts import AllowedHosts
from app.scripts import script_hashes
from app.session import COOKIE
from app.siblings import Siblings
from core.config import PROJECT_ROOT
from core.domain.identity import Permission, Role
from core.services import exports
from core.services.identity import sessions, users
from core.services.review.files import add_file
from core.services.workspace import Workspace
from core.store.identity import users as stored
from core.store.tables import session as signed_in
from tests.app.asgi_client import AsgiClient
from tests.core.services.review.calendar_cases import put_case
from tests.support import coroutines
from tests.support.builders import a_workspace

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(tmp_path / "home"))
    made = a_workspace(tmp_path / "home")
    monkeypatch.setattr(session, "workspace", lambda: made)
    owner = users.actor_of_os_login(made, "ada")
    for name in ("u1", "u2"):
        users.add_user(made, name, actor=owner, roles=[Role.business], os_login=name)
    yield made
    made.store.close()


@pytest.fixture
def client(workspace: Workspace) -> AsgiClient:
    assert workspace
    return browser()


def browser(**connection: str) -> AsgiClient:
    routes = Starlette(routes=asgi.ROUTES, middleware=[Middleware(SecurityHeaders)])
    return AsgiClient(routes, **connection)


def new_session(workspace: Workspace, name: str = "u1") -> tuple[str, str]:
    """Return a session's id and its ticket."""
    with workspace.store.begin() as conn:
        user = stored.find_by_username(conn, name)
        assert user is not None
        return sessions.begin(
            workspace, conn, user, method="password", source="127.0.0.1", agent="tests"
        )


def user_id(workspace: Workspace, name: str) -> str:
    with workspace.store.read() as conn:
        user = stored.find_by_username(conn, name)
    assert user is not None
    return user.id


def sign_in(client: AsgiClient, workspace: Workspace, name: str = "u1") -> str:
    session_id, ticket = new_session(workspace, name)
    answer = client.request("POST", "/auth/session", {**SAME, "X-Harbourlight-Ticket": ticket})
    assert answer.status_code == 204
    return session_id


def test_health(client: AsgiClient, workspace: Workspace) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    workspace.settings.lake_dir.rmdir()
    assert client.get("/healthz").status_code == 503


def test_a_ticket_becomes_a_cookie_that_scripts_cannot_read(
    client: AsgiClient, workspace: Workspace
) -> None:
    _, ticket = new_session(workspace)
    headers = {**SAME, "X-Harbourlight-Ticket": ticket}
    written = client.request("POST", "/auth/session", headers).headers["Set-Cookie"]
    assert re.match(
        rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=28800; Path=/; SameSite=strict; Secure$", written
    )
    assert client.request("POST", "/auth/session", headers).status_code == 403


@pytest.mark.parametrize(
    ("connection", "host", "secure"),
    [
        ({"server": "127.0.0.1", "client": "127.0.0.1"}, "127.0.0.1:8501", False),
        ({"server": "::1", "client": "::1"}, "localhost:8501", False),
        # A name that only claims to be local, a proxy on the machine, a browser elsewhere.
        ({"server": "10.0.0.7", "client": "10.0.0.9"}, "localhost", True),
        ({"server": "127.0.0.1", "client": "127.0.0.1"}, "risk.example", True),
        ({"server": "127.0.0.1", "client": "10.0.0.9"}, "127.0.0.1", True),
    ],
)
def test_the_cookie_is_secure_but_on_the_machine_itself(
    workspace: Workspace, connection: dict[str, str], host: str, secure: bool
) -> None:
    _, ticket = new_session(workspace)
    headers = {**SAME, "X-Harbourlight-Ticket": ticket, "Host": host}
    headers["X-Forwarded-Proto"] = "http"
    answer = browser(**connection).request("POST", "/auth/session", headers)
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure


def test_no_forwarded_header_is_believed_unless_the_proxy_is_named(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(workspace.settings, trusted_proxies=("10.0.0.5/32",))
    for value, prepared in ((None, False), ("", False), ("*", False), ("10.0.0.5/32", True)):
        if value is None:
            monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
        else:
            monkeypatch.setenv("FORWARDED_ALLOW_IPS", value)
        assert is_prepared(settings) is prepared
    forwarded = {"X-Forwarded-For": "198.51.100.7"}
    for prepared, status in ((True, 200), (False, 400)):
        middleware = [Middleware(Forwarding, prepared=prepared)]
        client = AsgiClient(Starlette(routes=asgi.ROUTES, middleware=middleware))
        assert client.request("GET", "/healthz", forwarded).status_code == status
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_other_sites_are_refused(
    client: AsgiClient, workspace: Workspace, headers: dict[str, str]
) -> None:
    _, ticket = new_session(workspace)
    answer = client.request("POST", "/auth/session", {**headers, "X-Harbourlight-Ticket": ticket})
    assert answer.status_code == 403
    assert client.request("DELETE", "/auth/session", headers).status_code == 403


def test_signing_out_ends_the_session(client: AsgiClient, workspace: Workspace) -> None:
    session_id = sign_in(client, workspace)
    assert client.request("DELETE", "/auth/session", SAME).status_code == 204
    assert sessions.resume(workspace, session_id) is None


def test_an_export_is_for_its_owner(client: AsgiClient, workspace: Workspace) -> None:
    made = exports.publish(
        workspace,
        b"a,b\n",
        actor=users.actor_for(workspace, user_id(workspace, "u1")),
        permission=Permission.operations_view,
        name="分組.csv",
        media_type="text/csv",
    )
    for nobody in (None, "u2"):
        if nobody:
            sign_in(client, workspace, nobody)
        for url in (made.url, f"{made.url}/proof"):
            assert client.get(f"/{url}").status_code == 404
    sign_in(client, workspace, "u1")
    answer = client.get(f"/{made.url}")
    assert answer.content == b"a,b\n"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    proof = client.get(f"/{made.url}/proof")
    assert proof.json()["checkpoint"] == made.checkpoint.note
    assert proof.headers["Content-Disposition"].endswith(".csv.proof.json")


def test_a_file_of_a_case_leaves_as_an_attachment_that_runs_nothing(
    client: AsgiClient, workspace: Workspace
) -> None:
    owner = users.actor_of_os_login(workspace, "ada")
    users.add_user(workspace, "rita", actor=owner, roles=[Role.compliance], os_login="rita")
    rita = users.actor_of_os_login(workspace, "rita")
    with workspace.store.begin() as conn:
        case_id = put_case(conn, 1, workspace.clock())
    record = add_file(
        workspace, case_id, "薪金.eml", b"From: a@b.hk\nDate: x\n\n<script>1</script>\n", actor=rita
    )
    url = f"/attachments/{record.id}"
    for nobody in (None, "u1"):
        if nobody:
            sign_in(client, workspace, nobody)
        assert client.get(url).status_code == 404
    sign_in(client, workspace, "rita")
    answer = client.get(url)
    assert answer.content.endswith(b"<script>1</script>\n")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E8")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-SHA256"] == record.sha256
    for path in ("/attachments/", "/attachments/..%2fstate.db", "/attachments/x%00"):
        assert client.get(path).status_code == 404
    with workspace.store.begin() as conn:  # longer ago than any step-up counts
        long_ago = workspace.clock() - timedelta(days=1)
        conn.execute(update(signed_in).values(authenticated_at=long_ago))
    stale = client.get(url)
    assert (stale.status_code, b"script" in stale.content) == (403, False)


@pytest.mark.parametrize(
    "path",
    [
        "/exports/",
        "/exports/..",
        "/exports/../state.db",
        "/exports/%2e%2e%2fstate.db",
        "/exports/..%5cstate.db",
        f"/exports/{'A' * 43}",
        f"/exports/{'A' * 43}/../../state.db",
        "/exports//etc/passwd",
        "/exports/x%00.bin",
    ],
)
def test_no_path_leads_out_of_the_exports(
    client: AsgiClient, workspace: Workspace, path: str
) -> None:
    sign_in(client, workspace)
    answer = client.get(path)
    assert answer.status_code == 404
    assert b"SQLite" not in answer.content


def test_every_answer_carries_the_headers(client: AsgiClient) -> None:
    headers = client.get("/nowhere").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_by_https_browsers_are_told_to_stay_with_it() -> None:
    headers = browser(scheme="https").get("/nowhere").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_app_is_set_up_to_tell_nothing_and_to_take_little() -> None:
    """What .streamlit/config.toml promises; Streamlit's own defaults are not these."""
    text = (PROJECT_ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["client"]["disableDataExport"] is True
    assert settings["client"]["toolbarMode"] == "viewer"
    server = settings["server"]
    assert server["maxUploadSize"] == 25
    assert server["enableAgentApi"] is False
    assert server["enableXsrfProtection"] is True
    assert server["address"] == "127.0.0.1"
    assert settings["browser"]["gatherUsageStats"] is False


def test_the_middleware_of_the_app_itself() -> None:
    classes: list[object] = [each.cls for each in asgi.MIDDLEWARE]
    assert classes == [SecurityHeaders, AllowedHosts, Forwarding, ClosedRoutes, Siblings]


def test_what_nobody_foresaw_is_answered_with_a_number(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    assert workspace

    async def fail(_request: object) -> None:
        raise RuntimeError("the password of the database is 1234")

    broken = Starlette(
        routes=[Route("/broken/{loan:path}", fail)], exception_handlers={Exception: asgi.incident}
    )
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/broken/L-1/x",
        "headers": [],
    }
    scope |= {"query_string": b"", "server": ("127.0.0.1", 80), "scheme": "http"}
    with pytest.raises(RuntimeError):  # it is raised on for the server's own log
        coroutines.run(broken(scope, receive, send))
    number = sent[1]["body"].decode().removeprefix("Incident ")
    assert sent[0]["status"] == 500
    assert re.fullmatch(r"[0-9a-f]{8}", number)
    place = "RuntimeError at tests/app/test_asgi.py:"
    assert f"incident {number} at /broken/{{loan}}: {place}" in caplog.text
    assert "L-1" not in caplog.text, "ids of decisions are personal"
    assert "1234" not in caplog.text, "where it happened, never what it said"


def test_the_policy_allows_scripts_by_hash_only() -> None:
    scripts = next(
        part for part in content_security_policy().split("; ") if part.startswith("script-src")
    )
    assert "unsafe" not in scripts
    assert all(each in scripts for each in script_hashes())


def test_the_hash_of_streamlits_own_script_is_current() -> None:
    import streamlit

    from app.scripts import STREAMLIT_INLINE

    index = Path(streamlit.__file__).parent / "static" / "index.html"
    assert re.findall(r"<script>(.*?)</script>", index.read_text(), re.S) == [STREAMLIT_INLINE]
