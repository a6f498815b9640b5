"""Showing some fields of a kept record, and proving them, without showing the others.

A record is taken apart into its single values. Each gets a random part of its own, made from the
record's, and a hash of place, random part and value. One hash over all of them stands in the audit
trail. Whoever is given some values with their random parts, and of the others the hashes alone,
finds out whether a value was changed, and learns nothing of what was left out.
"""

import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from core.store.audit.canonical import canonical_bytes

SALT = "/salt"
"""Place of the record's own random part: who has it can try guesses at what was left out."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A record of which some values are left out.

    Parameters
    ----------
    document : object
        The record; ``null`` stands for what was left out.
    salts : Mapping of str to str
        Place → random part in hex, of what is shown.
    withheld : Mapping of str to str
        Place → hash in hex, of what is not.
    """

    document: object
    salts: Mapping[str, str]
    withheld: Mapping[str, str]


def commitment(document: Mapping[str, object]) -> str:
    """Return the hash that all values of a record are bound by, in hex.

    Parameters
    ----------
    document : mapping
        As kept; it holds its random part.
    """
    digests = [_digest(path, _salt(document, path), value) for path, value in _leaves(document)]
    return sha256(b"\x01" + b"".join(digests)).hexdigest()


def opened(document: Mapping[str, object], withheld: Collection[str]) -> Opening:
    """Return a record without the values at some places.

    The record's own random part is left out with them, as it would open the others.
    """
    hidden = frozenset(withheld) | ({SALT} if withheld else frozenset())
    salts, closed = {}, {}
    for path, value in _leaves(document):
        salt = _salt(document, path)
        if path in hidden:
            closed[path] = _digest(path, salt, value).hex()
        else:
            salts[path] = salt
    return Opening(_without(document, hidden), salts, closed)


def _salt(document: Mapping[str, object], path: str) -> str:
    key = str(document["salt"]).encode()
    return hmac.new(key, path.encode(), sha256).hexdigest()


def _digest(path: str, salt: str, value: object) -> bytes:
    return sha256(b"\x00" + canonical_bytes([path, salt, value])).digest()


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every single value with its place (RFC 6901), sorted by place."""
    yield from sorted(_walked(value, path), key=lambda leaf: leaf[0].encode())


def _walked(value: object, path: str) -> Iterator[tuple[str, object]]:
    inside = _inside(value)
    if not inside:
        yield path, value
    for name, item in inside:
        yield from _walked(item, f"{path}/{name}")


def _inside(value: object) -> list[tuple[str, object]]:
    if isinstance(value, Mapping):
        return [(str(key).replace("~", "~0").replace("/", "~1"), value[key]) for key in value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [(str(place), item) for place, item in enumerate(value)]
    return []


def _without(value: object, hidden: Collection[str], path: str = "") -> object:
    if path in hidden:
        return None
    inside = dict(_inside(value))
    if isinstance(value, Mapping):
        names = zip(value, inside.items(), strict=True)
        return {key: _without(item, hidden, f"{path}/{name}") for key, (name, item) in names}
    if inside:
        return [_without(item, hidden, f"{path}/{name}") for name, item in inside.items()]
    return value
