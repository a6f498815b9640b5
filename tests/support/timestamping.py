"""A timestamp authority on this machine, made by OpenSSL for one test."""

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

_CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Harbour Test {what}
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[tsa]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[stamping]
default_tsa = here
[here]
dir = .
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def _run(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True)


def make_authority(folder: Path) -> Path:
    """Make a root and an authority below it; return the root's certificate."""
    folder.mkdir(parents=True)
    for what in ("ca", "tsa"):
        (folder / f"{what}.cnf").write_text(_CONFIG.format(what=what))
    (folder / "serial").write_text("01")
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _run(folder, "req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650",
         "-config", "ca.cnf", "-extensions", "ca")  # fmt: skip
    _run(folder, "req", *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-config", "tsa.cnf")
    _run(folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
         "-CAcreateserial", "-out", "tsa.pem", "-days", "3650",
         "-extfile", "tsa.cnf", "-extensions", "tsa")  # fmt: skip
    return folder / "ca.pem"


class Authority(HTTPServer):
    """Stamps what it is asked to; ``answer`` replaces its answer."""

    def __init__(self, folder: Path) -> None:
        self.root = make_authority(folder)
        self.folder = folder
        self.answer: bytes | None = None
        self.asked: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}/stamp"

    def stamp(self, query: bytes) -> bytes:
        """Return the signed answer to a query."""
        (self.folder / "query.tsq").write_bytes(query)
        _run(self.folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "here",
             "-queryfile", "query.tsq", "-signer", "tsa.pem", "-inkey", "tsa.key",
             "-out", "reply.tsr")  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()

    def stop(self) -> None:
        """End it."""
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        authority = self.server
        assert isinstance(authority, Authority)
        assert self.headers["Content-Type"] == "application/timestamp-query"
        query = self.rfile.read(int(self.headers["Content-Length"]))
        authority.asked.append(query)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(authority.stamp(query) if authority.answer is None else authority.answer)

    def log_message(self, *_: object) -> None:
        pass
