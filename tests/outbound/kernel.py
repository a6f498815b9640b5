"""What the kernel saw of processes: the addresses of their connections and datagrams, by strace.

The audit events of Python do not tell of sockets that a library in C opens itself.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.outbound.sitecustomize import is_here

_ADDRESS = re.compile(
    r"sin6?_port=htons\((?P<port>\d+)\).*?"
    r"(?:inet_addr\(\"(?P<v4>[^\"]+)\"\)|inet_pton\(AF_INET6, \"(?P<v6>[^\"]+)\")"
)
_DNS = "53"


def command(log: Path) -> Sequence[str]:
    """Return what to put before a command so that its calls are written down; empty without strace.

    The program keeps its own process id and gets signals itself.
    """
    program = shutil.which("strace")
    if program is None:
        return ()
    options = ("-D", "-f", "-qq", "--seccomp-bpf", "-s", "0")
    return (program, *options, "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(log))


def attempts(text: str) -> list[str]:
    """Return the calls that another machine, or any server of names, was to be reached by."""
    found = []
    for line in text.splitlines():
        match = _ADDRESS.search(line)
        if match and (match["port"] == _DNS or not is_here(match["v4"] or match["v6"])):
            found.append(line)
    return found
