"""What a hook may call: an encrypted address, or a program that the server's settings allow."""

import json
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import Forbidden, InvalidInput
from core.i18n import N_
from core.services.outbound import host_of, is_address

SETTING = "HARBOURLIGHT_HOOK_COMMANDS"
_OTHERS_WRITE = stat.S_IWOTH
_MOST_ARGUMENTS = 50
_MOST_LETTERS = 2000


@dataclass(frozen=True, slots=True)
class Target:
    """Where a hook leads, and the secret that signs what it is told.

    Parameters
    ----------
    secret : str
        As receivers are given it.
    url : str
        Of a webhook; empty for a command.
    argv : tuple of str
        Of a command: the program and its fixed arguments.
    """

    secret: str
    url: str = ""
    argv: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return it as it is sealed."""
        said = {"secret": self.secret, "url": self.url, "argv": list(self.argv)}
        return json.dumps(said, ensure_ascii=False).encode("utf-8")

    @classmethod
    def from_bytes(cls, content: bytes) -> "Target":
        """Return what :meth:`to_bytes` was."""
        said = json.loads(content)
        return cls(str(said["secret"]), str(said["url"]), tuple(map(str, said["argv"])))


def checked_url(url: str) -> str:
    """Return what is shown of an address, or say why hooks cannot call it.

    Raises
    ------
    InvalidInput
        If it is neither https nor on this machine, or holds a name, a password or a fragment.
    """
    if is_address(url) and len(url) <= _MOST_LETTERS:
        parts = urlsplit(url)
        if not (parts.username or parts.password or parts.fragment):
            return f"{parts.scheme}://{host_of(url)}"
    raise InvalidInput(
        N_("A hook cannot call {host}."),
        remedy=N_("Give an address that begins with https://, without a name or a password."),
        host=host_of(url) or "?",
    )


def checked_command(argv: Sequence[str], allowed: Sequence[Path]) -> Path:
    """Return the program that a command runs, its links followed; or say why it may not run.

    Asked when a hook is set up, and again before each call.

    Parameters
    ----------
    argv : sequence of str
        The program's absolute path, and its arguments; none of them is looked at by a shell.
    allowed : sequence of Path
        Programs, and folders whose programs, may run.

    Raises
    ------
    InvalidInput
        If it is not an absolute path with printable arguments.
    Forbidden
        If the settings of the server do not allow it, or others than its owner may change it.
    """
    sound = 1 <= len(argv) <= _MOST_ARGUMENTS and all(map(_is_sound, argv))
    if not sound or not Path(argv[0]).is_absolute():
        raise InvalidInput(
            N_("A hook runs a program by its absolute path, with fixed printable arguments."),
            remedy=N_("Give the path, then each argument by itself."),
        )
    try:
        program = Path(argv[0]).resolve(strict=True)
        places = [each.resolve(strict=True) for each in allowed if each.exists()]
    except (OSError, RuntimeError):
        raise _not_allowed(argv[0]) from None
    listed = program in places or any(
        place.is_dir() and place in program.parents for place in places
    )
    if not listed or not program.is_file() or not os.access(program, os.X_OK):
        raise _not_allowed(argv[0])
    if any(each.stat().st_mode & _OTHERS_WRITE for each in (program, program.parent)):
        raise Forbidden(
            N_("Everybody on this machine may change {program}."),
            remedy=N_("Take the right to write away from others, from the file and its folder."),
            program=str(program),
        )
    return program


def _is_sound(argument: str) -> bool:
    return len(argument) <= _MOST_LETTERS and argument.isprintable()


def _not_allowed(program: str) -> Forbidden:
    return Forbidden(
        N_("Hooks may not run {program} on this server."),
        remedy=N_("Whoever runs the server lists programs, or folders of them, in {setting}."),
        program=program,
        setting=SETTING,
    )
