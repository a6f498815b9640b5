"""The routes beside Streamlit, through Starlette alone: no Streamlit server is started."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from app import asgi
from app.exports import publish
from app.headers import SecurityHeaders, content_security_policy
from app.scripts import script_hashes
from app.session import COOKIE
from app.session_store import session_store
from tests.app.asgi_client import AsgiClient

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsgiClient:
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(tmp_path))
    (tmp_path / "lake").mkdir()
    return AsgiClient(Starlette(routes=asgi.ROUTES, middleware=[Middleware(SecurityHeaders)]))


def sign_in(client: AsgiClient, user_id: str = "u1") -> str:
    record, ticket = session_store().open(user_id)
    answer = client.request("POST", "/auth/session", {**SAME, "X-Harbourlight-Ticket": ticket})
    assert answer.status_code == 204
    return record.handle


def test_health(client: AsgiClient, tmp_path: Path) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    (tmp_path / "lake").rmdir()
    assert client.get("/healthz").status_code == 503


def test_a_ticket_becomes_a_cookie_that_scripts_cannot_read(client: AsgiClient) -> None:
    _, ticket = session_store().open("u1")
    headers = {**SAME, "X-Harbourlight-Ticket": ticket}
    written = client.request("POST", "/auth/session", headers).headers["Set-Cookie"]
    assert re.match(
        rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=28800; Path=/; SameSite=strict$", written
    )
    assert client.request("POST", "/auth/session", headers).status_code == 403


def test_behind_https_the_cookie_is_secure(client: AsgiClient) -> None:
    _, ticket = session_store().open("u1")
    headers = {**SAME, "X-Harbourlight-Ticket": ticket, "X-Forwarded-Proto": "https"}
    assert "; Secure" in client.request("POST", "/auth/session", headers).headers["Set-Cookie"]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_other_sites_are_refused(client: AsgiClient, headers: dict[str, str]) -> None:
    _, ticket = session_store().open("u1")
    answer = client.request("POST", "/auth/session", {**headers, "X-Harbourlight-Ticket": ticket})
    assert answer.status_code == 403
    assert client.request("DELETE", "/auth/session", headers).status_code == 403


def test_signing_out_ends_the_session(client: AsgiClient) -> None:
    handle = sign_in(client)
    assert client.request("DELETE", "/auth/session", SAME).status_code == 204
    assert session_store().touch(handle) is None


def test_an_export_is_for_its_owner(client: AsgiClient, tmp_path: Path) -> None:
    made = publish(
        tmp_path / "exports", b"a,b\n", owner="u1", name="分組.csv", media_type="text/csv"
    )
    assert client.get(f"/{made.url}").status_code == 404
    sign_in(client, "u2")
    assert client.get(f"/{made.url}").status_code == 404
    sign_in(client, "u1")
    answer = client.get(f"/{made.url}")
    assert answer.content == b"a,b\n"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_every_answer_carries_the_headers(client: AsgiClient) -> None:
    headers = client.get("/nowhere").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


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
