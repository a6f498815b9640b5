"""A web server on this machine that keeps what is posted to it, and answers as told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

Server = TypeVar("Server", bound=socketserver.BaseServer)


@dataclass(frozen=True)
class Post:
    """What was posted; names of headers are in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver(ThreadingHTTPServer):
    """Names another address with each answer, which nobody should go to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posts)
        self.got: list[Post] = []
        self.answer = 200
        self.said = b""

    @property
    def url(self) -> str:
        """Where it answers, with a part that is secret."""
        return f"http://127.0.0.1:{self.server_port}/line?secret=s3cret"


class _Posts(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.got.append(Post(self.path, headers, body))
        self.send_response(receiver.answer)
        self.send_header("Location", f"{receiver.url}&again")
        self.end_headers()
        if receiver.said:
            self.wfile.write(receiver.said)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(server: Server) -> Iterator[Server]:
    """Let a server answer until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
