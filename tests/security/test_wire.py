"""By HTTP and websocket, without a browser's good manners: raw requests to the running app."""

import http.client
import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.security.conftest import Site

pytestmark = pytest.mark.e2e
CLIMBS = (
    "/exports/../state.db",
    "/exports/..%2fstate.db",
    "/exports/%2e%2e/state.db",
    "/exports/%252e%252e%252fstate.db",
    "/exports/..%5c..%5cstate.db",
    "/exports/%c0%ae%c0%ae/state.db",
    "/exports/state.db%00.bin",
    "/app/static/../../../state.db",
    "/app/static/..%2f..%2f..%2fstate.db",
    "/static/../../../../etc/passwd",
    "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/media/../state.db",
    "/component/../../state.db",
    "/_stcore/../../state.db",
    "//etc/passwd",
)


def ask(
    site: Site, path: str, *, host: str | None = None, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a request as it is, with no path made shorter."""
    port = urlsplit(site.url).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or f"127.0.0.1:{port}")
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def handshake(site: Site, *, host: str | None = None, origin: str | None = None) -> str:
    """Ask for the app's websocket; return the first line of the answer."""
    port = urlsplit(site.url).port
    given = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{port}'}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *([f"Origin: {origin}"] if origin else []),
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(("\r\n".join(given) + "\r\n\r\n").encode())
        return connection.recv(200).decode("latin-1").split("\r\n")[0]


@pytest.mark.parametrize("path", CLIMBS)
def test_no_path_leads_out(site: Site, path: str) -> None:
    """Paths with dots, encoded once and twice, backslashes and NUL, at every route that has files.

    Refused, or the app's start page; never a byte of another file.
    """
    status, _, body = ask(site, path)
    assert b"SQLite format" not in body
    assert b"root:" not in body
    assert status in {400, 403, 404, 405, 421} or b"<title>" in body


@pytest.mark.parametrize("host", ["evil.invalid", "127.0.0.1.evil.invalid", "evil.invalid:8501"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/_stcore/health", "/api/v1/models/loans/state"])
def test_dns_rebinding_over_http(site: Site, host: str, path: str) -> None:
    """A page of another site whose name was made to resolve to this machine asks for ours.

    421 for every route, Streamlit's own included.
    """
    assert ask(site, path, host=host)[0] == 421


def test_dns_rebinding_over_the_websocket(site: Site) -> None:
    """The same for the app's websocket, with Host and Origin of the stranger's name.

    The handshake is refused; by our own name it is accepted.
    """
    assert " 101 " in handshake(site)
    refused = handshake(site, host="evil.invalid", origin="http://evil.invalid")
    assert re.match(r"HTTP/1.1 (403|421)", refused)


def test_a_websocket_of_another_origin(site: Site) -> None:
    """A page of another site opens the app's websocket by our own name.

    The handshake is refused.
    """
    assert " 403 " in handshake(site, origin="https://evil.invalid")


@pytest.mark.parametrize("path", ["/_stcore/agent/openapi.json", "/_stcore/agent/mcp",
                                  "/_stcore/agent/interact"])  # fmt: skip
def test_the_agent_interface_is_off(site: Site, path: str) -> None:
    """Streamlit's interface that lets programs drive the app.

    Off: there is no such route, or it answers that it is disabled.
    """
    for method in ("GET", "POST"):
        status, _, body = ask(site, path, method=method, Content_Length="0")
        assert (
            status in {403, 404, 405}
            or b'"enabled": false' in body
            or b"<title>" in body
            or (b"disabled" in body.lower() or b"enableAgentApi" in body)
        ), (method, status, body[:300])


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore//metrics"])
def test_the_metrics_of_the_server_are_off(site: Site, path: str) -> None:
    """Streamlit's metrics, which tell of sessions and caches, asked for without signing in.

    404 for every method.
    """
    for method in ("GET", "HEAD", "OPTIONS"):
        assert ask(site, path, method=method)[0] == 404


@pytest.mark.parametrize("path", ["/", "/healthz", "/exports/x", "/nowhere", "/_stcore/health",
                                  "/app/static/theme.css"])  # fmt: skip
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    """Whether any answer can be framed, sniffed or given another origin's scripts.

    Every answer carries the policy, X-Frame-Options, nosniff and a referrer policy.
    """
    headers = ask(site, path)[1]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "'unsafe-eval'" not in headers["content-security-policy"]


def test_an_upload_without_a_session(site: Site) -> None:
    """A file put at Streamlit's upload address with no session behind it.

    Refused before the body is read.
    """
    path = "/_stcore/upload_file/00000000-0000-0000-0000-000000000000/x"
    assert ask(site, path, method="PUT", Content_Length="0")[0] in {400, 403}


def test_the_session_routes_ask_where_a_request_comes_from(site: Site) -> None:
    """Sign-in and sign-out routes called by another site's page.

    Refused, whatever cookie comes along.
    """
    for method in ("POST", "DELETE"):
        status, _, _ = ask(
            site, "/auth/session", method=method, Content_Length="0", Sec_Fetch_Site="cross-site"
        )
        assert status == 403
