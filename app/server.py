"""``python -m app.server``: one process of the app, on sockets that ``harbourlight serve`` opened.

Streamlit runs all its scripts under one interpreter lock: one process answers with one core. The
starter opens the port once for each process; the kernel deals new connections out among them, and
a tab stays at the process that took its websocket.
"""

import argparse
import socket
from collections.abc import Sequence

import uvicorn
from streamlit.web import bootstrap

from core.unforeseen import start_log

_PING_S = 20.0
_LARGEST_MESSAGE = 200 * 2**20  # Streamlit's own limit, server.maxMessageSize
_LEAVE_S = 5


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m app.server", description=__doc__)
    parser.add_argument(
        "sockets", type=int, nargs="+", help="numbers of open, listening sockets, the public first"
    )
    parser.add_argument("--verbose", action="store_true", help="log what is done")
    options = parser.parse_args(argv)
    start_log(verbose=options.verbose)
    sockets = [socket.socket(fileno=number) for number in options.sockets]
    address, port = sockets[0].getsockname()[:2]
    bootstrap.load_config_options(
        {"server_address": address, "server_port": port, "logger_level": "error"}
    )
    server = uvicorn.Server(
        uvicorn.Config(
            "app.asgi:app",
            ws="websockets-sansio",
            ws_ping_interval=_PING_S,
            ws_ping_timeout=_PING_S,
            ws_max_size=_LARGEST_MESSAGE,
            access_log=False,
            log_level="error",
            timeout_graceful_shutdown=_LEAVE_S,
        )
    )
    server.run(sockets=sockets)


if __name__ == "__main__":
    main()
