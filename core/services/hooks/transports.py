"""Calling: a signed request over HTTP, or a program with the event on its standard input.

A program gets no shell, no value of the event among its arguments, and an environment of its own
that holds nothing of ours but id, moment and signature.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from core.errors import HarbourlightError
from core.services.hooks.signing import signed_headers
from core.services.hooks.targets import Target, checked_command, checked_url
from core.services.outbound import reason, send

MOST_OUTPUT = 2000
"""Bytes of an answer that are kept."""

_JSON = "application/json; charset=utf-8"
_READ_AFTER_S = 0.5
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Message:
    """What a hook is told: the same id and body at each attempt, and when this one began."""

    call_id: str
    body: bytes
    at: datetime
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt.

    Parameters
    ----------
    error : str
        Why it failed; empty if it did not.
    status : int, optional
        HTTP status or exit code.
    output : str
        The beginning of what came back.
    """

    error: str
    status: int | None = None
    output: str = ""


Call = Callable[[Target, Message, Sequence[Path]], Outcome]


def call(target: Target, message: Message, allowed: Sequence[Path]) -> Outcome:
    """Call a hook once; what it may lead to is looked at again first.

    Parameters
    ----------
    target : Target
        Where to.
    message : Message
        What it is told.
    allowed : sequence of Path
        Programs, and folders of programs, that may run now.
    """
    try:
        if target.url:
            checked_url(target.url)
            return _post(target, message)
        return _run(checked_command(target.argv, allowed), target, message)
    except HarbourlightError as error:
        return Outcome(str(error))


def _post(target: Target, message: Message) -> Outcome:
    headers = {
        "User-Agent": "Harbourlight",
        **signed_headers(target.secret, message.call_id, message.at, message.body),
    }
    answer = send(target.url, message.body, _JSON, headers=headers, within_s=message.timeout_s)
    return Outcome(answer.failure, answer.status, _text(answer.body))


def _run(program: Path, target: Target, message: Message) -> Outcome:
    signed = signed_headers(target.secret, message.call_id, message.at, message.body)
    told = {name.upper().replace("-", "_"): value for name, value in signed.items()}
    try:
        process = subprocess.Popen(  # noqa: S603  # listed by whoever runs the server; no shell
            [str(program), *target.argv[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**_ENVIRONMENT, **told},
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Outcome(reason(error))
    with process:
        return _attend(process, message)


def _attend(process: "subprocess.Popen[bytes]", message: Message) -> Outcome:
    """Hand the event over, and wait until the program itself ends; kill it after its time."""
    deadline = time.monotonic() + message.timeout_s
    kept = bytearray()
    helpers = [
        threading.Thread(target=_feed, args=(process.stdin, message.body), daemon=True),
        threading.Thread(target=_keep, args=(process.stdout, kept), daemon=True),
    ]
    for helper in helpers:
        helper.start()
    try:
        code: int | None = process.wait(timeout=message.timeout_s)
    except subprocess.TimeoutExpired:
        code = None
    if code is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for helper in helpers:  # what it left running in the background may hold both ends open
        helper.join(max(_READ_AFTER_S, min(1.0, deadline - time.monotonic())))
    output = _text(bytes(kept))
    if code is None:
        return Outcome("timed out", None, output)
    return Outcome(f"exit code {code}" if code else "", code, output)


def _feed(pipe: IO[bytes] | None, body: bytes) -> None:
    if pipe is not None:
        with suppress(OSError, ValueError):  # a program may end without reading what it is told
            pipe.write(body)
            pipe.flush()
        with suppress(OSError, ValueError):
            pipe.close()


def _keep(pipe: IO[bytes] | None, kept: bytearray) -> None:
    """Keep the beginning of what a program says, and read on so that it is never held up."""
    if pipe is not None:
        with suppress(OSError, ValueError):
            while chunk := os.read(pipe.fileno(), 65_536):
                kept.extend(chunk[: MOST_OUTPUT - len(kept)])


def _text(content: bytes) -> str:
    said = content[:MOST_OUTPUT].decode("utf-8", "replace")
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in said)
