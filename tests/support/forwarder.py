"""A reverse proxy for tests: passes connections on and says whom they are said to come from."""

import socket
from contextlib import suppress
from threading import Thread
from urllib.parse import urlsplit

_CHUNK = 65_536


class Forwarder:
    """Listens on this machine until :meth:`close`.

    Parameters
    ----------
    url : str
        The app behind it.
    own : str
        The loopback address that it turns to the app from: what the app sees as its peer.
    said : str
        What it writes into ``X-Forwarded-For`` of each connection's first request, as of a
        websocket's handshake.
    """

    def __init__(self, url: str, *, own: str, said: str) -> None:
        target = urlsplit(url)
        self._target = (target.hostname or "", target.port or 80)
        self._own, self._said = own, said
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no connections any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                browser, _ = self._listener.accept()
                Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        with browser, suppress(OSError):
            head = b""
            while b"\r\n" not in head:
                more = browser.recv(_CHUNK)
                if not more:
                    return
                head += more
            line, _, rest = head.partition(b"\r\n")
            said = f"X-Forwarded-For: {self._said}".encode()
            with socket.create_connection(self._target, source_address=(self._own, 0)) as app:
                app.sendall(b"\r\n".join((line, said, rest)))
                back = Thread(target=_pump, args=(app, browser), daemon=True)
                back.start()
                _pump(browser, app)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass everything on, and the end of it."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
