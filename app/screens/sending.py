"""Why a message or a call did not reach its end, as far as known in the reader's language."""

import re
from collections.abc import Mapping

from core.i18n import N_, Translator

_EXIT = re.compile(r"exit code (\d+)")
_KNOWN: Mapping[str, str] = {
    "timed out": N_("no answer in time"),
    "TimeoutError": N_("no answer in time"),
    "switched off": N_("switched off meanwhile"),
    "removed": N_("removed meanwhile"),
    "Connection refused": N_("nobody answers at the address"),
    "Connection reset by peer": N_("the other side cut the connection"),
    "Name or service not known": N_("the address is not known"),
    "Network is unreachable": N_("the network cannot be reached"),
    "No such file or directory": N_("the program is not there"),
    "Permission denied": N_("not permitted by the system"),
}


def failure_words(t: Translator, error: str) -> str:
    """Return why something was not delivered; words of the system that are not known stay."""
    code = _EXIT.fullmatch(error)
    if code is not None:
        return t("exit code {code}", code=int(code[1]))
    return t(_KNOWN[error]) if error in _KNOWN else error
