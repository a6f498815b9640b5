"""Which addresses alerts may be sent to: a few kinds of services, encrypted, without side doors.

An Apprise address can do more than name a receiver: read a template or a key from this machine's
disk, follow redirects, or leave certificates unchecked. So only the parts listed here are taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from core.errors import InvalidInput
from core.i18n import N_
from core.services.outbound import is_this_machine

_MAIL = frozenset({"to", "cc", "bcc", "from", "name", "reply", "smtp", "user", "pass", "mode"})
_TEAMS = frozenset({"id", "sig", "route", "api-version", "ver"})

KINDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "mailtos": (N_("e-mail"), _MAIL),
    "mailto": (N_("e-mail"), _MAIL),
    "workflows": (N_("Microsoft Teams"), _TEAMS),
    "slack": (N_("Slack"), frozenset({"to", "footer"})),
    "jsons": (N_("webhook"), frozenset({"method"})),
    "json": (N_("webhook"), frozenset({"method"})),
}
"""Scheme → what it is called, and the parameters that its addresses may have."""

_OPEN = frozenset({"mailto", "json"})
_MODES = frozenset({"starttls", "ssl"})
_HEADER = "+"


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be used: what is shown of it, and the whole."""

    shown: str
    url: str


def checked_address(url: str) -> Address:
    """Return an address, or say why it is none that alerts are sent to.

    Parameters
    ----------
    url : str
        An Apprise address.

    Raises
    ------
    InvalidInput
        If its kind is not on the list, it has a part that is not, or it would travel in the open
        to another machine.
    """
    if any(letter.isspace() or not letter.isprintable() for letter in url):
        raise _refused()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        given = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        raise _refused() from None
    if parts.scheme not in KINDS or not host or parts.fragment:
        raise _refused()
    _, allowed = KINDS[parts.scheme]
    strange = sorted(
        {name for name, _ in given if name not in allowed and not _is_header(parts.scheme, name)}
    )
    if strange:
        raise InvalidInput(
            N_("An address of alerts may not say {part}."),
            remedy=N_("Leave it out; it may say: {known}."),
            part=", ".join(strange),
            known=", ".join(sorted(allowed)) or "–",
        )
    _refuse_open(parts.scheme, host, dict(given))
    mail = parts.scheme.startswith("mailto")
    return Address(
        f"{parts.scheme}://{host}" if mail or "json" in parts.scheme else parts.scheme, url
    )


def _is_header(scheme: str, name: str) -> bool:
    """Whether a parameter is a header of a webhook, as Apprise writes them."""
    return scheme.startswith("json") and name.startswith((_HEADER, " ")) and len(name) > 1


def _refuse_open(scheme: str, host: str, given: Mapping[str, str]) -> None:
    servers = [host, *([given["smtp"]] if given.get("smtp") else [])]
    at_home = all(is_this_machine(each) for each in servers)
    mode = given.get("mode")
    if not at_home and (scheme in _OPEN or (mode is not None and mode not in _MODES)):
        raise InvalidInput(
            N_("Alerts would travel in the open to {host}."),
            remedy=N_("Use mailtos:// or jsons://."),
            host=host,
        )


def _refused() -> InvalidInput:
    return InvalidInput(
        N_("Alerts cannot be sent to an address of this kind."),
        remedy=N_("Give one that begins with {known}."),
        known=", ".join(f"{scheme}://" for scheme in KINDS),
    )
